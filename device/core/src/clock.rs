//! The time base of every frame: the system's monotonic clock, counted from an origin that the
//! process fixes at its first use of this module.
//!
//! V4L2 drivers stamp their buffers with the same clock, so a frame's capture time and the
//! pipeline's "now" subtract to a true latency.

use std::{sync::OnceLock, time::Duration};

use mien_shared::frame::Timestamp;
use rustix::time::{ClockId, clock_gettime};

static ORIGIN: OnceLock<Duration> = OnceLock::new();

/// The present moment.
pub fn now() -> Timestamp {
    from_monotonic(monotonic())
}

/// A `CLOCK_MONOTONIC` reading, such as a kernel buffer's, as a [`Timestamp`]; a moment before
/// the origin becomes the origin.
pub fn from_monotonic(reading: Duration) -> Timestamp {
    let origin = *ORIGIN.get_or_init(monotonic);
    Timestamp(reading.saturating_sub(origin))
}

fn monotonic() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    // The kernel never yields a negative monotonic time.
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_forward_from_the_origin() {
        let first = now();
        std::thread::sleep(Duration::from_millis(5));
        let elapsed = now().0.saturating_sub(first.0);
        assert!(elapsed >= Duration::from_millis(5), "{elapsed:?}");
        assert!(first.0 < Duration::from_mins(1), "the origin is this process, not the boot");
    }

    #[test]
    fn a_reading_before_the_origin_becomes_the_origin() {
        assert_eq!(from_monotonic(Duration::ZERO), Timestamp(Duration::ZERO));
    }
}
