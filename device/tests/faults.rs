//! Whatever a camera does, the pipeline stays alive and ends in a defined state.
//!
//! Ten thousand schedules of faults, each drawn from its number, over a small moving face in
//! virtual time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use mien_device::{
    camera::{
        Camera, CameraError, Source, Supply,
        faulty::{self, Kind, Schedule},
        supply::Retry,
        time::SystemTime,
    },
    clock, command,
    events::{EventError, Sink, Sinks},
    face::Vision,
    models::Models,
    pins::NoPins,
    pipeline::{self, App, Ending, Makers, Manners, Outputs, Owner, Summary},
};
use mien_shared::{
    frame::{Frame, FrameId, Grey, PixelFormat},
    telemetry::{Hello, Message, State},
};

#[path = "../src/models/fixture.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod fixture;

/// Schedules tried.
const SCHEDULES: u64 = 10_000;
/// Frames of the source: more than a random schedule spoils one by one.
const FRAMES: u64 = 80;
const SIZE: (u32, u32) = (96, 64);

/// A small moving spot that the test's detector takes for a face.
struct Spot {
    pictures: Arc<Vec<Vec<u8>>>,
    next_id: u64,
}

impl Camera for Spot {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let Some(picture) = self.pictures.get(usize::try_from(self.next_id).unwrap()) else {
            return Ok(false);
        };
        (frame.id, frame.captured_at) = (FrameId(self.next_id), clock::now());
        (frame.width, frame.height, frame.stride) = (SIZE.0, SIZE.1, SIZE.0);
        frame.format = PixelFormat::Grey;
        frame.data.clear();
        frame.data.extend_from_slice(picture);
        self.next_id += 1;
        Ok(true)
    }

    fn is_live(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        "a moving spot".to_owned()
    }
}

fn pictures() -> Vec<Vec<u8>> {
    let picture = |turn| {
        let mut grey = Grey::new(SIZE.0, SIZE.1);
        fixture::spot(&mut grey, [32 + turn % 16, 32], 20);
        grey.data
    };
    (0..usize::try_from(FRAMES).unwrap()).map(picture).collect()
}

/// What a sink heard.
#[derive(Debug, Default)]
struct Heard {
    ids: Vec<u64>,
    sequences: Vec<u64>,
    states: Vec<State>,
}

struct Ear(Arc<Mutex<Heard>>);

impl Sink for Ear {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        let mut heard = self.0.lock().unwrap();
        match message {
            Message::Reading(reading) => {
                heard.ids.push(reading.frame.0);
                heard.sequences.push(reading.sequence);
            }
            Message::Status(status) => {
                heard.states.push(status.state);
                heard.sequences.push(status.sequence);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Runs one schedule through a whole pipeline.
fn play(
    schedule: &Schedule,
    pictures: &Arc<Vec<Vec<u8>>>,
    models: &Arc<Models>,
) -> (Summary, Heard) {
    let (schedule, pictures) = (schedule.clone().in_virtual_time(), Arc::clone(pictures));
    let supply = move || {
        let pictures = Arc::clone(&pictures);
        let opener = move || -> Result<Box<dyn Camera>, CameraError> {
            Ok(Box::new(Spot { pictures: Arc::clone(&pictures), next_id: 0 }))
        };
        let (name, opener) = ("spot".to_owned(), Box::new(opener));
        let (retry, time) = (Retry::Never, Arc::new(SystemTime));
        Supply::of(faulty::source(Source { name, opener, retry, time }, schedule.clone()))
    };
    let models = Arc::clone(models);
    let makers =
        Makers { supply: Arc::new(supply), vision: Arc::new(move || Vision::new(&models)) };
    let heard = Arc::new(Mutex::new(Heard::default()));
    let sinks = Sinks::of(vec![Box::new(Ear(Arc::clone(&heard)))]);
    let owner = Owner::new(command::channel().1, Box::new(NoPins));
    let outputs = Outputs { panels: Vec::new(), sinks, owner };
    let hello = Hello { firmware: String::new(), board: String::new(), models: Vec::new() };
    let mut app = App::new(outputs, String::new(), Manners::default(), hello).unwrap();
    let summary = pipeline::run(makers, &mut app, &Ending::default(), &mut ()).unwrap();
    drop(app);
    (summary, Arc::into_inner(heard).unwrap().into_inner().unwrap())
}

/// What must hold after any faults.
fn check(name: &str, (summary, heard): &(Summary, Heard)) {
    let Heard { ids, sequences, states } = heard;
    assert_eq!(summary.frames, ids.len() as u64, "{name}: every frame that is read is told");
    assert!(summary.frames > 0, "{name}: the pipeline lives: {summary:?}");
    assert!(ids.is_sorted_by(|a, b| a < b), "{name}: ids grow: {ids:?}");
    let consecutive = sequences.windows(2).all(|pair| pair[1] == pair[0] + 1);
    assert!(consecutive, "{name}: nothing is told twice or lost: {sequences:?}");
    assert_eq!(states.last(), Some(&State::Stopping), "{name}: {states:?}");
    let defined = [State::Starting, State::Reading, State::NoCamera, State::Stopping];
    assert!(states.iter().all(|state| defined.contains(state)), "{name}: {states:?}");
    assert!(states.contains(&State::Reading), "{name}: it reads in the end: {states:?}");
}

#[test]
fn each_fault_ends_in_a_defined_state() {
    let (pictures, models) = (Arc::new(pictures()), models());
    for kind in Kind::ALL {
        let amount = match kind {
            Kind::Stall | Kind::Unplug => "=5s",
            Kind::Clock => "=-10s",
            _ => "=5",
        };
        let text = format!("{}{amount}@20", kind.name());
        let outcome = play(&Schedule::parse(&text).unwrap(), &pictures, &models);
        check(&text, &outcome);
        let (summary, heard) = &outcome;
        let lost = matches!(kind, Kind::Stall | Kind::Unplug);
        assert_eq!(summary.reopened > 0, lost, "{text}: {summary:?}");
        let said = summary.damaged > 0 || lost || heard.ids.len() as u64 != FRAMES;
        assert!(said || matches!(kind, Kind::Clock | Kind::Corrupt | Kind::Format), "{text}");
        println!("{text:<14} {summary:?}");
    }
}

#[test]
fn ten_thousand_random_schedules_end_in_a_defined_state() {
    let (pictures, models) = (Arc::new(pictures()), models());
    let (mut frames, mut damaged, mut reopened) = (0, 0, 0);
    for seed in 0..SCHEDULES {
        let schedule = Schedule::random(seed);
        let outcome = play(&schedule, &pictures, &models);
        check(&format!("seed {seed}: {schedule}"), &outcome);
        frames += outcome.0.frames;
        damaged += outcome.0.damaged;
        reopened += outcome.0.reopened;
    }
    println!("{SCHEDULES} schedules: {frames} frames, {damaged} damaged, {reopened} reopened");
}

fn models() -> Arc<Models> {
    Arc::new(Models::of(fixture::detector(), fixture::expression()))
}
