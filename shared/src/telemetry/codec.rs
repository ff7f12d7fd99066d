//! Messages and commands to framed bytes and back. Kinds and tags are those of the head of
//! [`telemetry`](super).

mod face;
mod message;
#[cfg(test)]
mod tests;

use super::{
    Command, Message, TelemetryError,
    framing::{Frames, seal},
    record::{self, Record},
};

/// Numbers of the kinds of messages; those below 64 come from a device, the others from a host.
mod kind {
    pub(super) const HELLO: u32 = 0;
    pub(super) const READING: u32 = 1;
    pub(super) const STATUS: u32 = 2;
    pub(super) const READ: u32 = 64;
    pub(super) const CALIBRATE: u32 = 65;
    pub(super) const NEXT_PAGE: u32 = 66;
    pub(super) const REPORT: u32 = 67;
}

/// Appends `message` as one frame, its closing zero included, to `out`.
///
/// Allocates only where `out` has too little room.
///
/// # Errors
/// [`TelemetryError::TooLong`] when the frame would exceed [`MAX_FRAME`](super::MAX_FRAME) bytes,
/// [`TelemetryError::TooMany`] when a list exceeds [`MAX_ITEMS`](super::MAX_ITEMS); `out` is then
/// as it was.
pub fn encode(message: &Message, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    match message {
        Message::Hello(hello) => seal(kind::HELLO, out, |out| message::put_hello(hello, out)),
        Message::Reading(reading) => {
            seal(kind::READING, out, |out| message::put_reading(reading, out))
        }
        Message::Status(status) => seal(kind::STATUS, out, |out| message::put_status(status, out)),
    }
}

/// Appends `command` as one frame, its closing zero included, to `out`.
///
/// # Errors
/// None that a command of today can cause.
pub fn encode_command(command: &Command, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    match command {
        Command::Read(on) => seal(kind::READ, out, |out| record::put(on, out)),
        Command::Calibrate => seal(kind::CALIBRATE, out, |_| Ok(())),
        Command::NextPage => seal(kind::NEXT_PAGE, out, |_| Ok(())),
        Command::Report => seal(kind::REPORT, out, |_| Ok(())),
    }
}

/// Finds a device's messages in a stream of bytes that arrive in pieces of any size.
#[derive(Debug, Default)]
pub struct Decoder(Frames);

impl Decoder {
    /// A decoder that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and hands each message they complete to `yield_message`.
    ///
    /// A frame that is garbage yields one error; decoding goes on behind its closing zero. Zeros
    /// between frames are ignored, so a sender may open with one to flush a noisy line.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut yield_message: impl FnMut(Result<Message, TelemetryError>),
    ) {
        self.0.push(bytes, |frame| {
            yield_message(frame.and_then(|(kind, bytes)| read_message(kind, Record(bytes))));
        });
    }
}

/// Finds a host's commands in a stream of bytes that arrive in pieces of any size.
#[derive(Debug, Default)]
pub struct CommandDecoder(Frames);

impl CommandDecoder {
    /// A decoder that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and hands each command they complete to `yield_command`; see
    /// [`Decoder::push`].
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut yield_command: impl FnMut(Result<Command, TelemetryError>),
    ) {
        self.0.push(bytes, |frame| {
            yield_command(frame.and_then(|(kind, bytes)| read_command(kind, Record(bytes))));
        });
    }
}

fn read_message(kind: u32, record: Record<'_>) -> Result<Message, TelemetryError> {
    match kind {
        kind::HELLO => message::take_hello(record).map(Message::Hello),
        kind::READING => message::take_reading(record).map(Message::Reading),
        kind::STATUS => message::take_status(record).map(Message::Status),
        kind => Err(TelemetryError::Unknown { kind }),
    }
}

fn read_command(kind: u32, mut record: Record<'_>) -> Result<Command, TelemetryError> {
    let command = match kind {
        kind::READ => Command::Read(record.take()?),
        kind::CALIBRATE => Command::Calibrate,
        kind::NEXT_PAGE => Command::NextPage,
        kind::REPORT => Command::Report,
        kind => return Err(TelemetryError::Unknown { kind }),
    };
    record.finish().map(|()| command)
}
