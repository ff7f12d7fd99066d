//! Calibration: from a value's histogram to the range its 256 codes cover.
//!
//! A wide range clips nothing but has coarse steps; a narrow one has fine steps but clips. Each
//! method of [`Calibration`] strikes that balance in its own way. Every range holds zero, which
//! every coding represents exactly: padding and a relu's floor are then without error.

mod entropy;
mod min_max;
mod mse;
mod percentile;

use mien_shared::graph::Affine;

use crate::observe::Histogram;

/// Share of elements that [`Calibration::Percentile`] usually keeps at each end.
pub const PERCENTILE: f64 = 0.9999;

/// How a range is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Calibration {
    /// From the smallest to the largest element.
    MinMax,
    /// Without the outermost elements: this share of all, 0.5..=1, lies below the upper end and as
    /// many above the lower.
    Percentile(f64),
    /// The range with the least mean squared error.
    Mse,
    /// The range whose coded distribution diverges least from the true one (Kullback-Leibler).
    Entropy,
}

impl Calibration {
    /// The range `[low, high]` of a value with that histogram; zero lies in it.
    pub fn range(self, histogram: &Histogram) -> [f32; 2] {
        let [low, high] = match self {
            Self::MinMax => min_max::range(histogram),
            Self::Percentile(share) => percentile::range(histogram, share),
            Self::Mse => mse::range(histogram),
            Self::Entropy => entropy::range(histogram),
        };
        [low.min(0.0), high.max(0.0)]
    }
}

/// The coding that spreads 256 codes over `[low, high]`, which holds zero: after a relu, where
/// `low` is zero, the code of zero is 0.
#[expect(clippy::cast_possible_truncation, reason = "clipped to 0..=255 first")]
#[expect(clippy::cast_sign_loss, reason = "clipped to 0..=255 first")]
pub fn affine([low, high]: [f32; 2]) -> Affine {
    let scale = (high - low) / 255.0;
    if !(scale.is_finite() && scale > 0.0) {
        return Affine { scale: 1.0, zero: 0 };
    }
    Affine { scale, zero: (-low / scale).round_ties_even().clamp(0.0, 255.0) as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements and how often each occurs.
    pub(super) type Samples = Vec<(f32, u64)>;

    /// The histogram of samples over their own range and zero.
    pub(super) fn of(samples: &Samples, bins: usize) -> Histogram {
        let wider = |[l, h]: [f32; 2], &(x, _): &(f32, u64)| [l.min(x), h.max(x)];
        let mut histogram = Histogram::new(samples.iter().fold([0.0; 2], wider), bins);
        for &(x, times) in samples {
            histogram.add(x, times);
        }
        histogram
    }

    /// Sum of squared errors of `samples` coded over `range`.
    pub(super) fn error(samples: &Samples, range: [f32; 2]) -> f32 {
        let affine = affine(range);
        let gap = |x: f32| affine.value(affine.code(x)) - x;
        samples.iter().map(|&(x, times)| gap(x).powi(2) * times as f32).sum()
    }

    /// A million elements evenly in 0..1 and one at 3.
    pub(super) fn heavy_tailed() -> Samples {
        let mut samples: Samples = (1..=1000).map(|i| (i as f32 / 1000.0, 1000)).collect();
        samples.push((3.0, 1));
        samples
    }

    #[test]
    fn codes_cover_a_range_and_zero_is_exact() {
        assert_eq!(affine([0.0, 51.0]), Affine { scale: 0.2, zero: 0 });
        assert_eq!(affine([-1.0, 1.55]), Affine { scale: 0.01, zero: 100 });
        assert_eq!(affine([-2.55, 0.0]), Affine { scale: 0.01, zero: 255 });
        for range in [[-0.3, 0.71], [0.0, 3.3], [-7.0, 0.01]] {
            let affine = affine(range);
            assert_eq!(affine.value(affine.code(0.0)).to_bits(), 0.0_f32.to_bits());
        }
    }

    #[test]
    fn a_value_that_is_always_zero_has_a_coding() {
        assert_eq!(affine([0.0, 0.0]), Affine { scale: 1.0, zero: 0 });
    }

    #[test]
    fn every_range_holds_zero() {
        let mut above = Histogram::new([2.0, 3.0], 64);
        for i in 0..=100 {
            above.add(2.0 + i as f32 / 100.0, 1);
        }
        for method in [
            Calibration::MinMax,
            Calibration::Percentile(0.99),
            Calibration::Mse,
            Calibration::Entropy,
        ] {
            let [low, high] = method.range(&above);
            assert!(low.abs() < f32::EPSILON && high > 2.0, "{method:?}: {low}..{high}");
        }
    }
}
