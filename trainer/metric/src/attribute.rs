//! How well binary attributes are read: accuracy for each, their mean, and the errors saved.
//!
//! `CelebA`'s protocol (Liu et al. 2015, arXiv 1411.7766): each attribute's share of right pictures,
//! and the unweighted mean over the 40. Error reduction is `(e₀ − e₁) / e₀`: of the baseline's
//! errors, the share that is gone.

use serde::Serialize;

use crate::input::{MetricError, mean, same_length, within};

/// Attributes of `CelebA`.
pub const ATTRIBUTES: usize = 40;

/// The accuracies of `N` attributes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeReport {
    /// Number of pictures.
    pub n: usize,
    /// Accuracy of each attribute, 0..=1, in the order of the input.
    pub accuracies: Vec<f64>,
    /// Their mean.
    pub mean: f64,
}

impl AttributeReport {
    /// Measures `predicted` against `truth`, a row of `N` attributes for each picture.
    ///
    /// # Errors
    /// [`MetricError::Lengths`]; [`MetricError::TooFew`] without pictures or attributes.
    pub fn new<const N: usize>(
        predicted: &[[bool; N]],
        truth: &[[bool; N]],
    ) -> Result<Self, MetricError> {
        let figure = "attribute accuracy";
        same_length(figure, predicted.len(), truth.len())?;
        let right = |at: usize| {
            let pairs = predicted.iter().zip(truth);
            mean(pairs.map(|(p, t)| f64::from(u8::from(p[at] == t[at]))))
        };
        let too_few = |what| MetricError::TooFew { figure, what, found: 0, least: 1 };
        let accuracies: Option<Vec<f64>> = (0..N).map(right).collect();
        let accuracies = accuracies.ok_or(too_few("pictures"))?;
        let mean = mean(accuracies.iter().copied()).ok_or(too_few("attributes"))?;
        Ok(Self { n: truth.len(), accuracies, mean })
    }
}

/// The share of a baseline's errors that is gone, from two accuracies 0..=1: 1 for a perfect
/// system, below 0 for a worse one. `None` where the baseline makes no error.
///
/// # Errors
/// [`MetricError::OutOfRange`] for what is no share (percent, for instance),
/// [`MetricError::NotFinite`].
pub fn error_reduction(baseline: f32, system: f32) -> Result<Option<f64>, MetricError> {
    within("error reduction", [baseline, system], 0.0..=1.0)?;
    let [before, after] = [baseline, system].map(|accuracy| 1.0 - f64::from(accuracy));
    Ok((before > 0.0).then(|| (before - after) / before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_weighs_the_same() {
        let truth = [[true, true], [true, false], [false, false], [false, true]];
        let predicted = [[true, true], [true, true], [false, true], [false, true]];
        let report = AttributeReport::new(&predicted, &truth).unwrap();
        assert_eq!((report.n, report.mean), (4, 0.75));
        assert_eq!(report.accuracies, [1.0, 0.5]);
    }

    #[test]
    fn from_87_30_to_91_23_percent_is_30_9_percent_less_error() {
        let saved = error_reduction(0.8730, 0.9123).unwrap().unwrap();
        assert!((saved - 0.309).abs() < 5e-4, "{saved}");
        assert_eq!(error_reduction(0.5, 0.25), Ok(Some(-0.5)));
    }

    #[test]
    fn a_perfect_baseline_leaves_nothing_to_save() {
        assert_eq!(error_reduction(1.0, 0.9), Ok(None));
    }

    #[test]
    fn percent_and_nan_are_refused() {
        assert!(matches!(
            error_reduction(87.3, 91.2),
            Err(MetricError::OutOfRange { index: 0, .. })
        ));
        assert!(matches!(error_reduction(0.5, f32::NAN), Err(MetricError::NotFinite { .. })));
    }

    #[test]
    fn no_pictures_and_unequal_numbers_are_refused() {
        assert!(matches!(
            AttributeReport::new::<ATTRIBUTES>(&[], &[]),
            Err(MetricError::TooFew { what: "pictures", .. })
        ));
        assert!(matches!(
            AttributeReport::new(&[[true]], &[]),
            Err(MetricError::Lengths { left: 1, right: 0, .. })
        ));
    }
}
