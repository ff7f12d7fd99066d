//! The numbers of the policy, their units and the ranges they must lie in.

use std::{ops::RangeInclusive, time::Duration};

/// Every number that decides what is said about a face.
///
/// Lengths are in frame pixels, angles in degrees, shares and probabilities in 0..=1. An owner
/// may set each of them; [`Policy::check`] tells whether they make sense.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Time constant of the smoothing, at most 10 s; zero smooths nothing.
    pub smoothing: Duration,
    /// Smoothed probability from which an expression is reported.
    pub enter: f32,
    /// Smoothed probability under which it is no longer reported; not above `enter`.
    pub leave: f32,
    /// By how much another expression must exceed a reported one to replace it.
    pub lead: f32,
    /// How long a reported expression stands against a stronger one, at most 10 s.
    pub hold: Duration,
    /// How long a face may be out of sight and keep its id, and how long it may go unread and
    /// keep its expression, at most 60 s.
    pub forget: Duration,
    /// Least overlap (`IoU`) with where a face is expected to be the same face.
    pub min_overlap: f32,
    /// Farthest from where it was lost that a face of about its size is taken for the same one
    /// coming back, in widths of its box, 0..=10.
    pub reentry: f32,
    /// Least width and height of a face that is read, in frame pixels, 8..=2000.
    pub min_side: f32,
    /// Least detector score of a face that is read.
    pub min_score: f32,
    /// Least mean luma of a face that is read, of white's.
    pub min_brightness: f32,
    /// Least spread of luma of a face that is read (see `Quality`).
    pub min_contrast: f32,
    /// Least sharpness of a face that is read (see `Quality`).
    pub min_sharpness: f32,
    /// Farthest turn to either side of a face that is read, 0..=90 degrees.
    pub max_yaw: f32,
    /// Farthest turn up or down of a face that is read, 0..=90 degrees.
    pub max_pitch: f32,
    /// Least share of a face's box inside the frame for it to be read.
    pub min_inside: f32,
    /// How long a calibration watches the faces at rest, at most 10 s.
    pub calibration: Duration,
    /// The most that a calibration takes from an expression, in nats of its odds against
    /// neutral, 0..=6; 0 turns calibration off.
    pub max_offset: f32,
    /// Whose resting face a calibration speaks for.
    pub baseline: Baseline,
}

/// Whose resting face a calibration speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Baseline {
    /// Each face's own; it is forgotten with the face's id.
    #[default]
    EachFace,
    /// That of the device's only user: measured of a face alone in view, it also holds for faces
    /// that come later, as long as they are alone.
    OnePerson,
}

impl Default for Policy {
    /// The limits of sight are those below which the shipped network was found to be wrong more
    /// often, on portraits made worse in known ways (`mien-device`'s example `gates`): they keep
    /// out next to none of the portraits as they are. The times are a compromise on expressions
    /// with known onsets, and `max_offset` one on people calibrated on one picture (example
    /// `decide`).
    fn default() -> Self {
        Self {
            smoothing: Duration::from_millis(150),
            enter: 0.5,
            leave: 0.3,
            lead: 0.15,
            hold: Duration::from_millis(400),
            forget: Duration::from_millis(800),
            min_overlap: 0.25,
            reentry: 1.0,
            min_side: 24.0,
            min_score: 0.5,
            min_brightness: 0.06,
            min_contrast: 0.04,
            min_sharpness: 0.25,
            max_yaw: 40.0,
            max_pitch: 25.0,
            min_inside: 0.7,
            calibration: Duration::from_secs(1),
            max_offset: 1.5,
            baseline: Baseline::EachFace,
        }
    }
}

impl Policy {
    /// Whether every number lies in its range.
    ///
    /// # Errors
    /// [`PolicyError`] names the first field that does not, its value and the range.
    pub fn check(&self) -> Result<(), PolicyError> {
        for (field, value, range) in self.ranges() {
            if !range.contains(&value) {
                return Err(PolicyError { field, value, range });
            }
        }
        Ok(())
    }

    /// Every number with its range; durations in seconds.
    fn ranges(&self) -> [(&'static str, f32, RangeInclusive<f32>); 18] {
        let (share, angle) = (0.0..=1.0, 0.0..=90.0);
        [
            ("smoothing", self.smoothing.as_secs_f32(), 0.0..=10.0),
            ("enter", self.enter, share.clone()),
            // A threshold to leave that lies above the one to enter would flicker.
            ("leave", self.leave, 0.0..=self.enter),
            ("lead", self.lead, share.clone()),
            ("hold", self.hold.as_secs_f32(), 0.0..=10.0),
            ("forget", self.forget.as_secs_f32(), 0.0..=60.0),
            ("min_overlap", self.min_overlap, 0.01..=1.0),
            ("reentry", self.reentry, 0.0..=10.0),
            ("min_side", self.min_side, 8.0..=2000.0),
            ("min_score", self.min_score, share.clone()),
            ("min_brightness", self.min_brightness, share.clone()),
            ("min_contrast", self.min_contrast, share.clone()),
            ("min_sharpness", self.min_sharpness, share.clone()),
            ("max_yaw", self.max_yaw, angle.clone()),
            ("max_pitch", self.max_pitch, angle),
            ("min_inside", self.min_inside, share),
            ("calibration", self.calibration.as_secs_f32(), 0.0..=10.0),
            ("max_offset", self.max_offset, 0.0..=6.0),
        ]
    }
}

/// A number of a policy out of its range; durations are in seconds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{field} is {value}: it must be in {}..={}", range.start(), range.end())]
pub struct PolicyError {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub value: f32,
    /// What it may hold.
    pub range: RangeInclusive<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_valid() {
        assert_eq!(Policy::default().check(), Ok(()));
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_range() {
        let policy = Policy { leave: 0.6, ..Policy::default() };
        let error = policy.check().unwrap_err();
        assert_eq!(error.to_string(), "leave is 0.6: it must be in 0..=0.5");
        let policy = Policy { forget: Duration::from_hours(1), ..Policy::default() };
        assert_eq!(policy.check().unwrap_err().to_string(), "forget is 3600: it must be in 0..=60");
    }

    #[test]
    fn a_value_that_is_no_number_is_refused() {
        let policy = Policy { min_sharpness: f32::NAN, ..Policy::default() };
        assert_eq!(policy.check().unwrap_err().field, "min_sharpness");
    }

    #[test]
    fn every_number_of_a_policy_has_a_range() {
        // `baseline` is no number; a field without a row would be missed here by its name.
        let debug = format!("{:?}", Policy::default());
        let fields = debug.matches(": ").count();
        assert_eq!(fields, Policy::default().ranges().len() + 1, "{debug}");
        assert!(Policy::default().ranges().iter().all(|(field, ..)| debug.contains(field)));
    }
}
