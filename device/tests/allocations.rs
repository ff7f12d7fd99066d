//! Once its buffers have grown, the pipeline allocates nothing per frame, networks included.
//!
//! One test alone in its process: the counter counts every thread.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::alloc::System;

use mien_device::{
    clock, command,
    events::{EventError, Sink, Sinks},
    face::Vision,
    models::Models,
    pins::NoPins,
    pipeline::{App, Manners, Outputs, Owner},
    reading::Observation,
    stage::{Laps, Stage},
    track::Watching,
};
use mien_shared::{
    frame::{Frame, FrameId, Grey, PixelFormat},
    telemetry::{Hello, Message},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[path = "../src/models/fixture.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod fixture;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as u64
}

struct Count(u64);

impl Sink for Count {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.0 +=
            u64::from(matches!(message, Message::Reading(reading) if reading.faces.len() == 2));
        Ok(())
    }
}

/// A camera frame with two faces that move with `turn`, textured so that they can be followed.
fn frame(turn: usize) -> Frame {
    let mut grey = Grey::new(640, 480);
    fixture::spot(&mut grey, [120 + turn, 120], 64);
    fixture::spot(&mut grey, [520, 360 - turn], 64);
    for (index, byte) in grey.data.iter_mut().enumerate().filter(|(_, byte)| **byte > 0) {
        let (x, y) = (index % 640, index / 640);
        *byte -= u8::try_from(4 * ((x / 5 * 7 + y / 5 * 13) % 11)).unwrap();
    }
    let data = grey.data.iter().flat_map(|&luma| [luma, 128]).collect();
    let (id, captured_at) = (FrameId(turn as u64), clock::now());
    let format = PixelFormat::Yuyv;
    Frame { id, captured_at, width: 640, height: 480, stride: 1280, format, data }
}

/// Reads 100 frames and asserts that from the sixth on no stage allocates; returns how many of
/// them the detector looked at.
fn read(watching: Watching) -> usize {
    let models = Models::of(fixture::detector(), fixture::expression());
    let mut vision = Vision::with(&models, watching).unwrap();
    let (_, asked) = command::channel();
    let owner = Owner::new(asked, Box::new(NoPins));
    let sinks = Sinks::of(vec![Box::new(Count(0))]);
    let outputs = Outputs { panels: Vec::new(), sinks, owner };
    let hello = Hello { firmware: String::new(), board: String::new(), models: Vec::new() };
    let mut app = App::new(outputs, String::new(), Manners::default(), hello).unwrap();
    let mut observation = Observation::empty();
    observation.laps = Laps::counting(allocations);
    let frames: Vec<_> = (0..20).map(frame).collect();
    let mut detected = 0;
    for turn in 0..100 {
        vision.look(&frames[turn % frames.len()], &mut observation).unwrap();
        app.take(&mut observation).unwrap();
        assert_eq!(observation.faces.len(), 2);
        for stage in Stage::ALL.into_iter().filter(|_| turn >= 5) {
            let count = observation.laps.cost(stage).allocations;
            assert_eq!(count, 0, "{} in frame {turn}", stage.name());
        }
        detected += usize::from(!observation.laps.cost(Stage::Detect).time.is_zero());
    }
    detected
}

#[test]
fn no_stage_allocates_in_steady_state() {
    assert_eq!(read(Watching::STILLS), 100);
    let detected = read(Watching::default());
    assert!((20..60).contains(&detected), "faces are followed between detections: {detected}");
    let before = allocations();
    drop(std::hint::black_box(Box::new(1)));
    assert!(allocations() > before, "the counter counts nothing");
}
