//! Which log lines pass: of each kind a few a minute; the rest are counted.
//!
//! Pure and of fixed size. Where more kinds are logged than there is room for, the one that was
//! quiet for longest is forgotten, with its count.

use std::time::Duration;

use mien_shared::frame::Timestamp;

/// Lines of one kind that pass within [`WINDOW`].
pub(super) const BURST: u32 = 5;

/// The time over which lines are counted.
const WINDOW: Duration = Duration::from_mins(1);

/// Kinds that are remembered.
const KINDS: usize = 64;

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(u64);

impl Kind {
    /// The kind of what is logged there.
    pub(super) fn of(file: &str, line: Option<u32>) -> Self {
        use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
        Self(BuildHasherDefault::<DefaultHasher>::default().hash_one((file, line)))
    }
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// It is written, and so many like it were held back before.
    Write {
        /// How many.
        held: u64,
    },
    /// It is counted.
    Hold,
}

/// What was logged lately.
#[derive(Debug)]
pub(super) struct Gate {
    kinds: [Option<Seen>; KINDS],
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    kind: Kind,
    since: Timestamp,
    last: Timestamp,
    passed: u32,
    held: u64,
}

impl Default for Gate {
    fn default() -> Self {
        Self { kinds: [None; KINDS] }
    }
}

impl Gate {
    /// Decides about a line of `kind` at `now`.
    pub(super) fn step(&mut self, kind: Kind, now: Timestamp) -> Pass {
        let seen = self.find(kind, now);
        seen.last = now;
        if now.0.saturating_sub(seen.since.0) >= WINDOW {
            (seen.since, seen.passed) = (now, 0);
        }
        if seen.passed >= BURST {
            seen.held += 1;
            return Pass::Hold;
        }
        seen.passed += 1;
        Pass::Write { held: std::mem::take(&mut seen.held) }
    }

    /// How many lines were held back and not told yet; they count as told.
    pub(super) fn take_held(&mut self) -> u64 {
        self.kinds.iter_mut().flatten().map(|seen| std::mem::take(&mut seen.held)).sum()
    }

    fn find(&mut self, kind: Kind, now: Timestamp) -> &mut Seen {
        let known = |seen: &Option<Seen>| seen.is_some_and(|seen| seen.kind == kind);
        // An empty place is older than any time.
        let oldest = || (0..KINDS).min_by_key(|&at| self.kinds[at].map(|seen| seen.last));
        let at = self.kinds.iter().position(known).or_else(oldest).unwrap_or(0);
        let fresh = Seen { kind, since: now, last: now, passed: 0, held: 0 };
        let place = &mut self.kinds[at];
        *place = place.filter(|seen| seen.kind == kind);
        place.get_or_insert(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Timestamp {
        Timestamp(Duration::from_secs(s))
    }

    fn kind(line: u32) -> Kind {
        Kind::of("a.rs", Some(line))
    }

    #[test]
    fn a_minute_of_one_kind_is_a_burst_and_the_rest_is_told_with_the_next() {
        let mut gate = Gate::default();
        let passes = (0..60).map(|s| gate.step(kind(1), at(s))).collect::<Vec<_>>();
        assert_eq!(passes[..5], [Pass::Write { held: 0 }; 5]);
        assert!(passes[5..].iter().all(|&pass| pass == Pass::Hold));
        assert_eq!(gate.step(kind(1), at(60)), Pass::Write { held: 55 });
        assert_eq!(gate.step(kind(1), at(61)), Pass::Write { held: 0 });
    }

    #[test]
    fn what_was_held_back_at_the_end_is_told_once() {
        let mut gate = Gate::default();
        for _ in 0..20 {
            gate.step(kind(1), at(0));
        }
        for _ in 0..7 {
            gate.step(kind(2), at(0));
        }
        assert_eq!((gate.take_held(), gate.take_held()), (17, 0));
    }

    #[test]
    fn kinds_do_not_hold_each_other_back() {
        let mut gate = Gate::default();
        for s in 0..100 {
            gate.step(kind(1), at(s / 10));
        }
        assert_eq!(gate.step(kind(2), at(10)), Pass::Write { held: 0 });
    }

    #[test]
    fn a_day_of_many_floods_stays_within_a_bound() {
        let mut gate = Gate::default();
        let mut written = 0;
        for s in 0..86_400 {
            for line in 0..8 {
                written += u32::from(gate.step(kind(line), at(s)) != Pass::Hold);
            }
        }
        assert_eq!(written, 8 * 5 * 24 * 60);
    }

    #[test]
    fn more_kinds_than_there_is_room_for_forget_the_oldest() {
        let mut gate = Gate::default();
        for _ in 0..10 {
            gate.step(kind(0), at(0));
        }
        for line in 1..=64 {
            assert_eq!(gate.step(kind(line), at(1)), Pass::Write { held: 0 });
        }
        assert_eq!(gate.step(kind(0), at(2)), Pass::Write { held: 0 });
    }
}
