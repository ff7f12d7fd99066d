//! Whether predictions move with the truth: Pearson's and the concordance correlation.
//!
//! ```text
//! PCC = cov(p, t) / (σ_p σ_t)
//! CCC = 2 cov(p, t) / (σ_p² + σ_t² + (μ_p − μ_t)²)
//! ```
//!
//! Lin 1989, doi 10.2307/2532051; both with variances over n. CCC, unlike PCC, charges for an
//! offset and for a different spread; it is the field's figure for valence and arousal.

use crate::input::{MetricError, constant, mean, pairs};

/// Pearson's correlation, −1..=1; `None` where either side is constant or there are fewer than
/// two samples.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn pcc(predicted: &[f32], truth: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("PCC", predicted, truth)?;
    if constant(predicted) || constant(truth) {
        return Ok(None);
    }
    let m = Moments::new(predicted, truth);
    Ok(Some((m.covariance / (m.variances[0].sqrt() * m.variances[1].sqrt())).clamp(-1.0, 1.0)))
}

/// The concordance correlation, −1..=1: 0 where one side is constant, `None` where both are or
/// there are fewer than two samples.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn ccc(predicted: &[f32], truth: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("CCC", predicted, truth)?;
    match (constant(predicted), constant(truth)) {
        (true, true) => return Ok(None),
        (true, false) | (false, true) => return Ok(Some(0.0)),
        (false, false) => {}
    }
    let m = Moments::new(predicted, truth);
    let offset = m.means[0] - m.means[1];
    Ok(Some(2.0 * m.covariance / (m.variances[0] + m.variances[1] + offset * offset)))
}

/// First and second moments of paired values, over n.
struct Moments {
    means: [f64; 2],
    variances: [f64; 2],
    covariance: f64,
}

impl Moments {
    fn new(a: &[f32], b: &[f32]) -> Self {
        let average = |values: &[f32]| mean(values.iter().map(|&v| f64::from(v))).unwrap_or(0.0);
        let means = [average(a), average(b)];
        let moment = |f: fn(f64, f64) -> f64| {
            let pairs = a.iter().zip(b);
            let from_mean = |(&x, &y)| f(f64::from(x) - means[0], f64::from(y) - means[1]);
            mean(pairs.map(from_mean)).unwrap_or(0.0)
        };
        let variances = [moment(|x, _| x * x), moment(|_, y| y * y)];
        Self { means, variances, covariance: moment(|x, y| x * y) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RISING: [f32; 4] = [1.0, 2.0, 3.0, 4.0];

    #[test]
    fn pearson_ignores_offset_and_scale() {
        near(pcc(&RISING, &[3.0, 5.0, 7.0, 9.0]), 1.0);
        near(pcc(&RISING, &[4.0, 3.0, 2.0, 1.0]), -1.0);
        // cov 1, variances 1.25 and 1.25 over n.
        near(pcc(&RISING, &[1.0, 3.0, 2.0, 4.0]), 0.8);
    }

    #[test]
    fn concordance_charges_for_offset_and_scale() {
        near(ccc(&RISING, &RISING), 1.0);
        // 2 · 1.25 / (1.25 + 1.25 + 1).
        near(ccc(&RISING, &[2.0, 3.0, 4.0, 5.0]), 2.5 / 3.5);
        // 2 · 2.5 / (1.25 + 5 + 6.25).
        near(ccc(&RISING, &[2.0, 4.0, 6.0, 8.0]), 0.4);
    }

    #[test]
    fn a_constant_has_no_correlation() {
        assert_eq!(pcc(&[0.1; 3], &[1.0, 2.0, 3.0]), Ok(None));
        assert_eq!(ccc(&[0.1; 3], &[1.0, 2.0, 3.0]), Ok(Some(0.0)));
        assert_eq!(ccc(&[0.1; 3], &[0.1; 3]), Ok(None));
        assert_eq!((pcc(&[1.0], &[1.0]), ccc(&[], &[])), (Ok(None), Ok(None)));
    }

    #[test]
    fn nan_and_unequal_lengths_are_refused() {
        assert!(matches!(pcc(&[f32::NAN], &[0.0]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(ccc(&[0.0], &[f32::NAN]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(ccc(&[0.0], &[]), Err(MetricError::Lengths { .. })));
    }

    fn near(found: Result<Option<f64>, MetricError>, expected: f64) {
        let found = found.unwrap().unwrap();
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}
