//! Glasses, hats and the mask.

use std::f32::consts::{PI, TAU};

use crate::{
    anatomy,
    camera::Camera,
    grid::{Finish, Grid, Vertex, plain},
    identity::Identity,
    math::{Vec3, blob, mix, scale3, smoothstep},
    muscle::Muscles,
    raster::{Canvas, Varying},
    scene::{Glasses, Hat, Worn},
};

/// All that can be worn.
#[derive(Debug)]
pub(crate) struct Wardrobe {
    rim: Grid,
    lens: Grid,
    ribbon: Grid,
    hat: Grid,
    peak: Grid,
    mask: Grid,
}

impl Wardrobe {
    /// Everything, on its hangers.
    pub(crate) fn new() -> Self {
        Self {
            rim: Grid::new(41, 3),
            lens: Grid::new(25, 5),
            ribbon: Grid::new(7, 2),
            hat: Grid::new(57, 18),
            peak: Grid::new(25, 6),
            mask: Grid::new(33, 25),
        }
    }

    /// Draws what `worn` says; lenses last, as one sees through them.
    pub(crate) fn draw(
        &mut self,
        (identity, worn): (&Identity, &Worn),
        muscles: &Muscles,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        if worn.mask {
            self.draw_mask((identity, worn), muscles.jaw, camera, canvas);
        }
        if worn.hat != Hat::None {
            self.draw_hat(identity, worn, camera, canvas);
        }
        if worn.glasses != Glasses::None {
            self.draw_glasses(identity, worn, camera, canvas);
        }
    }

    fn draw_glasses(
        &mut self,
        identity: &Identity,
        worn: &Worn,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        let finish = Finish { gloss: 0.25, ..Finish::SHEET };
        let ear = anatomy::skull(identity, PI / 2.0, 0.5).x + 0.65;
        let hinge = identity.eyes.x + 2.6;
        for sign in [-1.0, 1.0] {
            self.rim.fill(|u, v| Vertex {
                point: glass(identity, sign, u * TAU, mix(0.94, 1.08, v)),
                tint: worn.frame,
                uv: [0.0; 2],
            });
            self.rim.draw(camera, canvas, finish, plain);
            let front = Vec3::new(sign * hinge, 0.75, glass_depth(hinge));
            let back = Vec3::new(sign * ear, 0.9, 0.0);
            self.strip((front, back, 0.22), worn.frame, camera, canvas);
        }
        let inner = identity.eyes.x - 2.15;
        let bridge = |x: f32| Vec3::new(x, 0.55, glass_depth(x) + 0.25);
        self.strip((bridge(-inner), bridge(inner), 0.16), worn.frame, camera, canvas);
        for sign in [-1.0, 1.0] {
            self.lens.fill(|u, v| Vertex {
                point: glass(identity, sign, u * TAU, mix(0.0, 0.96, v)),
                tint: [1.0; 3],
                uv: [0.0; 2],
            });
            self.lens.draw(camera, canvas, finish, tint(worn.glasses));
        }
    }

    /// A flat band of half-width `half` between two points.
    fn strip(
        &mut self,
        (from, to, half): (Vec3, Vec3, f32),
        colour: [f32; 3],
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        self.ribbon.fill(|u, v| Vertex {
            point: from + (to - from) * u + Vec3::new(0.0, mix(half, -half, v), 0.0),
            tint: colour,
            uv: [0.0; 2],
        });
        self.ribbon.draw(camera, canvas, Finish::SHEET, plain);
    }

    fn draw_hat(&mut self, identity: &Identity, worn: &Worn, camera: &Camera, canvas: &mut Canvas) {
        let cap = worn.hat == Hat::Cap;
        self.hat.fill(|u, v| crown(identity, worn, mix(-PI, PI, u), v));
        self.hat.draw(camera, canvas, Finish::SHEET, |v| knit(v, cap));
        if cap {
            self.peak.fill(|u, v| peak(identity, worn, mix(-1.05, 1.05, u), v));
            self.peak.draw(camera, canvas, Finish::SHEET, plain);
        }
    }

    fn draw_mask(
        &mut self,
        (identity, worn): (&Identity, &Worn),
        jaw: f32,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        self.mask.fill(|u, v| mask(identity, worn.mask_colour, jaw, (mix(-1.0, 1.0, u), v)));
        self.mask.draw(camera, canvas, Finish::SHEET, plain);
        let ear = anatomy::skull(identity, PI / 2.0, 0.0).x + 0.2;
        for sign in [-1.0, 1.0] {
            for (v, y) in [(0.1, 0.6), (0.85, -3.0)] {
                let from = mask(identity, worn.mask_colour, jaw, (sign, v)).point;
                let to = Vec3::new(sign * ear, y, -0.3);
                self.strip((from, to, 0.13), worn.mask_colour, camera, canvas);
            }
        }
    }
}

/// A point of a lens's plane by angle and distance from its middle, the rim being at 1.
fn glass(identity: &Identity, sign: f32, angle: f32, rho: f32) -> Vec3 {
    let (sin, cos) = angle.sin_cos();
    let round = (sin.abs().powf(2.8) + cos.abs().powf(2.8)).powf(-1.0 / 2.8) * rho;
    let x = identity.eyes.x + 0.1 + 2.25 * round * cos;
    Vec3::new(sign * x, -0.25 + 1.75 * round * sin, glass_depth(x) - 0.05 * sin * rho)
}

fn glass_depth(x: f32) -> f32 {
    10.15 - 0.05 * x * x
}

/// What a lens adds to what is behind it.
fn tint(glasses: Glasses) -> impl Fn(&Varying) -> [f32; 4] {
    let (level, opacity) = if glasses == Glasses::Sun { (0.015, 0.93) } else { (0.25, 0.08) };
    move |v| [level * v[2] + v[5], level * v[3] + v[5], level * v[4] + v[5], opacity]
}

fn crown(identity: &Identity, worn: &Worn, theta: f32, v: f32) -> Vertex {
    let cap = worn.hat == Hat::Cap;
    let back = smoothstep(0.6, 2.2, theta.abs());
    let end = if cap { mix(5.0, 1.5, back) } else { mix(4.0, -0.5, back) };
    let r = mix(anatomy::CROWN, end, v.powf(1.3));
    let band = if cap { 0.0 } else { 0.4 * smoothstep(0.72, 0.76, v) };
    let slack = if cap { 0.75 } else { 1.0 + 0.9 * smoothstep(0.5, 0.0, v) };
    let point = anatomy::skull(identity, theta, r);
    let out = Vec3::new(point.x, (r - 2.0).max(0.0), point.z).unit();
    let shade = 1.0 - 0.3 * blob(v - 0.74, 0.0, 0.03, 1.0);
    Vertex { point: point + out * (slack + band), tint: scale3(worn.cloth, shade), uv: [theta, v] }
}

/// Ribs of a knitted cap, panels of a peaked one.
fn knit(v: &Varying, cap: bool) -> [f32; 4] {
    let ribs = if cap { 3.0 } else { 34.0 };
    let wave = (v[0] * ribs).cos();
    let light = if cap { 1.0 - 0.3 * smoothstep(0.99, 1.0, wave) } else { 0.85 + 0.25 * wave };
    [v[2] * light, v[3] * light, v[4] * light, 1.0]
}

fn peak(identity: &Identity, worn: &Worn, theta: f32, v: f32) -> Vertex {
    let root = anatomy::skull(identity, theta, 5.1);
    let reach = 6.2 * (theta * 1.45).cos().max(0.0).powf(0.6);
    let out = Vec3::new(root.x * 0.1, 0.0, 1.0).unit();
    let droop = 0.9 * v + 1.1 * theta * theta * v;
    let base = root + Vec3::new(root.x, 0.0, root.z).unit() * 0.7;
    let point = base + out * (reach * v) - Vec3::new(0.0, droop, 0.0);
    Vertex { point, tint: scale3(worn.cloth, 0.8), uv: [0.0; 2] }
}

/// A point of the mask by sideways position -1..=1 and height, 0 top to 1 under the chin.
fn mask(identity: &Identity, colour: [f32; 3], jaw: f32, (u, v): (f32, f32)) -> Vertex {
    let side = u.abs();
    let r = mix(-1.0 - 1.3 * side * side, -11.7 + 2.8 * side * side, v);
    let theta = u * 1.05;
    let skull = anatomy::skull(identity, theta, r);
    let out = Vec3::new(skull.x * 0.8, 0.0, skull.z).unit();
    let tent = 2.3 * blob(skull.x, r + 3.6, 4.2, 3.9) + 0.75 * blob(skull.x, r + 7.0, 5.5, 4.5);
    let chin = 0.6 * blob(skull.x, r + 10.0, 4.0, 2.4);
    let drop = jaw * smoothstep(-3.0, -10.0, r);
    let point = skull + out * (0.55 + chin) + Vec3::new(0.0, -drop, tent - 0.3 * drop);
    let pleat =
        1.0 - 0.22 * [0.35, 0.5, 0.65].map(|at| blob(v - at, 0.0, 0.025, 1.0)).iter().sum::<f32>();
    Vertex { point, tint: scale3(colour, pleat), uv: [0.0; 2] }
}
