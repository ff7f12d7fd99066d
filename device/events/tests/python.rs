//! The Python package reads this firmware's own bytes and prints its own JSON.
//!
//! `shared/python/tests/golden` holds both, as this file makes them. After a change of either:
//! `cargo test -p mien-events --test python -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use mien_events::json;
use mien_shared::{
    au::ActionUnit,
    frame::FrameId,
    geometry::{FivePoints, Point, Rect},
    label::Expression,
    telemetry::{
        ActionUnits, Attribute, Attributes, ExpressionReading, FaceReading, Fault, FaultKind,
        HeadPose, Health, Hello, Landmarks, Message, Quality, Reading, State, Status, Unknown,
        ValenceArousal, encode,
    },
};

/// Numbers whose decimals are easily printed otherwise.
const AWKWARD: [f32; 20] = [
    0.0,
    -0.0,
    0.1,
    0.98,
    1.0 / 3.0,
    120.5,
    1e-5,
    1.5e-6,
    1e-7,
    -2.5e-10,
    123_456.79,
    16_777_216.0,
    1e12,
    1e13,
    -1.25e20,
    f32::MAX,
    f32::MIN_POSITIVE,
    1e-45,
    f32::NAN,
    f32::NEG_INFINITY,
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/python")
}

fn golden(name: &str) -> PathBuf {
    folder().join("tests/golden").join(name)
}

/// A face with all that a face may have.
fn full_face() -> FaceReading {
    let point = |index: u16| Point { x: 100.0 + f32::from(index) / 3.0, y: 50.25 };
    let mut units = ActionUnits::NONE;
    let mut attributes = Attributes::NONE;
    for (tenth, unit) in (0_u8..).zip(ActionUnit::ALL) {
        units.set(unit, f32::from(tenth) / 10.0);
    }
    for (step, attribute) in (0_u8..).zip(Attribute::ALL).step_by(3) {
        attributes.set(attribute, f32::from(step) / 40.0);
    }
    FaceReading {
        id: u32::MAX,
        rect: Rect { x: -3.5, y: 120.5, w: 200.0, h: 240.1 },
        score: 0.98,
        expression: Some(ExpressionReading {
            label: Some(Expression::Happiness),
            unknown: None,
            confidence: 0.93,
            probs: [0.04, 0.0, 0.01, 0.0, 0.0, 0.93, 0.0, 0.02],
        }),
        points: Some(FivePoints::from_array([1, 2, 3, 4, 5].map(point))),
        pose: Some(HeadPose { yaw: -4.5, pitch: 12.345, roll: 0.0 }),
        quality: Some(Quality { sharpness: 0.7, brightness: 0.5, contrast: 0.4 }),
        action_units: Some(units),
        landmarks: Some(Landmarks(std::array::from_fn(|index| {
            point(u16::try_from(index).unwrap())
        }))),
        valence_arousal: Some(ValenceArousal { valence: 0.6, arousal: -0.1 }),
        attributes: Some(attributes),
        attention: Some(0.975),
    }
}

fn unknown_face(reason: Unknown) -> FaceReading {
    let shown = ExpressionReading {
        label: None,
        unknown: Some(reason),
        confidence: 0.3,
        probs: [0.125; 8],
    };
    FaceReading { id: 2, expression: Some(shown), ..FaceReading::default() }
}

fn reading(sequence: u64, faces: Vec<FaceReading>) -> Message {
    Message::Reading(Reading {
        sequence,
        frame: FrameId(sequence + 1_000),
        captured_at_us: u64::MAX,
        latency_us: 8_200,
        frame_size: [640, 480],
        faces,
    })
}

fn status(sequence: u64, state: State, fault: Option<Fault>) -> Message {
    let health = Health {
        frames: u64::MAX,
        dropped: 128,
        damaged: 2,
        reopened: 3,
        lost: 4,
        fps: 24.97,
        latency_p99_us: 9_000,
        temperature_c: Some(61.5),
        throttled: Some(u32::MAX),
        memory: 50_000_000,
        files: 12,
    };
    Message::Status(Status { sequence, at_us: 300, state, fault, health })
}

/// Every field, every name of an enumeration, every way to be absent.
fn messages() -> Vec<Message> {
    let hello = Message::Hello(Hello {
        firmware: "0.1.0".into(),
        board: "Küche \"2\"\n\u{1}\u{7f} 顔".into(),
        models: vec!["cells_s.scenes_int8".into(), String::new()],
    });
    let awkward = |value| FaceReading { score: value, ..FaceReading::default() };
    let faces = |list: &[f32]| list.iter().copied().map(awkward).collect();
    let mut messages = vec![
        hello,
        reading(1, vec![]),
        reading(2, vec![full_face(), FaceReading::default()]),
        reading(3, Unknown::ALL.map(unknown_face).to_vec()),
        reading(4, faces(&AWKWARD)),
        Message::Status(Status { sequence: 5, ..Status::default() }),
    ];
    let states = State::ALL.into_iter().map(|state| (state, None));
    let faults = FaultKind::ALL.into_iter().map(|kind| (State::Reading, Some(kind)));
    for (sequence, (state, kind)) in (6..).zip(states.chain(faults)) {
        let fault = kind.map(|kind| Fault { kind, text: "plug it in, „bitte“".into() });
        messages.push(status(sequence, state, fault));
    }
    messages
}

/// The bytes and the lines of [`messages`].
fn made() -> [(&'static str, Vec<u8>); 2] {
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    for message in messages() {
        encode(&message, &mut bytes).unwrap();
        json::write(&message, &mut lines).unwrap();
        lines.push(b'\n');
    }
    [("messages.bin", bytes), ("messages.jsonl", lines)]
}

#[test]
#[ignore = "writes the golden files"]
fn regenerate() {
    for (name, content) in made() {
        fs::write(golden(name), content).unwrap();
    }
}

#[test]
fn the_golden_files_are_this_firmwares_own() {
    for (name, content) in made() {
        let path = golden(name);
        assert!(
            fs::read(&path).unwrap() == content,
            "{} differs: see this file's head",
            path.display()
        );
    }
}

#[test]
fn the_python_package_reads_them() {
    unittest(&folder());
}

#[test]
fn the_ros_bridge_publishes_them() {
    unittest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../board/ros2"));
}

/// Runs the Python tests of a folder.
fn unittest(folder: &Path) {
    let run = Command::new("python3").args(["-B", "-m", "unittest"]).current_dir(folder).output();
    let Ok(output) = run else {
        eprintln!("SKIPPED: there is no python3 here to run the tests of {}", folder.display());
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("OK"), "{said}");
}
