//! What a frame goes through, and what each step of it costs.
//!
//! A [`Laps`] is a stopwatch: every call of [`Laps::lap`] books the time since the last one, and
//! the allocations where a counter is given, on a stage. A [`Tally`] keeps the latest laps of many
//! frames for percentiles. Neither allocates after it was made.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Most frames a [`Tally`] remembers; the oldest goes first.
const REMEMBERED: usize = 4096;

/// One step of a frame on its way to an event, in the order they happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Camera bytes to luma.
    Convert,
    /// Known faces followed, and found ones merged with them.
    Track,
    /// Luma scaled to the detector's input.
    Letterbox,
    /// The detector's network.
    Detect,
    /// Cells to faces in frame pixels.
    Decode,
    /// Faces cut out and aligned.
    Crop,
    /// The expression network, all faces of the frame.
    Express,
    /// Ids, gates, smoothing and hysteresis.
    Decide,
    /// The message built and handed to the sinks.
    Report,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 9] = [
        Self::Convert,
        Self::Track,
        Self::Letterbox,
        Self::Detect,
        Self::Decode,
        Self::Crop,
        Self::Express,
        Self::Decide,
        Self::Report,
    ];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Convert => "convert",
            Self::Track => "track",
            Self::Letterbox => "letterbox",
            Self::Detect => "detect",
            Self::Decode => "decode",
            Self::Crop => "crop",
            Self::Express => "express",
            Self::Decide => "decide",
            Self::Report => "report",
        }
    }

    /// Whether the stage's time is the inference engine's, whose allocations are not ours.
    pub fn is_network(self) -> bool {
        matches!(self, Self::Detect | Self::Express)
    }
}

/// How many allocations this process has made so far.
pub type Counter = fn() -> u64;

/// What one stage took for one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Wall-clock time.
    pub time: Duration,
    /// Allocations, zero where nobody counts them.
    pub allocations: u64,
}

/// A stopwatch over the stages of one frame.
#[derive(Debug, Clone)]
pub struct Laps {
    counter: Counter,
    since: Instant,
    counted: u64,
    costs: [Cost; Stage::ALL.len()],
}

impl Laps {
    /// A stopwatch that also books what `counter` says of allocations.
    #[must_use]
    pub fn counting(counter: Counter) -> Self {
        Self { counter, since: Instant::now(), counted: counter(), costs: Default::default() }
    }

    /// Forgets the frame before and starts now.
    pub fn start(&mut self) {
        self.costs = Default::default();
        self.resume();
    }

    /// Starts now and keeps what is booked.
    pub fn resume(&mut self) {
        self.since = Instant::now();
        self.counted = (self.counter)();
    }

    /// Books everything since the last call on `stage`.
    pub fn lap(&mut self, stage: Stage) {
        let cost = &mut self.costs[stage as usize];
        cost.time += self.since.elapsed();
        cost.allocations += (self.counter)() - self.counted;
        self.resume();
    }

    /// What `stage` took.
    pub fn cost(&self, stage: Stage) -> Cost {
        self.costs[stage as usize]
    }

    /// What all stages took together.
    pub fn total(&self) -> Duration {
        self.costs.iter().map(|cost| cost.time).sum()
    }
}

impl Default for Laps {
    fn default() -> Self {
        Self::counting(|| 0)
    }
}

/// The times of the latest frames, per stage and in all.
#[derive(Debug)]
pub struct Tally {
    stages: [Samples; Stage::ALL.len()],
    whole: Samples,
}

impl Tally {
    /// An empty tally with room for all it will remember.
    #[must_use]
    pub fn new() -> Self {
        Self { stages: std::array::from_fn(|_| Samples::new()), whole: Samples::new() }
    }

    /// Remembers one frame: of each stage that it went through, what that took.
    pub fn add(&mut self, laps: &Laps) {
        let costs = self.stages.iter_mut().zip(&laps.costs);
        for (samples, cost) in costs.filter(|(_, cost)| !cost.time.is_zero()) {
            samples.add(cost.time);
        }
        self.whole.add(laps.total());
    }

    /// The times of `stage`, of the frames that went through it.
    pub fn stage(&self, stage: Stage) -> Percentiles {
        self.stages[stage as usize].percentiles()
    }

    /// The times of whole frames.
    pub fn whole(&self) -> Percentiles {
        self.whole.percentiles()
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

/// Durations of which the latest are remembered.
#[derive(Debug)]
pub struct Samples {
    ring: Vec<Duration>,
    next: usize,
}

impl Samples {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self { ring: Vec::with_capacity(REMEMBERED), next: 0 }
    }

    /// Remembers one.
    pub fn add(&mut self, sample: Duration) {
        if self.ring.len() < REMEMBERED {
            self.ring.push(sample);
        } else {
            self.ring[self.next] = sample;
        }
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// Where they lie; all zero when there is none.
    pub fn percentiles(&self) -> Percentiles {
        let mut sorted = self.ring.clone();
        sorted.sort_unstable();
        // Nearest rank: the smallest sample that at least `percent` of all do not exceed.
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(rank).map_or(0.0, |d| d.as_secs_f64() * 1e3)
        };
        Percentiles { p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self::new()
    }
}

/// Percentiles in milliseconds, by nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Percentiles {
    /// Half of the samples are no larger.
    pub p50: f64,
    /// 95 of 100 are no larger.
    pub p95: f64,
    /// 99 of 100 are no larger.
    pub p99: f64,
    /// None is larger.
    pub max: f64,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut samples = Samples::new();
        (1..=200).rev().for_each(|ms| samples.add(Duration::from_millis(ms)));
        let expected = Percentiles { p50: 100.0, p95: 190.0, p99: 198.0, max: 200.0 };
        assert_eq!(samples.percentiles(), expected);
    }

    #[test]
    fn no_sample_has_percentiles_of_zero() {
        assert_eq!(Samples::new().percentiles(), Percentiles::default());
    }

    #[test]
    fn the_oldest_samples_are_forgotten_first() {
        let mut samples = Samples::new();
        (0..REMEMBERED).for_each(|_| samples.add(Duration::from_secs(9)));
        (0..REMEMBERED).for_each(|_| samples.add(Duration::from_millis(1)));
        let expected = Percentiles { p50: 1.0, p95: 1.0, p99: 1.0, max: 1.0 };
        assert_eq!(samples.percentiles(), expected);
        assert_eq!(samples.ring.capacity(), REMEMBERED);
    }

    #[test]
    fn a_frame_that_skips_a_stage_does_not_count_for_it() {
        let mut tally = Tally::new();
        let mut laps = Laps::default();
        laps.costs[Stage::Detect as usize].time = Duration::from_millis(4);
        tally.add(&laps);
        tally.add(&Laps::default());
        assert!((tally.stage(Stage::Detect).p50 - 4.0).abs() < 1e-9);
        assert!(tally.whole().p50.abs() < 1e-9);
    }

    #[test]
    fn a_lap_books_allocations_since_the_last_one() {
        static COUNT: AtomicU64 = AtomicU64::new(7);
        let mut laps = Laps::counting(|| COUNT.load(Ordering::Relaxed));
        laps.start();
        COUNT.store(10, Ordering::Relaxed);
        laps.lap(Stage::Convert);
        COUNT.store(11, Ordering::Relaxed);
        laps.lap(Stage::Detect);
        laps.lap(Stage::Detect);
        assert_eq!(laps.cost(Stage::Convert).allocations, 3);
        assert_eq!(laps.cost(Stage::Detect).allocations, 1);
        assert_eq!(laps.cost(Stage::Report), Cost::default());
    }

    #[test]
    fn stages_index_themselves() {
        for (index, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, index, "{}", stage.name());
        }
    }
}
