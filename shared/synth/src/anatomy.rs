//! The neutral head's surface: a smooth skull with the relief of a face on it.
//!
//! A point is named by the angle `theta` around the vertical axis (0 front, positive towards the
//! picture's right) and the row `r`: height in cm above the eye line on the midline, which runs on
//! under the chin below `CHIN`. Rows bend upwards at the sides as the jaw does.

mod relief;

pub(crate) use relief::fold;

use crate::{
    identity::Identity,
    math::{Vec3, mix, smoothstep, spline},
};

/// Row of the top of the head.
pub(crate) const CROWN: f32 = 12.0;
/// Row of the line between the lips.
pub(crate) const MOUTH: f32 = -6.8;
/// Row of the chin's lowest point.
pub(crate) const CHIN: f32 = -11.2;
/// Last row, under the chin.
pub(crate) const THROAT: f32 = -13.0;

/// Half-width of the head by row, cm.
const WIDTH: [(f32, f32); 16] = [
    (-13.0, 2.4),
    (-11.9, 3.3),
    (-11.2, 4.0),
    (-10.5, 4.6),
    (-9.5, 5.15),
    (-8.0, 5.65),
    (-6.0, 6.3),
    (-4.0, 6.75),
    (-2.0, 7.05),
    (0.0, 7.2),
    (3.0, 7.4),
    (5.5, 7.35),
    (8.0, 6.7),
    (10.0, 5.2),
    (11.4, 2.9),
    (12.0, 0.0),
];

/// Front of the head on the midline without the nose, by row, cm before the ears.
const FRONT: [(f32, f32); 18] = [
    (-13.0, 3.0),
    (-11.9, 7.2),
    (-11.2, 8.4),
    (-10.2, 8.95),
    (-8.6, 8.75),
    (-6.8, 9.1),
    (-4.8, 8.95),
    (-2.0, 8.95),
    (0.0, 9.05),
    (1.5, 9.6),
    (2.6, 9.85),
    (4.5, 9.75),
    (6.5, 9.2),
    (8.5, 7.9),
    (10.0, 6.0),
    (11.0, 4.2),
    (11.6, 2.7),
    (12.0, 0.0),
];

/// Back of the head by row, cm behind the ears.
const BACK: [(f32, f32); 9] = [
    (-13.0, 2.5),
    (-9.0, 5.0),
    (-4.0, 7.2),
    (0.0, 9.0),
    (3.5, 9.7),
    (7.0, 8.9),
    (9.5, 6.8),
    (11.2, 3.6),
    (12.0, 0.0),
];

/// Height of the rows that run on under the chin, cm.
const UNDERSIDE: [(f32, f32); 4] = [(THROAT, -10.9), (-11.9, -11.6), (CHIN, CHIN), (-10.5, -10.5)];

/// Exponent of the head's cross-section: 2 is an ellipse, more is boxier.
const BOX: f32 = 2.35;

/// A place on the neutral head.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site {
    /// Signed sideways coordinate of the bare skull, cm.
    pub(crate) x: f32,
    /// Row.
    pub(crate) r: f32,
    /// Angle around the head.
    pub(crate) theta: f32,
    /// Surface point of the neutral face, lids and lips closed.
    pub(crate) point: Vec3,
}

/// A direction around the head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearing {
    theta: f32,
    /// Sideways and forward part of a unit cross-section's outline.
    side: f32,
    ahead: f32,
}

impl Bearing {
    /// The direction at an angle.
    pub(crate) fn new(theta: f32) -> Self {
        let (sin, cos) = theta.sin_cos();
        let round = (sin.abs().powf(BOX) + cos.abs().powf(BOX)).powf(-1.0 / BOX);
        Self { theta, side: round * sin, ahead: round * cos }
    }
}

/// One row of an identity's bare skull.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    r: f32,
    width: f32,
    front: f32,
    back: f32,
    /// Height on the midline, and the angle from which the row bends upwards.
    y: f32,
    bend: f32,
}

impl Row {
    /// The row `r` of `identity`.
    pub(crate) fn new(identity: &Identity, r: f32) -> Self {
        let shape = &identity.skull;
        let jaw = smoothstep(-3.0, -8.5, r);
        let chin = smoothstep(-8.5, -10.5, r);
        let width = spline(&WIDTH, r)
            * (1.03 + 0.045 * shape.width)
            * (1.0 + 0.055 * shape.jaw * jaw)
            * (1.0 + 0.12 * shape.chin_width * chin);
        let stretch = if r < 0.0 { 0.98 + 0.05 * shape.lower } else { 1.0 };
        let y = if r < -10.5 { spline(&UNDERSIDE, r) } else { r };
        // The chin is round, the rows of the mouth are straight.
        let bend = mix(0.35, 0.14, smoothstep(-8.2, -11.0, r));
        Self { r, width, front: spline(&FRONT, r), back: spline(&BACK, r), y: y * stretch, bend }
    }

    /// The bare skull in a direction.
    pub(crate) fn at(&self, bearing: Bearing) -> Vec3 {
        let depth = if bearing.ahead >= 0.0 { self.front } else { self.back };
        let lift = 0.37 * smoothstep(self.bend, 1.65, bearing.theta.abs());
        let y = if self.r < 0.0 { self.y * (1.0 - lift) } else { self.y };
        Vec3::new(self.width * bearing.side, y, depth * bearing.ahead)
    }

    /// The neutral face in a direction.
    pub(crate) fn site(&self, identity: &Identity, bearing: Bearing) -> Site {
        let bare = self.at(bearing);
        let front = smoothstep(1.5, 1.2, bearing.theta.abs());
        let point =
            if front > 0.0 { bare + relief::at(identity, bare.x, self.r) * front } else { bare };
        Site { x: bare.x, r: self.r, theta: bearing.theta, point }
    }
}

/// The bare skull of `identity` at an angle and row.
pub(crate) fn skull(identity: &Identity, theta: f32, r: f32) -> Vec3 {
    Row::new(identity, r).at(Bearing::new(theta))
}

/// The neutral face at an angle and row.
pub(crate) fn site(identity: &Identity, theta: f32, r: f32) -> Site {
    Row::new(identity, r).site(identity, Bearing::new(theta))
}

/// The site of row `r` whose skull lies `x` to the side, on the front of the face.
pub(crate) fn site_at(identity: &Identity, x: f32, r: f32) -> Site {
    let (mut low, mut high) = (0.0, 1.5);
    for _ in 0..24 {
        let mid = 0.5 * (low + high);
        if skull(identity, mid, r).x < x.abs() { low = mid } else { high = mid }
    }
    site(identity, low * x.signum(), r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_at_a_distance_is_at_that_distance() {
        let identity = Identity::from_seed(1);
        for x in [-4.0, -1.0, 0.5, 3.1] {
            assert!((site_at(&identity, x, -2.0).x - x).abs() < 1e-3);
        }
    }

    #[test]
    fn the_nose_is_the_foremost_point() {
        for seed in 0..50 {
            let identity = Identity::from_seed(seed);
            let tip = site(&identity, 0.0, -3.7).point.z;
            assert!(tip > site(&identity, 0.0, MOUTH).point.z + 0.8);
            assert!(tip > site(&identity, 0.0, 2.0).point.z + 0.8);
        }
    }

    #[test]
    fn the_head_is_symmetric_but_for_the_bend_of_the_nose() {
        let identity = Identity::from_seed(2);
        let (a, b) = (site(&identity, 0.5, -8.0).point, site(&identity, -0.5, -8.0).point);
        assert!((a.x + b.x).abs() < 1e-4 && (a.z - b.z).abs() < 1e-4);
    }
}
