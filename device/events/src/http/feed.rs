//! What was said lately, between the pipeline, which never waits, and clients that read at their
//! own pace.
//!
//! The latest message of each kind is kept for those who come or ask; the last [`ROOM`] messages are
//! kept for those who follow. A follower that falls further behind than that has missed some, and is
//! told so. Buffers go round: publishing allocates nothing once they have grown to size.

use std::{
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use mien_shared::{frame::Timestamp, telemetry::Message};
use tokio::sync::watch;

use super::{health::Pulse, metrics::Tally};

/// Messages kept for followers: two seconds of readings at 30 per second.
const ROOM: usize = 64;

/// The feed; share it behind an `Arc`.
#[derive(Debug)]
pub(super) struct Feed {
    said: Mutex<Said>,
    next: watch::Sender<u64>,
    missed: AtomicU64,
}

/// What was said so far; message `n` of all lies in `ring[n % ROOM]`.
#[derive(Debug)]
struct Said {
    ring: Vec<Vec<u8>>,
    next: u64,
    latest: [Latest; 3],
    tally: Tally,
    pulse: Pulse,
}

/// The latest message of a kind, and its number among all.
#[derive(Debug, Default)]
struct Latest {
    json: Vec<u8>,
    number: Option<u64>,
}

/// The kinds of which the latest is kept, in the order in which a newcomer hears them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hello,
    Status,
    Reading,
}

/// How much a follower wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Every message.
    All,
    /// The latest of each kind.
    Latest,
}

/// A follower is further behind than the feed reaches back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Behind;

impl Feed {
    /// A feed that has said nothing, as of `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        let said = Said {
            ring: vec![Vec::new(); ROOM],
            next: 0,
            latest: Default::default(),
            tally: Tally::default(),
            pulse: Pulse::new(now),
        };
        Self { said: Mutex::new(said), next: watch::channel(0).0, missed: AtomicU64::new(0) }
    }

    /// Says `message`, whose form is `json`; gives an older message's buffer back in its place.
    pub(super) fn publish(&self, message: &Message, json: &mut Vec<u8>, now: Timestamp) {
        let mut said = self.said();
        let number = said.next;
        said.tally.count(message);
        said.pulse.hear(message, now);
        if let Some(kind) = Kind::of(message) {
            let latest = &mut said.latest[kind as usize];
            latest.json.clone_from(json);
            latest.number = Some(number);
        }
        let slot = slot(number);
        mem::swap(&mut said.ring[slot], json);
        said.next += 1;
        drop(said);
        self.next.send_replace(number + 1);
    }

    /// The latest message of a kind.
    pub(super) fn latest(&self, kind: Kind) -> Option<Vec<u8>> {
        let said = self.said();
        let latest = &said.latest[kind as usize];
        latest.number.map(|_| latest.json.clone())
    }

    /// Hears what was said since `from`: calls `each` with every message and moves `from` on.
    /// `None` stands for a newcomer, who hears the latest of each kind.
    ///
    /// # Errors
    /// [`Behind`] when some of it is lost; how much is counted.
    pub(super) fn hear(
        &self,
        from: &mut Option<u64>,
        detail: Detail,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), Behind> {
        let said = self.said();
        let oldest = said.next.saturating_sub(ROOM as u64);
        let heard = from.replace(said.next);
        match (heard, detail) {
            (Some(heard), Detail::All) if heard < oldest => {
                self.missed.fetch_add(oldest - heard, Ordering::Relaxed);
                return Err(Behind);
            }
            (Some(heard), Detail::All) => {
                (heard..said.next).for_each(|number| each(&said.ring[slot(number)]));
            }
            (heard, _) => {
                let since = heard.unwrap_or(0);
                let new = said.latest.iter().filter(|one| one.number.is_some_and(|n| n >= since));
                new.for_each(|one| each(&one.json));
            }
        }
        Ok(())
    }

    /// Changes whenever something is said.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.next.subscribe()
    }

    /// Looks at the figures and at the pulse.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Tally, &Pulse) -> T) -> T {
        let said = self.said();
        look(&said.tally, &said.pulse)
    }

    /// Messages that followers missed.
    pub(super) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    fn of(message: &Message) -> Option<Self> {
        match message {
            Message::Hello(_) => Some(Self::Hello),
            Message::Status(_) => Some(Self::Status),
            Message::Reading(_) => Some(Self::Reading),
            _ => None,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder below ROOM fits")]
fn slot(number: u64) -> usize {
    (number % ROOM as u64) as usize
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::Status;

    use super::*;
    use crate::samples;

    fn say(feed: &Feed, message: &Message, json: &str) {
        feed.publish(message, &mut json.as_bytes().to_vec(), Timestamp::default());
    }

    fn hear(feed: &Feed, from: &mut Option<u64>, detail: Detail) -> Result<Vec<String>, Behind> {
        let mut heard = Vec::new();
        feed.hear(from, detail, |json| heard.push(String::from_utf8(json.to_vec()).unwrap()))?;
        Ok(heard)
    }

    #[test]
    fn a_newcomer_hears_the_latest_of_each_kind_then_everything() {
        let feed = Feed::new(Timestamp::default());
        let mut from = None;
        assert_eq!(hear(&feed, &mut from, Detail::All), Ok(vec![]));
        from = None;
        say(&feed, &samples::reading(1), "r1");
        say(&feed, &samples::reading(2), "r2");
        say(&feed, &samples::hello(), "h");
        assert_eq!(hear(&feed, &mut from, Detail::All).unwrap(), ["h", "r2"]);
        say(&feed, &samples::reading(3), "r3");
        say(&feed, &Message::Status(Status::default()), "s");
        say(&feed, &samples::reading(4), "r4");
        assert_eq!(hear(&feed, &mut from, Detail::All).unwrap(), ["r3", "s", "r4"]);
        assert_eq!(hear(&feed, &mut from, Detail::All).unwrap(), [""; 0]);
    }

    #[test]
    fn who_wants_the_latest_skips_what_is_older() {
        let feed = Feed::new(Timestamp::default());
        let mut from = None;
        say(&feed, &samples::hello(), "h");
        assert_eq!(hear(&feed, &mut from, Detail::Latest).unwrap(), ["h"]);
        for number in 0..200 {
            say(&feed, &samples::reading(number), &format!("r{number}"));
        }
        assert_eq!(hear(&feed, &mut from, Detail::Latest).unwrap(), ["r199"]);
        assert_eq!(feed.missed(), 0);
    }

    #[test]
    fn who_falls_too_far_behind_is_told_and_what_was_missed_is_counted() {
        let feed = Feed::new(Timestamp::default());
        let mut from = None;
        hear(&feed, &mut from, Detail::All).unwrap();
        for number in 0..64 {
            say(&feed, &samples::reading(number), "r");
        }
        assert_eq!(hear(&feed, &mut from.clone(), Detail::All).unwrap().len(), 64);
        say(&feed, &samples::reading(64), "r");
        assert_eq!(hear(&feed, &mut from, Detail::All), Err(Behind));
        assert_eq!(feed.missed(), 1);
    }

    #[test]
    fn buffers_go_round() {
        let feed = Feed::new(Timestamp::default());
        let mut json = Vec::new();
        for number in 0..=64 {
            json.clear();
            json.extend_from_slice(format!("r{number}").as_bytes());
            feed.publish(&samples::reading(number), &mut json, Timestamp::default());
        }
        assert_eq!(json, b"r0", "the oldest message's buffer comes back");
        assert_eq!(feed.latest(Kind::Reading).unwrap(), b"r64");
        assert_eq!(feed.latest(Kind::Status), None);
    }
}
