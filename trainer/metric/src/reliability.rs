//! The reliability diagram: accuracy against confidence, bin by bin, and the error it sums to.
//!
//! Guo et al. 2017, arXiv 1706.04599: `bins` bins of equal width, bin `i` holding the samples
//! with `i / bins < confidence <= (i + 1) / bins`;
//! `ECE = Σ_bins n_bin / n · |accuracy − confidence|`.

use serde::Serialize;

use crate::{
    calibration::bin,
    input::{MetricError, within},
};

/// Accuracy against confidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// Every bin, from least confident to most, also empty ones.
    pub bins: Vec<ReliabilityBin>,
    /// Expected calibration error, 0..=1; 0 without samples.
    pub expected_error: f64,
    /// Largest gap of a bin that has samples, 0..=1.
    pub maximum_error: f64,
}

/// One bar of the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Confidences above this, 0..1 (the first bin also holds 0).
    pub low: f64,
    /// Confidences up to and with this.
    pub high: f64,
    /// Samples.
    pub n: u64,
    /// Mean confidence; `None` without samples.
    pub confidence: Option<f64>,
    /// Share that is right; `None` without samples.
    pub accuracy: Option<f64>,
}

impl ReliabilityBin {
    /// Accuracy less confidence: below 0 is overconfident. `None` without samples.
    pub fn gap(&self) -> Option<f64> {
        Some(self.accuracy? - self.confidence?)
    }
}

/// Most bins: more would hold one value of f32 each at best.
pub const MOST_BINS: usize = 1 << 16;

/// Bins judgements, each a confidence 0..=1 and whether it was right.
///
/// # Errors
/// [`MetricError::TooFew`] for no bins, [`MetricError::OutOfRange`] for a confidence outside 0..=1,
/// [`MetricError::NotFinite`]. More than [`MOST_BINS`] are cut to that.
pub fn reliability(judgements: &[(f32, bool)], bins: usize) -> Result<Reliability, MetricError> {
    if bins == 0 {
        return Err(MetricError::TooFew { figure: "ECE", what: "bins", found: 0, least: 1 });
    }
    within("ECE", judgements.iter().map(|judgement| judgement.0), 0.0..=1.0)?;
    let mut sums = vec![Sums::default(); bins.min(MOST_BINS)];
    for &(confidence, right) in judgements {
        sums[bin(confidence, bins.min(MOST_BINS))].add(confidence, right);
    }
    let edge = |i: usize| i as f64 / sums.len() as f64;
    let bins: Vec<ReliabilityBin> =
        sums.iter().enumerate().map(|(i, sum)| sum.bin(edge(i), edge(i + 1))).collect();
    let gaps = || bins.iter().filter_map(|bin| Some((bin.n as f64, bin.gap()?.abs())));
    Ok(Reliability {
        expected_error: gaps().map(|(n, gap)| n * gap).sum::<f64>()
            / judgements.len().max(1) as f64,
        maximum_error: gaps().map(|(_, gap)| gap).fold(0.0, f64::max),
        bins,
    })
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: u64,
    right: u64,
    confidence: f64,
}

impl Sums {
    fn add(&mut self, confidence: f32, right: bool) {
        self.n += 1;
        self.right += u64::from(right);
        self.confidence += f64::from(confidence);
    }

    fn bin(&self, low: f64, high: f64) -> ReliabilityBin {
        let share = |part: f64| (self.n > 0).then(|| part / self.n as f64);
        ReliabilityBin {
            low,
            high,
            n: self.n,
            confidence: share(self.confidence),
            accuracy: share(self.right as f64),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;
    use crate::calibration::{BINS, expected_error};

    #[test]
    fn each_bin_has_its_confidence_accuracy_and_number() {
        let diagram = reliability(&[(0.25, true), (0.5, false), (1.0, true)], 2).unwrap();
        assert_eq!(
            diagram.bins,
            [
                ReliabilityBin {
                    low: 0.0,
                    high: 0.5,
                    n: 2,
                    confidence: Some(0.375),
                    accuracy: Some(0.5)
                },
                ReliabilityBin {
                    low: 0.5,
                    high: 1.0,
                    n: 1,
                    confidence: Some(1.0),
                    accuracy: Some(1.0)
                },
            ]
        );
        assert_eq!(diagram.expected_error, 0.25 / 3.0);
        assert_eq!(diagram.maximum_error, 0.125);
    }

    #[test]
    fn fifteen_bins_give_the_expected_calibration_error() {
        let judgements: Vec<(f32, bool)> =
            (0..200u8).map(|i| (f32::from(i) / 199.0, i % 3 != 0)).collect();
        let diagram = reliability(&judgements, BINS).unwrap();
        assert!((diagram.expected_error - expected_error(&judgements)).abs() < 1e-12);
        assert_eq!(diagram.bins.iter().map(|bin| bin.n).sum::<u64>(), 200);
    }

    #[test]
    fn more_bins_see_what_one_bin_averages_away() {
        let judgements = [(0.6, true), (0.4, false)];
        assert!(reliability(&judgements, 1).unwrap().expected_error < 1e-6);
        assert!((reliability(&judgements, 2).unwrap().expected_error - 0.4).abs() < 1e-6);
    }

    #[test]
    fn an_empty_bin_has_no_accuracy_and_no_say() {
        let diagram = reliability(&[(0.9, true)], 3).unwrap();
        assert_eq!(
            (diagram.bins[0].n, diagram.bins[0].accuracy, diagram.bins[0].gap()),
            (0, None, None)
        );
        assert_eq!(reliability(&[], 3).unwrap().expected_error, 0.0);
    }

    #[test]
    fn no_bins_and_no_confidences_are_refused() {
        assert!(matches!(reliability(&[], 0), Err(MetricError::TooFew { .. })));
        assert!(matches!(reliability(&[(f32::NAN, true)], 3), Err(MetricError::NotFinite { .. })));
        assert!(matches!(
            reliability(&[(0.5, true), (1.01, true)], 3),
            Err(MetricError::OutOfRange { index: 1, .. })
        ));
        assert_eq!(reliability(&[], usize::MAX).unwrap().bins.len(), MOST_BINS);
    }
}
