//! Surfaces: smooth noise, knit, checks. Everything is 0..=1 over a place in texture units.

use super::shape::{Vec2, mix};

/// A number in 0..1 for a lattice point.
fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = seed ^ x.cast_unsigned().wrapping_mul(0x9e37_79b1) ^ y.cast_unsigned().rotate_left(16);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (h >> 16) as f32 / 65_536.0
}

/// Smooth noise with features of about one unit.
pub(super) fn noise([x, y]: Vec2, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let fade = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty) = (fade(x - left), fade(y - top));
    let (column, row) = (lattice(left), lattice(top));
    let at = |dx, dy| hash(column + dx, row + dy, seed);
    mix(mix(at(0, 0), at(1, 0), tx), mix(at(0, 1), at(1, 1), tx), ty)
}

/// Rows of stitches.
pub(super) fn knit([x, y]: Vec2) -> f32 {
    let slant = (x.fract().abs() - 0.5).abs();
    0.5 + 0.5 * (std::f32::consts::TAU * (y + slant)).sin() * (std::f32::consts::PI * x).sin().abs()
}

/// Broad crossing stripes, three levels.
pub(super) fn checks([x, y]: Vec2) -> f32 {
    let stripe = |t: f32| if t.rem_euclid(1.0) < 0.4 { 0.5 } else { 0.0 };
    stripe(x) + stripe(y)
}

#[expect(clippy::cast_possible_truncation, reason = "a floor within the lattice")]
fn lattice(floor: f32) -> i32 {
    // The margin keeps `+ 1` from overflowing.
    floor.clamp(-1e9, 1e9) as i32
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
    fn textures_stay_within_their_range() {
        for at in 0..1000u16 {
            let place = [f32::from(at) * 0.137 - 40.0, f32::from(at) * 0.071 - 30.0];
            for value in [noise(place, 3), knit(place), checks(place)] {
                assert!((0.0..=1.0).contains(&value), "{place:?}: {value}");
            }
        }
    }
}
