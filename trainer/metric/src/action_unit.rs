//! How well action units are found: F1-frame for each unit over all test frames, and their mean.
//!
//! Frames of all folds and subjects are pooled before F1 is taken, as the literature does. Frames
//! a coder left open (BP4D's 9) are `None` and count nowhere. A unit that is never present and
//! never taken for present has no F1; it enters the mean as 0 and is named, so that the mean stays
//! one over the units asked for. Intensities (0 to 5) become presence at [`PRESENT`].

use mien_shared::au::ActionUnit;
use serde::Serialize;

use crate::{
    auc::auc,
    binary::{BestF1, BinaryCounts, best_f1},
    input::{MetricError, mean, within},
};

/// Threshold on a probability.
pub const THRESHOLD: f32 = 0.5;

/// Least intensity (FACS A to E as 1 to 5) that counts as present in DISFA's protocol.
pub const PRESENT: u8 = 2;

/// One unit over the frames of a test set, in any order.
#[derive(Debug, Clone, Copy)]
pub struct UnitFrames<'a> {
    /// The unit.
    pub unit: ActionUnit,
    /// What the network says, 0..=1, a frame each.
    pub probabilities: &'a [f32],
    /// Whether the unit is present, `None` where unknown.
    pub truth: &'a [Option<bool>],
}

/// The figures of one unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitRow {
    /// The unit.
    pub unit: ActionUnit,
    /// Frames whose truth is known.
    pub frames: u64,
    /// Those where it is present.
    pub present: u64,
    /// F1 at [`THRESHOLD`].
    pub f1: Option<f64>,
    /// F1 at the threshold best for it.
    pub best: Option<BestF1>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
}

/// The figures of several units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitReport {
    /// A row for each unit, in the order given.
    pub units: Vec<UnitRow>,
    /// Unweighted mean F1 at [`THRESHOLD`], undefined ones as 0.
    pub mean_f1: f64,
    /// Unweighted mean F1 at each unit's best threshold, undefined ones as 0.
    pub mean_best_f1: f64,
    /// The units without an F1.
    pub undefined: Vec<ActionUnit>,
}

impl UnitReport {
    /// Measures every unit.
    ///
    /// # Errors
    /// [`MetricError::TooFew`] without a unit, else as [`UnitRow::new`].
    pub fn new(units: &[UnitFrames<'_>]) -> Result<Self, MetricError> {
        let rows: Vec<UnitRow> = units.iter().map(UnitRow::new).collect::<Result<_, _>>()?;
        let none = MetricError::TooFew { figure: "F1", what: "action units", found: 0, least: 1 };
        let mean_f1 = mean(rows.iter().map(|row| row.f1.unwrap_or(0.0))).ok_or(none)?;
        let best = rows.iter().map(|row| row.best.map_or(0.0, |best| best.f1));
        Ok(Self {
            mean_f1,
            mean_best_f1: mean(best).unwrap_or(0.0),
            undefined: rows.iter().filter(|row| row.f1.is_none()).map(|row| row.unit).collect(),
            units: rows,
        })
    }
}

impl UnitRow {
    /// Measures one unit.
    ///
    /// # Errors
    /// [`MetricError::Lengths`] when there is not one truth a frame; [`MetricError::NotFinite`] and
    /// [`MetricError::OutOfRange`] for a probability that is none.
    pub fn new(frames: &UnitFrames<'_>) -> Result<Self, MetricError> {
        let (probabilities, truth) = (frames.probabilities, frames.truth);
        within("F1", probabilities.iter().copied(), 0.0..=1.0)?;
        let counts = BinaryCounts::at(probabilities, truth, THRESHOLD)?;
        Ok(Self {
            unit: frames.unit,
            frames: counts.total(),
            present: counts.present(),
            f1: counts.f1(),
            best: best_f1(probabilities, truth)?,
            auc: auc(probabilities, truth)?,
        })
    }
}

/// Presence by an intensity, `None` where the coder gave none.
pub fn presence(intensity: Option<u8>) -> Option<bool> {
    intensity.map(|intensity| intensity >= PRESENT)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn each_unit_has_its_own_row_and_the_mean_is_unweighted() {
        let report = UnitReport::new(&[
            unit(12, &[0.9, 0.8, 0.1], &[YES, NO, NO]),
            unit(4, &[0.9, 0.1, 0.1], &[YES, None, None]),
        ])
        .unwrap();
        assert_eq!(report.units[0].f1, Some(2.0 / 3.0));
        assert_eq!(report.units[0].best.unwrap().f1, 1.0);
        assert_eq!(report.units[0].auc, Some(1.0));
        assert_eq!((report.units[1].frames, report.units[1].present), (1, 1));
        assert!((report.mean_f1 - 5.0 / 6.0).abs() < 1e-12);
        assert_eq!(report.mean_best_f1, 1.0);
    }

    #[test]
    fn a_unit_never_seen_and_never_said_counts_as_zero_and_is_named() {
        let report = UnitReport::new(&[unit(12, &[0.9], &[YES]), unit(9, &[0.1], &[NO])]).unwrap();
        assert_eq!(report.mean_f1, 0.5);
        assert_eq!(report.undefined, [ActionUnit::new(9).unwrap()]);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let refused = UnitReport::new(&[unit(12, &[-3.0], &[YES])]);
        assert!(matches!(refused, Err(MetricError::OutOfRange { .. })));
        assert!(matches!(UnitReport::new(&[]), Err(MetricError::TooFew { .. })));
        let short = UnitReport::new(&[unit(12, &[0.5], &[])]);
        assert!(matches!(short, Err(MetricError::Lengths { .. })));
    }

    #[test]
    fn intensity_two_is_the_least_that_is_present() {
        assert_eq!([Some(1), Some(2), None].map(presence), [NO, YES, None]);
    }

    fn unit<'a>(number: u8, probabilities: &'a [f32], truth: &'a [Option<bool>]) -> UnitFrames<'a> {
        UnitFrames { unit: ActionUnit::new(number).unwrap(), probabilities, truth }
    }
}
