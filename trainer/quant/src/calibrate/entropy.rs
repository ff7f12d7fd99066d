//! The range whose coded distribution loses least information: Migacz, "8-bit Inference with
//! `TensorRT`" (GTC 2017).
//!
//! Magnitudes are counted in [`BINS`] bins. For each `i` up to that number, `P` is the first `i`
//! bins with everything beyond added to the last, and `Q` those bins merged into as many levels as
//! codes have for one sign, each level's count spread evenly over its filled bins. The end is
//! the `i` with the least `KL(P‖Q) = Σ p ln(p / q)`. Exact zeros, which a relu makes in masses and
//! every coding represents, would drown the rest: the first bin counts like the second.

use crate::observe::{BINS, Histogram};

/// Levels where both signs occur, and where only one does.
const LEVELS: [usize; 2] = [128, 256];
/// Share of a bin that has no count in `Q`, so that the divergence stays finite.
const FLOOR: f64 = 1e-7;

pub(super) fn range(histogram: &Histogram) -> [f32; 2] {
    let [low, high] = [histogram.low, histogram.high];
    let largest = high.max(-low);
    let bins = magnitudes(histogram, largest);
    let levels = if low < 0.0 && high > 0.0 { LEVELS[0] } else { LEVELS[1] };
    let best = (levels..=bins.len())
        .map(|kept| (divergence(&bins, kept, levels), kept))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let end = largest * best.map_or(BINS, |(_, kept)| kept) as f32 / BINS as f32;
    [low.max(-end), high.min(end)]
}

/// Counts of `|x|` in bins of `0..=largest`.
fn magnitudes(histogram: &Histogram, largest: f32) -> Vec<f64> {
    let mut folded = Histogram::new([0.0, largest], BINS);
    histogram.filled().for_each(|(x, count)| folded.add(x.abs(), count));
    folded.bins[0] = folded.bins[1];
    folded.bins.into_iter().map(|count| count as f64).collect()
}

/// `KL(P‖Q)` when the first `kept` bins are merged into `levels`.
fn divergence(bins: &[f64], kept: usize, levels: usize) -> f64 {
    let (inside, beyond) = bins.split_at(kept);
    let outliers: f64 = beyond.iter().sum();
    let spread = merged(inside, levels);
    let [p_sum, q_sum] = [inside.iter().sum::<f64>() + outliers, spread.iter().sum::<f64>()];
    if p_sum <= 0.0 || q_sum <= 0.0 {
        return f64::INFINITY;
    }
    let last = kept - 1;
    let term = |(i, (&count, &level)): (usize, (&f64, &f64))| {
        let p = if i == last { count + outliers } else { count } / p_sum;
        let q = (level / q_sum).max(FLOOR);
        if p > 0.0 { p * (p / q).ln() } else { 0.0 }
    };
    inside.iter().zip(&spread).enumerate().map(term).sum()
}

/// `bins` merged into `levels` and spread out again over the bins that hold something.
fn merged(bins: &[f64], levels: usize) -> Vec<f64> {
    let mut spread = Vec::with_capacity(bins.len());
    for level in 0..levels {
        let [start, end] = [level, level + 1].map(|l| l * bins.len() / levels);
        let group = &bins[start..end];
        let filled = group.iter().filter(|&&count| count > 0.0).count().max(1);
        let share = group.iter().sum::<f64>() / filled as f64;
        spread.extend(group.iter().map(|&count| if count > 0.0 { share } else { 0.0 }));
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{heavy_tailed, of},
        *,
    };

    #[test]
    fn merging_spreads_a_level_over_its_filled_bins() {
        let spread = merged(&[4.0, 0.0, 1.0, 3.0, 0.0, 0.0], 3);
        assert_eq!(spread, [4.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
    }

    #[test]
    fn as_many_levels_as_bins_lose_nothing() {
        assert!(divergence(&[1.0, 2.0, 3.0, 4.0], 4, 4).abs() < 1e-12);
    }

    #[test]
    fn the_divergence_is_the_sum_of_p_ln_p_over_q() {
        // P = [3, 1 + 2] / 6 with the outliers in its last bin, Q = [2, 2] / 4.
        assert!(divergence(&[3.0, 1.0, 2.0], 2, 1).abs() < 1e-12);
        // P = [1, 3] / 4, Q = [1, 1] / 2.
        let wanted = 0.25 * 0.5_f64.ln() + 0.75 * 1.5_f64.ln();
        assert!((divergence(&[1.0, 3.0], 2, 1) - wanted).abs() < 1e-12);
    }

    #[test]
    fn a_lone_outlier_is_cut_off() {
        let [low, high] = range(&of(&heavy_tailed(), BINS));
        assert!(low.abs() < f32::EPSILON && (0.95..1.1).contains(&high), "{low}..{high}");
    }

    #[test]
    fn a_bell_with_both_signs_keeps_most_of_its_width() {
        // Sums of twelve dice of ten faces, centred: near a normal distribution.
        let mut ways = vec![1_u64];
        for _ in 0..12 {
            let last = ways.len() + 9;
            let at = |sum: usize| (0..10).filter_map(|face| ways.get(sum.checked_sub(face)?)).sum();
            ways = (0..last).map(at).collect();
        }
        let samples = (-54..=54).map(|i| i as f32 / 10.0).zip(ways).collect();
        let [low, high] = range(&of(&samples, BINS));
        assert!(high > 2.5 && high <= 5.4 && (low + high).abs() < 0.1, "{low}..{high}");
    }
}
