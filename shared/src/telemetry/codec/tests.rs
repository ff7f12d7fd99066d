use proptest::prelude::*;

use super::*;
use crate::{
    au::ActionUnit,
    frame::FrameId,
    geometry::{FivePoints, LANDMARKS, Point, Rect},
    label::Expression,
    telemetry::{
        ActionUnits, Attribute, Attributes, ExpressionReading, FaceReading, Fault, FaultKind,
        HeadPose, Health, Hello, Landmarks, MAX_FRAME, MAX_ITEMS, Quality, Reading, State, Status,
        Unknown, VERSION, ValenceArousal,
    },
};

mod compatibility;
mod hostile;
mod round_trip;

/// Every field of every message that can be absent is there.
fn full_face() -> FaceReading {
    let mut units = ActionUnits::NONE;
    units.set(ActionUnit::ALL[8], 2.5);
    let mut attributes = Attributes::NONE;
    attributes.set(Attribute::ALL[15], 0.5);
    let at = |x, y| Point { x, y };
    FaceReading {
        id: 1,
        rect: Rect { x: 1.0, y: 2.0, w: 3.0, h: 4.0 },
        score: 0.5,
        expression: Some(ExpressionReading {
            label: Some(Expression::Happiness),
            unknown: None,
            confidence: 0.75,
            probs: [0.0, 0.0, 0.0, 0.0, 0.0, 0.75, 0.0, 0.25],
        }),
        points: Some(FivePoints::from_array([1.0, 2.0, 3.0, 4.0, 5.0].map(|x| at(x, 8.0)))),
        pose: Some(HeadPose { yaw: 1.0, pitch: -2.0, roll: 0.5 }),
        quality: Some(Quality { sharpness: 0.25, brightness: 0.5, contrast: 1.0 }),
        action_units: Some(units),
        landmarks: Some(Landmarks([at(2.0, 1.0); LANDMARKS])),
        valence_arousal: Some(ValenceArousal { valence: 0.5, arousal: -0.25 }),
        attributes: Some(attributes),
        attention: Some(1.0),
    }
}

fn hello() -> Message {
    Message::Hello(Hello {
        firmware: "0.1.0".into(),
        board: "pi5".into(),
        models: vec!["a".into()],
    })
}

fn reading() -> Message {
    Message::Reading(Reading {
        sequence: 9,
        frame: FrameId(300),
        captured_at_us: 1_000_000,
        latency_us: 9_000,
        frame_size: [640, 480],
        faces: vec![full_face(), FaceReading { id: 2, ..FaceReading::default() }],
    })
}

fn status() -> Message {
    Message::Status(Status {
        sequence: 10,
        at_us: 2_000_000,
        state: State::NoCamera,
        fault: Some(Fault { kind: FaultKind::CameraLost, text: "gone".into() }),
        health: Health {
            frames: 300,
            dropped: 2,
            damaged: 3,
            reopened: 4,
            lost: 5,
            fps: 25.0,
            latency_p99_us: 6,
            temperature_c: Some(61.5),
            throttled: Some(0x5_0000),
            memory: 7,
            files: 8,
        },
    })
}

fn framed(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(message, &mut bytes).unwrap();
    bytes
}

/// A frame around any content, its check right.
fn frame(version: u8, content: &[u8]) -> Vec<u8> {
    let mut plain = vec![version];
    plain.extend_from_slice(content);
    plain.extend_from_slice(&crc32fast::hash(&plain).to_le_bytes());
    let mut bytes = cobs::encode_vec(&plain);
    bytes.push(0);
    bytes
}

/// What a frame holds between its version and its check.
fn content(framed: &[u8]) -> Vec<u8> {
    let mut plain = cobs::decode_vec(&framed[..framed.len() - 1]).unwrap();
    plain.truncate(plain.len() - 4);
    plain.remove(0);
    plain
}

fn decode_all(pieces: &[&[u8]]) -> Vec<Result<Message, TelemetryError>> {
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for piece in pieces {
        decoder.push(piece, |result| found.push(result));
    }
    found
}

fn decode_commands(bytes: &[u8]) -> Vec<Result<Command, TelemetryError>> {
    let mut found = Vec::new();
    CommandDecoder::new().push(bytes, |result| found.push(result));
    found
}
