//! Which faults happen when: a text that is read and written, or a draw from a seed.
//!
//! ```text
//! schedule = item *( "," item )
//! item     = kind "=" rate               each frame with this probability, 0 to 0.9
//!          | kind [ "=" amount ] "@" n   at the n-th frame of the source, counted from 0
//!          | "seed=" number              what chance is drawn from; 0 when absent
//!          | "random"                    faults drawn from the seed, in the first 60 frames
//!          | "time=virtual"              nobody really waits; a frame takes 1/30 s
//! amount   = frames, 1 when absent       drop damaged corrupt length lie format burst
//!          | time, such as 3s or -250ms  stall unplug clock
//! ```
//!
//! | kind | what happens | by rate, too |
//! |---|---|---|
//! | `drop` | frames are lost on the way; ids have a gap | yes |
//! | `damaged` | the source itself says that a frame is damaged | yes |
//! | `corrupt` | bytes are overwritten | yes |
//! | `length` | the buffer is cut, empty or too long | yes |
//! | `lie` | size, stride or format are not those of the bytes | yes |
//! | `format` | whole frames of another size or format | |
//! | `burst` | a frame comes again and again without a pause | |
//! | `stall` | nothing comes | |
//! | `unplug` | the source is gone and cannot be opened | |
//! | `clock` | capture times jump, from there on | |

use std::fmt;

use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg32;

/// Most items in a text, and most frames, milliseconds or frame numbers in one of them.
const MAX_ITEMS: usize = 1000;
const MAX_FRAMES: i64 = 100_000;
const MAX_MILLIS: i64 = 24 * 3_600_000;
const MAX_RATE: f64 = 0.9;
/// Random faults happen before this frame.
const RANDOM_SPAN: u64 = 60;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Frames are lost on the way.
    Drop,
    /// The source says that a frame is damaged.
    Damaged,
    /// Bytes are overwritten.
    Corrupt,
    /// The buffer is cut, empty or too long.
    Length,
    /// Size, stride or format are not those of the bytes.
    Lie,
    /// Whole frames of another size or format.
    Format,
    /// A frame comes again and again without a pause.
    Burst,
    /// Nothing comes.
    Stall,
    /// The source is gone and cannot be opened.
    Unplug,
    /// Capture times jump.
    Clock,
}

impl Kind {
    /// Every kind; those that may have a rate come first.
    pub const ALL: [Self; 10] = [
        Self::Drop,
        Self::Damaged,
        Self::Corrupt,
        Self::Length,
        Self::Lie,
        Self::Format,
        Self::Burst,
        Self::Stall,
        Self::Unplug,
        Self::Clock,
    ];

    /// How many of [`Kind::ALL`] may have a rate.
    const BY_RATE: usize = 5;

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Damaged => "damaged",
            Self::Corrupt => "corrupt",
            Self::Length => "length",
            Self::Lie => "lie",
            Self::Format => "format",
            Self::Burst => "burst",
            Self::Stall => "stall",
            Self::Unplug => "unplug",
            Self::Clock => "clock",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether its amount is a time.
    fn is_timed(self) -> bool {
        matches!(self, Self::Stall | Self::Unplug | Self::Clock)
    }

    fn has_rate(self) -> bool {
        Self::ALL[..Self::BY_RATE].contains(&self)
    }
}

/// A fault at a frame of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The frame, counted from 0.
    pub at: u64,
    /// What happens.
    pub kind: Kind,
    /// For how many frames, or milliseconds.
    pub amount: i64,
}

impl Event {
    /// Whether it concerns frame `n`.
    fn covers(&self, n: u64) -> bool {
        let since = n.checked_sub(self.at).and_then(|since| i64::try_from(since).ok());
        since.is_some_and(|since| since < self.amount)
    }
}

/// Which faults happen when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schedule {
    seed: u64,
    rates: Vec<(Kind, f64)>,
    events: Vec<Event>,
    virtual_time: bool,
}

impl Schedule {
    /// Reads a schedule; see the head of this file.
    ///
    /// # Errors
    /// The first item that is none, as it was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut schedule, mut random) = (Self::default(), false);
        for item in text.split(',').take(MAX_ITEMS).map(str::trim) {
            match item {
                "random" => random = true,
                "time=virtual" => schedule.virtual_time = true,
                _ => schedule.add(item).ok_or_else(|| item.to_owned())?,
            }
        }
        if random {
            let drawn = Self::random(schedule.seed);
            schedule.rates.extend(drawn.rates);
            schedule.events.extend(drawn.events);
        }
        schedule.events.sort_by_key(|event| event.at);
        Ok(schedule)
    }

    /// Draws a schedule: up to eight faults in the first 60 frames and, half of the time, a rate.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        let mut rng = Pcg32::seed_from_u64(seed ^ 0x6661_756c_7479);
        let count = rng.random_range(1..=8);
        let mut events: Vec<_> = (0..count).map(|_| random_event(&mut rng)).collect();
        events.sort_by_key(|event| event.at);
        let mut rates = Vec::new();
        if rng.random_bool(0.5) {
            let kind = Kind::ALL[rng.random_range(0..Kind::BY_RATE)];
            rates.push((kind, f64::from(rng.random_range(1..=30)) / 100.0));
        }
        Self { seed, rates, events, virtual_time: false }
    }

    /// The same faults with nobody really waiting; a frame takes 1/30 s.
    #[must_use]
    pub fn in_virtual_time(self) -> Self {
        Self { virtual_time: true, ..self }
    }

    /// Whether nobody really waits.
    pub fn is_virtual(&self) -> bool {
        self.virtual_time
    }

    /// The faults with a frame of their own, by frame.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whether a fault of this kind befalls frame `n`, by schedule or by chance.
    pub fn befalls(&self, kind: Kind, n: u64) -> bool {
        let scheduled = self.events.iter().any(|event| event.kind == kind && event.covers(n));
        let mut rates = self.rates.iter().filter(|(of, _)| *of == kind);
        scheduled || rates.any(|(_, rate)| self.chance(kind, n, 0).random_bool(*rate))
    }

    /// What decides how a fault of this kind spoils frame `n`.
    pub(super) fn spoiling(&self, kind: Kind, n: u64) -> Pcg32 {
        self.chance(kind, n, 1)
    }

    /// The same at every call, so that it does not matter how often it is asked.
    fn chance(&self, kind: Kind, n: u64, question: u64) -> Pcg32 {
        let place = n.wrapping_mul(32).wrapping_add(2 * kind as u64 + question);
        Pcg32::seed_from_u64(self.seed.rotate_left(32) ^ place)
    }

    /// Adds one item; `None` when it is none.
    fn add(&mut self, item: &str) -> Option<()> {
        if let Some(seed) = item.strip_prefix("seed=") {
            self.seed = seed.parse().ok()?;
        } else if let Some((fault, at)) = item.split_once('@') {
            self.events.push(event(fault, at)?);
        } else {
            let (name, rate) = item.split_once('=')?;
            let kind = Kind::named(name).filter(|kind| kind.has_rate())?;
            let rate = rate.parse().ok().filter(|rate| (0.0..=MAX_RATE).contains(rate))?;
            self.rates.push((kind, rate));
        }
        Some(())
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed={}", self.seed)?;
        for (kind, rate) in &self.rates {
            write!(f, ",{}={rate}", kind.name())?;
        }
        for Event { at, kind, amount } in &self.events {
            let unit = if kind.is_timed() { "ms" } else { "" };
            write!(f, ",{}={amount}{unit}@{at}", kind.name())?;
        }
        f.write_str(if self.virtual_time { ",time=virtual" } else { "" })
    }
}

/// The fault `kind[=amount]` at frame `at`.
fn event(fault: &str, at: &str) -> Option<Event> {
    let (name, amount) = fault.split_once('=').unwrap_or((fault, ""));
    let (kind, at) = (Kind::named(name)?, at.parse().ok()?);
    let amount = match (kind.is_timed(), amount) {
        (true, time) => millis(time).filter(|&ms| ms > 0 || kind == Kind::Clock)?,
        (false, "") => 1,
        (false, frames) => frames.parse().ok().filter(|n| (1..=MAX_FRAMES).contains(n))?,
    };
    Some(Event { at, kind, amount })
}

/// `3s` or `-250ms` in milliseconds.
fn millis(text: &str) -> Option<i64> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    let millis = number.parse::<i64>().ok()?.checked_mul(unit)?;
    (-MAX_MILLIS..=MAX_MILLIS).contains(&millis).then_some(millis)
}

fn random_event(rng: &mut impl Rng) -> Event {
    let kind = Kind::ALL[rng.random_range(0..Kind::ALL.len())];
    let amount = match kind {
        Kind::Stall | Kind::Unplug => rng.random_range(1..=10_000),
        Kind::Clock => rng.random_range(-100_000..=100_000),
        _ => rng.random_range(1..=20),
    };
    Event { at: rng.random_range(0..RANDOM_SPAN), kind, amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_places_are_read() {
        let text = "drop=0.05, corrupt=0.02,stall=3s@100,unplug=250ms@200,format@300,clock=-5s@50,\
                    burst=20@7,seed=7,time=virtual";
        let schedule = Schedule::parse(text).unwrap();
        assert_eq!(schedule.seed, 7);
        assert_eq!(schedule.rates, [(Kind::Drop, 0.05), (Kind::Corrupt, 0.02)]);
        let events: Vec<_> = schedule.events.iter().map(|e| (e.at, e.kind, e.amount)).collect();
        assert_eq!(
            events,
            [
                (7, Kind::Burst, 20),
                (50, Kind::Clock, -5000),
                (100, Kind::Stall, 3000),
                (200, Kind::Unplug, 250),
                (300, Kind::Format, 1),
            ]
        );
        assert!(schedule.is_virtual());
    }

    #[test]
    fn what_is_no_fault_is_named() {
        for item in [
            "",
            "drop",
            "drop=2",
            "drop=-0.1",
            "drop=nan",
            "stall=0.5",
            "stall@3",
            "stall=3@3",
            "stall=-1s@3",
            "stall=9999999999999999s@3",
            "drop=0@3",
            "drop=1@-3",
            "drop=1000000@3",
            "melt@3",
            "seed=one",
            "time=fast",
        ] {
            assert_eq!(Schedule::parse(item), Err(item.to_owned()), "{item:?}");
        }
    }

    #[test]
    fn a_schedule_is_written_as_it_is_read() {
        for seed in 0..200 {
            let schedule = Schedule::random(seed);
            assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule), "seed {seed}");
        }
        let schedule = Schedule::default().in_virtual_time();
        assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule));
    }

    #[test]
    fn the_seed_decides_and_every_kind_is_drawn() {
        assert_eq!(Schedule::random(3), Schedule::random(3));
        assert_ne!(Schedule::random(3), Schedule::random(4));
        let drawn = Schedule::parse("random,seed=3,drop@1000").unwrap();
        assert_eq!(drawn.events.len(), Schedule::random(3).events.len() + 1);
        for kind in Kind::ALL {
            let mut all = (0..100).flat_map(|seed| Schedule::random(seed).events);
            assert!(all.any(|event| event.kind == kind), "{kind:?}");
        }
    }

    #[test]
    fn a_fault_befalls_the_frames_it_is_for() {
        let schedule = Schedule::parse("drop=3@5").unwrap();
        let dropped: Vec<_> = (0..20).filter(|&n| schedule.befalls(Kind::Drop, n)).collect();
        assert_eq!(dropped, [5, 6, 7]);
        assert!(!(0..20).any(|n| schedule.befalls(Kind::Lie, n)));
    }

    #[test]
    fn a_rate_is_kept_and_kinds_do_not_move_together() {
        let schedule = Schedule::parse("drop=0.1,corrupt=0.1,seed=9").unwrap();
        let befallen = |kind| (0..10_000).filter(|&n| schedule.befalls(kind, n)).count();
        assert!((900..=1100).contains(&befallen(Kind::Drop)), "{}", befallen(Kind::Drop));
        let both =
            |n: &u64| schedule.befalls(Kind::Drop, *n) && schedule.befalls(Kind::Corrupt, *n);
        let both = (0..10_000).filter(both).count();
        assert!((60..=140).contains(&both), "{both}");
    }
}
