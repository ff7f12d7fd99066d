//! `[events]`: where readings go.

use std::time::Duration;

use mien_board::Board;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Seconds, Specs},
};

/// Where readings go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// The sinks' specifications.
    pub sinks: Vec<String>,
    /// How often the device says how it is, at least.
    pub status_every: Duration,
}

impl Events {
    pub(crate) fn of(board: &Board) -> Self {
        Self { sinks: board.events().to_vec(), status_every: Duration::from_secs(10) }
    }

    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        vec![
            field(
                "sinks",
                "Where readings go; [] is nowhere. Secrets belong into files: password_file=…",
                Specs(&mut self.sinks),
            )
            .needs(Effect::Part(Part::Events)),
            field(
                "status_every_s",
                "How often the device says how it is, at least, in seconds.",
                Seconds(&mut self.status_every, 1.0..=3600.0),
            ),
        ]
    }
}
