//! The camera's and the vision's threads: started, replaced, ended.
//!
//! A thread cannot be ended from outside. One that hangs is left behind: it is told to stop, should
//! it ever look, its slots are closed, and others take its place.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use mien_shared::frame::Frame;

use super::{App, PipelineError, Slot, feed::Feed, watch::Watch};
use crate::{
    camera::{CameraError, Supply},
    face::{Vision, VisionError},
    reading::Observation,
};

/// Name of the camera's stage and thread.
const CAMERA: &str = "camera";
/// Name of the vision's stage and thread.
const VISION: &str = "vision";

/// How long a stage may be silent: longer than a driver's or a loaded board's worst moment.
const BUDGET: Duration = Duration::from_secs(10);

/// What a stage's thread returns.
pub(super) type Outcome = Result<(), PipelineError>;

/// How to make what the stages work with, at the start and when one is replaced.
#[derive(Clone)]
pub struct Makers {
    /// Opens the source.
    pub supply: Arc<dyn Fn() -> Result<Supply, CameraError> + Send + Sync>,
    /// Builds the networks.
    pub vision: Arc<dyn Fn() -> Result<Vision, VisionError> + Send + Sync>,
}

/// The running threads.
pub(super) struct Stages {
    makers: Makers,
    frames: Arc<Slot<Frame>>,
    observations: Arc<Slot<Observation>>,
    next_id: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    camera: JoinHandle<Outcome>,
    vision: JoinHandle<Outcome>,
    /// Frames dropped by threads that were left behind.
    dropped: u64,
}

impl Stages {
    /// Starts both threads; what they tell goes to `app`.
    pub(super) fn start(makers: Makers, app: &mut App) -> Result<Self, PipelineError> {
        Self::spawn(makers, Arc::default(), 0, app)
    }

    fn spawn(
        makers: Makers,
        next_id: Arc<AtomicU64>,
        dropped: u64,
        app: &mut App,
    ) -> Result<Self, PipelineError> {
        let (supply, vision) = ((makers.supply)()?, (makers.vision)()?);
        log::info!("camera: {}", supply.describe());
        let frames = Arc::new(Slot::new(Frame::empty()));
        let observations = Arc::new(Slot::new(Observation::empty()));
        let stop = Arc::new(AtomicBool::new(false));
        let feed = Feed {
            frames: Arc::clone(&frames),
            gate: Arc::clone(&app.gate),
            news: Arc::clone(&app.news),
            heart: app.care.hearts.stage(CAMERA, BUDGET),
            next_id: Arc::clone(&next_id),
            stop: Arc::clone(&stop),
        };
        let watch = Watch {
            makers: makers.clone(),
            frames: Arc::clone(&frames),
            observations: Arc::clone(&observations),
            gate: Arc::clone(&app.gate),
            news: Arc::clone(&app.news),
            heart: app.care.hearts.stage(VISION, BUDGET),
            stop: Arc::clone(&stop),
        };
        let (slot, seen) = (Arc::clone(&frames), Arc::clone(&observations));
        let camera = thread(CAMERA, move || {
            let _closing = slot.closing();
            feed.run(supply)
        })?;
        let slot = Arc::clone(&frames);
        let vision = thread(VISION, move || {
            let (_frames, _observations) = (slot.closing(), seen.closing());
            watch.run(vision)
        })?;
        Ok(Self { makers, frames, observations, next_id, stop, camera, vision, dropped })
    }

    /// Where what was seen lies.
    pub(super) fn observations(&self) -> &Slot<Observation> {
        &self.observations
    }

    /// Frames that gave way to newer ones.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped + self.frames.dropped()
    }

    /// What makes what the stages work with.
    pub(super) fn makers(&self) -> Makers {
        self.makers.clone()
    }

    /// Leaves both threads behind and starts others: a stage that hangs holds what the other needs.
    pub(super) fn renew(&mut self, makers: Makers, app: &mut App) -> Result<(), PipelineError> {
        self.close();
        let next_id = Arc::clone(&self.next_id);
        *self = Self::spawn(makers, next_id, self.dropped(), app)?;
        Ok(())
    }

    /// Ends the threads; waits for the camera's only where its source is `exhausted`, because one
    /// that still waits for a frame may wait for ever.
    pub(super) fn end(self, exhausted: bool) -> Outcome {
        self.close();
        let seen = join(self.vision);
        if exhausted { seen.and(join(self.camera)) } else { seen }
    }

    fn close(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.frames.close();
        self.observations.close();
    }
}

fn thread(
    name: &str,
    stage: impl FnOnce() -> Outcome + Send + 'static,
) -> Result<JoinHandle<Outcome>, PipelineError> {
    thread::Builder::new().name(name.to_owned()).spawn(stage).map_err(PipelineError::Thread)
}

/// The outcome of a stage; a panic in it goes on here.
fn join(stage: JoinHandle<Outcome>) -> Outcome {
    stage.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
}
