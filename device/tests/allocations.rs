//! Once its buffers have grown, the pipeline allocates nothing per frame, networks included.
//!
//! One test alone in its process: the counter counts every thread.

use std::alloc::System;

use mien_device::{
    camera::clock,
    decide::Policy,
    events::{EventError, Sink},
    face::Vision,
    models::Models,
    pipeline::{App, Outputs},
    reading::Observation,
    stage::{Laps, Stage},
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

/// A camera frame with two faces that move with `turn`.
fn frame(turn: usize) -> Frame {
    let mut grey = Grey::new(640, 480);
    fixture::spot(&mut grey, [120 + turn, 120], 64);
    fixture::spot(&mut grey, [520, 360 - turn], 64);
    let data = grey.data.iter().flat_map(|&luma| [luma, 128]).collect();
    let (id, captured_at) = (FrameId(turn as u64), clock::now());
    let format = PixelFormat::Yuyv;
    Frame { id, captured_at, width: 640, height: 480, stride: 1280, format, data }
}

#[test]
fn no_stage_allocates_in_steady_state() {
    let models = Models::of(fixture::detector(), fixture::expression());
    let mut vision = Vision::new(&models).unwrap();
    let outputs = Outputs { panels: Vec::new(), sinks: vec![Box::new(Count(0))] };
    let hello = Hello { firmware: String::new(), board: String::new(), models: Vec::new() };
    let mut app = App::new(outputs, String::new(), Policy::default(), hello).unwrap();
    let mut observation = Observation::empty();
    observation.laps = Laps::counting(allocations);
    let frames: Vec<_> = (0..20).map(frame).collect();
    for turn in 0..100 {
        vision.look(&frames[turn % frames.len()], &mut observation).unwrap();
        app.take(&mut observation).unwrap();
        assert_eq!(observation.faces.len(), 2);
        for stage in Stage::ALL.into_iter().filter(|_| turn >= 5) {
            let count = observation.laps.cost(stage).allocations;
            assert_eq!(count, 0, "{} in frame {turn}", stage.name());
        }
    }
    let before = allocations();
    drop(std::hint::black_box(Box::new(1)));
    assert!(allocations() > before, "the counter counts nothing");
}
