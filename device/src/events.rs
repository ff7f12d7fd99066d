//! Where readings go as messages. They carry what was read, never a picture, and leave the board
//! only where its owner names an address.
//!
//! | specification | sink |
//! |---|---|
//! | `jsonl://-` | standard output, one JSON object per line |
//! | `jsonl://PATH?mode=append` | a file; `mode=replace` empties it first |
//! | `udp://HOST:PORT` | one [telemetry](mien_shared::telemetry) frame per datagram |
//! | `tcp://HOST:PORT` | a stream of telemetry frames to a listening host |
//!
//! The lines of `jsonl://`, whose field names are stable (lengths in frame pixels, times in µs):
//! ```json
//! {"type":"hello","firmware":"0.1.0","board":"pi5","models":["detector","expression"]}
//! {"type":"reading","frame":42,"captured_at_us":1680000,"latency_us":8200,"frame_size":[640,480],
//!  "faces":[{"id":1,"box":[220.0,120.0,200.0,240.0],"score":0.98,"expression":"happiness",
//!            "confidence":0.93,"probs":{"neutral":0.04,"anger":0.0}}]}
//! ```
//! `box` is left, top, width, height; `expression` is `null` when unknown; `probs` names all eight.

mod jsonl;
mod queue;
mod tcp;
mod udp;

use std::io;

use mien_shared::telemetry::{Message, TelemetryError};

use crate::spec::{Spec, SpecError};

pub use jsonl::JsonLines;
pub use tcp::TcpSink;
pub use udp::UdpSink;

/// Something that takes messages.
pub trait Sink {
    /// Takes one message; never waits for a network.
    ///
    /// # Errors
    /// When the message cannot be written and will not be: a full disk, a reader that has gone.
    fn send(&mut self, message: &Message) -> Result<(), EventError>;

    /// Messages that were lost on the way so far.
    fn dropped(&self) -> u64 {
        0
    }

    /// What stands in the way of delivery just now, as a sentence.
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// Opens the sink that `spec` names; see the head of this module.
///
/// # Errors
/// When the specification is malformed, names no sink there is, or the sink cannot be opened.
pub fn open(spec: &str) -> Result<Box<dyn Sink>, EventError> {
    let spec = Spec::parse(spec)?;
    match spec.scheme() {
        "jsonl" => Ok(Box::new(JsonLines::open(&spec)?)),
        "udp" => Ok(Box::new(UdpSink::open(&spec)?)),
        "tcp" => Ok(Box::new(TcpSink::open(&spec)?)),
        _ => Err(EventError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

/// Why a sink cannot be opened or does not take a message.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The specification is malformed.
    #[error("events {0}")]
    Spec(#[from] SpecError),
    /// No sink has that scheme.
    #[error(
        "events {spec}: no such sink; there are jsonl://-, jsonl://PATH, udp://HOST:PORT and tcp://HOST:PORT"
    )]
    UnknownScheme {
        /// The whole specification.
        spec: String,
    },
    /// `jsonl://` without a file, or with a mode there is not.
    #[error(
        "events {spec}: write jsonl://- for standard output or jsonl://PATH, with ?mode=append or ?mode=replace"
    )]
    BadFile {
        /// The whole specification.
        spec: String,
    },
    /// The address is not a host and a port.
    #[error("events {spec}: the address must be HOST:PORT with a port from 1 to 65535")]
    BadAddress {
        /// The whole specification.
        spec: String,
    },
    /// The system refused to open the file or the socket.
    #[error("events {spec}: cannot open it: {source}; {}", fix(source))]
    Open {
        /// The whole specification.
        spec: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system refused a line.
    #[error("events {spec}: cannot write: {source}; {}", fix(source))]
    Write {
        /// The whole specification.
        spec: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The message has no form in this sink.
    #[error("events {spec}: a message of this kind cannot be sent here")]
    NoForm {
        /// The whole specification.
        spec: String,
    },
    /// The message is too long for a frame.
    #[error("events: {0}")]
    Frame(#[from] TelemetryError),
}

/// The host and port a specification names.
fn address(spec: &Spec) -> Result<(String, u16), EventError> {
    let bad = || EventError::BadAddress { spec: spec.text().to_owned() };
    let (host, port) = spec.target().rsplit_once(':').ok_or_else(bad)?;
    let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() || host.contains('/') { Err(bad()) } else { Ok((host.to_owned(), port)) }
}

/// What the owner can do about it.
fn fix(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "free some space or name another place",
        io::ErrorKind::NotFound => "make the folder first",
        io::ErrorKind::PermissionDenied => "choose a place this user may write to",
        io::ErrorKind::BrokenPipe => "the program that read the lines has ended",
        _ => "check the path or the address",
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use mien_shared::{
        frame::FrameId,
        geometry::Rect,
        label::Expression,
        telemetry::{FaceReading, Hello, Message, Reading},
    };

    pub(crate) fn hello() -> Message {
        Message::Hello(Hello {
            firmware: "0.1.0".into(),
            board: "host".into(),
            models: vec!["detector".into()],
        })
    }

    pub(crate) fn reading(frame: u64) -> Message {
        let face = FaceReading {
            id: 1,
            rect: Rect { x: 220.0, y: 120.5, w: 200.0, h: 240.0 },
            score: 0.98,
            expression: Some(Expression::Happiness),
            confidence: 0.93,
            probs: [0.04, 0.0, 0.01, 0.0, 0.0, 0.93, 0.0, 0.02],
        };
        Message::Reading(Reading {
            frame: FrameId(frame),
            captured_at_us: 1_680_000,
            latency_us: 8_200,
            frame_size: [640, 480],
            faces: vec![face],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(spec: &str) -> String {
        open(spec).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn sinks_that_do_not_exist_are_refused_with_those_that_do() {
        assert!(refusal("carrier://pigeon").contains("there are jsonl://-"));
        assert!(refusal("events.jsonl").contains("has no scheme"));
        assert!(refusal("jsonl://").contains("write jsonl://-"));
        assert!(refusal("jsonl://-?mode=sideways").contains("?mode=append"));
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for bad in ["udp://", "udp://host", "udp://:9000", "tcp://host:0", "tcp://h:99999"] {
            assert!(refusal(bad).contains("HOST:PORT"), "{bad}");
        }
        let spec = Spec::parse("tcp://[::1]:9000").unwrap();
        assert_eq!(address(&spec).unwrap(), ("::1".to_owned(), 9000));
    }
}
