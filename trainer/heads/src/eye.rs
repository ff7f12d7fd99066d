//! Eyeballs: white, iris, pupil and the light's reflection, by the angle to the gaze.
//!
//! A vertex carries the sine of its angle to the gaze axis along the gaze's right and up; the
//! iris is a disc of [`IRIS_CM`] in that plane, so that gaze is exact to the degree and the
//! eyeball's own mesh need not turn.

use mien_synth::{
    Identity, Pose, Vec3,
    math::{Rotation, bump, mix, mix3, scale3, smoothstep, times3},
    noise,
    raster::Varying,
};

use crate::{light::luminance, mesh::Points, texture::Texture};

/// Radius of the iris.
const IRIS_CM: f32 = 0.62;
/// Coordinates of the eyeball's hidden half: well outside the iris.
const BEHIND: [f32; 2] = [3.0, 3.0];

/// A sphere that a head's eye mesh is an approximation of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Eyeball {
    pub(crate) centre: Vec3,
    pub(crate) radius: f32,
}

impl Eyeball {
    /// The ball through these vertices: as high as they reach, resting on their hindmost.
    ///
    /// The cornea's bulge does not count.
    pub(crate) fn around(points: &Points, vertices: &[u32]) -> Self {
        let range = |axis: &[f32]| {
            vertices.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| {
                (low.min(axis[v as usize]), high.max(axis[v as usize]))
            })
        };
        let (x, y, z) = (range(&points.x), range(&points.y), range(&points.z));
        let radius = 0.5 * (y.1 - y.0);
        let centre = Vec3::new(0.5 * (x.0 + x.1), 0.5 * (y.0 + y.1), z.0 + radius);
        Self { centre, radius }
    }
}

/// The direction an eye looks in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gaze {
    ball: Eyeball,
    right: Vec3,
    up: Vec3,
    axis: Vec3,
}

impl Gaze {
    /// The gaze of `pose` from `ball`.
    pub(crate) fn new(ball: Eyeball, pose: &Pose) -> Self {
        let turn = Rotation::from_degrees(pose.gaze_yaw_deg, pose.gaze_pitch_deg, 0.0);
        Self {
            ball,
            right: turn.apply(Vec3::new(1.0, 0.0, 0.0)),
            up: turn.apply(Vec3::new(0.0, 1.0, 0.0)),
            axis: turn.apply(Vec3::new(0.0, 0.0, 1.0)),
        }
    }

    /// Normal of the ball at `p`.
    pub(crate) fn normal(&self, p: Vec3) -> Vec3 {
        (p - self.ball.centre).unit()
    }

    /// Where `p` lies about the gaze axis, in centimetres.
    pub(crate) fn place(&self, p: Vec3) -> [f32; 2] {
        let d = self.normal(p);
        if d.dot(self.axis) <= 0.0 {
            return BEHIND;
        }
        [d.dot(self.right) * self.ball.radius, d.dot(self.up) * self.ball.radius]
    }
}

/// A photographed eye seen from the front.
#[derive(Debug, Clone)]
pub(crate) struct EyePhoto {
    pub(crate) texture: Texture,
    /// Middle of the pupil, 0..=1 rightwards and downwards.
    pub(crate) pupil: [f32; 2],
    /// Radius of the iris in the same unit.
    pub(crate) iris: f32,
}

impl EyePhoto {
    fn at(&self, [x, y]: [f32; 2]) -> [f32; 3] {
        let scale = self.iris / IRIS_CM;
        self.texture.sample(self.pupil[0] + scale * x, self.pupil[1] - scale * y)
    }
}

/// Colours by the place about the gaze axis; `glint` is the key light's direction across the
/// picture.
pub(crate) fn painter<'a>(
    identity: &'a Identity,
    photo: Option<&'a EyePhoto>,
    glint: Vec3,
) -> impl Fn(&Varying) -> [f32; 4] + use<'a> {
    let white = mix3([0.70, 0.66, 0.62], [0.56, 0.48, 0.42], identity.skin.tone * 0.6);
    let spark_at = (0.26 * glint.x.clamp(-1.0, 1.0), 0.16 + 0.14 * glint.y.clamp(-1.0, 1.0));
    move |v| {
        let at = [v[0], v[1]];
        let rho = v[0].hypot(v[1]) / IRIS_CM;
        let sclera = sclera(white, v[0], photo.map(|photo| photo.at(at)));
        let eye = mix3(iris(identity, at, rho, photo), sclera, smoothstep(0.92, 1.08, rho));
        let lit = times3(eye, [v[2], v[3], v[4]]);
        let away = (v[0] - spark_at.0).powi(2) + (v[1] - spark_at.1).powi(2);
        let spark = 0.9 * bump(away / 0.026) * v[3].min(1.2) + 0.4 * v[5];
        [lit[0] + spark, lit[1] + spark, lit[2] + spark, 1.0]
    }
}

fn sclera(white: [f32; 3], x: f32, photo: Option<[f32; 3]>) -> [f32; 3] {
    let corner = smoothstep(0.9, 1.5, x.abs());
    let red = [white[0] * 0.95, white[1] * 0.62, white[2] * 0.58];
    let c = mix3(white, red, 0.6 * corner);
    photo.map_or(c, |p| mix3(c, times3(p, scale3(c, 1.4)), 0.6))
}

fn iris(identity: &Identity, [x, y]: [f32; 2], rho: f32, photo: Option<&EyePhoto>) -> [f32; 3] {
    let seed = u32::try_from(identity.seed & 0xFFFF).unwrap_or(0);
    let ring = mix(1.35, 0.35, smoothstep(0.55, 1.0, rho));
    let fibres = match photo {
        // 0.035 is about the mean of the photographed iris.
        Some(photo) => 0.4 + 0.6 * (luminance(photo.at([x, y])) / 0.035).min(2.0),
        None => 0.7 + 0.6 * noise::value(4.0 * y.atan2(x), rho * 2.0, seed),
    };
    mix3([0.004; 3], scale3(identity.eyes.iris, fibres * ring), smoothstep(0.32, 0.42, rho))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const BALL: Eyeball = Eyeball { centre: Vec3::new(3.0, 0.0, 8.0), radius: 1.5 };

    #[test]
    fn a_ball_is_found_without_its_cornea() {
        let points = Points::from_triples(&[
            1.5, 0.0, 8.0, 4.5, 0.0, 8.0, 3.0, 1.5, 8.0, 3.0, -1.5, 8.0, 3.0, 0.0, 6.5, 3.0, 0.0,
            9.9,
        ]);
        assert_eq!(Eyeball::around(&points, &[0, 1, 2, 3, 4, 5]), BALL);
    }

    #[test]
    fn the_pupil_is_where_the_eye_looks() {
        let pose = Pose { gaze_yaw_deg: 30.0, ..Pose::default() };
        let gaze = Gaze::new(BALL, &pose);
        let [x, y] = gaze.place(BALL.centre + Vec3::new(0.75, 0.0, 1.5 * 0.866_025_4));
        assert!(x.abs() < 1e-4 && y.abs() < 1e-4);
        assert_eq!(gaze.place(BALL.centre + Vec3::new(0.0, 0.0, -1.5)), BEHIND);
    }

    #[test]
    fn the_pupil_is_darker_than_the_iris_and_the_white() {
        let identity = Identity::from_seed(3);
        let paint = painter(&identity, None, Vec3::new(0.9, 0.9, 0.0));
        let at = |x: f32| paint(&[x, -0.1, 1.0, 1.0, 1.0, 0.0])[1];
        assert!(at(0.0) < at(-0.35) && at(-0.35) < at(-0.9));
    }
}
