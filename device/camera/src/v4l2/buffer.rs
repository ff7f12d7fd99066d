//! A kernel buffer as a frame.

use std::time::Duration;

use mien_shared::frame::{Frame, PixelFormat, Timestamp};
use v4l::buffer::{Flags, Metadata};

use mien_core::clock;

use crate::layout::Layout;

const JPEG_START: [u8; 2] = [0xff, 0xd8];

/// Fills `frame` from a buffer, or says what is wrong with it.
pub(super) fn fill(
    bytes: &[u8],
    meta: &Metadata,
    layout: &Layout,
    id: u64,
    frame: &mut Frame,
) -> Result<(), String> {
    let picture = picture(bytes, meta, layout)?;
    frame.data.clear();
    frame.data.extend_from_slice(picture);
    layout.stamp(frame, id, captured_at(meta));
    Ok(())
}

/// Makes YUYV of UYVY.
pub(super) fn swap_pairs(bytes: &mut [u8]) {
    bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.swap(0, 1));
}

/// The bytes of the buffer that make up its picture.
fn picture<'a>(bytes: &'a [u8], meta: &Metadata, layout: &Layout) -> Result<&'a [u8], String> {
    if meta.flags.contains(Flags::ERROR) {
        return Err("the driver marks this frame as damaged; check the cable".to_owned());
    }
    let used = bytes.get(..meta.bytesused as usize).unwrap_or(bytes);
    if layout.format == PixelFormat::Mjpeg {
        let starts = used.starts_with(&JPEG_START);
        return starts.then_some(used).ok_or_else(|| "the frame is no JPEG picture".to_owned());
    }
    let wanted = layout.bytes();
    let cut_off = || format!("the frame is cut off: {} of {wanted} bytes", used.len());
    used.get(..wanted).ok_or_else(cut_off)
}

/// The kernel's time of capture where it is on the monotonic clock and not ahead of it, else now.
fn captured_at(meta: &Metadata) -> Timestamp {
    let now = clock::now();
    let monotonic = meta.flags & Flags::TIMESTAMP_MASK == Flags::TIMESTAMP_MONOTONIC;
    let seconds = u64::try_from(meta.timestamp.sec).ok();
    let micros = u32::try_from(meta.timestamp.usec).ok().filter(|&us| us < 1_000_000);
    match (seconds, micros) {
        (Some(seconds), Some(micros)) if monotonic => {
            clock::from_monotonic(Duration::new(seconds, 1000 * micros)).min(now)
        }
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const GREY: Layout = Layout { width: 3, height: 2, stride: 4, format: PixelFormat::Grey };

    fn meta(bytesused: u32, flags: Flags) -> Metadata {
        Metadata { bytesused, flags, ..Metadata::default() }
    }

    #[test]
    fn a_good_buffer_becomes_a_frame_with_its_stride() {
        let mut frame = Frame::empty();
        let meta = meta(8, Flags::TIMESTAMP_MONOTONIC);
        fill(b"abc.def.trailing", &meta, &GREY, 41, &mut frame).unwrap();
        assert_eq!((frame.id.0, frame.width, frame.height, frame.stride), (41, 3, 2, 4));
        assert_eq!(frame.data, b"abc.def.");
    }

    #[test]
    fn pairs_are_swapped_and_a_lone_byte_stays() {
        let mut bytes = *b"UYVY.";
        swap_pairs(&mut bytes);
        assert_eq!(&bytes, b"YUYV.");
    }

    #[test]
    fn the_frame_buffer_is_reused() {
        let mut frame = Frame::empty();
        fill(b"abc.def.", &meta(8, Flags::empty()), &GREY, 0, &mut frame).unwrap();
        let first = frame.data.as_ptr();
        fill(b"ABC.DEF.", &meta(8, Flags::empty()), &GREY, 1, &mut frame).unwrap();
        assert_eq!((frame.data.as_ptr(), frame.data.as_slice()), (first, &b"ABC.DEF."[..]));
    }

    #[test]
    fn a_damaged_or_short_buffer_is_refused() {
        let refuse = |bytesused, flags| {
            fill(b"abc.def.", &meta(bytesused, flags), &GREY, 0, &mut Frame::empty()).unwrap_err()
        };
        assert_eq!(
            refuse(8, Flags::ERROR),
            "the driver marks this frame as damaged; check the cable"
        );
        assert_eq!(refuse(7, Flags::empty()), "the frame is cut off: 7 of 8 bytes");
        assert_eq!(refuse(0, Flags::empty()), "the frame is cut off: 0 of 8 bytes");
    }

    #[test]
    fn a_claim_beyond_the_buffer_reads_no_further() {
        let mut frame = Frame::empty();
        fill(b"abc.def.", &meta(u32::MAX, Flags::empty()), &GREY, 0, &mut frame).unwrap();
        assert_eq!(frame.data.len(), 8);
    }

    #[test]
    fn a_compressed_buffer_counts_as_far_as_it_is_used() {
        let jpeg = Layout { stride: 0, format: PixelFormat::Mjpeg, ..GREY };
        let mut frame = Frame::empty();
        fill(&[0xff, 0xd8, 1, 2, 3, 0, 0], &meta(5, Flags::empty()), &jpeg, 0, &mut frame).unwrap();
        assert_eq!(frame.data, [0xff, 0xd8, 1, 2, 3]);
        let refused = fill(&[0; 7], &meta(5, Flags::empty()), &jpeg, 0, &mut frame);
        assert_eq!(refused.unwrap_err(), "the frame is no JPEG picture");
    }

    #[test]
    fn a_kernel_time_is_kept_unless_it_cannot_be() {
        let start = clock::now();
        let origin = Instant::now();
        let stamped = |sec, usec, flags| {
            let timestamp = v4l::Timestamp { sec, usec };
            captured_at(&Metadata { timestamp, flags, ..Metadata::default() })
        };
        // One microsecond after boot lies before the process: its origin.
        let early = stamped(0, 1, Flags::TIMESTAMP_MONOTONIC);
        assert_eq!(early, Timestamp(Duration::ZERO));
        for (sec, usec, flags) in [
            (i64::MAX, 0, Flags::TIMESTAMP_MONOTONIC),
            (-1, 0, Flags::TIMESTAMP_MONOTONIC),
            (0, 1_000_000, Flags::TIMESTAMP_MONOTONIC),
            (0, 1, Flags::TIMESTAMP_COPY),
            (0, 1, Flags::empty()),
        ] {
            let now = stamped(sec, usec, flags);
            assert!(
                now >= start && now.0 <= start.0 + origin.elapsed() + Duration::from_millis(50)
            );
        }
    }
}
