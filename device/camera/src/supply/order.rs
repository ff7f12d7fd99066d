//! Ids that only grow and times that never run back, whatever the source says.
//!
//! A gap in the source's ids is kept, since it counts frames that were lost; a step that is none,
//! that goes back or that no camera can make counts as one frame. When the source was opened anew
//! its ids go on behind the last one.

use mien_shared::frame::{Frame, FrameId, Timestamp};

/// The longest gap that is believed: a day of 120 frames a second.
const MAX_STEP: u64 = 120 * 86_400;

/// The order of one source's frames.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// What the last frame was given.
    last: Option<(u64, Timestamp)>,
    /// What the source called the last frame; `None` when it was opened anew.
    source: Option<u64>,
}

impl Order {
    /// Says that the source was opened anew and counts from where it likes.
    pub(super) fn restart(&mut self) {
        self.source = None;
    }

    /// Gives `frame`, taken at `now`, its place.
    pub(super) fn place(&mut self, frame: &mut Frame, now: Timestamp) {
        let id = match self.last {
            None => frame.id.0.min(MAX_STEP),
            Some((last, _)) => last.saturating_add(self.step(frame.id.0)),
        };
        let earliest = self.last.map_or(Timestamp::default(), |(_, time)| time);
        let time = frame.captured_at.min(now).max(earliest);
        self.source = Some(frame.id.0);
        self.last = Some((id, time));
        (frame.id, frame.captured_at) = (FrameId(id), time);
    }

    /// How many frames lie between the last one and the one that the source calls `id`.
    fn step(&self, id: u64) -> u64 {
        let step = self.source.and_then(|source| id.checked_sub(source));
        step.filter(|step| (1..=MAX_STEP).contains(step)).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(Duration::from_secs(seconds))
    }

    fn placed(order: &mut Order, id: u64, captured: u64, now: u64) -> (u64, Timestamp) {
        let mut frame = Frame { id: FrameId(id), captured_at: at(captured), ..Frame::empty() };
        order.place(&mut frame, at(now));
        (frame.id.0, frame.captured_at)
    }

    #[test]
    fn a_gap_is_kept_and_a_step_back_counts_one() {
        let mut order = Order::default();
        let ids = [0, 1, 4, 4, 2, 3, u64::MAX, 0].map(|id| placed(&mut order, id, 0, 0).0);
        assert_eq!(ids, [0, 1, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn ids_go_on_where_the_source_counts_anew() {
        let mut order = Order::default();
        assert_eq!(placed(&mut order, 7, 0, 0).0, 7);
        order.restart();
        assert_eq!(placed(&mut order, 0, 0, 0).0, 8);
        assert_eq!(placed(&mut order, 2, 0, 0).0, 10);
    }

    #[test]
    fn time_neither_runs_back_nor_ahead() {
        let mut order = Order::default();
        assert_eq!(placed(&mut order, 0, 10, 11).1, at(10));
        assert_eq!(placed(&mut order, 1, 5, 12).1, at(10), "a clock set back");
        assert_eq!(placed(&mut order, 2, 99, 13).1, at(13), "a clock set forward");
        assert_eq!(placed(&mut order, 3, 14, 14).1, at(14));
    }
}
