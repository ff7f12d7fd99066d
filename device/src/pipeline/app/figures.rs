//! What an app counted and timed.

use std::time::Duration;

use mien_shared::{frame::Timestamp, telemetry::State};

use super::App;
use crate::stage::{Percentiles, Samples, Tally};

/// What was counted and timed.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) frames: u64,
    pub(super) dropped: u64,
    pub(super) latency: Samples,
    pub(super) interval: Samples,
    pub(super) tally: Tally,
    pub(super) heard_at: Option<Timestamp>,
}

impl Figures {
    /// Takes in one reading, told at `now`.
    pub(super) fn take(&mut self, latency: Duration, now: Timestamp) {
        self.frames += 1;
        self.latency.add(latency);
        if let Some(before) = self.heard_at.replace(now) {
            self.interval.add(now.0.saturating_sub(before.0));
        }
    }
}

impl App {
    /// Frames taken so far.
    pub fn frames(&self) -> u64 {
        self.figures.frames
    }

    /// Frames that gave way to newer ones.
    pub fn dropped(&self) -> u64 {
        self.figures.dropped
    }

    /// From capture to event, in milliseconds.
    pub fn latency(&self) -> Percentiles {
        self.figures.latency.percentiles()
    }

    /// From one event to the next, in milliseconds.
    pub fn interval(&self) -> Percentiles {
        self.figures.interval.percentiles()
    }

    /// What the stages of the latest frames took.
    pub fn tally(&self) -> &Tally {
        &self.figures.tally
    }

    /// Messages that the sinks lost.
    pub fn lost(&self) -> u64 {
        self.sinks.dropped()
    }

    /// Whether the clock drives the source.
    pub fn is_live(&self) -> bool {
        self.news.read(|told| told.live)
    }

    /// What the device does.
    pub fn state(&self) -> State {
        self.status.state
    }
}
