//! `[privacy]`: what is not looked at, and what does not leave the device.
//!
//! There is no field for recording: the firmware cannot store pictures of people, so nothing can
//! turn that on.

use crate::{
    field::{Effect, Field, field},
    value::Flag,
};

/// What is not looked at, and what does not leave the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privacy {
    /// Nothing is looked at until someone asks for it.
    pub start_paused: bool,
    /// Sinks may show what the camera sees.
    pub preview: bool,
}

impl Privacy {
    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        vec![
            field(
                "start_paused",
                "Whether nothing is looked at until someone asks for it.",
                Flag(&mut self.start_paused),
            )
            .needs(Effect::Process),
            field(
                "preview",
                "Whether a sink may show what the camera sees; sinks ask for it by preview=1. \
                 Pictures are never stored: there is nothing to turn that on.",
                Flag(&mut self.preview),
            )
            .needs(Effect::Part(crate::field::Part::Events)),
        ]
    }
}
