//! Ears, neck and shoulders.

use std::f32::consts::TAU;

use crate::{
    anatomy,
    camera::Camera,
    grid::{Finish, Grid, Vertex, plain},
    identity::Identity,
    math::{Vec3, blob, mix, mix3, scale3, smoothstep, spline, times3},
    raster::Canvas,
    scene::Worn,
};

const SKIN: Finish = Finish { gloss: 0.03, wrap: [0.35, 0.2, 0.14], two_sided: true };

/// The two ears.
#[derive(Debug)]
pub(crate) struct Ears {
    grid: Grid,
}

impl Ears {
    /// Ears yet to be shaped.
    pub(crate) fn new() -> Self {
        Self { grid: Grid::new(25, 9) }
    }

    /// Draws both ears.
    pub(crate) fn draw(&mut self, identity: &Identity, camera: &Camera, canvas: &mut Canvas) {
        let root = anatomy::skull(identity, std::f32::consts::FRAC_PI_2, -0.8).x - 0.35;
        for sign in [-1.0, 1.0] {
            self.grid.fill(|u, v| ear(identity, root, sign, (u * TAU, v)));
            self.grid.draw(camera, canvas, SKIN, plain);
        }
    }
}

/// A point of an ear by angle and distance from its middle.
fn ear(identity: &Identity, root: f32, sign: f32, (angle, rho): (f32, f32)) -> Vertex {
    let size = 1.0 + 0.08 * identity.skull.ears;
    let (sin, cos) = angle.sin_cos();
    let across = 1.05 * (1.0 + 0.22 * sin) * rho * cos;
    let up = 2.65 * size * rho * sin;
    let rim = 0.4 * blob(rho - 0.86, 0.0, 0.2, 1.0) + 0.25 * blob(rho - 0.55, 0.0, 0.15, 1.0);
    // The lobe lies closer to the head than the rim.
    let lift = rim + 0.45 * sin.min(0.0) * rho - 0.3 * blob(rho, 0.0, 0.45, 1.0);
    // Back-and-outwards axis and outward normal of the ear's plane.
    let (back, out) = (Vec3::new(0.45, 0.0, -0.89), Vec3::new(0.89, 0.0, 0.45));
    let middle = Vec3::new(root, -1.1, -0.2) + back * 0.95;
    let at = middle + back * across + out * lift + Vec3::new(0.0, up, 0.0);
    let shade = mix(0.45, 0.92, smoothstep(0.1, 0.8, rho)) - 0.2 * blob(rho - 0.7, 0.0, 0.1, 1.0);
    let c = identity.skin.colour;
    let red = mix3(c, [c[0], c[1] * 0.72, c[2] * 0.7], 0.6);
    Vertex { point: Vec3::new(at.x * sign, at.y, at.z), tint: scale3(red, shade), uv: [0.0; 2] }
}

/// Neck, shoulders and what is worn on them.
#[derive(Debug)]
pub(crate) struct Body {
    grid: Grid,
}

/// Half-width of neck and shoulders by height, cm.
const BREADTH: [(f32, f32); 8] = [
    (-60.0, 24.0),
    (-26.0, 21.5),
    (-21.0, 19.5),
    (-18.5, 15.0),
    (-16.5, 9.5),
    (-14.5, 6.5),
    (-12.0, 5.15),
    (-5.0, 5.1),
];
/// Half-depth of the same, cm.
const DEPTH: [(f32, f32); 5] =
    [(-60.0, 12.0), (-24.0, 10.0), (-18.0, 7.5), (-14.5, 5.9), (-5.0, 5.4)];

impl Body {
    /// A body yet to be dressed.
    pub(crate) fn new() -> Self {
        Self { grid: Grid::new(41, 34) }
    }

    /// Draws neck and shoulders.
    pub(crate) fn draw(
        &mut self,
        identity: &Identity,
        worn: &Worn,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        self.grid.fill(|u, v| torso(identity, mix(-0.52, 0.52, u) * TAU, v));
        let (skin, cloth) = (identity.skin.colour, worn.cloth);
        self.grid.draw(camera, canvas, SKIN, |v| {
            let hem = 1.0 - 0.35 * blob(v[0] + 0.9, 0.0, 0.35, 1.0);
            let colour = if v[0] > 0.0 { scale3(skin, v[1]) } else { scale3(cloth, hem) };
            let [red, green, blue] = times3(colour, [v[2], v[3], v[4]]);
            [red + v[5], green + v[5], blue + v[5], 1.0]
        });
    }
}

/// A point of the torso; its `uv` are the height above the collar and the skin's brightness.
fn torso(identity: &Identity, theta: f32, v: f32) -> Vertex {
    let y = -5.0 - 16.0 * v - 36.0 * (v - 0.5).max(0.0).powi(2) * 4.0;
    let (sin, cos) = theta.sin_cos();
    let build = mix(1.08, 0.9, identity.femininity);
    let point = Vec3::new(
        spline(&BREADTH, y) * build * sin,
        y - 0.8 * cos * smoothstep(-13.0, -17.0, y),
        spline(&DEPTH, y) * cos - 2.2,
    );
    let bright = mix(0.42, 0.85, smoothstep(-9.0, -14.5, y));
    let collar = -15.2 - 1.6 * cos.max(0.0);
    Vertex { point, tint: [1.0; 3], uv: [y - collar, bright] }
}
