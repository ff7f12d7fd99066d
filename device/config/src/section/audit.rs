//! `[audit]`: where it is written down what was done with the device.

use std::path::PathBuf;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Count, OnePath},
};

/// Where it is written down what was done with the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The log's file; `None` is `audit.jsonl` in the service's state folder, where it has one.
    pub path: Option<PathBuf>,
    /// Most kibibytes of one file of the log.
    pub file_kib: u32,
    /// How many full files are kept beside the one that is written.
    pub keep: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self { path: None, file_kib: 256, keep: 4 }
    }
}

impl Audit {
    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        let fields = vec![
            field(
                "path",
                "The audit log; without this it is audit.jsonl in the service's state folder.",
                OnePath(&mut self.path),
            ),
            field(
                "file_kib",
                "Most kibibytes of one file of it.",
                Count(&mut self.file_kib, 16..=65_536),
            ),
            field(
                "keep",
                "How many full files are kept beside the one that is written.",
                Count(&mut self.keep, 1..=100),
            ),
        ];
        fields.into_iter().map(|field| field.needs(Effect::Part(Part::Audit))).collect()
    }
}
