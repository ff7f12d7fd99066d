//! Frames in, readings out: three stages in three threads with bounded memory between them.
//!
//! ```text
//!  camera thread   Supply::next -> Frame                    closed gate: the source is let go
//!      │ frames: one slot; newest wins for a live source, every frame for one that waits
//!  vision thread   Vision::look -> Observation
//!      │ observations: one slot, every one
//!  caller's thread App::take: decide -> sinks, panels       App::tend: owner, heat, watchdog
//! ```
//!
//! Buffers change hands by swapping, so a frame costs no allocation; a dropped frame is counted.
//! The pipeline ends with its source, at a number of frames, or when told to stop. A camera that is
//! lost, a sink, a panel or a sensor that fails do not end it: they are faults in the device's
//! status. A stage that hangs is replaced; when that does not help the pipeline ends with an error,
//! for systemd to start the process anew.

mod app;
mod care;
mod diary;
mod duty;
mod faults;
mod feed;
mod gate;
mod notice;
mod owner;
mod rate;
mod screens;
mod slot;
mod stages;
mod watch;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use mien_shared::{frame::Timestamp, telemetry::FaultKind};
use mien_supervisor::{
    fault::{Action, Faults as Answers},
    heartbeat::Verdict,
    vitals::Threads,
};

use self::stages::Stages;
pub use self::{
    app::{App, Manners, Outputs},
    diary::Diary,
    feed::{News, Told},
    gate::Gate,
    owner::Owner,
    slot::{Delivery, Slot, Taken},
    stages::Makers,
};
use crate::{
    camera::CameraError, clock, events::EventError, face::VisionError, reading::Observation,
    stage::Percentiles,
};

/// How long a thread waits before it looks at its flags again.
const PATIENCE: Duration = Duration::from_millis(100);

/// When to end before the source does.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// End after so many frames.
    pub frames: Option<u64>,
    /// End as soon as this is true.
    pub stop: Arc<AtomicBool>,
}

/// Who looks in between frames, at least ten times per second.
pub trait Steward {
    /// Does what is due at `now`; the stages are replaced by what new makers make, if there are any.
    fn visit(&mut self, now: Timestamp, app: &mut App) -> Option<Makers>;
}

/// Nobody.
impl Steward for () {
    fn visit(&mut self, _now: Timestamp, _app: &mut App) -> Option<Makers> {
        None
    }
}

/// What a pipeline did.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Frames read.
    pub frames: u64,
    /// Frames that gave way to a newer one.
    pub dropped: u64,
    /// Frames too damaged to be read.
    pub damaged: u64,
    /// What was wrong with the first of them.
    pub fault: Option<String>,
    /// Times the camera came back.
    pub reopened: u64,
    /// Messages that sinks lost.
    pub lost: u64,
    /// Frames per second.
    pub fps: f64,
    /// From capture to event, in milliseconds.
    pub latency: Percentiles,
    /// From one event to the next, in milliseconds.
    pub interval: Percentiles,
    /// What each thread took of a processor core, in words.
    pub threads: String,
}

/// Runs what `makers` make into `app` until `ending`, under the eyes of `steward`.
///
/// # Errors
/// When the source cannot be opened and is not tried again, when a network cannot be built or fails
/// for good, when a stage hangs for good, and when the reader of standard output has gone.
pub fn run(
    makers: Makers,
    app: &mut App,
    ending: &Ending,
    steward: &mut dyn Steward,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let mut stages = Stages::start(makers, app)?;
    let mut threads = Threads::new(Path::new("/proc"));
    threads.read(clock::now()).ok();
    let exhausted = consume(&mut stages, app, ending, steward);
    app.count_dropped(stages.dropped());
    threads.read(clock::now()).ok();
    let ended = stages.end(matches!(exhausted, Ok(true)));
    let finished = app.finish();
    ended?;
    exhausted?;
    finished?;
    Ok(summary(app, started.elapsed(), threads.to_string()))
}

/// Takes observations until the source is exhausted (true) or `ending` says so (false).
fn consume(
    stages: &mut Stages,
    app: &mut App,
    ending: &Ending,
    steward: &mut dyn Steward,
) -> Result<bool, PipelineError> {
    let mut observation = Observation::empty();
    let mut answers = Answers::default();
    while !ending.stop.load(Ordering::Relaxed) {
        match stages.observations().take(&mut observation, PATIENCE) {
            Taken::Fresh => app.take(&mut observation)?,
            Taken::Nothing => app.tend(clock::now())?,
            Taken::Closed => return Ok(true),
        }
        app.count_dropped(stages.dropped());
        let now = clock::now();
        if let Some(makers) = steward.visit(now, app) {
            stages.renew(makers, app)?;
        }
        if let Verdict::Hung { stage, silent } = app.care.watch(now) {
            replace(stage, silent, &mut answers, stages, app)?;
        }
        if ending.frames.is_some_and(|limit| app.frames() >= limit) {
            break;
        }
    }
    Ok(false)
}

/// Answers a stage that does not.
fn replace(
    stage: &'static str,
    silent: Duration,
    answers: &mut Answers,
    stages: &mut Stages,
    app: &mut App,
) -> Result<(), PipelineError> {
    let now = clock::now();
    match answers.step(FaultKind::StageHung, now) {
        answer if answer.action == Action::Exit => Err(PipelineError::Hung { stage, silent }),
        answer if answer.due <= now => {
            log::error!("the {stage} stage is silent for {silent:?} and is replaced");
            stages.renew(stages.makers(), app)
        }
        _ => Ok(()),
    }
}

fn summary(app: &App, elapsed: Duration, threads: String) -> Summary {
    let told = app.news.read(Told::clone);
    Summary {
        frames: app.frames(),
        dropped: app.dropped(),
        damaged: told.damaged,
        fault: told.damage,
        reopened: told.reopened,
        lost: app.lost(),
        fps: app.frames() as f64 / elapsed.as_secs_f64(),
        latency: app.latency(),
        interval: app.interval(),
        threads,
    }
}

impl Summary {
    /// How regular and how late events were, as a table in milliseconds.
    pub fn table(&self) -> String {
        let row = |name, times: &Percentiles| {
            let Percentiles { p50, p95, p99, max } = times;
            format!("{name:<26}{p50:>9.2}{p95:>9.2}{p99:>9.2}{max:>9.2}\n")
        };
        let head = format!("{:<26}{:>9}{:>9}{:>9}{:>9}\n", "ms", "50 %", "95 %", "99 %", "most");
        let (latency, interval) =
            (row("capture to event", &self.latency), row("event to event", &self.interval));
        format!("{head}{latency}{interval}threads: {}\n", self.threads)
    }
}

/// Why a pipeline ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The source failed and is not tried again.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// A network failed for good.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// The reader of standard output has gone.
    #[error(transparent)]
    Event(#[from] EventError),
    /// A stage does not answer, and replacing it did not help.
    #[error("the {stage} stage does not answer for {silent:?}; start the program again")]
    Hung {
        /// Its name.
        stage: &'static str,
        /// Since its last sign of life.
        silent: Duration,
    },
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

#[cfg(test)]
mod tests;
