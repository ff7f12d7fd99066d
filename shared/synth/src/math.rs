//! Small vectors and the smooth functions the head is made of.
//!
//! Head coordinates are centimetres: x towards the picture's right (the person's left), y up,
//! z towards the viewer; the eye line is y = 0, the ears lie near z = 0.

use std::ops::{Add, Mul, Sub};

/// A vector or point in head or camera coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Vec3 {
    /// Rightwards.
    pub x: f32,
    /// Upwards.
    pub y: f32,
    /// Towards the viewer.
    pub z: f32,
}

impl Vec3 {
    /// The vector with these coordinates.
    #[must_use]
    pub const fn new(x: f32, y: f32, z: f32) -> Self {
        Self { x, y, z }
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product, right-handed.
    #[must_use]
    pub fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// The vector at length one; a zero vector points at the viewer.
    #[must_use]
    pub fn unit(self) -> Self {
        let square = self.dot(self);
        if square > 1e-20 { self * square.sqrt().recip() } else { Self::new(0.0, 0.0, 1.0) }
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        Self::new(self.x * k, self.y * k, self.z * k)
    }
}

/// A rotation, as its three rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation([Vec3; 3]);

impl Rotation {
    /// First pitch (up positive), then yaw (towards the picture's right positive), then roll
    /// (clockwise in the picture positive), in degrees.
    pub fn from_degrees(yaw: f32, pitch: f32, roll: f32) -> Self {
        let (sy, cy) = yaw.to_radians().sin_cos();
        let (sp, cp) = pitch.to_radians().sin_cos();
        let (sr, cr) = roll.to_radians().sin_cos();
        let x = Vec3::new(cy, -sy * sp, sy * cp);
        let y = Vec3::new(0.0, cp, sp);
        let z = Vec3::new(-sy, -cy * sp, cy * cp);
        Self([x * cr + y * sr, y * cr - x * sr, z])
    }

    /// The rotated vector.
    pub fn apply(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.0[0].dot(v), self.0[1].dot(v), self.0[2].dot(v))
    }
}

/// Linear interpolation from `a` at 0 to `b` at 1.
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// Component-wise [`mix`] of two colours.
pub fn mix3(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

/// A colour times a number.
pub fn scale3(a: [f32; 3], k: f32) -> [f32; 3] {
    [a[0] * k, a[1] * k, a[2] * k]
}

/// Component-wise product of two colours.
pub fn times3(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

/// 0 below `from`, 1 above `to`, a smooth cubic between; `from > to` gives the falling edge.
pub fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// `(1 - d²)²` within one unit of zero, 0 outside, from the squared distance.
pub fn bump(square: f32) -> f32 {
    let left = (1.0 - square).max(0.0);
    left * left
}

/// A [`bump`] over an ellipse with half-axes `rx`, `ry`, from the offset to its centre.
pub fn blob(dx: f32, dy: f32, rx: f32, ry: f32) -> f32 {
    let (a, b) = (dx / rx, dy / ry);
    bump(a * a + b * b)
}

/// `sqrt(1 - t²)` within ±1, 0 outside: the outline of a round opening.
pub fn arch(t: f32) -> f32 {
    (1.0 - t * t).max(0.0).sqrt()
}

/// Catmull–Rom interpolation through `(x, y)` knots sorted by rising x, constant outside.
pub fn spline(knots: &[(f32, f32)], x: f32) -> f32 {
    let last = knots.len() - 1;
    let i = knots.partition_point(|k| k.0 <= x);
    if i == 0 {
        return knots[0].1;
    }
    if i > last {
        return knots[last].1;
    }
    let (p1, p2) = (knots[i - 1], knots[i]);
    let slope = |a: (f32, f32), b: (f32, f32)| (b.1 - a.1) / (b.0 - a.0);
    let before = knots[i.saturating_sub(2)];
    let after = knots[(i + 1).min(last)];
    let m1 = if i >= 2 { slope(before, p2) } else { slope(p1, p2) };
    let m2 = if i < last { slope(p1, after) } else { slope(p1, p2) };
    let width = p2.0 - p1.0;
    let t = (x - p1.0) / width;
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * p1.1
        + (t3 - 2.0 * t2 + t) * width * m1
        + (3.0 * t2 - 2.0 * t3) * p2.1
        + (t3 - t2) * width * m2
}

/// The whole part of a number that is known to fit, negative and NaN becoming 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating by design")]
pub fn index(x: f32) -> usize {
    x as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_positive_yaw_turns_the_face_to_the_right_of_the_picture() {
        let nose = Rotation::from_degrees(30.0, 0.0, 0.0).apply(Vec3::new(0.0, 0.0, 1.0));
        assert!((nose.x - 0.5).abs() < 1e-6 && nose.y.abs() < 1e-6);
    }

    #[test]
    fn a_positive_pitch_raises_the_face() {
        let nose = Rotation::from_degrees(0.0, 30.0, 0.0).apply(Vec3::new(0.0, 0.0, 1.0));
        assert!((nose.y - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_positive_roll_is_clockwise() {
        let crown = Rotation::from_degrees(0.0, 0.0, 30.0).apply(Vec3::new(0.0, 1.0, 0.0));
        assert!((crown.x - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_spline_passes_through_its_knots() {
        let knots = [(0.0, 1.0), (1.0, 3.0), (4.0, -2.0)];
        for (x, y) in knots {
            assert!((spline(&knots, x) - y).abs() < 1e-6);
        }
        assert!((spline(&knots, 9.0) + 2.0).abs() < 1e-6);
    }
}
