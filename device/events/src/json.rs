//! A message as one JSON object, for every sink that speaks JSON.
//!
//! Lengths are frame pixels, times microseconds, probabilities 0..=1. What a device does not read is
//! absent; a number that is not finite is `null`. Field names are stable and only ever added to.
//! ```json
//! {"type":"hello","firmware":"0.1.0","board":"pi5","models":["detector","expression"]}
//! {"type":"reading","sequence":42,"frame":41,"captured_at_us":1680000,"latency_us":8200,
//!  "frame_size":[640,480],"faces":[{"id":1,"box":[220.0,120.0,200.0,240.0],"score":0.98,
//!   "expression":"happiness","confidence":0.93,"probs":{"neutral":0.04,"anger":0.0,…},
//!   "points":{"left_eye":[271.0,204.0],…},"pose":{"yaw":-4.0,"pitch":1.5,"roll":0.5},
//!   "quality":{"sharpness":0.7,"brightness":0.5,"contrast":0.4},"action_units":{"AU12":2.4},
//!   "landmarks":[[225.0,196.0],…],"valence":0.6,"arousal":0.1,"attributes":{"Eyeglasses":0.97},
//!   "attention":0.99}]}
//! {"type":"status","sequence":43,"at_us":1700000,"state":"no-camera",
//!  "fault":{"kind":"camera-lost","text":"…"},"health":{"frames":40,…}}
//! ```
//! `box` is left, top, width, height. `expression` is `null` when it is unknown, and `unknown` says
//! why; both are absent, with `confidence` and `probs`, where the device withholds expressions.

mod face;

use mien_shared::telemetry::{Fault, FaultKind, Health, Message, State};
use serde::{Serialize, Serializer, ser::Error as _};

/// Appends `message` as one JSON object without a line's end.
///
/// Allocates only where `out` has too little room.
///
/// # Errors
/// When this release has no JSON for that kind of message; `out` is then as it was.
pub fn write(message: &Message, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = out.len();
    serde_json::to_writer(&mut *out, &Json(message)).inspect_err(|_| out.truncate(start))
}

/// A message that serialises as this module describes, to put it inside another document.
#[derive(Debug, Clone, Copy)]
pub struct Json<'a>(pub &'a Message);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Message::Hello(hello) => Line::Hello {
                firmware: &hello.firmware,
                board: &hello.board,
                models: &hello.models,
            },
            Message::Reading(reading) => Line::Reading {
                sequence: reading.sequence,
                frame: reading.frame.0,
                captured_at_us: reading.captured_at_us,
                latency_us: reading.latency_us,
                frame_size: reading.frame_size,
                faces: face::Faces(&reading.faces),
            },
            Message::Status(status) => Line::Status {
                sequence: status.sequence,
                at_us: status.at_us,
                state: status.state,
                fault: status.fault.as_ref().map(FaultLine::of),
                health: HealthLine::of(&status.health),
            },
            _ => return Err(S::Error::custom("a message of this kind has no JSON form")),
        }
        .serialize(to)
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Hello {
        firmware: &'a str,
        board: &'a str,
        models: &'a [String],
    },
    Reading {
        sequence: u64,
        frame: u64,
        captured_at_us: u64,
        latency_us: u64,
        frame_size: [u32; 2],
        faces: face::Faces<'a>,
    },
    Status {
        sequence: u64,
        at_us: u64,
        state: State,
        #[serde(skip_serializing_if = "Option::is_none")]
        fault: Option<FaultLine<'a>>,
        health: HealthLine,
    },
}

#[derive(Serialize)]
struct FaultLine<'a> {
    kind: FaultKind,
    text: &'a str,
}

impl<'a> FaultLine<'a> {
    fn of(fault: &'a Fault) -> Self {
        Self { kind: fault.kind, text: &fault.text }
    }
}

#[derive(Serialize)]
struct HealthLine {
    frames: u64,
    dropped: u64,
    damaged: u64,
    reopened: u64,
    lost: u64,
    fps: f32,
    latency_p99_us: u64,
    memory: u64,
    files: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_c: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttled: Option<u32>,
}

impl HealthLine {
    fn of(health: &Health) -> Self {
        Self {
            frames: health.frames,
            dropped: health.dropped,
            damaged: health.damaged,
            reopened: health.reopened,
            lost: health.lost,
            fps: health.fps,
            latency_p99_us: health.latency_p99_us,
            memory: health.memory,
            files: health.files,
            temperature_c: health.temperature_c,
            throttled: health.throttled,
        }
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::{ExpressionReading, FaceReading, Reading, Status, Unknown};

    use super::*;
    use crate::samples;

    fn text(message: &Message) -> String {
        let mut out = Vec::new();
        write(message, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn of_face(face: &FaceReading) -> String {
        text(&Message::Reading(Reading { faces: vec![*face], ..Reading::default() }))
    }

    #[test]
    fn a_hello_names_the_device() {
        assert_eq!(
            text(&samples::hello()),
            r#"{"type":"hello","firmware":"0.1.0","board":"host","models":["detector"]}"#
        );
    }

    #[test]
    fn a_reading_has_every_field_that_was_read() {
        assert_eq!(
            text(&samples::full_reading()),
            concat!(
                r#"{"type":"reading","sequence":43,"frame":42,"captured_at_us":1680000,"#,
                r#""latency_us":8200,"frame_size":[640,480],"faces":[{"id":1,"#,
                r#""box":[220.0,120.5,200.0,240.0],"score":0.98,"expression":"happiness","#,
                r#""confidence":0.93,"probs":{"neutral":0.04,"anger":0.0,"contempt":0.01,"#,
                r#""disgust":0.0,"fear":0.0,"happiness":0.93,"sadness":0.0,"surprise":0.02},"#,
                r#""points":{"left_eye":[270.0,200.5],"right_eye":[370.0,200.5],"#,
                r#""nose":[320.0,250.0],"mouth_left":[280.0,300.0],"mouth_right":[360.0,300.0]},"#,
                r#""pose":{"yaw":-4.5,"pitch":1.25,"roll":0.0},"#,
                r#""quality":{"sharpness":0.7,"brightness":0.5,"contrast":0.4},"#,
                r#""action_units":{"AU06":1.5,"AU12":2.4},"#,
                r#""valence":0.6,"arousal":-0.1,"attributes":{"Eyeglasses":0.5},"#,
                r#""attention":0.99}]}"#,
            )
        );
    }

    #[test]
    fn landmarks_are_68_pairs() {
        let mut face = FaceReading::default();
        let points = [mien_shared::geometry::Point { x: 1.5, y: 2.0 }; 68];
        face.landmarks = Some(mien_shared::telemetry::Landmarks(points));
        assert_eq!(of_face(&face).matches("[1.5,2.0]").count(), 68);
        assert!(of_face(&face).contains(r#""landmarks":[[1.5,2.0],[1.5,2.0]"#));
    }

    #[test]
    fn an_unknown_expression_is_null_and_says_why() {
        let unknown = Some(Unknown::Turned);
        let shown = ExpressionReading { unknown, ..ExpressionReading::default() };
        let line = of_face(&FaceReading { expression: Some(shown), ..FaceReading::default() });
        assert!(
            line.contains(r#""expression":null,"unknown":"turned","confidence":0.0"#),
            "{line}"
        );
    }

    #[test]
    fn a_withheld_expression_leaves_no_trace() {
        let line = of_face(&FaceReading::default());
        assert!(
            line.ends_with(r#""faces":[{"id":0,"box":[0.0,0.0,0.0,0.0],"score":0.0}]}"#),
            "{line}"
        );
    }

    #[test]
    fn a_number_that_is_not_finite_is_null() {
        let line = of_face(&FaceReading { attention: Some(f32::NAN), ..FaceReading::default() });
        assert!(line.contains(r#""attention":null"#), "{line}");
    }

    #[test]
    fn a_status_has_its_fault_and_figures() {
        assert_eq!(
            text(&samples::status()),
            concat!(
                r#"{"type":"status","sequence":44,"at_us":1700000,"state":"no-camera","#,
                r#""fault":{"kind":"camera-lost","text":"no camera: plug one in"},"#,
                r#""health":{"frames":40,"dropped":1,"damaged":2,"reopened":3,"lost":4,"#,
                r#""fps":24.5,"latency_p99_us":9000,"memory":50000000,"files":12,"#,
                r#""temperature_c":61.5,"throttled":327680}}"#,
            )
        );
        let plain = text(&Message::Status(Status::default()));
        assert!(plain.contains(r#""state":"starting","health":{"#), "{plain}");
        assert!(plain.ends_with(r#""files":0}}"#), "{plain}");
    }

    #[test]
    fn writing_appends_and_needs_no_new_memory_the_second_time() {
        let mut out = Vec::new();
        write(&samples::full_reading(), &mut out).unwrap();
        let (first, capacity) = (out.clone(), out.capacity());
        out.clear();
        write(&samples::full_reading(), &mut out).unwrap();
        assert_eq!((&out, out.capacity()), (&first, capacity));
    }
}
