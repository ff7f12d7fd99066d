//! Time as it is passed in: the system's, or one that a test moves.
//!
//! Both are counted as [`mien_core::clock`] counts, so that a frame's capture time can be compared
//! with "now".

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use mien_core::clock;
use mien_shared::frame::Timestamp;

/// What waits and knows the time.
pub trait Time: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns after `duration`.
    fn sleep(&self, duration: Duration);
}

/// The system's monotonic clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTime;

impl Time for SystemTime {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

/// Time that stands still but for those who sleep: months pass in milliseconds.
#[derive(Debug, Default)]
pub struct VirtualTime(Mutex<Duration>);

impl VirtualTime {
    /// Lets `duration` pass.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(duration);
    }
}

impl Time for VirtualTime {
    fn now(&self) -> Timestamp {
        Timestamp(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_virtual_time_takes_none() {
        let time = VirtualTime::default();
        time.sleep(Duration::from_hours(24 * 30));
        assert_eq!(time.now(), Timestamp(Duration::from_hours(720)));
        time.sleep(Duration::MAX);
        assert_eq!(time.now(), Timestamp(Duration::MAX), "time has an end and no overflow");
    }
}
