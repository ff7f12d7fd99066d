//! Accuracy over the folds of a cross-validation, both ways.
//!
//! The literature gives the mean of the folds' accuracies; the share of all samples that are right
//! (pooled) is another number as soon as folds differ in size. Neither is left out.

use serde::Serialize;

use crate::{
    input::MetricError,
    interval::{Estimate, wilson},
    spread::Spread,
};

/// One fold's test set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fold {
    /// Samples taken for what they are.
    pub correct: u64,
    /// Samples.
    pub total: u64,
}

/// The folds' figures, all 0..=1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldSummary {
    /// Each fold's accuracy.
    pub accuracies: Vec<f64>,
    /// Their unweighted mean.
    pub mean: f64,
    /// Their standard deviation over `folds − 1`; `None` of one fold.
    pub deviation: Option<f64>,
    /// Right samples of all folds over all samples, with Wilson's interval, which takes samples
    /// for independent: for pictures of few subjects prefer the bootstrap over subjects.
    pub pooled: Estimate,
    /// Samples of all folds.
    pub samples: u64,
}

impl FoldSummary {
    /// Sums folds up.
    ///
    /// # Errors
    /// [`MetricError::TooFew`] without folds or for a fold without samples;
    /// [`MetricError::Share`] where more is right than there is.
    pub fn new(folds: &[Fold]) -> Result<Self, MetricError> {
        let accuracies: Vec<f64> = folds.iter().map(Fold::accuracy).collect::<Result<_, _>>()?;
        let Spread { mean, deviation, .. } = Spread::of(&accuracies).ok_or(too_few("folds"))?;
        let samples = folds.iter().map(|fold| fold.total).sum();
        Ok(Self {
            mean,
            deviation,
            pooled: wilson(folds.iter().map(|fold| fold.correct).sum(), samples),
            samples,
            accuracies,
        })
    }
}

impl Fold {
    fn accuracy(&self) -> Result<f64, MetricError> {
        let Self { correct: part, total: whole } = *self;
        if part > whole {
            return Err(MetricError::Share { figure: FIGURE, part, whole });
        }
        (whole > 0).then(|| part as f64 / whole as f64).ok_or(too_few("samples in a fold"))
    }
}

const FIGURE: &str = "accuracy over folds";

fn too_few(what: &'static str) -> MetricError {
    MetricError::TooFew { figure: FIGURE, what, found: 0, least: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Fold = Fold { correct: 5, total: 10 };
    const ALL: Fold = Fold { correct: 30, total: 30 };

    #[test]
    fn unequal_folds_have_two_accuracies() {
        let summary = FoldSummary::new(&[HALF, ALL]).unwrap();
        assert_eq!((summary.mean, summary.pooled.value), (0.75, 0.875));
        assert_eq!(summary.samples, 40);
        assert!((summary.deviation.unwrap() - 0.125_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn equal_folds_have_one() {
        let summary = FoldSummary::new(&[HALF, Fold { correct: 7, total: 10 }]).unwrap();
        assert!((summary.mean - summary.pooled.value).abs() < 1e-12);
    }

    #[test]
    fn one_fold_has_no_deviation() {
        assert_eq!(FoldSummary::new(&[ALL]).unwrap().deviation, None);
    }

    #[test]
    fn folds_that_cannot_be_are_refused() {
        assert!(matches!(FoldSummary::new(&[]), Err(MetricError::TooFew { what: "folds", .. })));
        let empty = FoldSummary::new(&[ALL, Fold { correct: 0, total: 0 }]);
        assert!(matches!(empty, Err(MetricError::TooFew { what: "samples in a fold", .. })));
        assert_eq!(
            FoldSummary::new(&[Fold { correct: 3, total: 2 }]).unwrap_err().to_string(),
            "accuracy over folds: 3 right of 2; a part cannot exceed its whole"
        );
    }
}
