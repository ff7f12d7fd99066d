//! Sequences of numbered frames, and which of them the protocols take.
//!
//! Sets that end at the apex give their last three frames, and at most all but the first: that one
//! is neutral. Sets that go back to neutral give the three in the middle.

use std::path::{Path, PathBuf};

use crate::{
    DataError,
    files::{self, Child},
};

/// Frames that a protocol takes of a sequence.
const TAKEN: usize = 3;

/// A frame of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    /// The number at the end of its name.
    pub(crate) number: u64,
    /// Its name without the ending.
    pub(crate) stem: String,
    pub(crate) path: PathBuf,
}

/// The frames in a folder, by number, of which none is missing.
///
/// # Errors
/// When the folder cannot be read, a name has no number, or a number is missing or there twice.
pub(crate) fn frames(folder: &Path) -> Result<Vec<Frame>, DataError> {
    let pictures = files::pictures(folder)?;
    let mut frames = pictures.into_iter().map(Frame::new).collect::<Result<Vec<_>, _>>()?;
    frames.sort_by_key(|frame| frame.number);
    for pair in frames.windows(2) {
        let [a, b] = pair else { continue };
        if a.number == b.number {
            return Err(fault(&b.path, format!("a second frame {}", b.number), KEEP_ONE));
        }
        if a.number + 1 != b.number {
            return Err(fault(folder, format!("frame {} is missing", a.number + 1), FETCH));
        }
    }
    Ok(frames)
}

const KEEP_ONE: &str = "keep one picture for each number";
const FETCH: &str = "fetch the sequence again";

impl Frame {
    fn new(child: Child) -> Result<Self, DataError> {
        let stem = child.stem();
        let digits = stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        // Of u64::MAX there is no next one.
        let number = stem[digits..].parse().ok().filter(|number| *number < u64::MAX);
        let number = number.ok_or_else(|| {
            fault(&child.path, "no frame number at the end of its name".to_owned(), FETCH)
        })?;
        Ok(Self { number, stem: stem.to_owned(), path: child.path })
    }
}

/// The last frames, without the first.
///
/// # Errors
/// When there are fewer than two, naming `folder`.
pub(crate) fn apex<'a>(folder: &Path, frames: &'a [Frame]) -> Result<&'a [Frame], DataError> {
    match frames {
        [_, later @ ..] if !later.is_empty() => Ok(&later[later.len().saturating_sub(TAKEN)..]),
        _ => Err(fault(
            folder,
            format!("{} frames where a neutral one and an apex are needed", frames.len()),
            FETCH,
        )),
    }
}

/// The frames in the middle.
pub(crate) fn middle(frames: &[Frame]) -> &[Frame] {
    let first = frames.len().saturating_sub(TAKEN) / 2;
    &frames[first..frames.len().min(first + TAKEN)]
}

fn fault(path: &Path, what: String, fix: &'static str) -> DataError {
    DataError::Unusable { path: path.to_owned(), what, fix }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn numbers(frames: &[Frame]) -> Vec<u64> {
        frames.iter().map(|frame| frame.number).collect()
    }

    /// A sequence with frames of these numbers; the pictures' contents are never read.
    fn sequence(numbers: impl IntoIterator<Item = u64>) -> Fixture {
        let set = Fixture::new();
        for number in numbers {
            set.text(&format!("{number}.png"), "");
        }
        set
    }

    #[test]
    fn frames_are_in_the_order_of_their_numbers() {
        let set = sequence(8..12);
        assert_eq!(numbers(&frames(set.root()).unwrap()), [8, 9, 10, 11]);
    }

    #[test]
    fn the_apex_is_the_last_three_and_never_the_first() {
        let taken = |count| {
            let set = sequence(1..=count);
            apex(set.root(), &frames(set.root()).unwrap()).map(numbers)
        };
        assert_eq!(taken(9).unwrap(), [7, 8, 9]);
        assert_eq!(taken(4).unwrap(), [2, 3, 4]);
        assert_eq!(taken(3).unwrap(), [2, 3]);
        assert_eq!(taken(2).unwrap(), [2]);
        assert!(taken(1).unwrap_err().to_string().contains("1 frames where"));
        assert!(taken(0).unwrap_err().to_string().contains("0 frames where"));
    }

    #[test]
    fn the_middle_is_three_central_frames_or_all() {
        let taken = |count| {
            let set = sequence(1..=count);
            numbers(middle(&frames(set.root()).unwrap()))
        };
        assert_eq!(taken(9), [4, 5, 6]);
        assert_eq!(taken(8), [3, 4, 5]);
        assert_eq!(taken(2), [1, 2]);
        assert_eq!(taken(0), [0; 0]);
    }

    #[test]
    fn a_gap_a_double_and_a_name_without_a_number_are_named() {
        let set = sequence([1, 2, 4]);
        let said = || frames(set.root()).unwrap_err().to_string();
        assert!(said().ends_with("frame 3 is missing: fetch the sequence again"), "{}", said());
        set.text("04.jpg", "");
        set.text("3.png", "");
        assert!(said().contains("a second frame 4: keep one"), "{}", said());
        set.text("cover.png", "");
        assert!(said().contains("cover.png: no frame number"), "{}", said());
        set.rename("cover.png", "18446744073709551615.png");
        assert!(said().contains("no frame number"), "{}", said());
    }
}
