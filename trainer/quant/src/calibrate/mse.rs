//! The range with the least mean squared error, clipping and rounding together (Banner et al.
//! 2019, arXiv 1810.05723, minimise the same sum for a closed form of the distribution).
//!
//! `Σ n(x) (x - q(x))²` over the histogram's bins; each end in turn tries [`TRIALS`] lengths from
//! its full one down while the other stays, [`ROUNDS`] times.

use super::affine;
use crate::observe::Histogram;

/// Lengths tried per end.
const TRIALS: u32 = 100;
/// Times each end is tried.
const ROUNDS: usize = 2;

pub(super) fn range(histogram: &Histogram) -> [f32; 2] {
    let full = [histogram.low.min(0.0), histogram.high.max(0.0)];
    let mut best = full;
    for end in [1, 0].repeat(ROUNDS) {
        let tried = (0..TRIALS).map(|i| {
            let mut range = best;
            range[end] = full[end] * (TRIALS - i) as f32 / TRIALS as f32;
            (error(histogram, range), range)
        });
        best = tried.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(best, |(_, range)| range);
    }
    best
}

fn error(histogram: &Histogram, range: [f32; 2]) -> f64 {
    let affine = affine(range);
    let square = |(x, count): (f32, u64)| {
        let gap = f64::from(affine.value(affine.code(x)) - x);
        gap * gap * count as f64
    };
    histogram.filled().map(square).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{
        Calibration,
        tests::{error, heavy_tailed, of},
    };
    use crate::observe::BINS;

    #[test]
    fn it_beats_the_full_range_on_a_heavy_tail() {
        let samples = heavy_tailed();
        let histogram = of(&samples, BINS);
        let [full, least] = [Calibration::MinMax, Calibration::Mse]
            .map(|method| error(&samples, method.range(&histogram)));
        assert!(least < 0.6 * full, "{least} against {full}");
    }

    #[test]
    fn even_elements_keep_their_range() {
        let samples = (-500..=1000).map(|i| (i as f32 / 500.0, 1)).collect();
        let [low, high] = Calibration::Mse.range(&of(&samples, BINS));
        assert!((-1.0..-0.95).contains(&low) && (1.95..=2.0).contains(&high), "{low}..{high}");
    }
}
