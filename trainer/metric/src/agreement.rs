//! Agreement of two raters on an intensity: the intraclass correlation ICC(3,1).
//!
//! Shrout & Fleiss 1979, doi 10.1037/0033-2909.86.2.420, two-way mixed model, single rater,
//! consistency: with `k = 2` raters, `n` targets, target means `m_i`, rater means `r_j` and the
//! grand mean `m`,
//!
//! ```text
//! BMS = k Σ_i (m_i − m)² / (n − 1)
//! EMS = Σ_ij (x_ij − m_i − r_j + m)² / ((n − 1)(k − 1))
//! ICC = (BMS − EMS) / (BMS + (k − 1) EMS)
//! ```
//!
//! A constant offset between the raters costs nothing. Use it beside MAE: saying 0 always has a
//! small MAE on rare units and an ICC of 0.

use crate::input::{MetricError, constant, mean, pairs};

/// Raters.
const K: f64 = 2.0;

/// ICC(3,1) of what is said and what is true, −1..=1. `None` where it is 0 / 0 (both raters are
/// constant) or there are fewer than two targets.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn icc(predicted: &[f32], truth: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("ICC(3,1)", predicted, truth)?;
    if predicted.len() < 2 || (constant(predicted) && constant(truth)) {
        return Ok(None);
    }
    let targets: Vec<[f64; 2]> =
        predicted.iter().zip(truth).map(|(&p, &t)| [p, t].map(f64::from)).collect();
    let rater = |j: usize| mean(targets.iter().map(|x| x[j])).unwrap_or(0.0);
    let raters = [rater(0), rater(1)];
    let grand = raters[0].midpoint(raters[1]);
    let (mut between, mut residual) = (0.0, 0.0);
    for x in &targets {
        let target = x[0].midpoint(x[1]);
        between += K * (target - grand).powi(2);
        for j in 0..2 {
            residual += (x[j] - target - raters[j] + grand).powi(2);
        }
    }
    // Both mean squares have n - 1 below them.
    Ok(Some((between - residual) / (between + (K - 1.0) * residual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RISING: [f32; 4] = [1.0, 2.0, 3.0, 4.0];

    #[test]
    fn a_rater_agrees_with_itself_and_with_its_constant_offset() {
        near(icc(&RISING, &RISING), 1.0);
        near(icc(&RISING, &[2.0, 3.0, 4.0, 5.0]), 1.0);
    }

    #[test]
    fn the_opposite_order_is_minus_one() {
        near(icc(&RISING, &[4.0, 3.0, 2.0, 1.0]), -1.0);
    }

    #[test]
    fn a_different_spread_costs_agreement() {
        // BMS = 7.5, EMS = 5/6.
        near(icc(&RISING, &[2.0, 4.0, 6.0, 8.0]), 0.8);
    }

    #[test]
    fn the_first_two_raters_of_the_papers_example_are_met() {
        // Judges 1 and 2 of table 2: BMS 4.6833, EMS 0.6833 (computed apart).
        let found = icc(&[9.0, 6.0, 8.0, 7.0, 10.0, 6.0], &[2.0, 1.0, 4.0, 1.0, 5.0, 2.0]);
        near(found, 0.745_341_614_906_832);
    }

    #[test]
    fn always_saying_the_same_agrees_with_nothing() {
        near(icc(&[2.0; 4], &RISING), 0.0);
    }

    #[test]
    fn two_constants_and_single_targets_have_no_agreement() {
        assert_eq!(icc(&[0.1; 3], &[0.7; 3]), Ok(None));
        assert_eq!(icc(&[1.0], &[1.0]), Ok(None));
        assert_eq!(icc(&[], &[]), Ok(None));
    }

    #[test]
    fn what_does_not_pair_up_or_is_no_number_is_refused() {
        assert!(matches!(icc(&[1.0], &[]), Err(MetricError::Lengths { left: 1, right: 0, .. })));
        let refused = icc(&[1.0, 2.0], &[1.0, f32::NAN]);
        assert!(matches!(refused, Err(MetricError::NotFinite { index: 1, .. })));
    }

    fn near(found: Result<Option<f64>, MetricError>, expected: f64) {
        let found = found.unwrap().unwrap();
        assert!((found - expected).abs() < 1e-9, "{found}");
    }
}
