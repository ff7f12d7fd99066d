//! Frames in, readings out: three stages in three threads with bounded memory between them.
//!
//! ```text
//!  camera thread   Camera::next -> Frame
//!      │ frames: one slot; newest wins for a live source, every frame for one that waits
//!  vision thread   Vision::look -> Observation
//!      │ observations: one slot, every one
//!  caller's thread App::take: decide -> sinks, panels
//! ```
//!
//! Buffers change hands by swapping, so a frame costs no allocation; a dropped frame is counted.
//! The pipeline ends with its source, at a number of frames, when told to stop, or at the first
//! error that is not just one bad frame.

mod app;
mod slot;

use std::{
    fmt, panic,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mien_shared::frame::Frame;

pub use self::{
    app::{App, Outputs},
    slot::{Delivery, Slot, Taken},
};
use crate::{
    camera::{Camera, CameraError},
    events::EventError,
    face::{Vision, VisionError},
    panel::PanelError,
    reading::Observation,
    stage::Percentiles,
};

/// How often in a row a camera may deliver nothing before the pipeline gives it up.
const MAX_STALLS: u32 = 3;

/// How long the caller's thread waits before it looks at the stop flag again.
const PATIENCE: Duration = Duration::from_millis(100);

/// When to end before the source does.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// End after so many frames.
    pub frames: Option<u64>,
    /// End as soon as this is true.
    pub stop: Arc<AtomicBool>,
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
    /// Frames per second.
    pub fps: f64,
    /// From capture to event, in milliseconds.
    pub latency: Percentiles,
}

/// Runs `camera` through `vision` into `app` until `ending`.
///
/// # Errors
/// The first error of any stage that is not just one damaged frame.
pub fn run(
    camera: Box<dyn Camera>,
    vision: Vision,
    app: &mut App,
    ending: &Ending,
) -> Result<Summary, PipelineError> {
    let started = Instant::now();
    let frames = Arc::new(Slot::new(Frame::empty()));
    let observations = Arc::new(Slot::new(Observation::empty()));
    let camera = spawn("camera", &frames, None, move |frames| feed(camera, frames))?;
    let output = Arc::clone(&observations);
    let vision = spawn("vision", &frames, Some(&observations), move |frames| {
        watch(vision, frames, &output)
    })?;

    let exhausted = consume(&observations, app, ending);
    frames.close();
    observations.close();
    let mut damage = join(vision)?;
    // A camera that still waits for a frame may wait for ever: it ends with the process.
    if exhausted? {
        damage.add(join(camera)?);
    }
    app.finish()?;
    let dropped = frames.dropped();
    let fps = app.frames() as f64 / started.elapsed().as_secs_f64();
    let Damage { frames: damaged, fault } = damage;
    Ok(Summary { frames: app.frames(), dropped, damaged, fault, fps, latency: app.latency() })
}

/// Takes observations until the source is exhausted (true) or `ending` says so (false).
fn consume(
    observations: &Slot<Observation>,
    app: &mut App,
    ending: &Ending,
) -> Result<bool, PipelineError> {
    let mut observation = Observation::empty();
    while !ending.stop.load(Ordering::Relaxed) {
        match observations.take(&mut observation, PATIENCE) {
            Taken::Fresh => app.take(&mut observation)?,
            Taken::Nothing => app.wait()?,
            Taken::Closed => return Ok(true),
        }
        if ending.frames.is_some_and(|limit| app.frames() >= limit) {
            break;
        }
    }
    Ok(false)
}

/// The camera thread; returns the damaged frames.
fn feed(mut camera: Box<dyn Camera>, frames: &Slot<Frame>) -> Outcome {
    let delivery = if camera.is_live() { Delivery::Newest } else { Delivery::Every };
    let (mut frame, mut damage, mut stalls) = (Frame::empty(), Damage::default(), 0);
    loop {
        match camera.next(&mut frame) {
            Ok(true) => {
                stalls = 0;
                if !frames.put(&mut frame, delivery) {
                    return Ok(damage);
                }
            }
            Ok(false) => return Ok(damage),
            Err(error) if error.is_skippable() => damage.note(&error),
            // The next call starts the stream again.
            Err(CameraError::Stalled { .. }) if stalls < MAX_STALLS => stalls += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// The vision thread; returns the damaged frames.
fn watch(mut vision: Vision, frames: &Slot<Frame>, observations: &Slot<Observation>) -> Outcome {
    let (mut frame, mut observation) = (Frame::empty(), Observation::empty());
    let mut damage = Damage::default();
    loop {
        match frames.take(&mut frame, PATIENCE) {
            Taken::Nothing => continue,
            Taken::Closed => return Ok(damage),
            Taken::Fresh => {}
        }
        match vision.look(&frame, &mut observation) {
            Ok(()) => {}
            Err(error) if error.is_skippable() => {
                damage.note(&error);
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if !observations.put(&mut observation, Delivery::Every) {
            return Ok(damage);
        }
    }
}

/// The frames a stage could not read.
#[derive(Debug, Default)]
struct Damage {
    frames: u64,
    fault: Option<String>,
}

impl Damage {
    /// Counts a frame; the first one's fault is kept.
    fn note(&mut self, fault: &dyn fmt::Display) {
        self.frames += 1;
        self.fault.get_or_insert_with(|| fault.to_string());
    }

    fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.fault = self.fault.take().or(other.fault);
    }
}

type Outcome = Result<Damage, PipelineError>;

/// Starts a stage; the slots it has part in close when it ends, however it ends.
fn spawn(
    name: &str,
    frames: &Arc<Slot<Frame>>,
    observations: Option<&Arc<Slot<Observation>>>,
    stage: impl FnOnce(&Slot<Frame>) -> Outcome + Send + 'static,
) -> Result<JoinHandle<Outcome>, PipelineError> {
    let (frames, observations) = (Arc::clone(frames), observations.cloned());
    let run = move || {
        let _frames = frames.closing();
        let _observations = observations.as_ref().map(|slot| slot.closing());
        stage(&frames)
    };
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map_err(PipelineError::Thread)
}

/// The outcome of a stage; a panic in it goes on here.
fn join(stage: JoinHandle<Outcome>) -> Outcome {
    stage.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
}

/// Why a pipeline ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The source failed.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// A network failed.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// A panel failed.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A sink failed.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

#[cfg(test)]
mod tests {
    use std::{io, path::PathBuf, sync::Mutex};

    use mien_shared::{
        frame::{FrameId, PixelFormat},
        telemetry::{Hello, Message},
    };

    use super::*;
    use crate::{
        decide::Policy,
        events::Sink,
        models::{Models, fixture},
    };

    const SIDE: u32 = 64;

    /// Gives what its script says: `Ok(true)` is a dark frame, `Ok(false)` a damaged one.
    struct Scripted<I> {
        script: I,
        live: bool,
        next_id: u64,
    }

    impl<I: Iterator<Item = Result<bool, CameraError>> + Send> Camera for Scripted<I> {
        fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
            let Some(step) = self.script.next() else { return Ok(false) };
            let sound = step?;
            (frame.id, frame.format) = (FrameId(self.next_id), PixelFormat::Grey);
            (frame.width, frame.height, frame.stride) = (SIDE, SIDE, SIDE);
            frame.data.resize(if sound { (SIDE * SIDE) as usize } else { 10 }, 0);
            self.next_id += 1;
            Ok(true)
        }

        fn is_live(&self) -> bool {
            self.live
        }

        fn describe(&self) -> String {
            "a script".to_owned()
        }
    }

    /// Remembers the ids of the readings it gets, and fails after some.
    struct Remember {
        ids: Arc<Mutex<Vec<u64>>>,
        room: usize,
    }

    impl Sink for Remember {
        fn send(&mut self, message: &Message) -> Result<(), EventError> {
            let Message::Reading(reading) = message else { return Ok(()) };
            let mut ids = self.ids.lock().unwrap();
            if ids.len() == self.room {
                let source = io::ErrorKind::StorageFull.into();
                return Err(EventError::Write { spec: "memory".to_owned(), source });
            }
            ids.push(reading.frame.0);
            Ok(())
        }
    }

    /// Runs a script to its end; returns the outcome and the ids of the readings.
    fn play(
        script: impl Iterator<Item = Result<bool, CameraError>> + Send + 'static,
        live: bool,
        room: usize,
        ending: &Ending,
    ) -> (Result<Summary, PipelineError>, Vec<u64>) {
        let models = Models::of(fixture::detector(), fixture::expression());
        let ids = Arc::new(Mutex::new(Vec::new()));
        let sink = Box::new(Remember { ids: Arc::clone(&ids), room });
        let outputs = Outputs { panels: Vec::new(), sinks: vec![sink] };
        let hello = Hello { firmware: String::new(), board: String::new(), models: Vec::new() };
        let mut app = App::new(outputs, String::new(), Policy::default(), hello).unwrap();
        let camera = Box::new(Scripted { script, live, next_id: 0 });
        let outcome = run(camera, Vision::new(&models).unwrap(), &mut app, ending);
        let ids = ids.lock().unwrap().clone();
        (outcome, ids)
    }

    #[test]
    fn a_source_that_waits_loses_no_frame_and_damaged_ones_are_counted() {
        let script = (0..40).map(|i| Ok(i % 10 != 3));
        let (outcome, ids) = play(script, false, 100, &Ending::default());
        let summary = outcome.unwrap();
        assert_eq!((summary.frames, summary.dropped, summary.damaged), (36, 0, 4));
        assert_eq!(ids, (0..40).filter(|i| i % 10 != 3).collect::<Vec<_>>());
    }

    #[test]
    fn a_live_source_loses_only_frames_that_are_counted() {
        let (outcome, ids) = play((0..500).map(|_| Ok(true)), true, 1000, &Ending::default());
        let summary = outcome.unwrap();
        assert_eq!(summary.frames + summary.dropped, 500);
        assert_eq!(ids.last(), Some(&499), "the newest frame arrives");
    }

    #[test]
    fn a_bad_picture_is_skipped_and_a_camera_that_vanishes_is_an_error() {
        let bad = || CameraError::BadFrame { path: "a".into(), reason: String::new() };
        let gone = || CameraError::Vanished { path: PathBuf::from("/dev/video9") };
        let script = [Ok(true), Err(bad()), Ok(true), Err(gone())].into_iter();
        let (outcome, ids) = play(script, false, 10, &Ending::default());
        assert!(matches!(outcome, Err(PipelineError::Camera(CameraError::Vanished { .. }))));
        assert_eq!(ids, [0, 1]);
    }

    #[test]
    fn a_camera_that_stalls_is_given_a_few_chances() {
        let stalled = |_| {
            let path = PathBuf::from("/dev/video9");
            Err(CameraError::Stalled { path, after: Duration::ZERO })
        };
        let script = (0..3).map(stalled).chain([Ok(true)]).chain((0..4).map(stalled));
        let (outcome, ids) = play(script, false, 10, &Ending::default());
        assert!(matches!(outcome, Err(PipelineError::Camera(CameraError::Stalled { .. }))));
        assert_eq!(ids, [0]);
    }

    #[test]
    fn a_sink_that_fails_ends_the_pipeline() {
        let (outcome, ids) = play((0..).map(|_| Ok(true)), false, 3, &Ending::default());
        assert!(matches!(outcome, Err(PipelineError::Event(_))));
        assert_eq!(ids, [0, 1, 2]);
    }

    #[test]
    fn it_ends_after_the_frames_asked_for() {
        let ending = Ending { frames: Some(5), ..Ending::default() };
        let (outcome, ids) = play((0..).map(|_| Ok(true)), false, 100, &ending);
        assert_eq!((outcome.unwrap().frames, ids.len()), (5, 5));
    }

    #[test]
    fn it_stops_when_told_even_while_the_camera_waits_for_ever() {
        let ending = Ending::default();
        let stop = Arc::clone(&ending.stop);
        let script = (0..).map(move |i| {
            if i == 2 {
                stop.store(true, Ordering::Relaxed);
                thread::sleep(Duration::from_hours(1));
            }
            Ok(true)
        });
        let (outcome, ids) = play(script, true, 100, &ending);
        assert!(outcome.unwrap().frames <= 2 && ids.len() <= 2);
    }
}
