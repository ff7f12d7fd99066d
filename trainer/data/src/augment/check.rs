//! Ranges of the settings.

/// A setting and the numbers it may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    field: &'static str,
    value: f32,
    least: f32,
    most: f32,
}

impl Range {
    /// A setting from 0 to `most`.
    pub(super) fn up_to(field: &'static str, value: f32, most: f32) -> Self {
        Self { field, value, least: 0.0, most }
    }

    /// The same setting, with another least value.
    pub(super) fn from(self, least: f32) -> Self {
        Self { least, ..self }
    }

    /// Refuses a value outside; nothing is within a range but numbers.
    pub(super) fn check(self) -> Result<(), AugmentError> {
        let Self { field, value, least, most } = self;
        let fits = (least..=most).contains(&value);
        if fits { Ok(()) } else { Err(AugmentError { field, value, least, most }) }
    }
}

/// An amount out of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("augment.{field} is {value}: use a number from {least} to {most}")]
pub struct AugmentError {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub value: f32,
    /// The least it may hold.
    pub least: f32,
    /// The most it may hold.
    pub most: f32,
}
