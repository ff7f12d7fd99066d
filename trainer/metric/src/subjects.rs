//! A classifier's figures with intervals over the people of a test set.
//!
//! Pictures of one person resemble each other, so that intervals over pictures are too narrow for
//! sets of few subjects (CK+: 118). Here whole subjects are drawn: the intervals are for other
//! people under the same protocol.

use serde::Serialize;

use crate::{
    classify::Confusion,
    input::{MetricError, same_length},
    interval::{Estimate, cluster_bootstrap},
};

/// The figures, 0..=1, with 95 % bootstrap intervals over subjects.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubjectReport {
    /// Number of samples.
    pub samples: usize,
    /// Number of people.
    pub subjects: usize,
    /// Share taken for what they are.
    pub accuracy: Estimate,
    /// Mean recall over the classes with samples.
    pub balanced_accuracy: Estimate,
    /// Mean F1 over the classes with samples.
    pub macro_f1: Estimate,
}

impl SubjectReport {
    /// Measures (truth, predicted) pairs of classes below `classes`; `subjects[i]` is the person
    /// of `judged[i]`, `seed` the bootstrap's.
    ///
    /// # Errors
    /// [`MetricError::Lengths`]; [`MetricError::Class`] for a class that is none;
    /// [`MetricError::TooFew`] for fewer than two people.
    pub fn new<K: Ord + Clone>(
        classes: usize,
        judged: &[(usize, usize)],
        subjects: &[K],
        seed: u64,
    ) -> Result<Self, MetricError> {
        let figure = "figures over subjects";
        same_length(figure, judged.len(), subjects.len())?;
        for (index, &(truth, predicted)) in judged.iter().enumerate() {
            let class = truth.max(predicted);
            if class >= classes {
                return Err(MetricError::Class { figure, index, class, classes });
            }
        }
        let units: Vec<(K, (usize, usize))> =
            subjects.iter().cloned().zip(judged.iter().copied()).collect();
        let estimates = cluster_bootstrap(
            &units,
            |unit| unit.0.clone(),
            seed,
            |drawn| {
                let confusion = tally(classes, drawn);
                [confusion.accuracy(), confusion.balanced_accuracy(), confusion.macro_f1()]
                    .map(Some)
            },
        )?;
        // A confusion has all three figures, whatever it counts.
        let [accuracy, balanced_accuracy, macro_f1] = estimates.map(Option::unwrap_or_default);
        Ok(Self {
            samples: judged.len(),
            subjects: distinct(subjects),
            accuracy,
            balanced_accuracy,
            macro_f1,
        })
    }
}

fn tally<K>(classes: usize, units: &[(K, (usize, usize))]) -> Confusion {
    let mut confusion = Confusion::new(classes);
    for (_, (truth, predicted)) in units {
        confusion.add(*truth, *predicted);
    }
    confusion
}

fn distinct<K: Ord>(subjects: &[K]) -> usize {
    let mut subjects: Vec<&K> = subjects.iter().collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::wilson;

    /// Ten people with ten pictures each; every other one is always misread.
    fn judged() -> (Vec<(usize, usize)>, Vec<usize>) {
        (0..100).map(|i| ((i % 2, (i + i / 10) % 2), i / 10)).unzip()
    }

    #[test]
    fn people_are_drawn_not_pictures() {
        let (judged, subjects) = judged();
        let report = SubjectReport::new(2, &judged, &subjects, 1).unwrap();
        assert_eq!((report.samples, report.subjects, report.accuracy.value), (100, 10, 0.5));
        let over_pictures = wilson(50, 100);
        let width = |estimate: Estimate| estimate.high - estimate.low;
        assert!(width(report.accuracy) > 2.5 * width(over_pictures), "{report:?}");
        assert_eq!((report.balanced_accuracy.value, report.macro_f1.value), (0.5, 0.5));
    }

    #[test]
    fn the_same_seed_gives_the_same_intervals() {
        let judged: Vec<(usize, usize)> = (0..97).map(|i| (i % 2, i * i % 5 % 2)).collect();
        let subjects: Vec<usize> = (0..97).map(|i| i * i % 13).collect();
        let of = |seed| SubjectReport::new(2, &judged, &subjects, seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let of = |judged: &[_], subjects: &[&str]| SubjectReport::new(2, judged, subjects, 1);
        assert!(matches!(of(&[(0, 0)], &[]), Err(MetricError::Lengths { .. })));
        assert!(matches!(of(&[(0, 2)], &["a"]), Err(MetricError::Class { class: 2, .. })));
        assert!(matches!(of(&[(0, 1); 9], &["a"; 9]), Err(MetricError::TooFew { .. })));
        assert!(matches!(of(&[], &[]), Err(MetricError::TooFew { found: 0, .. })));
    }
}
