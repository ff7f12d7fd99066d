//! A supply over scripted cameras in virtual time.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use mien_shared::{
    frame::FrameId,
    telemetry::{Fault, FaultKind},
};

use super::*;
use crate::time::{Time, VirtualTime};

/// What a scripted camera does at one call.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// A frame with this id.
    Frame(u64),
    /// Nothing for so many milliseconds.
    Silence(u64),
    Damaged,
    Unplug,
    End,
}

/// What one attempt to open finds.
type Found = Result<Vec<Act>, fn() -> CameraError>;

struct Scripted {
    acts: VecDeque<Act>,
    time: Arc<VirtualTime>,
}

impl Camera for Scripted {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let Some(Act::Silence(left)) = self.acts.front_mut() else { return Ok(true) };
        let slept = patience.min(Duration::from_millis(*left));
        self.time.advance(slept);
        *left -= u64::try_from(slept.as_millis()).unwrap();
        if *left == 0 {
            self.acts.pop_front();
        }
        Ok(false)
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        self.time.advance(Duration::from_millis(40));
        match self.acts.pop_front() {
            Some(Act::Frame(id)) => {
                (frame.id, frame.captured_at) = (FrameId(id), self.time.now());
                Ok(true)
            }
            Some(Act::Damaged) => {
                Err(CameraError::BadFrame { path: "a".into(), reason: "cut off".to_owned() })
            }
            Some(Act::Unplug) => Err(gone()),
            Some(Act::Silence(_) | Act::End) | None => Ok(false),
        }
    }

    fn is_live(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        "scripted".to_owned()
    }
}

const ALWAYS: Retry = Retry::Always { stall: Duration::from_secs(3) };

fn gone() -> CameraError {
    CameraError::Vanished { path: PathBuf::from("/dev/video9") }
}

fn missing() -> CameraError {
    CameraError::Missing { path: PathBuf::from("/dev/video9") }
}

fn supply(script: Vec<Found>, retry: Retry) -> (Result<Supply, CameraError>, Arc<VirtualTime>) {
    let time = Arc::new(VirtualTime::default());
    let (clock, mut script) = (Arc::clone(&time), script.into_iter());
    let opener = move || {
        let acts = script.next().unwrap_or(Err(missing)).map_err(|error| error())?;
        let camera = Scripted { acts: acts.into(), time: Arc::clone(&clock) };
        Ok(Box::new(camera) as Box<dyn Camera>)
    };
    let time_of_source: Arc<dyn Time> = Arc::clone(&time) as _;
    let name = "scripted://".to_owned();
    let source = Source { name, opener: Box::new(opener), retry, time: time_of_source };
    (Supply::of(source), time)
}

/// The next `count` events, each with the frame's id where there is one.
fn events(supply: &mut Supply, count: usize) -> Vec<(Event, Option<u64>)> {
    let (mut frame, stop) = (Frame::empty(), AtomicBool::new(false));
    let mut take = || {
        let event = supply.next(&mut frame, &stop).unwrap();
        let id = event.has_frame().then_some(frame.id.0);
        (event, id)
    };
    (0..count).map(|_| take()).collect()
}

fn lost(kind: FaultKind, error: &CameraError, attempt: u32) -> (Event, Option<u64>) {
    let fault = Fault { kind, text: error.to_string() };
    (Event::Lost { fault, attempt, retry_in: delay(attempt) }, None)
}

#[test]
fn a_camera_that_comes_back_goes_on_where_it_was() {
    let script = vec![
        Ok(vec![Act::Frame(0), Act::Frame(1), Act::Unplug]),
        Err(missing as fn() -> CameraError),
        Ok(vec![Act::Frame(0), Act::Frame(2)]),
    ];
    let (supply, _time) = supply(script, ALWAYS);
    let mut supply = supply.unwrap();
    // 40 ms a frame: 100 ms to the failed attempt, 200 ms to the good one, 40 ms to its frame.
    let back = Event::Back { after: Duration::from_millis(100 + 200 + 40) };
    assert_eq!(
        events(&mut supply, 6),
        [
            (Event::Frame, Some(0)),
            (Event::Frame, Some(1)),
            lost(FaultKind::CameraLost, &gone(), 1),
            lost(FaultKind::CameraLost, &missing(), 2),
            (back, Some(2)),
            (Event::Frame, Some(4)),
        ]
    );
    let counts = Counts { frames: 4, damaged: 0, losses: 1, reopened: 1, failed: 1 };
    assert_eq!(supply.counts(), counts);
}

#[test]
fn a_camera_that_is_not_there_yet_is_waited_for() {
    let absent = || Err(missing as fn() -> CameraError);
    let mut script: Vec<Found> = (0..50).map(|_| absent()).collect();
    script.push(Ok(vec![Act::Frame(0)]));
    let (supply, time) = supply(script, ALWAYS);
    let mut supply = supply.unwrap();
    assert!(supply.is_live());
    assert_eq!(supply.describe(), "scripted://");
    let told = events(&mut supply, 51);
    assert_eq!(told[0], lost(FaultKind::CameraLost, &missing(), 1));
    assert_eq!(told[49], lost(FaultKind::CameraLost, &missing(), 50));
    assert!(matches!(told[50], (Event::Back { .. }, Some(0))));
    assert_eq!(supply.describe(), "scripted");
    // 0.1 + 0.2 + 0.4 + 0.8 and 46 times a second, and the frame.
    assert_eq!(time.now().0, Duration::from_millis(1500 + 46_000 + 40));
}

#[test]
fn a_camera_that_is_plugged_in_again_shows_pictures_within_two_seconds() {
    for absent_ms in (0..20_000).step_by(70) {
        let (mut at, mut attempt) = (Duration::ZERO, 0);
        while at < Duration::from_millis(absent_ms) {
            attempt += 1;
            at += delay(attempt);
        }
        assert!(at <= Duration::from_millis(absent_ms + 1000), "{absent_ms}");
    }
}

#[test]
fn silence_is_a_loss_and_the_camera_is_opened_anew() {
    let script = vec![
        Ok(vec![Act::Frame(0), Act::Silence(2000), Act::Frame(1), Act::Silence(4000)]),
        Ok(vec![Act::Frame(0)]),
    ];
    let (supply, _time) = supply(script, ALWAYS);
    let stalled =
        CameraError::Stalled { path: "scripted://".into(), after: Duration::from_secs(3) };
    let back = Event::Back { after: Duration::from_millis(140) };
    assert_eq!(
        events(&mut supply.unwrap(), 4),
        [
            (Event::Frame, Some(0)),
            (Event::Frame, Some(1)),
            lost(FaultKind::CameraStalled, &stalled, 1),
            (back, Some(2)),
        ]
    );
}

#[test]
fn damage_is_passed_over_and_nothing_but_damage_is_a_loss() {
    let mut acts = vec![Act::Frame(0), Act::Damaged, Act::Frame(2)];
    acts.extend([Act::Damaged; 100]);
    let (supply, _time) = supply(vec![Ok(acts)], ALWAYS);
    let mut supply = supply.unwrap();
    let told = events(&mut supply, 3 + 75);
    let skipped = (Event::Skipped { reason: "a: cut off".to_owned() }, None);
    assert_eq!(told[1], skipped);
    assert_eq!(told[2], (Event::Frame, Some(2)));
    // 75 frames of 40 ms are three seconds.
    assert_eq!(told[3..77], vec![skipped; 74]);
    let bad = CameraError::BadFrame { path: "a".into(), reason: "cut off".to_owned() };
    assert_eq!(told[77], lost(FaultKind::CameraDamaged, &bad, 1));
    assert_eq!(supply.counts().damaged, 76);
}

#[test]
fn a_camera_that_opens_and_gives_nothing_is_not_back() {
    let script = vec![
        Ok(vec![Act::Frame(0), Act::Unplug]),
        Ok(vec![Act::Unplug]),
        Ok(vec![Act::Unplug]),
        Ok(vec![Act::Frame(0)]),
    ];
    let (supply, _time) = supply(script, ALWAYS);
    let told = events(&mut supply.unwrap(), 5);
    assert_eq!(told[1..4], [1, 2, 3].map(|attempt| lost(FaultKind::CameraLost, &gone(), attempt)));
    assert!(matches!(told[4], (Event::Back { .. }, Some(1))));
}

#[test]
fn the_end_of_a_file_is_the_end() {
    let (supply, _time) = supply(vec![Ok(vec![Act::Frame(0), Act::End])], Retry::Never);
    let mut supply = supply.unwrap();
    assert_eq!(
        events(&mut supply, 3),
        [(Event::Frame, Some(0)), (Event::Ended, None), (Event::Ended, None)]
    );
}

#[test]
fn the_end_of_a_device_is_a_loss() {
    let (supply, _time) = supply(vec![Ok(vec![Act::End])], ALWAYS);
    let vanished = CameraError::Vanished { path: "scripted://".into() };
    assert_eq!(events(&mut supply.unwrap(), 1), [lost(FaultKind::CameraLost, &vanished, 1)]);
}

#[test]
fn without_retry_a_failure_is_the_callers() {
    let (absent, _time) = supply(vec![Err(missing as fn() -> CameraError)], Retry::Never);
    assert!(matches!(absent, Err(CameraError::Missing { .. })));
    let (supply, _time) = supply(vec![Ok(vec![Act::Unplug])], Retry::Never);
    let (mut supply, stop) = (supply.unwrap(), AtomicBool::new(false));
    let error = supply.next(&mut Frame::empty(), &stop).unwrap_err();
    assert!(matches!(error, CameraError::Vanished { .. }));
    assert_eq!(supply.next(&mut Frame::empty(), &stop).unwrap(), Event::Ended);
}

#[test]
fn a_malformed_specification_is_refused_at_once() {
    for spec in ["v4l2", "csi://0", "v4l2://", "v4l2://auto?sise=1x1", "v4l2://auto?retry=2"] {
        let error = Supply::open(spec).err().unwrap();
        assert!(error.is_refusal(), "{spec}: {error}");
    }
    assert!(matches!(Supply::open("y4m:///nowhere"), Err(CameraError::Missing { .. })));
    let nowhere = "v4l2:///dev/video-nowhere";
    assert!(matches!(
        Supply::open(&format!("{nowhere}?retry=0")),
        Err(CameraError::Missing { .. })
    ));
    assert_eq!(Supply::open(nowhere).unwrap().describe(), nowhere);
}

#[test]
fn a_stop_flag_ends_every_wait_within_a_slice() {
    let script = vec![Ok(vec![Act::Silence(60_000)])];
    let (supply, time) = supply(script, Retry::Never);
    let (mut supply, stop) = (supply.unwrap(), Arc::new(AtomicBool::new(false)));
    let flag = Arc::clone(&stop);
    let watcher = Arc::clone(&time);
    let setter = std::thread::spawn(move || {
        while watcher.now().0 < Duration::from_secs(1) {
            std::thread::yield_now();
        }
        flag.store(true, Ordering::Relaxed);
    });
    let told = supply.next(&mut Frame::empty(), &stop).unwrap();
    setter.join().unwrap();
    // The script may have run out before the flag was seen.
    assert!(matches!(told, Event::Stopped | Event::Ended), "{told:?}");
    stop.store(true, Ordering::Relaxed);
    assert_eq!(supply.next(&mut Frame::empty(), &stop).unwrap(), Event::Stopped);
}
