//! How far predictions are from the truth: mean absolute and mean squared error.
//!
//! In the unit of the values, and its square. On skewed intensities a constant scores well: give
//! [`crate::agreement::icc`] beside them.

use crate::input::{MetricError, mean, pairs};

/// Mean |p − t|; `None` of nothing.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn mae(predicted: &[f32], truth: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("MAE", predicted, truth)?;
    Ok(mean(differences(predicted, truth).map(f64::abs)))
}

/// Mean (p − t)²; `None` of nothing.
///
/// # Errors
/// [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn mse(predicted: &[f32], truth: &[f32]) -> Result<Option<f64>, MetricError> {
    pairs("MSE", predicted, truth)?;
    Ok(mean(differences(predicted, truth).map(|difference| difference * difference)))
}

fn differences(predicted: &[f32], truth: &[f32]) -> impl Iterator<Item = f64> {
    predicted.iter().zip(truth).map(|(&p, &t)| f64::from(p) - f64::from(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_1_0_and_minus_3_average_to_4_thirds_and_10_thirds() {
        let (predicted, truth) = ([2.0, 2.0, 0.0], [1.0, 2.0, 3.0]);
        assert_eq!(mae(&predicted, &truth), Ok(Some(4.0 / 3.0)));
        assert_eq!(mse(&predicted, &truth), Ok(Some(10.0 / 3.0)));
    }

    #[test]
    fn nothing_has_no_error() {
        assert_eq!((mae(&[], &[]), mse(&[], &[])), (Ok(None), Ok(None)));
    }

    #[test]
    fn nan_and_unequal_lengths_are_refused() {
        assert!(matches!(mae(&[f32::NAN], &[0.0]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(mse(&[0.0], &[f32::INFINITY]), Err(MetricError::NotFinite { .. })));
        assert!(matches!(mae(&[0.0], &[]), Err(MetricError::Lengths { .. })));
    }
}
