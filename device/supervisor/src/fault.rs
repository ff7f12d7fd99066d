//! What a device does about a fault: [`TABLE`], and how it climbs from one answer to the next.
//!
//! ```text
//!             more than `times` within `within`
//!  first rung ────────────────────────────────▶ next rung ─ … ─▶ last rung
//!      ▲                                                             │
//!      └───────────── not seen for QUIET: forgotten ─────────────────┘
//! ```
//!
//! An answer is due after its rung's `wait`. A fault that is seen again before then changes
//! nothing, so a flood of reports is one fault and nothing is tried without a pause. Faults of
//! different kinds do not touch each other. This module decides; it does nothing itself.

use std::time::Duration;

use mien_shared::{
    frame::Timestamp,
    telemetry::FaultKind::{
        self, CameraDamaged, CameraLost, CameraStalled, Config, Hot, Model, PanelLost, Power,
        SinkLost, StageHung,
    },
};
use serde::Serialize;

use Action::{CarryOn, Exit, LowerRate, Pause, Reopen, RestartStage, SafeScreen, SmallerModel};

/// How long a kind of fault must not be seen to be forgotten.
pub const QUIET: Duration = Duration::from_mins(10);

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// What is done about a fault, from mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Go on, and say so.
    CarryOn,
    /// Close the thing at fault and open it anew.
    Reopen,
    /// Replace the stage's thread with everything it holds.
    RestartStage,
    /// Read fewer frames per second.
    LowerRate,
    /// Use a smaller network, or the same one on fewer frames.
    SmallerModel,
    /// Look at nothing until the fault is gone.
    Pause,
    /// Show what is wrong in place of readings, and try again when the answer is due.
    SafeScreen,
    /// End the process with a failure; systemd starts it anew.
    Exit,
}

/// One answer, and how often it may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// What is done.
    pub action: Action,
    /// Most times it is done …
    pub times: u32,
    /// … within this time; once more, and the next rung answers. The last rung always answers.
    pub within: Duration,
    /// How long to wait before it is done.
    pub wait: Duration,
}

/// A kind of fault and the answers to it, mild to severe.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What is wrong.
    pub kind: FaultKind,
    /// The answers, in the order they are given.
    pub rungs: &'static [Rung],
}

/// Every fault with its answers. A kind that is missing here is carried on with.
#[rustfmt::skip]
pub const TABLE: [Row; 10] = [
    row(CameraLost,    &[rung(Reopen, 10, MINUTE, SECOND), last(SafeScreen, 10)]),
    row(CameraStalled, &[rung(Reopen, 3, MINUTE, SECOND), rung(RestartStage, 2, MINUTE, SECOND), last(SafeScreen, 10)]),
    row(CameraDamaged, &[rung(CarryOn, 100, MINUTE, Duration::ZERO), rung(Reopen, 3, MINUTE, SECOND), last(SafeScreen, 30)]),
    row(SinkLost,      &[rung(CarryOn, 3, MINUTE, Duration::ZERO), rung(Reopen, 10, MINUTE, SECOND), last(Reopen, 30)]),
    row(PanelLost,     &[rung(Reopen, 5, MINUTE, SECOND), last(Reopen, 60)]),
    row(Hot,           &[rung(LowerRate, 2, MINUTE, Duration::from_secs(5)), rung(SmallerModel, 1, MINUTE, SECOND), last(Pause, 30)]),
    row(Power,         &[rung(CarryOn, 5, MINUTE, Duration::ZERO), rung(LowerRate, 5, HOUR, SECOND), last(SmallerModel, 60)]),
    row(StageHung,     &[rung(RestartStage, 2, HOUR, SECOND), last(Exit, 1)]),
    row(Model,         &[rung(CarryOn, 3, MINUTE, Duration::ZERO), rung(RestartStage, 2, MINUTE, SECOND), rung(SmallerModel, 1, MINUTE, SECOND), last(SafeScreen, 60)]),
    row(Config,        &[last(CarryOn, 0)]),
];

/// What is answered to a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What to do.
    pub action: Action,
    /// When to do it; an answer with the same time is the same answer.
    pub due: Timestamp,
}

/// The faults seen lately and what was answered.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    standing: [Option<Standing>; TABLE.len()],
}

impl Faults {
    /// Answers a fault seen at `now`.
    pub fn step(&mut self, kind: FaultKind, now: Timestamp) -> Answer {
        let Some(at) = position(kind) else { return Answer { action: CarryOn, due: now } };
        let rungs = TABLE[at].rungs;
        let known = self.standing[at].filter(|known| !known.is_forgotten(now));
        let standing = known.map_or_else(|| Standing::first(rungs, now), |s| s.again(rungs, now));
        self.standing[at] = Some(standing);
        Answer { action: rungs[standing.rung].action, due: standing.due }
    }

    /// Says that what was at fault works: it no longer stands, but when it fails again before
    /// [`QUIET`] has passed the answer is no milder.
    pub fn mended(&mut self, kind: FaultKind) {
        if let Some(standing) = position(kind).and_then(|at| self.standing[at].as_mut()) {
            standing.mended = true;
        }
    }

    /// The severest fault that stands at `now`, with the answer to it.
    pub fn worst(&self, now: Timestamp) -> Option<(FaultKind, Answer)> {
        let standing = TABLE.iter().zip(&self.standing).filter_map(|(row, standing)| {
            let standing = standing.filter(|s| !s.mended && !s.is_forgotten(now))?;
            let action = row.rungs[standing.rung].action;
            Some((row.kind, Answer { action, due: standing.due }))
        });
        standing.max_by_key(|(_, answer)| answer.action)
    }
}

/// Where one kind of fault stands on its rungs.
#[derive(Debug, Clone, Copy)]
struct Standing {
    rung: usize,
    /// Answers on this rung since `since`.
    times: u32,
    since: Timestamp,
    seen: Timestamp,
    due: Timestamp,
    mended: bool,
}

impl Standing {
    fn first(rungs: &[Rung], now: Timestamp) -> Self {
        Self {
            rung: 0,
            times: 1,
            since: now,
            seen: now,
            due: after(now, rungs[0].wait),
            mended: false,
        }
    }

    fn again(mut self, rungs: &[Rung], now: Timestamp) -> Self {
        self.seen = self.seen.max(now);
        self.mended = false;
        if now < self.due {
            return self;
        }
        let rung = rungs[self.rung];
        if between(self.since, now) > rung.within {
            (self.since, self.times) = (now, 0);
        }
        self.times += 1;
        if self.times > rung.times && self.rung + 1 < rungs.len() {
            (self.rung, self.times, self.since) = (self.rung + 1, 1, now);
        }
        self.times = self.times.min(rungs[self.rung].times);
        self.due = after(now, rungs[self.rung].wait);
        self
    }

    fn is_forgotten(&self, now: Timestamp) -> bool {
        between(self.seen.max(self.due), now) >= QUIET
    }
}

const fn row(kind: FaultKind, rungs: &'static [Rung]) -> Row {
    Row { kind, rungs }
}

const fn rung(action: Action, times: u32, within: Duration, wait: Duration) -> Rung {
    Rung { action, times, within, wait }
}

/// The rung from which nothing climbs.
const fn last(action: Action, wait_s: u64) -> Rung {
    rung(action, u32::MAX, HOUR, Duration::from_secs(wait_s))
}

fn position(kind: FaultKind) -> Option<usize> {
    TABLE.iter().position(|row| row.kind == kind)
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    to.0.saturating_sub(from.0)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(wait))
}

#[cfg(test)]
mod tests;
