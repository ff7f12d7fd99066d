//! What a supply tells, and what it counts.

use std::time::Duration;

use mien_shared::telemetry::{Fault, FaultKind};

use crate::CameraError;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The caller's frame is filled.
    Frame,
    /// The source is back: the caller's frame is filled with the first one.
    Back {
        /// How long there was none.
        after: Duration,
    },
    /// One picture was damaged and passed over.
    Skipped {
        /// What was wrong with it.
        reason: String,
    },
    /// The source is lost, or could not be opened; the next calls try again.
    Lost {
        /// What is wrong, for the owner.
        fault: Fault,
        /// Number of the attempt that comes next, counted from 1 at each loss.
        attempt: u32,
        /// When it comes.
        retry_in: Duration,
    },
    /// The source has ended, and stays so.
    Ended,
    /// The stop flag is set.
    Stopped,
}

impl Event {
    /// Whether the caller's frame is filled.
    pub fn has_frame(&self) -> bool {
        matches!(self, Self::Frame | Self::Back { .. })
    }
}

/// What a supply did since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Good frames.
    pub frames: u64,
    /// Damaged frames, passed over.
    pub damaged: u64,
    /// Times the source was lost, or not there at the start.
    pub losses: u64,
    /// Times it was opened anew.
    pub reopened: u64,
    /// Attempts to open it that failed.
    pub failed: u64,
}

/// What an error means for the owner.
pub(super) fn fault(error: &CameraError) -> Fault {
    let kind = match error {
        CameraError::Stalled { .. } => FaultKind::CameraStalled,
        error if error.is_skippable() => FaultKind::CameraDamaged,
        _ => FaultKind::CameraLost,
    };
    Fault { kind, text: error.to_string() }
}
