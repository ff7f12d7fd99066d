//! Whole pipelines over scripted cameras.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError, atomic::Ordering},
    thread,
};

use mien_shared::{
    frame::{Frame, FrameId, PixelFormat},
    telemetry::{Command, Hello, Message, State},
};

use super::*;
use crate::{
    camera::{Camera, Source, Supply, supply::Retry, time::VirtualTime},
    command::{self, Asker},
    events::{Sink, Sinks},
    face::Vision,
    models::{Models, fixture},
    pins::NoPins,
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

/// What a sink heard: the ids of readings, and the states in their order.
#[derive(Debug, Default)]
struct Heard {
    ids: Vec<u64>,
    states: Vec<State>,
}

/// Remembers what it hears, and refuses what it has no room for.
struct Remember {
    heard: Arc<Mutex<Heard>>,
    room: usize,
}

impl Sink for Remember {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        let mut heard = self.heard.lock().unwrap();
        match message {
            Message::Reading(_) if heard.ids.len() == self.room => {
                let source = io::ErrorKind::StorageFull.into();
                return Err(EventError::Write { spec: "memory".to_owned(), source });
            }
            Message::Reading(reading) => heard.ids.push(reading.frame.0),
            Message::Status(status) if heard.states.last() != Some(&status.state) => {
                heard.states.push(status.state);
            }
            _ => {}
        }
        Ok(())
    }
}

/// A pipeline's app, who asks it, and what its sink hears.
fn app(room: usize) -> (App, Asker, Arc<Mutex<Heard>>) {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let sinks = Sinks::of(vec![Box::new(Remember { heard: Arc::clone(&heard), room })]);
    let (asker, asked) = command::channel();
    let owner = Owner::new(asked, Box::new(NoPins));
    let outputs = Outputs { panels: Vec::new(), sinks, owner };
    let hello = Hello { firmware: String::new(), board: String::new(), models: Vec::new() };
    (App::new(outputs, String::new(), Manners::default(), hello).unwrap(), asker, heard)
}

type Script = Box<dyn Iterator<Item = Result<bool, CameraError>> + Send>;

/// Makers of a camera that plays `scripts`, one each time it is opened.
fn makers(scripts: Vec<Script>, live: bool, retry: Retry) -> Makers {
    let scripts = Arc::new(Mutex::new(scripts.into_iter()));
    let supply = move || {
        let scripts = Arc::clone(&scripts);
        let opener = move || -> Result<Box<dyn Camera>, CameraError> {
            let next = scripts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let script = next.ok_or_else(gone)?;
            Ok(Box::new(Scripted { script, live, next_id: 0 }))
        };
        let (name, opener) = ("a script".to_owned(), Box::new(opener));
        Supply::of(Source { name, opener, retry, time: Arc::new(VirtualTime::default()) })
    };
    let vision = || Vision::new(&Models::of(fixture::detector(), fixture::expression()));
    Makers { supply: Arc::new(supply), vision: Arc::new(vision) }
}

fn gone() -> CameraError {
    CameraError::Vanished { path: PathBuf::from("/dev/video9") }
}

/// Runs a script to its end; returns the outcome and the ids of the readings.
fn play(
    script: impl Iterator<Item = Result<bool, CameraError>> + Send + 'static,
    live: bool,
    room: usize,
    ending: &Ending,
) -> (Result<Summary, PipelineError>, Vec<u64>) {
    let (mut app, _asker, heard) = app(room);
    let outcome =
        run(makers(vec![Box::new(script)], live, Retry::Never), &mut app, ending, &mut ());
    let ids = heard.lock().unwrap().ids.clone();
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
fn a_bad_picture_is_skipped_and_a_file_that_vanishes_is_an_error() {
    let bad = || CameraError::BadFrame { path: "a".into(), reason: String::new() };
    let script = [Ok(true), Err(bad()), Ok(true), Err(gone())].into_iter();
    let (outcome, ids) = play(script, false, 10, &Ending::default());
    assert!(matches!(outcome, Err(PipelineError::Camera(CameraError::Vanished { .. }))));
    assert_eq!(ids, [0, 1]);
}

#[test]
fn a_camera_that_comes_back_is_read_on_and_said_to_have_been_away() {
    let scripts: Vec<Script> = vec![
        Box::new((0..5).map(|_| Ok(true)).chain([Err(gone())])),
        Box::new([Err(gone())].into_iter()),
        Box::new((0..5).map(|_| Ok(true)).chain((0..).map(|_| Err(gone())))),
    ];
    let retry = Retry::Always { stall: Duration::from_secs(3) };
    let (mut app, _asker, heard) = app(100);
    let ending = Ending { frames: Some(10), ..Ending::default() };
    let summary = run(makers(scripts, false, retry), &mut app, &ending, &mut ()).unwrap();
    assert_eq!((summary.frames, summary.reopened), (10, 1));
    let heard = heard.lock().unwrap();
    assert!(heard.ids.is_sorted_by(|a, b| a < b), "{:?}", heard.ids);
    assert_eq!(heard.states.last(), Some(&State::Stopping));
}

#[test]
fn a_sink_that_fails_is_counted_and_ends_nothing() {
    let (outcome, ids) = play((0..10).map(|_| Ok(true)), false, 3, &Ending::default());
    let summary = outcome.unwrap();
    assert_eq!((summary.frames, summary.lost), (10, 7));
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

#[test]
fn a_paused_device_lets_go_of_its_camera_and_says_nothing_of_faces() {
    let opened = Arc::new(Mutex::new(0));
    let (mut app, asker, heard) = app(usize::MAX);
    let mut makers = makers(Vec::new(), true, Retry::Never);
    let count = Arc::clone(&opened);
    makers.supply = Arc::new(move || {
        let count = Arc::clone(&count);
        let opener = move || -> Result<Box<dyn Camera>, CameraError> {
            *count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            let script = (0..).map(|_| {
                thread::sleep(Duration::from_millis(1));
                Ok(true)
            });
            Ok(Box::new(Scripted { script, live: true, next_id: 0 }))
        };
        let (name, opener) = ("a script".to_owned(), Box::new(opener));
        let retry = Retry::Always { stall: Duration::from_secs(3) };
        Supply::of(Source { name, opener, retry, time: Arc::new(VirtualTime::default()) })
    });
    let ending = Ending::default();
    let stop = Arc::clone(&ending.stop);
    let watcher = Arc::clone(&heard);
    let owner = thread::spawn(move || {
        let until = |wanted: &dyn Fn(&Heard) -> bool| {
            while !wanted(&watcher.lock().unwrap()) {
                thread::sleep(Duration::from_millis(5));
            }
        };
        until(&|heard| heard.ids.len() > 3);
        assert!(asker.ask(Command::Read(false)));
        until(&|heard| heard.states.contains(&State::Paused));
        let before = watcher.lock().unwrap().ids.len();
        thread::sleep(Duration::from_millis(300));
        let after = watcher.lock().unwrap().ids.len();
        assert!(asker.ask(Command::Read(true)));
        until(&|heard| heard.ids.len() > after + 3);
        stop.store(true, Ordering::Relaxed);
        after - before
    });
    run(makers, &mut app, &ending, &mut ()).unwrap();
    assert_eq!(owner.join().unwrap(), 0, "readings while paused");
    assert_eq!(*opened.lock().unwrap(), 2, "the source is opened anew");
    let states = heard.lock().unwrap().states.clone();
    assert!(states.ends_with(&[State::Paused, State::Reading, State::Stopping]), "{states:?}");
}
