//! Lids and what surrounds them: AU 5, 6, 7, 43 and the lids' part in 9 and 12.
//!
//! The neutral surface has its lids closed on the eye row; [`Aperture`] opens them as two arcs,
//! and the skin nearby slides over the eyeball.

use super::{Half, Place, Pull};
use crate::{
    anatomy::Site,
    identity::Identity,
    math::{arch, blob, bump, mix, smoothstep},
};

/// Half-axes of the visible eyeball, cm.
pub(crate) const BALL: [f32; 3] = [1.8, 1.4, 1.3];
/// Its centre's distance before the ears, cm.
pub(crate) const BALL_Z: f32 = 6.7;
/// Thickness of a lid, cm.
const LID_CM: f32 = 0.13;
/// Half the height of the average open eye above and below the line of its corners, cm.
const UPPER_CM: f32 = 0.50;
const LOWER_CM: f32 = 0.40;

/// The opening between the lids, as heights over the line of the corners at mid-eye, cm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aperture {
    open: f32,
    lower: f32,
    /// 0 as open as the other units leave it to 1 shut.
    shut: f32,
    /// Where shut lids meet.
    meeting: f32,
}

impl Aperture {
    /// The opening that `units` make.
    pub(crate) fn new(identity: &Identity, units: &Half) -> Self {
        let squeeze = 0.45 * units.au7 + 0.3 * units.au6 + 0.35 * units.au9 + 0.1 * units.au4;
        let open = (identity.eyes.open + 0.55 * units.au5 - 0.6 * squeeze).max(0.25);
        let raised = 0.36 * units.au6 + 0.3 * units.au7 + 0.2 * units.au9 + 0.12 * units.au12;
        let lower = LOWER_CM * (1.0 + 0.2 * units.au5) - raised.min(0.3);
        let shut = units.au43.clamp(0.0, 1.0);
        let meeting = -0.75 * lower;
        Self { open: UPPER_CM * open, lower: -lower, shut, meeting }
    }

    /// Height of the upper lid over the line of the corners at mid-eye, cm.
    pub(crate) fn upper(&self) -> f32 {
        mix(self.open, self.meeting, self.shut)
    }
}

/// Depth of the eyeball's surface at an offset from its centre, or `None` beside it.
pub(crate) fn ball_depth(dx: f32, dy: f32) -> Option<f32> {
    let (a, b) = (dx / BALL[0], dy / BALL[1]);
    let left = 1.0 - a * a - b * b;
    (left > 0.0).then(|| BALL_Z + BALL[2] * left.sqrt())
}

/// Cheeks rising under the eye and crow's feet beside it.
pub(super) fn surroundings(place: &Place<'_>, pull: &mut Pull) {
    let (side, r) = (place.side, place.r);
    if side > 7.2 || !(-5.5..1.5).contains(&r) {
        return;
    }
    let units = &place.units;
    let raised = units.au6.max(0.35 * units.au12);
    let cheek = blob(side - 4.0, r + 2.6, 2.8, 2.0);
    pull.shift.y += 0.42 * raised * cheek * smoothstep(-0.4, -1.0, r);
    pull.shift.z += 0.32 * raised * cheek;
    let bag = bump(((r + 0.95 - 0.06 * (side - 3.1).powi(2)) / 0.3).powi(2));
    let feet = blob(side - 5.6, r, 0.9, 1.1) * (0.5 + 0.5 * (r * 9.0).sin());
    let under = bump(((side - 3.1) / 2.0).powi(2)) * bag;
    pull.crease += 0.3 * units.au6 * feet + 0.28 * units.au6.max(0.6 * units.au7) * under;
}

/// The lids' own motion, and the resting of all skin on the eyeball.
pub(super) fn lid(place: &Place<'_>, site: &Site, pull: &mut Pull) {
    let eyes = &place.identity.eyes;
    let dx = place.side - eyes.x;
    let t = dx / eyes.half_width;
    if t.abs() > 1.7 || place.r.abs() > 1.9 {
        return;
    }
    let near = bump((t / 1.7).powi(2)) * bump((place.r / 1.9).powi(2));
    pull.shift.y += eyes.tilt * 0.5 * t * near.sqrt();
    pull.shift.y += opening(place, t);
    rest_on_ball(place, site, pull);
}

/// Vertical motion of a lid site; `t` is -1 at the inner and 1 at the outer corner.
fn opening(place: &Place<'_>, t: f32) -> f32 {
    let aperture = Aperture::new(place.identity, &place.units);
    let closed = aperture.shut * aperture.meeting * arch(t);
    let left = 1.0 - aperture.shut;
    if place.r > 0.0 {
        let open = aperture.open * arch(t).powf(0.9) * (1.0 - 0.12 * t);
        (left * open + closed) * bump((place.r / 1.5).powi(2))
    } else {
        let open = aperture.lower * arch(t).powf(1.1) * (1.0 + 0.14 * t);
        (left * open + closed) * bump((place.r / 1.6).powi(2))
    }
}

fn rest_on_ball(place: &Place<'_>, site: &Site, pull: &mut Pull) {
    let dx = place.side - place.identity.eyes.x;
    let y = site.point.y + pull.shift.y;
    let Some(ball) = ball_depth(dx + pull.shift.x * site.x.signum(), y) else { return };
    let z = site.point.z + pull.shift.z;
    let wide = place.identity.eyes.half_width;
    let snug = smoothstep(1.25, 0.75, ((dx / wide).powi(2) + (place.r / 0.95).powi(2)).sqrt());
    let target = mix(z.max(ball + LID_CM), ball + LID_CM, snug);
    pull.shift.z += target - z;
}
