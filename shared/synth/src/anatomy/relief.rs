//! What makes a skull a face: brow ridge, sockets, nose, cheeks, lips and chin as smooth bumps.

use super::MOUTH;
use crate::{
    identity::Identity,
    math::{Vec3, arch, blob, bump, mix, smoothstep, spline},
};

/// Height of the nose over the cheeks by row, cm.
const NOSE_PROFILE: [(f32, f32); 8] = [
    (-5.1, 0.0),
    (-4.75, 0.35),
    (-4.35, 1.45),
    (-3.75, 2.35),
    (-3.0, 2.1),
    (-1.5, 1.2),
    (0.2, 0.5),
    (1.8, 0.0),
];

/// Half-width of the nose's ridge by row, cm.
const NOSE_WIDTH: [(f32, f32); 5] =
    [(-4.8, 1.7), (-3.8, 1.65), (-2.2, 1.3), (0.0, 1.15), (1.8, 1.7)];

/// How far the face at sideways coordinate `x` and row `r` lies from the bare skull, cm.
pub(super) fn at(identity: &Identity, x: f32, r: f32) -> Vec3 {
    let side = x.abs();
    let mut offset = Vec3::new(0.0, 0.0, brow(identity, side, r) + cheek(identity, side, r));
    offset.z += lips(identity, side, r) + chin(identity, side, r);
    offset + nose(identity, x, r)
}

fn brow(identity: &Identity, side: f32, r: f32) -> f32 {
    let ridge = 0.3 + 0.22 * identity.skull.ridge;
    let eye = identity.eyes.x;
    ridge * blob(side - 2.7, r - 2.0, 2.9, 1.3) + 0.2 * blob(side, r - 1.9, 1.6, 1.5)
        - 1.0 * blob(side - eye, r - 0.15, 2.3, 1.7)
        - 0.5 * blob(side - 1.5, r - 0.1, 1.0, 1.5)
        - 0.25 * blob(side - 6.2, r - 2.6, 1.8, 3.0)
}

fn cheek(identity: &Identity, side: f32, r: f32) -> f32 {
    let bone = 0.42 + 0.22 * identity.skull.cheek;
    let hollow = 0.55 - 0.75 * identity.fullness;
    bone * blob(side - 4.5, r + 2.2, 2.6, 2.2) - hollow * blob(side - 4.6, r + 5.8, 2.2, 2.6)
        + 0.25 * identity.fullness * blob(side - 3.2, r + 4.2, 2.2, 2.4)
        - (0.06 + 0.16 * identity.age) * fold(side, r)
}

/// 0..=1 near the line from the nose's wing to beside the mouth corner.
pub(crate) fn fold(side: f32, r: f32) -> f32 {
    let t = ((-4.2 - r) / 3.2).clamp(0.0, 1.0);
    let line = 1.75 + 1.35 * t - 0.25 * t * t;
    let along = smoothstep(-3.8, -4.5, r) * smoothstep(-8.0, -6.8, r);
    bump(((side - line) / 0.5).powi(2)) * along
}

fn nose(identity: &Identity, x: f32, r: f32) -> Vec3 {
    let nose = &identity.nose;
    let bent = x - nose.bend * smoothstep(1.0, -2.0, r);
    let side = bent.abs();
    let bridge = 1.0 + 0.28 * nose.bridge * smoothstep(-3.2, -0.5, r);
    let profile = spline(&NOSE_PROFILE, r - 0.22 * nose.upturn * blob(0.0, r + 4.0, 1.0, 1.6));
    let height = profile * bridge * (1.0 + 0.14 * nose.length);
    let wide = 1.0 + 0.16 * nose.width;
    let across = bent / (spline(&NOSE_WIDTH, r) * wide);
    let ridge = height * (0.62 * bump(across.powi(2)) + 0.38 * blob(across, 0.0, 1.75, 1.0));
    let tip = 0.45 * blob(side, r + 3.8, 1.2 * wide, 0.95);
    let wings = 0.85 * blob(side - 1.3 * wide, r + 4.2, 0.8, 0.8);
    let nostrils = 0.45 * blob(side - 0.6 * wide, r + 4.6, 0.45, 0.32);
    let philtrum = 0.12 * blob(side, r + 5.5, 0.4, 0.9);
    Vec3::new(0.0, 0.0, ridge + tip + wings - nostrils - philtrum)
}

fn lips(identity: &Identity, side: f32, r: f32) -> f32 {
    let mouth = &identity.mouth;
    let across = arch(side / (mouth.half_width * 1.08));
    let muzzle = 0.35 * blob(side, r + 6.4, 3.3, 2.8);
    let above = r > MOUTH;
    let thick = if above { mouth.upper } else { mouth.lower };
    let t = ((r - MOUTH) / thick).abs();
    let pout = if above { 0.42 } else { 0.55 } * mix(0.7, 1.3, (thick - 0.4).clamp(0.0, 1.0));
    // Both lips meet at the seam: no pout there, or daylight shows between them.
    let roll = if t < 0.5 { arch((t - 0.5) / 0.5) } else { arch((t - 0.5) / 1.0) };
    muzzle + across * (pout * roll - 0.05)
}

fn chin(identity: &Identity, side: f32, r: f32) -> f32 {
    (0.35 + 0.3 * identity.skull.chin) * blob(side, r + 10.0, 2.6, 1.9)
        - 0.32 * blob(side, r + 8.35, 2.6, 0.8)
}
