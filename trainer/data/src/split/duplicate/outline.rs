//! A short description of a picture that bounds its correlation with any other from above.
//!
//! Let `u` and `v` be two pictures as unit vectors free of their means, so that their correlation
//! is `u·v`. Three things make the bound:
//!
//! - Split `u = e + o` into its even and odd halves about the vertical axis. Even and odd are
//!   orthogonal and mirroring turns the sign of `o`: the better of straight and mirrored is
//!   `e·e' + |o·o'|`.
//! - Means over the blocks of an 8 × 8 grid, of a 16 × 16 grid and the pixels themselves span
//!   nested spaces. A half is the orthogonal sum of what the 8 × 8 grid sees (32 numbers), what
//!   the 16 × 16 grid adds and what the pixels add.
//! - For the two added bands Cauchy and Schwarz give `x·x' <= |x| |x'|`, so their lengths suffice.
//!
//! Hence `e·e' + |o·o'| <= e8·e8' + Σ |x| |x'| + |o8·o8'|`, the sum over the two bands of both
//! halves. It is tight where faces are smooth, and costs 68 multiplications instead of 4608.

use super::{PIXELS, ROW};

/// Blocks along a side of the coarse and of the fine grid.
const GRIDS: [usize; 2] = [8, 16];
/// Numbers of a half on the coarse grid.
const HALF: usize = GRIDS[0] * GRIDS[0] / 2;
/// Lengths of the two bands of both halves.
const BANDS: usize = 4;
/// Numbers added up side by side.
const LANES: usize = 4;
/// More than all rounding of 68 products of numbers within -1..=1 in f32 can amount to.
const ROUNDING: f32 = 1e-4;

/// What bounds a picture's correlation with any other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outline {
    /// The even half on the coarse grid, then the lengths of all bands.
    even: [f32; HALF + BANDS],
    /// The odd half on the coarse grid.
    odd: [f32; HALF],
}

impl Outline {
    /// Outlines a unit vector of 48 × 48 pixels, row by row, or the zero of a flat picture.
    pub(super) fn of(unit: &[f64; PIXELS]) -> Self {
        let [coarse, fine] = GRIDS.map(|grid| halves(&blocks(unit, grid), grid));
        let whole = halves(unit, ROW);
        let lengths = [
            band(&fine.0, &coarse.0),
            band(&whole.0, &fine.0),
            band(&fine.1, &coarse.1),
            band(&whole.1, &fine.1),
        ];
        let mut outline = Self { even: [0.0; HALF + BANDS], odd: [0.0; HALF] };
        fill(&mut outline.even, coarse.0.iter().chain(&lengths));
        fill(&mut outline.odd, coarse.1.iter());
        outline
    }

    /// No less than the correlation of the two pictures, straight or mirrored.
    pub(super) fn bound(&self, other: &Self) -> f64 {
        f64::from(dot(&self.even, &other.even) + dot(&self.odd, &other.odd).abs() + ROUNDING)
    }
}

/// The sums over the blocks of a grid, scaled so that lengths are kept.
fn blocks(unit: &[f64; PIXELS], grid: usize) -> Vec<f64> {
    let side = ROW / grid;
    let mut blocks = vec![0.0; grid * grid];
    for (at, value) in unit.iter().enumerate() {
        if let Some(block) = blocks.get_mut(at / ROW / side * grid + at % ROW / side) {
            *block += value / side as f64;
        }
    }
    blocks
}

/// The even and the odd half of a picture with rows of `side` pixels, scaled so that their lengths
/// add up to the picture's.
fn halves(picture: &[f64], side: usize) -> (Vec<f64>, Vec<f64>) {
    let pairs =
        picture.chunks_exact(side).flat_map(|row| row.iter().zip(row.iter().rev()).take(side / 2));
    pairs.map(|(l, r)| ((l + r) / 2.0_f64.sqrt(), (l - r) / 2.0_f64.sqrt())).unzip()
}

/// The length of what a finer description adds to a coarser one.
fn band(fine: &[f64], coarse: &[f64]) -> f64 {
    let energy = |half: &[f64]| half.iter().map(|value| value * value).sum::<f64>();
    (energy(fine) - energy(coarse)).max(0.0).sqrt()
}

fn fill<'a>(to: &mut [f32], from: impl Iterator<Item = &'a f64>) {
    #[expect(clippy::cast_possible_truncation, reason = "rounding is allowed for in the bound")]
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from as f32);
}

/// The inner product, in lanes that the compiler keeps in one register.
fn dot<const N: usize>(a: &[f32; N], b: &[f32; N]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;
    use proptest::prelude::*;

    use super::super::Fingerprint;

    fn fingerprint(data: &[u8], factor: u32) -> Fingerprint {
        let side = 48 / factor;
        let at = |x: u32, y: u32| data[(y / factor * side + x / factor) as usize];
        let data = (0..48 * 48).map(|pixel| at(pixel % 48, pixel / 48)).collect();
        Fingerprint::of(&Grey { width: 48, height: 48, data })
    }

    fn bound(a: &Fingerprint, b: &Fingerprint) -> f64 {
        a.outline().bound(&b.outline())
    }

    proptest! {
        /// Blocks of 6, 3 and 1 pixels fill the coarse grid, the fine grid and the whole picture.
        #[test]
        fn the_bound_never_lies_below_the_correlation(
            a in prop::collection::vec(0..=255_u8, 2304),
            b in prop::collection::vec(0..=255_u8, 2304),
            factors in prop::sample::select(vec![(6, 6), (6, 3), (3, 3), (3, 1), (1, 1)]),
        ) {
            let (a, b) = (fingerprint(&a, factors.0), fingerprint(&b, factors.1));
            prop_assert!(bound(&a, &b) >= a.correlation(&b));
            prop_assert!(bound(&a, &a) >= 1.0);
        }
    }

    #[test]
    fn the_bound_is_the_correlation_where_the_coarse_grid_sees_all() {
        let [a, b] = [7, 11].map(|step| {
            let data: Vec<u8> = (0..64).map(|block: u32| (block * step % 251) as u8).collect();
            fingerprint(&data, 6)
        });
        assert!((bound(&a, &b) - a.correlation(&b)).abs() < 2e-4);
    }
}
