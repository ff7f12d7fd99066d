//! A source that waits, turned into one that keeps time: one frame per period.
//!
//! A late call gets its frame at once and the rhythm starts again from there; no burst follows.

use std::{
    thread,
    time::{Duration, Instant},
};

use mien_shared::frame::Frame;

use super::{Camera, CameraError};

/// A source at a steady rate.
pub(super) struct Paced {
    camera: Box<dyn Camera>,
    fps: f64,
    period: Duration,
    due: Option<Instant>,
}

impl Paced {
    /// Paces `camera` at `fps` > 0 frames per second.
    pub(super) fn new(camera: Box<dyn Camera>, fps: f64) -> Self {
        Self { camera, fps, period: Duration::from_secs_f64(1.0 / fps), due: None }
    }
}

impl Camera for Paced {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let wait =
            self.due.map_or(Duration::ZERO, |due| due.saturating_duration_since(Instant::now()));
        thread::sleep(wait.min(patience));
        Ok(wait <= patience)
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let now = Instant::now();
        let due = self.due.unwrap_or(now);
        thread::sleep(due.saturating_duration_since(now));
        self.due = Some(following(due, now, self.period));
        self.camera.next(frame)
    }

    fn is_live(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("{} at {} fps", self.camera.describe(), self.fps)
    }
}

/// When the frame after the one due at `due` and asked for at `now` is due.
fn following(due: Instant, now: Instant, period: Duration) -> Instant {
    if now > due + period { now + period } else { due + period }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(40);

    #[test]
    fn a_punctual_consumer_gets_a_steady_rhythm() {
        let due = Instant::now();
        assert_eq!(following(due, due, PERIOD), due + PERIOD);
        assert_eq!(following(due, due + PERIOD / 2, PERIOD), due + PERIOD);
        assert_eq!(following(due + PERIOD, due, PERIOD), due + 2 * PERIOD);
    }

    #[test]
    fn a_late_consumer_gets_no_burst() {
        let due = Instant::now();
        let late = due + 10 * PERIOD;
        assert_eq!(following(due, late, PERIOD), late + PERIOD);
    }
}
