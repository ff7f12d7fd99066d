//! Stages beat; one that is silent for longer than its budget hangs.
//!
//! A stage that waits for something with no end of its own (an owner's pause, the writer of a
//! named pipe) rests: it is not watched until it beats again. A beat is one atomic store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mien_shared::frame::Timestamp;

/// Stands for a stage that rests; every beat is later than this.
const RESTING: u64 = 0;

/// The stages that are watched.
#[derive(Debug, Default)]
pub struct Heartbeats {
    stages: Vec<Stage>,
}

#[derive(Debug)]
struct Stage {
    name: &'static str,
    budget: Duration,
    last: Arc<AtomicU64>,
}

/// A stage's own end.
#[derive(Debug)]
pub struct Heartbeat(Arc<AtomicU64>);

/// How the stages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every stage beats or rests.
    Alive,
    /// The stage that is longest over its budget.
    Hung {
        /// Its name.
        stage: &'static str,
        /// Since its last beat.
        silent: Duration,
    },
}

impl Heartbeats {
    /// Watches the stage `name`, which rests until its first beat and may then be silent for
    /// `budget`. A stage of that name that is watched already is forgotten: its thread was
    /// replaced, and what the old one does no longer counts.
    pub fn stage(&mut self, name: &'static str, budget: Duration) -> Heartbeat {
        self.stages.retain(|stage| stage.name != name);
        let last = Arc::new(AtomicU64::new(RESTING));
        self.stages.push(Stage { name, budget, last: Arc::clone(&last) });
        Heartbeat(last)
    }

    /// How the stages are at `now`.
    pub fn watch(&self, now: Timestamp) -> Verdict {
        let over = self.stages.iter().filter_map(|stage| {
            let silent = stage.silent(now)?;
            Some((stage.name, silent, silent.checked_sub(stage.budget)?))
        });
        match over.max_by_key(|(.., over)| *over) {
            Some((stage, silent, over)) if !over.is_zero() => Verdict::Hung { stage, silent },
            _ => Verdict::Alive,
        }
    }
}

impl Stage {
    /// Since its last beat; `None` while it rests.
    fn silent(&self, now: Timestamp) -> Option<Duration> {
        let last = self.last.load(Ordering::Relaxed);
        (last != RESTING).then(|| Duration::from_micros(micros(now).saturating_sub(last)))
    }
}

impl Heartbeat {
    /// The stage is alive at `now`.
    pub fn beat(&self, now: Timestamp) {
        self.0.store(micros(now), Ordering::Relaxed);
    }

    /// The stage waits for something that may never come.
    pub fn rest(&self) {
        self.0.store(RESTING, Ordering::Relaxed);
    }
}

/// Microseconds, counted from one so that the first is not [`RESTING`].
fn micros(time: Timestamp) -> u64 {
    u64::try_from(time.0.as_micros()).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    fn two() -> (Heartbeats, Heartbeat, Heartbeat) {
        let mut stages = Heartbeats::default();
        let camera = stages.stage("camera", Duration::from_secs(1));
        let vision = stages.stage("vision", Duration::from_millis(500));
        (stages, camera, vision)
    }

    #[test]
    fn a_stage_within_its_budget_is_alive_and_one_beyond_it_hangs() {
        let (stages, camera, vision) = two();
        camera.beat(at(0));
        vision.beat(at(0));
        assert_eq!(stages.watch(at(500)), Verdict::Alive);
        let silent = Duration::from_millis(501);
        assert_eq!(stages.watch(at(501)), Verdict::Hung { stage: "vision", silent });
        vision.beat(at(501));
        assert_eq!(stages.watch(at(1_000)), Verdict::Alive);
    }

    #[test]
    fn the_stage_longest_over_its_budget_is_named() {
        let (stages, camera, vision) = two();
        camera.beat(at(0));
        vision.beat(at(1_400));
        assert!(matches!(stages.watch(at(2_000)), Verdict::Hung { stage: "camera", .. }));
    }

    #[test]
    fn a_stage_that_rests_or_has_not_begun_is_not_watched() {
        let (stages, camera, _vision) = two();
        assert_eq!(stages.watch(at(1_000_000)), Verdict::Alive);
        camera.beat(at(0));
        camera.rest();
        assert_eq!(stages.watch(at(1_000_000)), Verdict::Alive);
    }

    #[test]
    fn the_beats_of_a_replaced_thread_do_not_count() {
        let (mut stages, old, _vision) = two();
        let new = stages.stage("camera", Duration::from_secs(1));
        new.beat(at(0));
        old.beat(at(5_000));
        assert!(matches!(stages.watch(at(5_000)), Verdict::Hung { stage: "camera", .. }));
    }

    #[test]
    fn a_clock_that_seems_to_run_back_is_no_silence() {
        let (stages, camera, _vision) = two();
        camera.beat(at(5_000));
        assert_eq!(stages.watch(at(1)), Verdict::Alive);
    }
}
