//! Glasses, hats, the surgical mask and the clothes, cut to a subject's own head.

use std::f32::consts::{FRAC_PI_2, TAU};

use mien_shared::geometry::LANDMARKS;
use mien_synth::{
    Glasses, Hat, Vec3, Worn,
    math::{blob, mix, scale3, smoothstep, spline},
    raster::Varying,
};

use crate::{
    front::Front,
    sheet::{Knot, Sheet},
    shell::{Shell, azimuth},
    stage::{Finish, Stage, plain},
};

/// Half-width of collar and shoulders by height, cm.
const BREADTH: [(f32, f32); 7] = [
    (-60.0, 24.0),
    (-27.0, 22.0),
    (-22.5, 20.8),
    (-19.5, 18.2),
    (-17.4, 14.0),
    (-16.2, 10.2),
    (-15.0, 7.8),
];
/// Half-depth of the same, cm.
const DEPTH: [(f32, f32); 4] = [(-60.0, 13.0), (-24.0, 11.0), (-18.0, 9.2), (-15.0, 7.8)];
/// How far cloth lies over the head, cm.
const CLOTH: f32 = 1.35;

/// What the wearables are cut to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit<'a> {
    /// The skull.
    pub(crate) shell: &'a Shell,
    /// The landmarks of the moved face, head coordinates.
    pub(crate) marks: &'a [Vec3; LANDMARKS],
    /// The subject's own landmarks at rest.
    pub(crate) rest: &'a [Vec3; LANDMARKS],
}

/// Draws collar and shoulders.
pub(crate) fn clothes(sheet: &mut Sheet, worn: &Worn, stage: &mut Stage<'_>) {
    sheet.fill((41, 24), |u, v| {
        let y = -16.6 - 8.0 * v - 34.0 * (v - 0.4).max(0.0);
        let (sin, cos) = azimuth(u).sin_cos();
        let point = Vec3::new(
            spline(&BREADTH, y) * sin,
            y - 1.8 * cos.max(0.0) * smoothstep(0.35, 0.0, v),
            spline(&DEPTH, y) * cos - 3.6,
        );
        let hem = 1.0 - 0.35 * blob(v - 0.05, 0.0, 0.05, 1.0);
        Knot { point, tint: scale3(worn.cloth, hem), uv: [u, v] }
    });
    stage.sheet(sheet, Finish::SHEET, plain);
}

/// Draws hat, mask and glasses; lenses last, as one sees through them.
pub(crate) fn draw(
    sheet: &mut Sheet,
    worn: &Worn,
    (fit, front): (&Fit<'_>, impl FnOnce() -> Front),
    stage: &mut Stage<'_>,
) {
    if worn.mask {
        mask(sheet, worn.mask_colour, (fit, &front()), stage);
    }
    if worn.hat != Hat::None {
        hat(sheet, worn, fit.shell, stage);
    }
    if worn.glasses != Glasses::None {
        glasses(sheet, worn, fit, stage);
    }
}

fn hat(sheet: &mut Sheet, worn: &Worn, shell: &Shell, stage: &mut Stage<'_>) {
    let cap = worn.hat == Hat::Cap;
    sheet.fill((57, 18), |u, v| crown(worn, shell, azimuth(u), v));
    stage.sheet(sheet, Finish::SHEET, |v| knit(v, cap));
    if cap {
        sheet.fill((25, 6), |u, v| peak(worn, shell, mix(-1.0, 1.0, u), v));
        stage.sheet(sheet, Finish::SHEET, plain);
    }
}

fn crown(worn: &Worn, shell: &Shell, theta: f32, v: f32) -> Knot {
    let cap = worn.hat == Hat::Cap;
    let back = smoothstep(0.6, 2.2, theta.abs());
    let hem = if cap { mix(5.6, 1.5, back) } else { mix(4.6, -0.5, back) };
    let low = shell.elevation(theta, hem);
    let band = if cap { 0.0 } else { 0.35 * smoothstep(0.72, 0.76, v) };
    let slack = if cap { 0.0 } else { 0.9 * smoothstep(0.5, 0.0, v) };
    let point = shell.point(theta, mix(FRAC_PI_2, low, v), CLOTH + band + slack);
    let shade = 1.0 - 0.3 * blob(v - 0.74, 0.0, 0.03, 1.0);
    Knot { point, tint: scale3(worn.cloth, shade), uv: [theta, v] }
}

/// Ribs of a knitted cap, panels of a peaked one.
fn knit(v: &Varying, cap: bool) -> [f32; 4] {
    let wave = (v[0] * if cap { 3.0 } else { 34.0 }).cos();
    let light = if cap { 1.0 - 0.3 * smoothstep(0.99, 1.0, wave) } else { 0.85 + 0.25 * wave };
    [v[2] * light, v[3] * light, v[4] * light, 1.0]
}

fn peak(worn: &Worn, shell: &Shell, theta: f32, v: f32) -> Knot {
    let root = shell.point(theta, shell.elevation(theta, 5.8), CLOTH);
    let reach = 6.2 * (theta * 1.45).cos().max(0.0).powf(0.6);
    let out = Vec3::new(root.x * 0.1, 0.0, 1.0).unit();
    let droop = 0.9 * v + 1.1 * theta * theta * v;
    let point = root + out * (reach * v) - Vec3::new(0.0, droop, 0.0);
    Knot { point, tint: scale3(worn.cloth, 0.8), uv: [0.0; 2] }
}

fn mask(
    sheet: &mut Sheet,
    colour: [f32; 3],
    (fit, front): (&Fit<'_>, &Front),
    stage: &mut Stage<'_>,
) {
    let knot = |u: f32, v: f32| mask_knot(colour, fit, front, (mix(-1.0, 1.0, u), v));
    sheet.fill((33, 21), knot);
    stage.sheet(sheet, Finish::SHEET, plain);
    let ear = fit.shell.point(FRAC_PI_2, -0.15, 0.1);
    for sign in [-1.0, 1.0] {
        for (v, y) in [(0.08, 0.6), (0.9, -3.0)] {
            let from = mask_knot(colour, fit, front, (sign, v)).point;
            let to = Vec3::new(sign * ear.x, y, -0.3);
            strip(sheet, (from, to, 0.12), colour, stage);
        }
    }
}

/// A point of the mask by sideways position -1..=1 and height, 0 top to 1 under the chin.
fn mask_knot(colour: [f32; 3], fit: &Fit<'_>, front: &Front, (u, v): (f32, f32)) -> Knot {
    let (bridge, chin, jaw) = (fit.marks[29], fit.marks[8], fit.rest[13]);
    let top = bridge.y + 0.6 - 2.4 * u * u;
    let bottom = chin.y - 0.5 + 3.6 * u * u;
    let x = u * (jaw.x - 0.5);
    let y = mix(top, bottom, v);
    let tuck = 1.2 * smoothstep(0.9, 1.0, v);
    let point = Vec3::new(x, y, front.depth(x, y) + 0.35 - tuck);
    let pleats: f32 = [0.35, 0.5, 0.65].map(|at| blob(v - at, 0.0, 0.025, 1.0)).iter().sum();
    Knot { point, tint: scale3(colour, 1.0 - 0.22 * pleats), uv: [u, v] }
}

fn glasses(sheet: &mut Sheet, worn: &Worn, fit: &Fit<'_>, stage: &mut Stage<'_>) {
    let finish = Finish { gloss: 0.25, ..Finish::SHEET };
    let frame = Frame::new(fit.rest);
    for sign in [-1.0, 1.0] {
        sheet.fill((41, 3), |u, v| Knot {
            point: frame.glass(sign, u * TAU, mix(0.94, 1.08, v)),
            tint: worn.frame,
            uv: [0.0; 2],
        });
        stage.sheet(sheet, finish, plain);
        let ear = fit.shell.point(FRAC_PI_2, -0.1, 0.35);
        let hinge = frame.eye.x + 2.55;
        let from = Vec3::new(sign * hinge, frame.eye.y + 0.6, frame.depth(hinge));
        let to = Vec3::new(sign * ear.x, frame.eye.y + 0.9, 0.5);
        strip(sheet, (from, to, 0.2), worn.frame, stage);
    }
    let inner = frame.eye.x - 2.1;
    let bridge = |x: f32| Vec3::new(x, frame.eye.y + 0.5, frame.depth(x) + 0.2);
    strip(sheet, (bridge(-inner), bridge(inner), 0.16), worn.frame, stage);
    for sign in [-1.0, 1.0] {
        sheet.fill((25, 5), |u, v| Knot {
            point: frame.glass(sign, u * TAU, mix(0.0, 0.96, v)),
            tint: [1.0; 3],
            uv: [0.0; 2],
        });
        stage.sheet(sheet, finish, tint(worn.glasses));
    }
}

/// Where the lenses are.
struct Frame {
    eye: Vec3,
    front: f32,
}

impl Frame {
    fn new(rest: &[Vec3; LANDMARKS]) -> Self {
        let eye = (rest[42] + rest[45]) * 0.5;
        let front = (rest[27].z + 0.35).max(rest[43].z + 1.3).max(rest[24].z + 0.3);
        Self { eye, front }
    }

    /// A point of a lens's plane by angle and distance from its middle, the rim being at 1.
    fn glass(&self, sign: f32, angle: f32, rho: f32) -> Vec3 {
        let (sin, cos) = angle.sin_cos();
        let round = (sin.abs().powf(2.8) + cos.abs().powf(2.8)).powf(-1.0 / 2.8) * rho;
        let x = self.eye.x + 0.1 + 2.2 * round * cos;
        let y = self.eye.y - 0.25 + 1.75 * round * sin;
        Vec3::new(sign * x, y, self.depth(x) - 0.05 * sin * rho)
    }

    fn depth(&self, x: f32) -> f32 {
        self.front - 0.045 * x * x
    }
}

/// What a lens adds to what is behind it.
fn tint(glasses: Glasses) -> impl Fn(&Varying) -> [f32; 4] {
    let (level, opacity) = if glasses == Glasses::Sun { (0.015, 0.93) } else { (0.25, 0.08) };
    move |v| [level * v[2] + v[5], level * v[3] + v[5], level * v[4] + v[5], opacity]
}

/// A flat band of half-width `half` between two points.
fn strip(
    sheet: &mut Sheet,
    (from, to, half): (Vec3, Vec3, f32),
    tint: [f32; 3],
    stage: &mut Stage<'_>,
) {
    sheet.fill((7, 2), |u, v| {
        let point = from + (to - from) * u + Vec3::new(0.0, mix(half, -half, v), 0.0);
        Knot { point, tint, uv: [0.0; 2] }
    });
    stage.sheet(sheet, Finish::SHEET, plain);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn lenses_stand_before_the_eyes() {
        let marks = fixture::marks();
        let frame = Frame::new(&marks);
        let middle = frame.glass(1.0, 0.0, 0.0);
        assert!((middle.x - 3.2).abs() < 0.5 && middle.z > marks[43].z + 0.8, "{middle:?}");
        assert!((frame.glass(-1.0, 0.0, 0.0).x + middle.x).abs() < 1e-5);
    }
}
