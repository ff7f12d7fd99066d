//! A configuration as a list of fields: each has a name, a meaning, what its change needs, and a
//! value behind it.
//!
//! This list is written once, in [`crate::section`]. Reading a file, printing one, the commented
//! example and the comparison of two configurations all walk it, so no field can be read and not
//! printed, or printed and not explained. `serde` alone would stop at the first fault of a file.

use serde::Serialize;

use crate::value::Value;

/// What must happen for a changed field to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing: it is taken while the device runs.
    Live,
    /// One part must be opened anew.
    Part(Part),
    /// The process must start anew.
    Process,
}

/// A part that can be opened anew while the rest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The source of frames.
    Camera,
    /// The panel and its screens.
    Display,
    /// The sinks.
    Events,
    /// Lamps and buttons.
    Pins,
    /// The networks.
    Models,
    /// The audit log.
    Audit,
}

/// A table of the file.
pub(crate) struct Section<'a> {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of a table.
pub(crate) struct Field<'a> {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) effect: Effect,
    pub(crate) value: Box<dyn Value + 'a>,
}

/// A field taken while the device runs; see [`Field::needs`] for others.
pub(crate) fn field<'a>(
    name: &'static str,
    about: &'static str,
    value: impl Value + 'a,
) -> Field<'a> {
    Field { name, about, effect: Effect::Live, value: Box::new(value) }
}

impl Field<'_> {
    /// The same field with another effect.
    pub(crate) fn needs(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}
