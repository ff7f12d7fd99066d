//! Why bytes are not a message.

use super::{MAX_FRAME, MAX_ITEMS, VERSION};

/// Why bytes are not a message, or a message cannot become bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// More than [`MAX_FRAME`] bytes without a zero.
    #[error("a telemetry frame exceeds {MAX_FRAME} bytes; is this a telemetry stream?")]
    TooLong,
    /// Not COBS, or too short to hold a version, a kind and a check.
    #[error("a telemetry frame is broken; bytes were lost or the stream was joined midway")]
    Framing,
    /// The bytes changed on the way.
    #[error("a telemetry frame fails its check: {computed:08x} computed, {stated:08x} stated")]
    Check {
        /// CRC-32 of the bytes received.
        computed: u32,
        /// CRC-32 the sender stated.
        stated: u32,
    },
    /// The sender speaks another version.
    #[error(
        "a telemetry message has version {found}, this program reads version {VERSION}; \
         bring device and host to the same release"
    )]
    Version {
        /// The sender's version.
        found: u8,
    },
    /// An intact message of a kind that a later release, or the other direction, knows.
    #[error("a telemetry message of kind {kind} was skipped: this program does not read that kind")]
    Unknown {
        /// Its kind.
        kind: u32,
    },
    /// An intact frame whose record is not of its kind.
    #[error("a telemetry message of version {VERSION} cannot be read: {0}")]
    Message(postcard::Error),
    /// A reading with too many faces or a hello with too many models.
    #[error("a telemetry message lists {found} items, at most {MAX_ITEMS} are allowed")]
    TooMany {
        /// Items that the message has or claims to have.
        found: usize,
    },
}
