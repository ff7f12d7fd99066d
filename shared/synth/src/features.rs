//! Outlines on the neutral face shared by its colours and its landmarks.

use crate::{
    identity::Identity,
    math::{arch, bump, spline},
};

/// Sideways extent of a brow, cm from the midline: inner end and length.
const BROW: (f32, f32) = (0.95, 4.3);

/// Position along the brow of a place `side` cm from the midline: 0 inner to 1 outer end.
pub(crate) fn brow_position(side: f32) -> f32 {
    (side - BROW.0) / BROW.1
}

/// Distance from the midline of position `t` along the brow, cm.
pub(crate) fn brow_side(t: f32) -> f32 {
    BROW.0 + BROW.1 * t
}

/// Row of the brow's middle at position `t`.
pub(crate) fn brow_row(identity: &Identity, t: f32) -> f32 {
    let brows = &identity.brows;
    let rise = brows.arch * spline(&[(0.0, 0.0), (0.62, 1.0), (1.0, 0.25)], t) + 0.3 * t;
    brows.height + rise - 0.5 * (t - 0.6).max(0.0)
}

/// Height of the upper lip's red over the mouth line, cm, `x` cm from the midline.
pub(crate) fn upper_lip(identity: &Identity, x: f32) -> f32 {
    let mouth = &identity.mouth;
    let t = (x.abs() / mouth.half_width).min(1.0);
    let bow = 1.0 - 0.3 * bump((x / 0.5).powi(2)) + 0.12 * bump(((x.abs() - 0.65) / 0.6).powi(2));
    mouth.upper * (0.25 * arch(t) + 0.75 * (1.0 - t).powf(0.8)) * bow
}

/// Depth of the lower lip's red below the mouth line, cm, `x` cm from the midline.
pub(crate) fn lower_lip(identity: &Identity, x: f32) -> f32 {
    let mouth = &identity.mouth;
    mouth.lower * arch((x.abs() / mouth.half_width).min(1.0)).powf(1.2)
}
