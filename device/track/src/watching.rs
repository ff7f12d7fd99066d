//! How often the networks look at a stream of frames.
//!
//! ```text
//! frame      0    1    2    3    4    5    6    7 …     detect_every = 5
//! detector   ■    ·    ·    ·    ·    ■    ·    ■       7: a face was lost, so at once
//! follow     ·    ■    ■    ■    ■    ■    ■    ■
//! ```

use std::ops::RangeInclusive;

/// Frames between two detections that can be set.
const DETECT_EVERY: RangeInclusive<u32> = 1..=60;

/// Faces read in a frame that can be set.
const READ_AT_MOST: RangeInclusive<u32> = 1..=8;

/// How often the networks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watching {
    /// The detector runs in every so many frames, 1..=60, and in any frame in which a face is
    /// lost; 1 looks at every frame by itself and follows nothing.
    pub detect_every: u32,
    /// Most faces whose expression is read in one frame, 1..=8; where there are more, they take
    /// turns.
    pub read_at_most: u32,
}

impl Watching {
    /// Every frame by itself, every face in it: for pictures that do not follow one another.
    pub const STILLS: Self = Self { detect_every: 1, read_at_most: 8 };

    /// Whether every number lies in its range.
    ///
    /// # Errors
    /// [`WatchingError`] names the first that does not.
    pub fn check(&self) -> Result<(), WatchingError> {
        let rows = [
            ("detect_every", self.detect_every, DETECT_EVERY),
            ("read_at_most", self.read_at_most, READ_AT_MOST),
        ];
        match rows.into_iter().find(|(_, value, range)| !range.contains(value)) {
            None => Ok(()),
            Some((field, value, range)) => Err(WatchingError { field, value, range }),
        }
    }
}

impl Default for Watching {
    /// For video of about 30 frames a second.
    fn default() -> Self {
        Self { detect_every: 5, read_at_most: 8 }
    }
}

/// A number out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}: it must be in {}..={}", range.start(), range.end())]
pub struct WatchingError {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub value: u32,
    /// What it may hold.
    pub range: RangeInclusive<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_that_come_with_the_crate_are_valid() {
        assert_eq!(Watching::default().check(), Ok(()));
        assert_eq!(Watching::STILLS.check(), Ok(()));
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_range() {
        let never = Watching { detect_every: 0, ..Watching::default() };
        let error = never.check().unwrap_err();
        assert_eq!(error.to_string(), "detect_every is 0: it must be in 1..=60");
        let crowd = Watching { read_at_most: 9, ..Watching::default() };
        assert_eq!(crowd.check().unwrap_err().field, "read_at_most");
    }
}
