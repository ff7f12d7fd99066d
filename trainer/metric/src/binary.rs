//! Presence or absence: how well a score above a threshold says "present".
//!
//! A sample counts as taken for present when `score >= threshold`. `F1 = 2 TP / (2 TP + FP + FN)`;
//! it is undefined where nothing is present and nothing was taken for present. Samples whose truth
//! is unknown (`None`) are left out of every count.

use serde::Serialize;

use crate::input::{MetricError, finite, same_length};

/// How often presence was taken for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BinaryCounts {
    /// Present and taken for present.
    pub true_positives: u64,
    /// Absent but taken for present.
    pub false_positives: u64,
    /// Present but taken for absent.
    pub false_negatives: u64,
    /// Absent and taken for absent.
    pub true_negatives: u64,
}

/// The F1 at the threshold that is best for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestF1 {
    /// The threshold: the score of a sample, the highest of equally good ones.
    pub threshold: f32,
    /// F1 there. It saw the truth: a diagnosis, not a result.
    pub f1: f64,
}

impl BinaryCounts {
    /// Counts at a threshold.
    ///
    /// # Errors
    /// [`MetricError::Lengths`] when lists differ in length, [`MetricError::NotFinite`] for a score
    /// that is no number, also where the truth is unknown.
    pub fn at(scores: &[f32], truth: &[Option<bool>], threshold: f32) -> Result<Self, MetricError> {
        check(scores, truth)?;
        let mut counts = Self::default();
        for (score, present) in known(scores, truth) {
            *match (present, score >= threshold) {
                (true, true) => &mut counts.true_positives,
                (false, true) => &mut counts.false_positives,
                (true, false) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            } += 1;
        }
        Ok(counts)
    }

    /// Number of samples.
    pub fn total(&self) -> u64 {
        self.present() + self.false_positives + self.true_negatives
    }

    /// Number of samples that are present.
    pub fn present(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Share of samples taken for what they are; `None` of nothing.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.total())
    }

    /// Share of those taken for present that are; `None` where none was.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of the present ones taken for present; `None` where none is.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.present())
    }

    /// `2 TP / (2 TP + FP + FN)`; `None` where that is 0 / 0.
    pub fn f1(&self) -> Option<f64> {
        let hits = 2 * self.true_positives;
        share(hits, hits + self.false_positives + self.false_negatives)
    }
}

/// The threshold with the highest F1; `None` where no sample is present.
///
/// # Errors
/// As [`BinaryCounts::at`].
pub fn best_f1(scores: &[f32], truth: &[Option<bool>]) -> Result<Option<BestF1>, MetricError> {
    check(scores, truth)?;
    let mut samples: Vec<(f32, bool)> = known(scores, truth).collect();
    samples.sort_by(|a, b| b.0.total_cmp(&a.0));
    let present = samples.iter().filter(|sample| sample.1).count() as u64;
    let mut best: Option<BestF1> = None;
    let (mut taken, mut hits) = (0u64, 0u64);
    for tied in ties(&samples) {
        taken += tied.len() as u64;
        hits += tied.iter().filter(|sample| sample.1).count() as u64;
        // 2 TP + FP + FN = taken + present.
        let f1 = 2.0 * hits as f64 / (taken + present) as f64;
        if best.is_none_or(|best| f1 > best.f1) {
            best = Some(BestF1 { threshold: tied[0].0, f1 });
        }
    }
    Ok(best.filter(|_| present > 0))
}

fn check(scores: &[f32], truth: &[Option<bool>]) -> Result<(), MetricError> {
    same_length("F1", scores.len(), truth.len())?;
    finite("F1", scores)
}

/// The samples whose truth is known.
pub(crate) fn known(scores: &[f32], truth: &[Option<bool>]) -> impl Iterator<Item = (f32, bool)> {
    scores.iter().zip(truth).filter_map(|(&score, &present)| Some((score, present?)))
}

/// Runs of equal scores among sorted samples; 0 and −0 are equal.
#[expect(clippy::float_cmp, reason = "a tie is equality")]
pub(crate) fn ties(sorted: &[(f32, bool)]) -> impl Iterator<Item = &[(f32, bool)]> {
    sorted.chunk_by(|a, b| a.0 == b.0)
}

/// `part / whole`; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn f1_of_eight_hits_two_false_and_four_missed_is_8_in_11() {
        let counts = BinaryCounts {
            true_positives: 8,
            false_positives: 2,
            false_negatives: 4,
            true_negatives: 100,
        };
        assert!((counts.f1().unwrap() - 0.7273).abs() < 5e-5);
        assert_eq!((counts.precision(), counts.recall()), (Some(0.8), Some(8.0 / 12.0)));
        assert_eq!(counts.accuracy(), Some(108.0 / 114.0));
    }

    #[test]
    fn unknown_truth_counts_nowhere() {
        let counts = BinaryCounts::at(&[0.9, 0.9, 0.1], &[YES, None, NO], 0.5).unwrap();
        assert_eq!((counts.total(), counts.present(), counts.f1()), (2, 1, Some(1.0)));
        let masked = BinaryCounts::at(&[0.9], &[None], 0.5).unwrap();
        assert_eq!((masked.f1(), masked.accuracy()), (None, None));
    }

    #[test]
    fn a_score_at_the_threshold_is_present() {
        assert_eq!(BinaryCounts::at(&[0.5], &[YES], 0.5).unwrap().true_positives, 1);
    }

    #[test]
    fn the_best_threshold_is_where_f1_peaks() {
        // Taking 1, 2, 3, 4 of them gives F1 2/3, 1/2, 4/5, 2/3.
        let best = best_f1(&[0.4, 0.3, 0.2, 0.1], &[YES, NO, YES, NO]).unwrap().unwrap();
        assert_eq!(best, BestF1 { threshold: 0.2, f1: 0.8 });
    }

    #[test]
    fn tied_scores_are_taken_together() {
        let best = best_f1(&[0.3, 0.3, 0.1], &[YES, NO, NO]).unwrap().unwrap();
        assert_eq!(best, BestF1 { threshold: 0.3, f1: 2.0 / 3.0 });
    }

    #[test]
    fn no_threshold_beats_the_best() {
        let scores: Vec<f32> = (0..60u16).map(|i| f32::from(i * 7 % 11)).collect();
        let truth: Vec<Option<bool>> = (0..60).map(|i| Some(i * 5 % 7 < 3)).collect();
        let best = best_f1(&scores, &truth).unwrap().unwrap();
        let at = |threshold| BinaryCounts::at(&scores, &truth, threshold).unwrap().f1().unwrap();
        assert!((at(best.threshold) - best.f1).abs() < 1e-12);
        assert!(scores.iter().all(|&score| at(score) <= best.f1 + 1e-12));
    }

    #[test]
    fn nothing_present_has_no_best_threshold() {
        assert_eq!(best_f1(&[0.3, 0.1], &[NO, None]), Ok(None));
        assert_eq!(best_f1(&[], &[]), Ok(None));
    }

    #[test]
    fn nan_is_refused_even_where_the_truth_is_unknown() {
        let refused = BinaryCounts::at(&[f32::NAN], &[None], 0.5);
        assert!(matches!(refused, Err(MetricError::NotFinite { index: 0, .. })));
        assert!(matches!(best_f1(&[0.1], &[]), Err(MetricError::Lengths { .. })));
    }
}
