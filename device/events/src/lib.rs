//! Where readings go as messages. They carry what was read, never a picture, and leave the board
//! only where its owner names an address.
//!
//! | specification | sink |
//! |---|---|
//! | `jsonl://-` | standard output, one JSON object per line |
//! | `jsonl://PATH?mode=append` | a file; `mode=replace` empties it first, `max=10MB&keep=3` bounds it |
//! | `udp://HOST:PORT` | one [telemetry](mien_shared::telemetry) frame per datagram |
//! | `tcp://HOST:PORT` | a stream of telemetry frames to a listening host; takes commands |
//! | `serial://DEVICE?baud=115200` | the same over a serial line; takes commands |
//! | `http://127.0.0.1:8080` | a [live page](http) with an event stream, metrics and commands |
//! | `mqtt://HOST[:PORT]/PREFIX?…` | JSON and states through a [broker](MqttSink); takes commands |
//!
//! [`Sinks`] holds any number of them. No sink waits for a network or a line: each has a thread and
//! a bounded queue, keeps its connection up for months, counts what it loses and says in a sentence
//! what stands in its way.
//!
//! The lines of `jsonl://` are those of [`json`].

pub mod http;
pub mod json;

mod bell;
mod commands;
mod jsonl;
mod logfile;
mod mqtt;
mod outbox;
mod queue;
mod serial;
mod sinks;
mod socket;
mod stream;
mod tcp;
mod udp;
mod upkeep;

use std::io;

use mien_shared::{
    frame::Grey,
    telemetry::{Message, TelemetryError},
};

use mien_core::{
    command::Asker,
    spec::{Spec, SpecError},
};

pub use http::{HttpError, HttpSink};
pub use jsonl::JsonLines;
pub use mqtt::MqttSink;
pub use sinks::Sinks;

/// Something that takes messages.
pub trait Sink {
    /// Takes one message; never waits for a network.
    ///
    /// # Errors
    /// When the message cannot be written and will not be: a full disk, a reader that has gone.
    fn send(&mut self, message: &Message) -> Result<(), EventError>;

    /// Whether it wants pictures, too: only where its owner enabled a preview.
    fn wants_pictures(&self) -> bool {
        false
    }

    /// Takes the picture that the last reading was read from; it must not leave the device unless
    /// the owner enabled that.
    fn picture(&mut self, _picture: &Grey) {}

    /// Messages that were lost on the way so far.
    fn dropped(&self) -> u64 {
        0
    }

    /// What stands in the way of delivery just now, as a sentence.
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// What a sink is told when it opens.
#[derive(Debug, Clone)]
pub struct Link {
    /// The device's name among its owner's, for topics and labels: letters, digits, `-` and `_`.
    pub device: String,
    /// Where commands from outside go.
    pub asker: Asker,
}

/// Opens the sink that `spec` names; see the head of this module.
///
/// # Errors
/// When the specification is malformed, names no sink there is, or the sink cannot be opened.
pub fn open(spec: &str, link: &Link) -> Result<Box<dyn Sink>, EventError> {
    let spec = Spec::parse(spec)?;
    match spec.scheme() {
        "jsonl" => Ok(Box::new(JsonLines::open(&spec)?)),
        "udp" => Ok(Box::new(udp::open(&spec)?)),
        "tcp" => Ok(Box::new(tcp::open(&spec, link)?)),
        "serial" => Ok(Box::new(serial::open(&spec, link)?)),
        "mqtt" => Ok(Box::new(MqttSink::open(&spec, link)?)),
        "http" => Ok(Box::new(HttpSink::open(&spec, link)?)),
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
        "events {spec}: no such sink; there are jsonl://-, jsonl://PATH, udp://HOST:PORT, \
         tcp://HOST:PORT, serial://DEVICE, mqtt://HOST/PREFIX and http://127.0.0.1:PORT"
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
    /// The program that read standard output has ended.
    #[error("events {spec}: the program that read the lines has ended: {source}")]
    ReaderGone {
        /// The whole specification.
        spec: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// What the specification asks for cannot be.
    #[error("events {spec}: {why}")]
    Refused {
        /// The whole specification.
        spec: String,
        /// What is wrong and how to write it.
        why: &'static str,
    },
    /// The message has no form in this sink.
    #[error("events {spec}: a message of this kind cannot be sent here")]
    NoForm {
        /// The whole specification.
        spec: String,
    },
    /// The page cannot be served like this.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The message is too long for a frame.
    #[error("events: {0}")]
    Frame(#[from] TelemetryError),
}

impl EventError {
    fn open(spec: &str, source: io::Error) -> Self {
        Self::Open { spec: spec.to_owned(), source }
    }

    fn refused(spec: &Spec, why: &'static str) -> Self {
        Self::Refused { spec: spec.text().to_owned(), why }
    }
}

/// The host and port a specification names.
fn address(spec: &Spec) -> Result<(String, u16), EventError> {
    host_and_port(spec.target(), None)
        .ok_or_else(|| EventError::BadAddress { spec: spec.text().to_owned() })
}

/// The two parts of `HOST:PORT`; an IPv6 address stands in brackets.
fn host_and_port(text: &str, default: Option<u16>) -> Option<(String, u16)> {
    let colon = text.rfind(':').filter(|colon| text.rfind(']').is_none_or(|end| end < *colon));
    let (host, port) = match colon {
        Some(colon) => (&text[..colon], text[colon + 1..].parse().ok()),
        None => (text, default),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let plain = !host.is_empty() && !host.contains(['/', '@', ' ']);
    port.filter(|port| plain && *port > 0).map(|port| (host.to_owned(), port))
}

/// What the owner can do about it.
fn fix(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "free some space or name another place",
        io::ErrorKind::NotFound => "make the folder first",
        io::ErrorKind::AddrInUse => "another program has this port: name another",
        io::ErrorKind::AddrNotAvailable => "name an address that this machine has",
        io::ErrorKind::PermissionDenied => "choose a place this user may write to",
        io::ErrorKind::BrokenPipe => "the program that read the lines has ended",
        _ => "check the path or the address",
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use std::{
        thread,
        time::{Duration, Instant},
    };

    use mien_core::command::Command;
    use mien_shared::{
        au::ActionUnit,
        frame::FrameId,
        geometry::{FivePoints, Point, Rect},
        label::Expression,
        telemetry::{
            self, ActionUnits, Attribute, Attributes, ExpressionReading, FaceReading, Fault,
            FaultKind, HeadPose, Health, Hello, Message, Quality, Reading, State, Status,
            ValenceArousal,
        },
    };

    use super::{EventError, Link, Sink};

    /// A time in which anything local happens even on a busy machine.
    pub(crate) const SOON: Duration = Duration::from_secs(30);

    /// Waits until something happens.
    pub(crate) fn until(mut happens: impl FnMut() -> bool) {
        let start = Instant::now();
        while !happens() {
            assert!(start.elapsed() < SOON, "waited in vain");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A command as it comes over a stream.
    pub(crate) fn command(command: Command) -> Vec<u8> {
        let mut bytes = Vec::new();
        telemetry::encode_command(&command, &mut bytes).unwrap();
        bytes
    }

    /// [`open`](crate::open) with a link that nobody listens to.
    pub(crate) fn open(spec: &str) -> Result<Box<dyn Sink>, EventError> {
        let (asker, _) = mien_core::command::channel();
        crate::open(spec, &Link { device: "test".into(), asker })
    }

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
            expression: Some(ExpressionReading {
                label: Some(Expression::Happiness),
                unknown: None,
                confidence: 0.93,
                probs: [0.04, 0.0, 0.01, 0.0, 0.0, 0.93, 0.0, 0.02],
            }),
            ..FaceReading::default()
        };
        Message::Reading(Reading {
            sequence: frame,
            frame: FrameId(frame),
            captured_at_us: 1_680_000,
            latency_us: 8_200,
            frame_size: [640, 480],
            faces: vec![face],
        })
    }

    /// A reading of frame 42 with all that a face may have but landmarks.
    pub(crate) fn full_reading() -> Message {
        let mut message = reading(42);
        if let Message::Reading(reading) = &mut message {
            reading.sequence = 43;
            reading.faces.iter_mut().for_each(fill);
        }
        message
    }

    fn fill(face: &mut FaceReading) {
        let at = [(270.0, 200.5), (370.0, 200.5), (320.0, 250.0), (280.0, 300.0), (360.0, 300.0)];
        face.points = Some(FivePoints::from_array(at.map(|(x, y)| Point { x, y })));
        face.pose = Some(HeadPose { yaw: -4.5, pitch: 1.25, roll: 0.0 });
        face.quality = Some(Quality { sharpness: 0.7, brightness: 0.5, contrast: 0.4 });
        let mut units = ActionUnits::NONE;
        units.set(ActionUnit::ALL[4], 1.5);
        units.set(ActionUnit::ALL[8], 2.4);
        face.action_units = Some(units);
        face.valence_arousal = Some(ValenceArousal { valence: 0.6, arousal: -0.1 });
        let mut attributes = Attributes::NONE;
        attributes.set(Attribute::ALL[15], 0.5);
        face.attributes = Some(attributes);
        face.attention = Some(0.99);
    }

    pub(crate) fn status() -> Message {
        Message::Status(Status {
            sequence: 44,
            at_us: 1_700_000,
            state: State::NoCamera,
            fault: Some(Fault {
                kind: FaultKind::CameraLost,
                text: "no camera: plug one in".into(),
            }),
            health: Health {
                frames: 40,
                dropped: 1,
                damaged: 2,
                reopened: 3,
                lost: 4,
                fps: 24.5,
                latency_p99_us: 9_000,
                temperature_c: Some(61.5),
                throttled: Some(0x5_0000),
                memory: 50_000_000,
                files: 12,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{samples::open, *};

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
        assert_eq!(host_and_port("[::1]", Some(1883)), Some(("::1".to_owned(), 1883)));
        assert_eq!(host_and_port("broker", None), None);
    }
}
