//! What every figure asks of its input: lengths that agree and numbers that are numbers.
//!
//! A NaN compares false with everything, so that a network gone wrong would look merely weak; an
//! infinity swallows all other samples of a mean. Both are refused.

use std::ops::RangeInclusive;

use thiserror::Error;

/// Why a figure cannot be computed from what it was given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MetricError {
    /// Two lists that pair up sample by sample do not.
    #[error("{figure}: {left} values beside {right}; give one of each for every sample")]
    Lengths {
        /// The figure asked for.
        figure: &'static str,
        /// Length of the first list.
        left: usize,
        /// Length of the second.
        right: usize,
    },
    /// A value is NaN or infinite.
    #[error("{figure}: value {index} is {value}; a network that gives no number has no figure")]
    NotFinite {
        /// The figure asked for.
        figure: &'static str,
        /// Where, from 0.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A value lies outside its range.
    #[error("{figure}: value {index} is {value}; it must lie in {low} to {high}")]
    OutOfRange {
        /// The figure asked for.
        figure: &'static str,
        /// Where, from 0.
        index: usize,
        /// The value.
        value: f32,
        /// Least allowed.
        low: f32,
        /// Most allowed.
        high: f32,
    },
    /// There are too few samples, folds, bins or subjects.
    #[error("{figure}: {found} {what}; it needs at least {least}")]
    TooFew {
        /// The figure asked for.
        figure: &'static str,
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// More samples are right than there are.
    #[error("{figure}: {part} right of {whole}; a part cannot exceed its whole")]
    Share {
        /// The figure asked for.
        figure: &'static str,
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
    /// A class index is not one of the classes.
    #[error("{figure}: class {class} of sample {index}; there are {classes}, counted from 0")]
    Class {
        /// The figure asked for.
        figure: &'static str,
        /// Where, from 0.
        index: usize,
        /// The class.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// What an error is divided by has no length.
    #[error("{figure}: {what} of the true points is 0; leave this face out or mend its annotation")]
    NoScale {
        /// The figure asked for.
        figure: &'static str,
        /// The normaliser.
        what: &'static str,
    },
}

/// Refuses two lists of different length.
pub(crate) fn same_length(
    figure: &'static str,
    left: usize,
    right: usize,
) -> Result<(), MetricError> {
    if left == right { Ok(()) } else { Err(MetricError::Lengths { figure, left, right }) }
}

/// Refuses NaN and infinities.
pub(crate) fn finite(figure: &'static str, values: &[f32]) -> Result<(), MetricError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(MetricError::NotFinite { figure, index, value: values[index] }),
        None => Ok(()),
    }
}

/// Refuses NaN and whatever lies outside `range`.
pub(crate) fn within(
    figure: &'static str,
    values: impl IntoIterator<Item = f32>,
    range: RangeInclusive<f32>,
) -> Result<(), MetricError> {
    let (low, high) = (*range.start(), *range.end());
    match values.into_iter().enumerate().find(|(_, value)| !range.contains(value)) {
        Some((index, value)) if value.is_finite() => {
            Err(MetricError::OutOfRange { figure, index, value, low, high })
        }
        Some((index, value)) => Err(MetricError::NotFinite { figure, index, value }),
        None => Ok(()),
    }
}

/// Two lists of finite values that pair up.
pub(crate) fn pairs(figure: &'static str, a: &[f32], b: &[f32]) -> Result<(), MetricError> {
    same_length(figure, a.len(), b.len())?;
    finite(figure, a)?;
    finite(figure, b)
}

/// The mean, `None` of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) =
        values.into_iter().fold((0.0, 0u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Whether all values are the same, exactly: their variance is 0 whatever rounding says.
#[expect(clippy::float_cmp, reason = "sameness is what is asked")]
pub(crate) fn constant(values: &[f32]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_number_is_named_by_its_place() {
        let error = finite("MAE", &[1.0, f32::NAN]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "MAE: value 1 is NaN; a network that gives no number has no figure"
        );
        assert!(finite("MAE", &[f32::INFINITY]).is_err());
        assert_eq!(finite("MAE", &[0.0, -1.0]), Ok(()));
    }

    #[test]
    fn nan_is_not_within_any_range() {
        assert!(matches!(
            within("ECE", [0.5, f32::NAN], 0.0..=1.0),
            Err(MetricError::NotFinite { index: 1, .. })
        ));
        assert_eq!(
            within("ECE", [1.5], 0.0..=1.0).unwrap_err().to_string(),
            "ECE: value 0 is 1.5; it must lie in 0 to 1"
        );
    }

    #[test]
    fn lists_that_do_not_pair_up_are_refused() {
        let error = pairs("PCC", &[1.0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(error.to_string(), "PCC: 1 values beside 2; give one of each for every sample");
    }

    #[test]
    fn equal_values_are_constant_though_their_mean_may_be_off() {
        assert!(constant(&[0.1; 3]) && constant(&[]));
        assert!(!constant(&[0.1, 0.1, 0.2]));
        assert_eq!((mean([1.0, 2.0]), mean([])), (Some(1.5), None));
    }
}
