//! Versioned messages between a device and its host.
//!
//! ```text
//! frame   = COBS(version ‖ message ‖ check) ‖ 0
//! version   1 byte, this file: 1
//! message   postcard `Message`
//! check     CRC-32 (ISO-HDLC) over version and message, little endian
//! ```
//!
//! COBS leaves no zero inside a frame, so a reader can join a serial line or a TCP stream at any
//! point and find the next message after a zero byte. The framing and the check stay the same in
//! every version; a reader can therefore tell a newer sender from noise.

mod codec;

use serde::{Deserialize, Serialize};

pub use self::codec::{Decoder, TelemetryError, encode};
use crate::{frame::FrameId, geometry::Rect, label::Expression};

/// Version byte in front of every message.
pub const VERSION: u8 = 1;

/// Most bytes between two zeros.
pub const MAX_FRAME: usize = 64 * 1024;

/// What a device says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Message {
    /// Sent once when a sink opens.
    Hello(Hello),
    /// What was read in one frame.
    Reading(Reading),
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The frame's sequence number at its source.
    pub frame: FrameId,
    /// Capture time in microseconds since the process started (monotonic).
    pub captured_at_us: u64,
    /// From capture to this message, in microseconds.
    pub latency_us: u64,
    /// Width and height of the frame in pixels.
    pub frame_size: [u32; 2],
    /// Faces found, largest first.
    pub faces: Vec<FaceReading>,
}

/// One face in one frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceReading {
    /// Transient id, stable while the face stays in view.
    pub id: u32,
    /// Where it is, in frame pixels.
    pub rect: Rect,
    /// The detector's score, 0..=1.
    pub score: f32,
    /// The steady expression; `None` is "unknown".
    pub expression: Option<Expression>,
    /// Smoothed probability of `expression`, or of the strongest one when that is unknown, 0..=1.
    pub confidence: f32,
    /// Smoothed probabilities in canonical order.
    pub probs: [f32; 8],
}
