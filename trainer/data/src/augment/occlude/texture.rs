//! Surfaces: smooth noise, knit, checks, lines, no finer than a picture can show.
//!
//! Textures are 0..=1 over a place in texture units. What is finer than a pixel fades to its mean,
//! as it does in a lens, instead of flickering from pixel to pixel.

use super::shape::{Vec2, bump, mix, part, split, step};

/// The size of a pixel in units of the face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detail {
    pub(super) pixel: f32,
}

impl Detail {
    /// Noise with that many features per unit along u and v.
    pub(super) fn noise(self, [u, v]: Vec2, [along_u, along_v]: Vec2, seed: u32) -> f32 {
        let share = self.share(along_u.max(along_v));
        let seen = if share > 0.0 { noise([along_u * u, along_v * v], seed) } else { 0.5 };
        mix(0.5, seen, share)
    }

    /// Rows of stitches, that many per unit.
    pub(super) fn knit(self, [u, v]: Vec2, stitches: f32) -> f32 {
        let share = self.share(1.5 * stitches);
        mix(0.5, knit([stitches * u, stitches * v]), share)
    }

    /// How much of a texture with so many features per unit is left, 0..=1.
    pub(super) fn share(self, features: f32) -> f32 {
        step(1.0, 0.35, features * self.pixel)
    }

    /// `features` per unit, or as many as still stand out.
    pub(super) fn coarse(self, features: f32) -> f32 {
        features.min(0.5 / self.pixel)
    }

    /// A line: 1 on it, falling to 0 at `width` on both sides; wider and fainter where it is finer
    /// than a pixel.
    pub(super) fn line(self, offset: f32, width: f32) -> f32 {
        let wide = width.max(self.pixel);
        bump(offset, wide) * width / wide
    }

    /// Whether nothing of what is at `distance` shows.
    pub(super) fn beyond(self, distance: f32) -> bool {
        distance > self.pixel
    }

    /// 1 inside of a border at `distance`, 0 outside, a pixel between.
    pub(super) fn inside(self, distance: f32) -> f32 {
        (0.5 - distance / self.pixel).clamp(0.0, 1.0)
    }
}

/// A number in 0..1 for a lattice point.
fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h =
        seed ^ x.cast_unsigned().wrapping_mul(0x9e37_79b1) ^ y.cast_unsigned().rotate_left(16);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (h >> 16) as f32 / 65_536.0
}

/// Smooth noise with features of about one unit.
fn noise([x, y]: Vec2, seed: u32) -> f32 {
    let ((column, tx), (row, ty)) = (split(x), split(y));
    let fade = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (fade(tx), fade(ty));
    let at = |dx, dy| hash(column.wrapping_add(dx), row.wrapping_add(dy), seed);
    mix(mix(at(0, 0), at(1, 0), tx), mix(at(0, 1), at(1, 1), tx), ty)
}

/// Rows of stitches.
fn knit([x, y]: Vec2) -> f32 {
    let slant = (part(x) - 0.5).abs();
    0.5 + 0.5 * (std::f32::consts::TAU * (y + slant)).sin() * (std::f32::consts::PI * x).sin().abs()
}

/// Broad crossing stripes, three levels.
pub(super) fn checks([x, y]: Vec2) -> f32 {
    let stripe = |t: f32| if part(t) < 0.4 { 0.5 } else { 0.0 };
    stripe(x) + stripe(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_continuous_and_depends_on_its_seed() {
        assert!((noise([2.999_9, 0.3], 7) - noise([3.000_1, 0.3], 7)).abs() < 1e-3);
        assert!((noise([1.5, 1.5], 1) - noise([1.5, 1.5], 2)).abs() > 1e-6);
    }

    #[test]
    fn what_is_finer_than_a_pixel_fades_to_its_mean() {
        let (sharp, soft) = (Detail { pixel: 0.001 }, Detail { pixel: 0.1 });
        assert!((sharp.noise([0.3, 0.7], [20.0, 20.0], 1) - noise([6.0, 14.0], 1)).abs() < 1e-6);
        assert!((soft.noise([0.3, 0.7], [20.0, 20.0], 1) - 0.5).abs() < 1e-6);
        assert!((sharp.line(0.0, 0.02) - 1.0).abs() < 1e-6);
        assert!((soft.line(0.0, 0.02) - 0.2).abs() < 1e-6);
        assert!((soft.inside(0.025) - 0.25).abs() < 1e-6);
    }

    #[test]
    fn textures_stay_within_their_range() {
        for at in 0..1000u16 {
            let place = [f32::from(at) * 0.137 - 40.0, f32::from(at) * 0.071 - 30.0];
            for value in [noise(place, 3), knit(place), checks(place)] {
                assert!((0.0..=1.0).contains(&value), "{place:?}: {value}");
            }
        }
    }
}
