//! Versioned messages between a device and its host.
//!
//! ```text
//! frame    = COBS(version ‖ kind ‖ record ‖ check) ‖ 0
//! version    1 byte, this file: 2
//! kind       varint: what the record is
//! check      CRC-32 (ISO-HDLC) over everything before it, little endian
//!
//! record   = required fields, in a fixed order ‖ optional field*     to the record's end
//! optional = tag varint ‖ length varint ‖ value                      `length` bytes, a record
//! list     = count varint ‖ (length varint ‖ record)*                count at most 64
//! ```
//!
//! Fields are postcard's: integers of more than a byte are varints, floats four bytes little
//! endian, text its length and UTF-8. Enumerations are one byte with the numbers of this module.
//!
//! | kind | record | required | optional, by tag |
//! |---|---|---|---|
//! | 0 | [`Hello`] | firmware, board, count and models | |
//! | 1 | [`Reading`] | sequence, frame, captured at, latency, width, height, list of faces | |
//! | 2 | [`Status`] | sequence, at, state, then [`Health`]: frames, dropped, damaged, reopened, lost, fps, latency p99, memory, files | 1 fault (kind, text), 2 temperature, 3 throttled |
//! | 64 | [`Command::Read`] | on | |
//! | 65, 66, 67 | [`Command::Calibrate`], [`Command::NextPage`], [`Command::Report`] | | |
//! | | [`FaceReading`] | id, x, y, w, h, score | 1 expression (label or 255, reason or 255, confidence, 8 probabilities), 2 five points, 3 pose, 4 quality, 5 action units (count and pairs of number and intensity), 6 landmarks, 7 valence and arousal, 8 attributes (count and pairs of number and probability·254), 9 attention |
//!
//! # What may change
//!
//! Within a version required fields never change. A later sender may append optional fields to any
//! record, use new kinds and new numbers in an enumeration. A reader skips tags that it does not
//! know, reports [`TelemetryError::Unknown`] for a kind, and takes an unknown number of an
//! enumeration for `Other`; it reads on. Tags and numbers are never given a second meaning. Of a
//! tag that comes twice the last counts.
//!
//! COBS leaves no zero inside a frame, so a reader can join a serial line or a TCP stream at any
//! point and find the next message after a zero byte. The framing and the check stay the same in
//! every version; a reader can therefore tell a newer sender from noise.
//!
//! # Order and loss
//!
//! Readings and statuses carry one `sequence`: it is 1 for a process's first message and grows by
//! one with each that the device hands to its sinks, the same for all of them, before any sink may
//! lose one. To one reader a gap is a loss, a repetition a duplicate, a fall a restart of the device.

mod array;
mod attributes;
mod codec;
mod error;
mod face;
mod framing;
mod record;
mod status;

use serde::{Deserialize, Serialize};

pub use self::{
    attributes::{ATTRIBUTES, Attribute, Attributes},
    codec::{CommandDecoder, Decoder, encode, encode_command},
    error::TelemetryError,
    face::{
        ActionUnits, ExpressionReading, FaceReading, HeadPose, Landmarks, Quality, Unknown,
        ValenceArousal,
    },
    status::{Fault, FaultKind, Health, State, Status},
};
use crate::frame::FrameId;

/// Version byte in front of every message.
pub const VERSION: u8 = 2;

/// Most bytes between two zeros.
pub const MAX_FRAME: usize = 64 * 1024;

/// Most faces in a reading and most models in a hello.
pub const MAX_ITEMS: usize = 64;

/// What a device says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Message {
    /// Sent once when a sink opens.
    Hello(Hello),
    /// What was read in one frame.
    Reading(Reading),
    /// How the device is: at every change of state or fault, and from time to time.
    Status(Status),
}

/// What an owner asks of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Start (true) or stop (false) looking at faces.
    Read(bool),
    /// Take the faces now in view as showing a neutral expression.
    Calibrate,
    /// Show the screen's next page.
    NextPage,
    /// Send a status now.
    Report,
}

/// Who is speaking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Firmware version.
    pub firmware: String,
    /// Board name.
    pub board: String,
    /// Names of the loaded bundles.
    pub models: Vec<String>,
}

/// What was read in one frame.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// The device's message counter, shared with [`Status`]; see the head of this module.
    pub sequence: u64,
    /// The frame's sequence number at its source.
    pub frame: FrameId,
    /// Capture time in microseconds since the process started (monotonic).
    pub captured_at_us: u64,
    /// From capture to this message, in microseconds.
    pub latency_us: u64,
    /// Width and height of the frame in pixels.
    pub frame_size: [u32; 2],
    /// Faces found, largest first, at most [`MAX_ITEMS`].
    pub faces: Vec<FaceReading>,
}
