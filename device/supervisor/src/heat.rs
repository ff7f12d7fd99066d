//! How much a device computes at which temperature: a ladder that neither hurries nor swings.
//!
//! ```text
//!   temperature at or above a rung's limit for `rise`               one rung hotter
//!   temperature below that limit less `hysteresis` for `fall`       one rung cooler
//!
//!   full ── half ── quarter ── sparse ── pause        (Level)
//! ```
//!
//! Where the firmware itself slows the processor down for heat, the device does at least as
//! [`Level::Half`]. Temperatures that waver by less than the hysteresis move the level at most in
//! one direction. A sensor that is missing or tells nonsense throttles nothing, and is told once.
//! Degrees are Celsius; times are the caller's.

pub mod sensors;

use std::{fmt, time::Duration};

use mien_shared::frame::Timestamp;
use serde::Serialize;

pub use sensors::{Reading, Sensors, Throttling};

/// How much is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every frame.
    #[default]
    Full,
    /// Every second frame.
    Half,
    /// Every fourth frame.
    Quarter,
    /// Every fourth frame, expressions on every third of those.
    Sparse,
    /// Nothing, until it is cooler.
    Pause,
}

impl Level {
    /// Every level, coolest first.
    pub const ALL: [Self; 5] = [Self::Full, Self::Half, Self::Quarter, Self::Sparse, Self::Pause];

    /// One frame in so many is read; `None` is no frame.
    pub fn frames(self) -> Option<u32> {
        match self {
            Self::Full => Some(1),
            Self::Half => Some(2),
            Self::Quarter | Self::Sparse => Some(4),
            Self::Pause => None,
        }
    }

    /// On one in so many of the frames that are read, expressions are read, too.
    pub fn expressions(self) -> u32 {
        if self == Self::Sparse { 3 } else { 1 }
    }

    /// What the device does at this level, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full rate",
            Self::Half => "half rate",
            Self::Quarter => "quarter rate",
            Self::Sparse => "quarter rate with fewer expressions",
            Self::Pause => "pause",
        }
    }

    fn hotter(self) -> Self {
        Self::ALL[(self as usize + 1).min(Self::ALL.len() - 1)]
    }

    fn cooler(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

/// The numbers of the ladder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// From here on half of the frames are read, in °C.
    pub half_c: f32,
    /// From here on a quarter of them.
    pub quarter_c: f32,
    /// From here on fewer expressions, too.
    pub sparse_c: f32,
    /// From here on nothing.
    pub pause_c: f32,
    /// How far below a limit it must be to be over, in °C.
    pub hysteresis_c: f32,
    /// How long a limit is exceeded before it counts.
    pub rise: Duration,
    /// How long it must be cool before it counts.
    pub fall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            half_c: 75.0,
            quarter_c: 80.0,
            sparse_c: 85.0,
            pause_c: 90.0,
            hysteresis_c: 5.0,
            rise: Duration::from_secs(5),
            fall: Duration::from_mins(1),
        }
    }
}

impl Limits {
    /// The level that `temperature` asks for.
    fn level(&self, temperature: f32) -> Level {
        let limits = [self.half_c, self.quarter_c, self.sparse_c, self.pause_c];
        Level::ALL[limits.iter().filter(|&&limit| temperature >= limit).count()]
    }
}

/// The ladder with where it stands.
#[derive(Debug, Clone)]
pub struct Ladder {
    limits: Limits,
    level: Level,
    hot_since: Option<Timestamp>,
    cool_since: Option<Timestamp>,
    blind: bool,
    news: Option<News>,
}

/// What changed with a reading; a sentence for the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum News {
    /// Another level.
    Level {
        /// The one before.
        from: Level,
        /// The one now.
        to: Level,
        /// The temperature, where there is one.
        temperature_c: Option<f32>,
    },
    /// No sensor tells a temperature.
    Blind,
    /// One does again.
    Sighted,
}

impl Ladder {
    /// A ladder at [`Level::Full`].
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            level: Level::Full,
            hot_since: None,
            cool_since: None,
            blind: false,
            news: None,
        }
    }

    /// Takes other limits and stays where it is.
    pub fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The level now.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Takes in a reading at `now`; says how much to compute.
    pub fn step(&mut self, reading: &Reading, now: Timestamp) -> Level {
        let (wanted, bearable) = self.asked(reading);
        let before = self.level;
        if lasts(&mut self.hot_since, wanted > self.level, self.limits.rise, now) {
            self.level = self.level.hotter();
        }
        if lasts(&mut self.cool_since, bearable < self.level, self.limits.fall, now) {
            self.level = self.level.cooler();
        }
        let blind = reading.temperature_c().is_none();
        self.news = match (blind, self.blind) {
            (true, false) => Some(News::Blind),
            (false, true) => Some(News::Sighted),
            _ if before != self.level => {
                let temperature_c = reading.temperature_c();
                Some(News::Level { from: before, to: self.level, temperature_c })
            }
            _ => None,
        };
        self.blind = blind;
        self.level
    }

    /// What the last step changed, told once.
    pub fn take_news(&mut self) -> Option<News> {
        self.news.take()
    }

    /// The level that this reading asks for, and the one below which it is not cool enough to go.
    fn asked(&self, reading: &Reading) -> (Level, Level) {
        let floor = if reading.throttling.by_heat() { Level::Half } else { Level::Full };
        let Some(temperature) = reading.temperature_c() else { return (floor, floor) };
        let wanted = self.limits.level(temperature);
        let bearable = self.limits.level(temperature + self.limits.hysteresis_c);
        (wanted.max(floor), bearable.max(floor))
    }
}

/// Whether `holds` has been true for `long`; starts anew when that is reached or it is not true.
fn lasts(since: &mut Option<Timestamp>, holds: bool, long: Duration, now: Timestamp) -> bool {
    if !holds {
        *since = None;
        return false;
    }
    let start = *since.get_or_insert(now);
    let reached = now.0.saturating_sub(start.0) >= long;
    if reached {
        *since = Some(now);
    }
    reached
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Level { from, to, temperature_c } => {
                let why = if to > from { "too hot" } else { "cooler" };
                write!(f, "{why}: {} in place of {}", to.name(), from.name())?;
                temperature_c.map_or(Ok(()), |c| write!(f, " at {c:.0} °C"))
            }
            Self::Blind => f.write_str(
                "no sensor tells the processor's temperature: nothing is slowed down for heat",
            ),
            Self::Sighted => f.write_str("the processor's temperature is told again"),
        }
    }
}

#[cfg(test)]
mod tests;
