//! What has befallen a faulty source so far, over everything that it was opened for.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mien_shared::frame::Timestamp;

use super::{Event, Kind};

/// What has befallen a source so far, however often it was opened.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Frames of the source that were taken.
    pub(super) taken: u64,
    /// Frames that were handed on or lost.
    pub(super) id: u64,
    /// Events that have begun.
    pub(super) begun: usize,
    pub(super) silent_until: Timestamp,
    pub(super) absent_until: Timestamp,
    pub(super) unplugged: bool,
    /// How far its clock is off, in milliseconds.
    pub(super) shift: i64,
    /// Repeats of the next frame.
    pub(super) burst: u32,
}

impl Past {
    /// Lets the events begin that are due.
    pub(super) fn begin(&mut self, events: &[Event], now: Timestamp) {
        while let Some(event) = events.get(self.begun).filter(|event| event.at <= self.taken) {
            self.begun += 1;
            let span = Duration::from_millis(event.amount.unsigned_abs());
            match event.kind {
                Kind::Stall => {
                    let from = self.silent_until.max(now);
                    self.silent_until = Timestamp(from.0.saturating_add(span));
                }
                Kind::Unplug => {
                    self.unplugged = true;
                    self.absent_until = Timestamp(now.0.saturating_add(span));
                }
                Kind::Clock => self.shift = self.shift.saturating_add(event.amount),
                Kind::Burst => self.burst = u32::try_from(event.amount).unwrap_or(0),
                Kind::Drop
                | Kind::Damaged
                | Kind::Corrupt
                | Kind::Length
                | Kind::Lie
                | Kind::Format => {}
            }
        }
    }

    /// The time that the source states for a frame taken at `time`.
    pub(super) fn stated(&self, time: Timestamp) -> Timestamp {
        let shift = Duration::from_millis(self.shift.unsigned_abs());
        Timestamp(if self.shift < 0 {
            time.0.saturating_sub(shift)
        } else {
            time.0.saturating_add(shift)
        })
    }
}

/// The past, whatever became of the last one who held it.
pub(super) fn lock(past: &Mutex<Past>) -> MutexGuard<'_, Past> {
    past.lock().unwrap_or_else(PoisonError::into_inner)
}
