//! Frames: bytes with a version, a kind and a check, in COBS and closed by a zero.

use super::{MAX_FRAME, TelemetryError, VERSION, record};

/// Bytes of the check behind every message.
const CHECK: usize = 4;

/// Appends a frame of `kind` around the record that `write` appends.
///
/// Allocates only where `out` has too little room; after an error `out` is as it was.
pub(super) fn seal(
    kind: u32,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), TelemetryError>,
) -> Result<(), TelemetryError> {
    let start = out.len();
    out.push(VERSION);
    record::put(&kind, out)
        .and_then(|()| write(out))
        .and_then(|()| close(out, start))
        .inspect_err(|_| out.truncate(start))
}

/// Finds frames in a stream of bytes that arrive in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The bytes since the last zero, at most [`MAX_FRAME`] of them.
    frame: Vec<u8>,
    /// The current frame has outgrown the buffer and is being skipped.
    overflown: bool,
}

impl Frames {
    /// Takes the next bytes and hands kind and record of each frame they complete to `found`.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut found: impl FnMut(Result<(u32, &[u8]), TelemetryError>),
    ) {
        for piece in bytes.split_inclusive(|&byte| byte == 0) {
            let (closed, body) = match piece {
                [body @ .., 0] => (true, body),
                body => (false, body),
            };
            self.append(body);
            if closed && let Some(result) = self.open() {
                found(result);
            }
            if closed {
                self.frame.clear();
                self.overflown = false;
            }
        }
    }

    /// Adds bytes to the current frame unless it has outgrown the buffer.
    fn append(&mut self, body: &[u8]) {
        self.overflown |= self.frame.len() + body.len() > MAX_FRAME;
        if !self.overflown {
            self.frame.extend_from_slice(body);
        }
    }

    /// What the current frame holds; `None` when it is empty.
    fn open(&mut self) -> Option<Result<(u32, &[u8]), TelemetryError>> {
        match self.frame.as_mut_slice() {
            _ if self.overflown => Some(Err(TelemetryError::TooLong)),
            [] => None,
            frame => Some(unseal(frame)),
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.frame.capacity()
    }
}

/// Puts the check behind the plain bytes and their COBS form in their place.
fn close(out: &mut Vec<u8>, start: usize) -> Result<(), TelemetryError> {
    let check = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&check.to_le_bytes());
    let room = cobs::max_encoding_length(out.len() - start);
    if room > MAX_FRAME {
        return Err(TelemetryError::TooLong);
    }
    let middle = out.len();
    out.resize(middle + room, 0);
    let (head, tail) = out.split_at_mut(middle);
    let framed = cobs::encode(&head[start..], tail);
    out.truncate(middle + framed);
    out.push(0);
    out.drain(start..middle);
    Ok(())
}

/// Kind and record of a frame without its closing zero, whose bytes serve as scratch.
fn unseal(frame: &mut [u8]) -> Result<(u32, &[u8]), TelemetryError> {
    let length = cobs::decode_in_place(frame).map_err(|_error| TelemetryError::Framing)?;
    let Some((body, check)) = frame[..length].split_last_chunk::<CHECK>() else {
        return Err(TelemetryError::Framing);
    };
    let (computed, stated) = (crc32fast::hash(body), u32::from_le_bytes(*check));
    if computed != stated {
        return Err(TelemetryError::Check { computed, stated });
    }
    let (&version, message) = body.split_first().ok_or(TelemetryError::Framing)?;
    if version != VERSION {
        return Err(TelemetryError::Version { found: version });
    }
    postcard::take_from_bytes(message).map_err(TelemetryError::Message)
}
