//! Repeatable value noise: the same point and seed give the same number everywhere.

use crate::math::mix;

/// A number in 0..1 for a lattice point.
pub fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = seed
        ^ x.cast_unsigned().wrapping_mul(0x9E37_79B1)
        ^ y.cast_unsigned().wrapping_mul(0x85EB_CA77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    (h >> 8) as f32 / 16_777_216.0
}

/// Smooth noise in 0..1 with features of about one unit.
pub fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (lattice(fx), lattice(fy));
    let (tx, ty) = (fade(x - fx), fade(y - fy));
    let top = mix(hash(ix, iy, seed), hash(ix + 1, iy, seed), tx);
    let bottom = mix(hash(ix, iy + 1, seed), hash(ix + 1, iy + 1, seed), tx);
    mix(top, bottom, ty)
}

/// Two octaves of [`value`], in 0..1.
pub fn cloud(x: f32, y: f32, seed: u32) -> f32 {
    0.65 * value(x, y, seed) + 0.35 * value(x * 2.3 + 7.0, y * 2.3, seed ^ 0x55)
}

fn fade(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
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
    fn noise_is_continuous_across_a_lattice_line() {
        assert!((value(2.999_9, 0.3, 7) - value(3.000_1, 0.3, 7)).abs() < 1e-3);
    }

    #[test]
    fn noise_depends_on_its_seed() {
        assert!((value(1.5, 1.5, 1) - value(1.5, 1.5, 2)).abs() > 1e-6);
    }
}
