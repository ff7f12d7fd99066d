//! Telling people at first sight that they are being looked at: for how long yet.
//!
//! ```text
//! nobody for `absence` ──▶ a face ──▶ notice for `lasts` ──▶ none until nobody for `absence`
//! ```
//!
//! Regulation (EU) 2024/1689, Article 50(3): persons exposed are informed at the latest at first
//! exposure. Who has stayed in view has been told. Pure: time is the caller's.

use std::time::Duration;

use mien_shared::frame::Timestamp;

/// How long nobody must be in view for the next face to be someone new.
const ABSENCE: Duration = Duration::from_secs(5);

/// The notice and what it remembers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice {
    lasts: Duration,
    /// When a face was last in view.
    seen: Option<Timestamp>,
    /// When the notice began.
    since: Option<Timestamp>,
}

impl Notice {
    /// A notice that lasts so long; none at all when that is zero.
    #[must_use]
    pub(super) fn new(lasts: Duration) -> Self {
        Self { lasts, seen: None, since: None }
    }

    /// Takes in whether there are faces at `now`; the share of the notice's time that is left
    /// while it shows.
    pub(super) fn step(&mut self, faces: bool, now: Timestamp) -> Option<f32> {
        let away = self.seen.is_none_or(|seen| now.0.saturating_sub(seen.0) >= ABSENCE);
        if faces {
            self.seen = Some(now);
            if away {
                self.since = Some(now);
            }
        }
        let gone = now.0.saturating_sub(self.since?.0).as_secs_f32();
        let left = 1.0 - gone / self.lasts.as_secs_f32();
        if left > 0.0 {
            return Some(left);
        }
        self.since = None;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    #[test]
    fn someone_new_is_told_once() {
        let mut notice = Notice::new(Duration::from_secs(4));
        assert_eq!(notice.step(false, at(0)), None);
        assert_eq!(notice.step(true, at(1_000)), Some(1.0));
        assert_eq!(notice.step(true, at(2_000)), Some(0.75));
        assert_eq!(notice.step(false, at(4_000)), Some(0.25), "a face lost for a moment");
        assert_eq!(notice.step(true, at(5_000)), None);
        assert_eq!(notice.step(true, at(60_000)), Some(1.0), "nobody for 55 s");
    }

    #[test]
    fn a_notice_of_no_time_is_none() {
        assert_eq!(Notice::new(Duration::ZERO).step(true, at(0)), None);
    }
}
