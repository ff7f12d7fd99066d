//! Eyeballs: sclera, iris, pupil and the light's reflection, in the shade of the lids.

use crate::{
    action::Side,
    camera::Camera,
    grid::{Finish, Grid, Vertex},
    identity::Identity,
    math::{Vec3, bump, mix, mix3, scale3, smoothstep, times3},
    muscle::{Muscles, eye},
    noise,
    raster::{Canvas, Varying},
    scene::Pose,
};

const IRIS_CM: f32 = 0.64;
/// Shift of the iris per degree of gaze, cm.
const CM_PER_DEGREE: f32 = 0.021;

/// Both eyeballs.
#[derive(Debug)]
pub(crate) struct Eyeballs {
    grid: Grid,
}

impl Eyeballs {
    /// Eyeballs yet to be placed.
    pub(crate) fn new() -> Self {
        Self { grid: Grid::new(19, 17) }
    }

    /// Draws both eyes as `pose` directs them.
    pub(crate) fn draw(
        &mut self,
        (identity, pose): (&Identity, &Pose),
        muscles: &Muscles,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        for side in [Side::Right, Side::Left] {
            self.place(identity, pose, muscles, side);
            let paint = painter(identity, camera.glint());
            let finish = Finish { gloss: 0.04, wrap: [0.5; 3], two_sided: false };
            self.grid.draw(camera, canvas, finish, paint);
        }
    }

    fn place(&mut self, identity: &Identity, pose: &Pose, muscles: &Muscles, side: Side) {
        let sign = if side == Side::Right { -1.0 } else { 1.0 };
        let aperture = muscles.aperture(side);
        let look_x = pose.gaze_yaw_deg * CM_PER_DEGREE;
        let look_y = pose.gaze_pitch_deg * CM_PER_DEGREE + 0.03;
        let tilt = identity.eyes.tilt * 0.5 * sign / identity.eyes.half_width;
        self.grid.fill(|u, v| {
            let dx = mix(-1.0, 1.0, u) * eye::BALL[0] * 0.97;
            let reach = eye::BALL[1] * 0.97 * (1.0 - (dx / eye::BALL[0]).powi(2)).sqrt();
            let dy = mix(1.0, -1.0, v) * reach;
            let z = eye::ball_depth(dx, dy).unwrap_or(eye::BALL_Z);
            let lid = aperture.upper() * (1.0 - 0.6 * (dx / identity.eyes.half_width).powi(2));
            let shade = mix(0.38, 1.0, smoothstep(0.02, 0.5, lid - dy))
                * mix(0.7, 1.0, smoothstep(1.5, 0.8, dx.abs()));
            Vertex {
                point: Vec3::new(sign * identity.eyes.x + dx, dy + tilt * dx, z),
                tint: [shade; 3],
                uv: [dx - look_x, dy - look_y],
            }
        });
    }
}

/// Colours by the offset from the middle of the iris, cm.
fn painter(identity: &Identity, (right, up): (f32, f32)) -> impl Fn(&Varying) -> [f32; 4] {
    let iris = identity.eyes.iris;
    let white = mix3([0.66, 0.63, 0.60], [0.55, 0.48, 0.42], identity.skin.tone * 0.6);
    let seed = crate::skin::noise_seed(identity);
    let glint = (0.24 * right.clamp(-1.0, 1.0), 0.16 + 0.14 * up.clamp(-1.0, 1.0));
    move |v| {
        let (x, y) = (v[0], v[1]);
        let rho = x.hypot(y) / IRIS_CM;
        let corner = smoothstep(0.9, 1.7, x.abs());
        let sclera = mix3(white, [white[0] * 0.95, white[1] * 0.62, white[2] * 0.58], 0.7 * corner);
        let fibres = 0.7 + 0.6 * noise::value(4.0 * y.atan2(x), rho * 2.0, seed);
        let ring = mix(1.35, 0.35, smoothstep(0.55, 1.0, rho));
        let coloured = scale3(iris, fibres * ring);
        let inside = mix3([0.004; 3], coloured, smoothstep(0.34, 0.44, rho));
        let eye = mix3(inside, sclera, smoothstep(0.94, 1.08, rho));
        let lit = times3(eye, [v[2], v[3], v[4]]);
        let spark =
            0.9 * bump(((x - glint.0).powi(2) + (y - glint.1).powi(2)) / 0.026) * v[3].min(1.2);
        [lit[0] + spark + v[5], lit[1] + spark + v[5], lit[2] + spark + v[5], 1.0]
    }
}
