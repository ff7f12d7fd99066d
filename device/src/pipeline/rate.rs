//! The frame rate over the latest frames.

use mien_shared::frame::Timestamp;

/// Frames over which the frame rate is taken.
const WINDOW: usize = 32;

/// Capture times of the latest frames.
#[derive(Debug, Default)]
pub(super) struct Rate {
    times: [Timestamp; WINDOW],
    count: usize,
}

impl Rate {
    /// Adds a frame captured at `time`; returns frames per second, 0 until there are two.
    pub(super) fn add(&mut self, time: Timestamp) -> f32 {
        let oldest = self.count.saturating_sub(WINDOW - 1);
        self.times[self.count % WINDOW] = time;
        let span = time.0.saturating_sub(self.times[oldest % WINDOW].0);
        let intervals = self.count - oldest;
        self.count += 1;
        if span.is_zero() { 0.0 } else { intervals as f32 / span.as_secs_f32() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_rate_is_taken_over_the_latest_frames() {
        let mut rate = Rate::default();
        let at = |ms| Timestamp(Duration::from_millis(ms));
        assert!(rate.add(at(0)).abs() < 1e-6);
        assert!((rate.add(at(100)) - 10.0).abs() < 1e-4);
        let slow = (2..100).map(|i| rate.add(at(i * 100))).last().unwrap();
        assert!((slow - 10.0).abs() < 0.01, "{slow}");
        let fast = (1..=31).map(|i| rate.add(at(9900 + i * 20))).last().unwrap();
        assert!((fast - 50.0).abs() < 0.01, "{fast}");
    }
}
