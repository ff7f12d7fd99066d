//! Whether a network's confidence means what it says, and the temperature that makes it so.
//!
//! Guo et al. 2017, arXiv 1706.04599: the expected calibration error over [`BINS`] bins of equal
//! width, and the one temperature that minimises the negative log-likelihood on validation data.

/// Bins of the expected calibration error.
pub const BINS: usize = 15;

/// Temperatures searched.
const TEMPERATURES: [f64; 2] = [0.05, 20.0];
/// Width of the bracket, in the logarithm of the temperature, at which the search ends.
const PRECISION: f64 = 1e-5;

/// Expected calibration error: the mean, over samples, of |accuracy − mean confidence| of the
/// sample's bin. A judgement is (confidence 0..=1, whether it was right).
pub fn expected_error(judgements: &[(f32, bool)]) -> f64 {
    let mut gaps = [0.0; BINS];
    for &(confidence, right) in judgements {
        gaps[bin(confidence, BINS)] += f64::from(u8::from(right)) - f64::from(confidence);
    }
    gaps.iter().map(|gap| gap.abs()).sum::<f64>() / judgements.len().max(1) as f64
}

/// Mean negative log-likelihood, in nats, of the true classes under softmax(`logits` / `temperature`).
///
/// Logits and classes pair up in order; a class out of range has no likelihood at all.
pub fn negative_log_likelihood<const N: usize>(
    logits: &[[f32; N]],
    classes: &[usize],
    temperature: f64,
) -> f64 {
    let loss = |(row, &class): (&[f32; N], &usize)| {
        let scaled = row.map(|logit| f64::from(logit) / temperature);
        let most = scaled.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let log_sum = most + scaled.iter().map(|logit| (logit - most).exp()).sum::<f64>().ln();
        log_sum - scaled.get(class).copied().unwrap_or(f64::NEG_INFINITY)
    };
    let total: f64 = logits.iter().zip(classes).map(loss).sum();
    total / logits.len().max(1) as f64
}

/// The temperature, 0.05 to 20, that minimises [`negative_log_likelihood`].
///
/// The loss is convex in 1 / temperature, hence has one minimum along its logarithm: a
/// golden-section search finds it. 1 where there are no samples.
#[expect(clippy::cast_possible_truncation, reason = "temperatures need no more than f32")]
pub fn fit_temperature<const N: usize>(logits: &[[f32; N]], classes: &[usize]) -> f32 {
    if logits.is_empty() {
        return 1.0;
    }
    let loss = |log: f64| negative_log_likelihood(logits, classes, log.exp());
    let [low, high] = TEMPERATURES.map(f64::ln);
    golden_section(loss, low, high).exp() as f32
}

/// Where a function with one minimum between `low` and `high` has it.
fn golden_section(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (f(left), f(right));
    while high - low > PRECISION {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = f(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = f(right);
        }
    }
    low.midpoint(high)
}

/// The bin of a confidence; bin `i` is `i / bins < confidence <= (i + 1) / bins`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the bins there are"
)]
pub(crate) fn bin(confidence: f32, bins: usize) -> usize {
    let last = bins.saturating_sub(1);
    ((confidence * bins as f32).ceil() - 1.0).clamp(0.0, last as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_weighted_gap_of_the_bins() {
        // Bin 13 (0.867..0.933]: right 1 of 2 at 0.9, gap 0.4. Bin 7 (0.467..0.533]: 1 of 2 at 0.5.
        let judgements = [(0.9, true), (0.9, false), (0.5, true), (0.5, false)];
        assert!((expected_error(&judgements) - 0.2).abs() < 1e-6);
    }

    #[test]
    fn gaps_of_both_signs_cancel_within_a_bin_only() {
        assert!(expected_error(&[(0.75, true), (0.75, true), (0.75, true), (0.75, false)]) < 1e-6);
        assert!((expected_error(&[(0.6, true), (0.4, false)]) - 0.4).abs() < 1e-6);
        assert!(expected_error(&[]) < 1e-12);
    }

    #[test]
    fn bins_close_at_their_upper_end() {
        let confidences = [0.0, 0.06, 0.07, 0.6, 1.0, 2.0, -1.0];
        assert_eq!(confidences.map(|at| bin(at, BINS)), [0, 0, 1, 8, 14, 14, 0]);
    }

    #[test]
    fn even_odds_cost_ln_2() {
        let loss = negative_log_likelihood(&[[3.0, 3.0]], &[0], 1.0);
        assert!((loss - std::f64::consts::LN_2).abs() < 1e-12);
        let certain = negative_log_likelihood(&[[1000.0, 0.0]], &[0], 1.0);
        assert!(certain.abs() < 1e-12);
    }

    #[test]
    fn the_temperature_undoes_overconfidence() {
        // Logits (a, 0) right 3 times of 4: the best temperature makes sigmoid(a / T) = 3/4.
        let logits = [[4.0, 0.0]; 4];
        let fitted = fit_temperature(&logits, &[0, 0, 0, 1]);
        assert!((fitted - 4.0 / 3.0_f32.ln()).abs() < 1e-3, "{fitted}");
    }

    #[test]
    fn an_honest_network_keeps_its_temperature() {
        let logits = [[3.0_f32.ln(), 0.0]; 4];
        assert!((fit_temperature(&logits, &[0, 0, 0, 1]) - 1.0).abs() < 1e-3);
        assert!((fit_temperature::<2>(&[], &[]) - 1.0).abs() < 1e-6);
    }
}
