//! Blends of the pictures of a batch: mixup, `MixAugment` and `CutMix`.
//!
//! Mixup (Zhang et al. 2018, arXiv 1710.09412) trains on `l·x_a + (1 - l)·x_b` and the same blend
//! of the targets, with `l ~ Beta(alpha, alpha)`. `MixAugment` (Psaroudakis and Kollias 2022, arXiv
//! 2205.04442) adds the loss of the two pictures themselves:
//!
//! ```text
//! L = l·CE(x_m, y_a) + (1 - l)·CE(x_m, y_b) + CE(x_a, y_a) + CE(x_b, y_b)
//! ```
//!
//! Cross-entropy is linear in the target, so its first two terms are `CE(x_m, l·y_a + (1 - l)·y_b)`,
//! and as partners are a permutation of the batch, the last two have the same sum over it. `CutMix`
//! (Yun et al. 2019, arXiv 1905.04899) pastes a rectangle of the partner instead of blending.
//!
//! Pictures and targets are rows of `f32`. What to do with the losses is the trainer's business.

use std::ops::Range;

use rand::{RngExt as _, seq::SliceRandom as _};
use rand_distr::{Beta, Distribution as _};
use rand_pcg::Pcg64;

use super::rng;

/// Which picture a sample is blended with, and how much of the sample is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of the other picture within the batch.
    pub partner: usize,
    /// Share of the picture itself, 0..=1.
    pub share: f32,
}

/// How shares are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// One for all of a batch.
    PerBatch,
    /// One for each picture.
    PerSample,
}

/// The pairs of a batch of `count` pictures: partners are a permutation of them, shares are drawn
/// from Beta(`alpha`, `alpha`). A function of seed, epoch and batch number alone.
///
/// # Errors
/// When `alpha` is not a positive number.
pub fn pairs(
    alpha: f32,
    shares: Shares,
    (seed, epoch, batch): (u64, u32, u64),
    count: usize,
) -> Result<Vec<Pair>, MixError> {
    let fault = || MixError { alpha };
    let beta = if alpha > 0.0 && alpha.is_finite() {
        Beta::new(f64::from(alpha), f64::from(alpha)).map_err(|_e| fault())?
    } else {
        return Err(fault());
    };
    // The pictures' own generators have the same numbers for seed and epoch.
    let mut rng = rng(!seed, epoch, batch);
    let mut partners: Vec<usize> = (0..count).collect();
    partners.shuffle(&mut rng);
    let all = share(&beta, &mut rng);
    let pair = |partner| match shares {
        Shares::PerBatch => Pair { partner, share: all },
        Shares::PerSample => Pair { partner, share: share(&beta, &mut rng) },
    };
    Ok(partners.into_iter().map(pair).collect())
}

/// Blends `rows`, one of `width` numbers for each pair: pixels and soft targets alike.
pub fn blend(pairs: &[Pair], rows: &[f32], width: usize) -> Vec<f32> {
    let mut mixed = rows.to_vec();
    for (at, pair) in pairs.iter().enumerate() {
        let (Some(own), Some(other)) =
            (mixed.get_mut(row(at, width)), rows.get(row(pair.partner, width)))
        else {
            continue;
        };
        for (own, other) in own.iter_mut().zip(other) {
            *own = pair.share * *own + (1.0 - pair.share) * other;
        }
    }
    mixed
}

/// Pastes into each picture of `[channels, height, width]` a rectangle of its partner's, whose
/// area is the partner's share, at a random place; the pairs then hold the shares that were left,
/// for [`blend`] to mix the targets by.
pub fn cut(
    pairs: &mut [Pair],
    pixels: &[f32],
    [channels, height, width]: [usize; 3],
    rng: &mut Pcg64,
) -> Vec<f32> {
    let mut mixed = pixels.to_vec();
    let length = channels * height * width;
    for (at, pair) in pairs.iter_mut().enumerate() {
        let side = (1.0 - pair.share).max(0.0).sqrt();
        let (rows, columns) = (interval(height, side, rng), interval(width, side, rng));
        let (Some(own), Some(other)) =
            (mixed.get_mut(row(at, length)), pixels.get(row(pair.partner, length)))
        else {
            continue;
        };
        for channel in 0..channels {
            for y in rows.clone() {
                let start = (channel * height + y) * width;
                let part = start + columns.start..start + columns.end;
                own[part.clone()].copy_from_slice(&other[part]);
            }
        }
        let area = (rows.len() * columns.len()) as f32 / (height * width).max(1) as f32;
        pair.share = 1.0 - area;
    }
    mixed
}

/// `alpha` is no parameter of a Beta distribution.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("mixup alpha is {alpha}: use a number above 0, such as 0.1 or 0.2")]
pub struct MixError {
    /// What was given.
    pub alpha: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
fn share(beta: &Beta<f64>, rng: &mut Pcg64) -> f32 {
    beta.sample(rng) as f32
}

fn row(at: usize, width: usize) -> Range<usize> {
    at * width..(at + 1) * width
}

/// A random interval within `0..length` of about `share` of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is clamped to that length"
)]
fn interval(length: usize, share: f32, rng: &mut Pcg64) -> Range<usize> {
    let long = ((share * length as f32).round() as usize).min(length);
    let start = rng.random_range(0..=length - long);
    start..start + long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_a_permutation_and_a_function_of_their_numbers() {
        let of = |batch| pairs(0.2, Shares::PerSample, (7, 3, batch), 64).unwrap();
        let mut partners: Vec<usize> = of(0).iter().map(|pair| pair.partner).collect();
        partners.sort_unstable();
        assert!(partners.into_iter().eq(0..64));
        assert_eq!(of(0), of(0));
        assert_ne!(of(0), of(1));
    }

    #[test]
    fn shares_follow_the_beta_distribution() {
        let shares = |alpha| {
            let pairs = pairs(alpha, Shares::PerSample, (1, 0, 0), 20_000).unwrap();
            let mean = pairs.iter().map(|pair| f64::from(pair.share)).sum::<f64>() / 20_000.0;
            let squares = pairs.iter().map(|pair| (f64::from(pair.share) - 0.5).powi(2));
            (mean, squares.sum::<f64>() / 20_000.0)
        };
        // The variance of Beta(a, a) is 1 / (4·(2a + 1)).
        for (alpha, variance) in [(0.1, 0.2083), (1.0, 0.0833), (4.0, 0.0278)] {
            let (mean, found) = shares(alpha);
            assert!((mean - 0.5).abs() < 0.01, "{alpha}: {mean}");
            assert!((found / variance - 1.0).abs() < 0.05, "{alpha}: {found}");
        }
    }

    #[test]
    fn a_batch_may_have_one_share() {
        let pairs = pairs(0.5, Shares::PerBatch, (1, 0, 0), 8).unwrap();
        assert!(pairs.iter().all(|pair| pair.share.to_bits() == pairs[0].share.to_bits()));
    }

    #[test]
    fn an_alpha_of_nothing_is_refused() {
        for alpha in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(pairs(alpha, Shares::PerBatch, (1, 0, 0), 8).is_err(), "{alpha}");
        }
        let error = pairs(0.0, Shares::PerBatch, (1, 0, 0), 8).unwrap_err().to_string();
        assert_eq!(error, "mixup alpha is 0: use a number above 0, such as 0.1 or 0.2");
    }

    #[test]
    fn blends_are_weighted_means_of_both_pictures() {
        let pairs = [Pair { partner: 1, share: 0.75 }, Pair { partner: 0, share: 1.0 }];
        let mixed = blend(&pairs, &[1.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(mixed, [0.75, 0.25, 0.0, 1.0]);
    }

    #[test]
    fn a_cut_leaves_the_share_that_it_states() {
        let pixels = [[1.0; 2 * 6 * 5], [0.0; 2 * 6 * 5]].concat();
        for seed in 0..20 {
            let pair = |partner| Pair { partner, share: 0.6 };
            let mut pairs = [pair(1), pair(0)];
            let mixed = cut(&mut pairs, &pixels, [2, 6, 5], &mut Pcg64::new(seed, 0));
            let left = mixed[..60].iter().sum::<f32>() / 60.0;
            assert!((left - pairs[0].share).abs() < 1e-6, "{left} {pairs:?}");
            assert!((0.45..0.75).contains(&left), "{left}");
        }
    }
}
