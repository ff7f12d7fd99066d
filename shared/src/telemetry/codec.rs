//! Messages to framed bytes and back.

use super::{MAX_FRAME, Message, VERSION};

/// Bytes of the check behind every message.
const CHECK: usize = 4;

/// Appends `message` as one frame, its closing zero included, to `out`.
///
/// Allocates only where `out` has too little room.
///
/// # Errors
/// [`TelemetryError::TooLong`] when the frame would exceed [`MAX_FRAME`] bytes; `out` is then as
/// it was.
pub fn encode(message: &Message, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    let start = out.len();
    append(message, out, start).inspect_err(|_| out.truncate(start))
}

/// Finds messages in a stream of bytes that arrive in pieces of any size.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The bytes since the last zero, at most [`MAX_FRAME`] of them.
    frame: Vec<u8>,
    /// The current frame has outgrown the buffer and is being skipped.
    overflown: bool,
}

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
        for piece in bytes.split_inclusive(|&byte| byte == 0) {
            let (closed, body) = match piece {
                [body @ .., 0] => (true, body),
                body => (false, body),
            };
            self.append(body);
            if closed && let Some(result) = self.close() {
                yield_message(result);
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

    /// Ends the current frame; `None` when it is empty.
    fn close(&mut self) -> Option<Result<Message, TelemetryError>> {
        let result = match self.frame.as_mut_slice() {
            _ if self.overflown => Err(TelemetryError::TooLong),
            [] => return None,
            frame => decode(frame),
        };
        self.frame.clear();
        self.overflown = false;
        Some(result)
    }
}

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TelemetryError {
    /// More than [`MAX_FRAME`] bytes without a zero.
    #[error("a telemetry frame exceeds {MAX_FRAME} bytes; is this a telemetry stream?")]
    TooLong,
    /// Not COBS, or too short to hold a version and a check.
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
    /// An intact frame whose content is not a message.
    #[error("a telemetry message of version {VERSION} cannot be read: {0}")]
    Message(postcard::Error),
    /// An intact message with bytes behind it.
    #[error("a telemetry message is followed by {extra} unread bytes in its frame")]
    Trailing {
        /// Number of unread bytes.
        extra: usize,
    },
}

/// Appends the plain bytes, then their COBS form, and removes the plain ones.
fn append(message: &Message, out: &mut Vec<u8>, start: usize) -> Result<(), TelemetryError> {
    out.push(VERSION);
    postcard::to_io(message, &mut *out).map_err(TelemetryError::Message)?;
    let check = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&check.to_le_bytes());
    let plain = out.len() - start;
    let room = cobs::max_encoding_length(plain);
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

/// Reads one frame without its closing zero, using its bytes as scratch.
fn decode(frame: &mut [u8]) -> Result<Message, TelemetryError> {
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
    match postcard::take_from_bytes(message).map_err(TelemetryError::Message)? {
        (message, []) => Ok(message),
        (_, rest) => Err(TelemetryError::Trailing { extra: rest.len() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        frame::FrameId,
        geometry::Rect,
        label::Expression,
        telemetry::{FaceReading, Hello, Reading},
    };

    fn hello() -> Message {
        Message::Hello(Hello {
            firmware: "0.1.0".into(),
            board: "pi5".into(),
            models: vec!["a".into()],
        })
    }

    fn reading() -> Message {
        Message::Reading(Reading {
            frame: FrameId(300),
            captured_at_us: 1_000_000,
            latency_us: 9_000,
            frame_size: [640, 480],
            faces: vec![FaceReading {
                id: 1,
                rect: Rect { x: 1.0, y: 2.0, w: 3.0, h: 4.0 },
                score: 0.5,
                expression: Some(Expression::Happiness),
                confidence: 0.75,
                probs: [0.0, 0.0, 0.0, 0.0, 0.0, 0.75, 0.0, 0.25],
            }],
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

    fn decode_all(pieces: &[&[u8]]) -> Vec<Result<Message, TelemetryError>> {
        let mut decoder = Decoder::new();
        let mut found = Vec::new();
        for piece in pieces {
            decoder.push(piece, |result| found.push(result));
        }
        found
    }

    #[test]
    fn the_bytes_of_a_hello_do_not_drift() {
        let wanted = [
            &[2, 1][..],                  // one byte to the next zero: the version
            &[18, 5],                     // that zero is variant 0, `Hello`; 17 bytes to the end
            b"0.1.0\x03pi5\x01\x01a",     // strings and lists behind their lengths
            &[0xc8, 0x1a, 0x7a, 0xb0, 0], // CRC-32, end of frame
        ];
        assert_eq!(framed(&hello()), wanted.concat());
    }

    #[test]
    fn a_message_arrives_however_it_is_cut() {
        let bytes = [framed(&hello()), framed(&reading())].concat();
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(decode_all(&[head, tail]), [Ok(hello()), Ok(reading())], "cut at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode_all(&single), [Ok(hello()), Ok(reading())]);
    }

    #[test]
    fn encoding_appends_and_needs_no_new_memory_the_second_time() {
        let mut bytes = framed(&reading());
        let (first, capacity) = (bytes.clone(), bytes.capacity());
        bytes.clear();
        encode(&reading(), &mut bytes).unwrap();
        assert_eq!((&bytes, bytes.capacity()), (&first, capacity));
        encode(&hello(), &mut bytes).unwrap();
        assert_eq!(bytes, [first, framed(&hello())].concat());
    }

    #[test]
    fn a_reader_that_joins_midway_finds_the_next_message() {
        let bytes = [framed(&reading()), framed(&hello())].concat();
        let found = decode_all(&[&bytes[5..]]);
        assert_eq!(found.len(), 2);
        assert!(found[0].is_err());
        assert_eq!(found[1], Ok(hello()));
    }

    #[test]
    fn a_changed_bit_fails_the_check_and_costs_one_message() {
        let good = framed(&hello());
        for index in 0..good.len() - 1 {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[index] ^= 1 << bit;
                let found = decode_all(&[&bad, &good]);
                assert!(found[0].is_err(), "byte {index} bit {bit}");
                assert_eq!(found.last(), Some(&Ok(hello())));
            }
        }
    }

    #[test]
    fn another_version_names_both() {
        let found = decode_all(&[&frame(9, b"anything")]);
        assert_eq!(found, [Err(TelemetryError::Version { found: 9 })]);
        assert_eq!(
            found[0].as_ref().unwrap_err().to_string(),
            "a telemetry message has version 9, this program reads version 1; \
             bring device and host to the same release"
        );
    }

    #[test]
    fn an_intact_frame_with_foreign_content_is_an_error_of_its_own() {
        let found = decode_all(&[&frame(VERSION, &[250])]);
        assert!(matches!(found[..], [Err(TelemetryError::Message(_))]), "{found:?}");
        let mut content = postcard::to_stdvec(&hello()).unwrap();
        content.push(0);
        let found = decode_all(&[&frame(VERSION, &content)]);
        assert_eq!(found, [Err(TelemetryError::Trailing { extra: 1 })]);
    }

    #[test]
    fn frames_too_short_for_a_check_are_refused() {
        for plain in [&[][..], &[1], &[1, 2, 3]] {
            let mut bytes = cobs::encode_vec(plain);
            bytes.push(0);
            assert_eq!(decode_all(&[&bytes]), [Err(TelemetryError::Framing)]);
        }
    }

    #[test]
    fn zeros_between_frames_are_ignored() {
        let bytes = [&[0, 0][..], &framed(&hello()), &[0]].concat();
        assert_eq!(decode_all(&[&bytes]), [Ok(hello())]);
    }

    #[test]
    fn a_stream_without_zeros_does_not_fill_the_memory() {
        let mut decoder = Decoder::new();
        let noise = vec![1; 1000];
        for _ in 0..1000 {
            decoder.push(&noise, |result| panic!("{result:?}"));
        }
        assert!(decoder.frame.capacity() <= 2 * MAX_FRAME);
        let mut found = Vec::new();
        decoder.push(&[0], |result| found.push(result));
        decoder.push(&framed(&hello()), |result| found.push(result));
        assert_eq!(found, [Err(TelemetryError::TooLong), Ok(hello())]);
    }

    #[test]
    fn a_message_too_long_to_frame_is_refused_and_leaves_the_buffer() {
        let long = Message::Hello(Hello {
            firmware: "x".repeat(MAX_FRAME),
            board: String::new(),
            models: vec![],
        });
        let mut bytes = framed(&hello());
        assert_eq!(encode(&long, &mut bytes), Err(TelemetryError::TooLong));
        assert_eq!(bytes, framed(&hello()));
    }

    fn any_face() -> impl Strategy<Value = FaceReading> {
        let expression = prop::option::of(prop::sample::select(Expression::ALL.to_vec()));
        let rect = any::<[f32; 4]>().prop_map(|[x, y, w, h]| Rect { x, y, w, h });
        (any::<u32>(), rect, any::<[f32; 2]>(), expression, any::<[f32; 8]>()).prop_map(
            |(id, rect, [score, confidence], expression, probs)| FaceReading {
                id,
                rect,
                score,
                expression,
                confidence,
                probs,
            },
        )
    }

    fn any_message() -> impl Strategy<Value = Message> {
        let hello = (".*", ".*", prop::collection::vec(".*", 0..4)).prop_map(
            |(firmware, board, models)| Message::Hello(Hello { firmware, board, models }),
        );
        let faces = prop::collection::vec(any_face(), 0..5);
        let reading = (any::<[u64; 3]>(), any::<[u32; 2]>(), faces).prop_map(
            |([frame, captured_at_us, latency_us], frame_size, faces)| {
                let frame = FrameId(frame);
                Message::Reading(Reading { frame, captured_at_us, latency_us, frame_size, faces })
            },
        );
        prop_oneof![hello, reading]
    }

    proptest! {
        #[test]
        fn any_message_round_trips(message in any_message()) {
            let bytes = framed(&message);
            let (last, body) = bytes.split_last().unwrap();
            prop_assert_eq!(*last, 0);
            prop_assert!(!body.contains(&0));
            prop_assert_eq!(decode_all(&[&bytes]), [Ok(message)]);
        }

        #[test]
        fn noise_neither_panics_nor_hides_the_next_message(
            noise in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let found = decode_all(&[&noise, &[0], &framed(&hello())]);
            prop_assert_eq!(found.last(), Some(&Ok(hello())));
        }
    }
}
