//! Lower face: AU 9, 10, 12, 14, 15, 17, 20, 23, 24, 25 and the dropping jaw (26).

use super::{Half, Place, Pull};
use crate::{
    anatomy::MOUTH,
    math::{arch, blob, bump, mix, smoothstep},
};

pub(super) fn pull(place: &Place<'_>, jaw: f32, pull: &mut Pull) {
    if place.r > 1.8 {
        return;
    }
    nose(place, pull);
    corners(place, pull);
    lips(place, pull);
    chin(place, pull);
    drop_jaw(place, jaw, pull);
    creases(place, pull);
}

fn nose(place: &Place<'_>, pull: &mut Pull) {
    let units = &place.units;
    let wing = blob(place.side - 1.3, place.r + 3.6, 1.9, 2.6);
    let root = blob(place.side - 0.4, place.r - 0.4, 1.4, 2.0);
    pull.shift.y += units.au9 * (0.65 * wing - 0.15 * root);
    pull.shift.x += 0.16 * wing * (units.au9 + 0.4 * units.au10);
    pull.shift.z += 0.15 * units.au9 * blob(place.side - 1.8, place.r + 2.6, 1.6, 2.0);
    pull.shift.y += 0.22 * units.au10 * wing;
}

/// Motion of the mouth's corner and of the cheek around it.
fn corners(place: &Place<'_>, pull: &mut Pull) {
    let u = &place.units;
    let (dx, dy) = (place.side - place.identity.mouth.half_width, place.r - MOUTH);
    // Short inwards: the lips' middle stays where it is.
    let reach = blob(dx, dy, if dx < 0.0 { 2.1 } else { 2.7 }, 2.8);
    let out = 0.9 * u.au12 + 0.7 * u.au20 + 0.4 * u.au14 - 0.3 * u.au23 - 0.1 * u.au17;
    let up = 0.95 * u.au12 + 0.28 * u.au14 - 0.8 * u.au15 - 0.22 * u.au20;
    pull.shift.x += reach * out * smoothstep(0.0, 1.4, place.side);
    pull.shift.y += reach * up;
    pull.shift.z -= reach * (0.55 * u.au12 + 0.45 * u.au14 + 0.35 * u.au20);
    let apple = blob(place.side - 3.9, place.r + 4.0, 2.2, 2.0);
    pull.shift.z += 0.5 * u.au12 * apple;
    pull.shift.y += 0.3 * u.au12 * apple;
}

/// Motion of the lips themselves.
fn lips(place: &Place<'_>, pull: &mut Pull) {
    let u = &place.units;
    let mouth = &place.identity.mouth;
    let dy = place.r - MOUTH;
    let across = arch(place.side / (mouth.half_width * 1.02));
    let thin = 0.42 * u.au23 + 0.6 * u.au24 + 0.25 * u.au12 + 0.2 * u.au20;
    let (lift, reach) =
        if dy > 0.0 { (upper_lift(u, place.side), 1.9) } else { (lower_lift(u), 2.0) };
    let fade = bump((dy / reach).powi(2));
    let wide = mix(across, across.max(arch(place.side / 3.2)), (dy.abs() / 1.2).min(1.0));
    pull.shift.y += lift * fade * wide;
    let lip = if dy > 0.0 { mouth.upper } else { mouth.lower };
    pull.shift.y -= thin * 0.8 * dy * bump((dy / (lip * 1.9)).powi(2)) * across;
    pull.shift.z -= 0.35 * (u.au24 + 0.5 * u.au23) * bump((dy / 1.1).powi(2)) * across;
}

/// Rise of the upper lip's edge at mid-mouth, cm.
fn upper_lift(u: &Half, side: f32) -> f32 {
    let parted = (3.0 * u.au25).min(1.0);
    let flank = 1.0 + parted * (0.5 * bump(((side - 1.3) / 1.2).powi(2)) - 0.2);
    0.2 * u.au25 + (0.6 * u.au10 + 0.35 * u.au9) * flank + 0.3 * u.au17 + 0.16 * u.au12 * u.au25
}

/// Rise of the lower lip's edge at mid-mouth, cm.
fn lower_lift(u: &Half) -> f32 {
    // Closed lips stay together however the upper one moves.
    let closed = (1.0 - 3.0 * u.au25).max(0.0);
    let upper = 0.6 * u.au10 + 0.35 * u.au9;
    -0.42 * u.au25 - 0.2 * u.au12 * u.au25 + 0.3 * u.au17 + closed * upper
}

fn chin(place: &Place<'_>, pull: &mut Pull) {
    let boss = blob(place.side, place.r + 9.3, 2.6, 2.2);
    pull.shift.y += 0.5 * place.units.au17 * boss;
    pull.shift.z += 0.3 * place.units.au17 * blob(place.side, place.r + 8.4, 2.2, 1.6);
}

fn drop_jaw(place: &Place<'_>, jaw: f32, pull: &mut Pull) {
    let half = place.identity.mouth.half_width;
    let inside = arch(place.side / (half * 1.02)).powf(1.35);
    let ramp = smoothstep(-3.0, -10.0, place.r);
    let dy = place.r - MOUTH;
    let weight = if dy > 0.0 {
        mix(ramp, 0.0, inside * bump((dy / 4.0).powi(2)))
    } else {
        mix(ramp, 1.0, inside * smoothstep(-6.0, 0.0, dy))
    };
    let corner = blob(place.side - half, dy, 2.0, 2.5);
    pull.shift.y -= jaw * weight;
    pull.shift.z -= 0.3 * jaw * weight;
    pull.shift.x -= 0.24 * jaw * corner * smoothstep(0.0, 1.0, place.side);
}

/// Folds beside nose and mouth, the dimple, wrinkles on the nose and on the chin.
fn creases(place: &Place<'_>, pull: &mut Pull) {
    let u = &place.units;
    let (side, r) = (place.side, place.r);
    let cheek = u.au12.max(0.8 * u.au10).max(0.8 * u.au9).max(0.4 * u.au20);
    let fold = crate::anatomy::fold(side - 0.15, r);
    let corner = place.identity.mouth.half_width + 0.35;
    let dimple = blob(side - corner, r - MOUTH, 0.42, 0.95);
    let wrinkles = blob(side - 0.5, r + 0.6, 1.1, 1.8) * (0.5 + 0.5 * (r * 7.0 + side).sin());
    let pucker = blob(side, r + 9.4, 1.6, 1.1) * (0.6 + 0.4 * (side * 6.0).sin() * (r * 6.0).sin());
    let below = blob(side - corner + 0.2, r - MOUTH + 1.0, 0.4, 0.9);
    pull.crease += 0.42 * cheek * fold
        + 0.65 * dimple * u.au14.max(0.3 * u.au12)
        + 0.65 * u.au9 * wrinkles
        + 0.3 * u.au17 * pucker
        + 0.3 * u.au15 * below;
}
