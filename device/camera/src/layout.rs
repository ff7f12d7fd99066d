//! How an uncompressed frame lies in memory, and reading one from a byte stream.

use std::io::{self, Read};

use mien_shared::frame::{Frame, FrameId, PixelFormat, Timestamp};

/// Size, stride and format of a source's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bytes from row to row in the first plane; 0 for a compressed format.
    pub(super) stride: u32,
    pub(super) format: PixelFormat,
}

impl Layout {
    /// Rows without padding; sizes are at most [`mien_shared::frame::MAX_SIDE`].
    pub(super) fn packed(format: PixelFormat, width: u32, height: u32) -> Self {
        Self { width, height, stride: row_bytes(format, width), format }
    }

    /// Bytes of one frame; 0 for a compressed format.
    pub(super) fn bytes(&self) -> usize {
        let (stride, height) = (self.stride as usize, self.height as usize);
        let half_height = height.div_ceil(2);
        match self.format {
            PixelFormat::Grey | PixelFormat::Rgb | PixelFormat::Bgr | PixelFormat::Yuyv => {
                stride * height
            }
            PixelFormat::Nv12 => stride * (height + half_height),
            PixelFormat::I420 => stride * height + 2 * stride.div_ceil(2) * half_height,
            PixelFormat::Mjpeg => 0,
        }
    }

    /// Writes everything but the bytes into `frame`.
    pub(super) fn stamp(&self, frame: &mut Frame, id: u64, captured_at: Timestamp) {
        frame.id = FrameId(id);
        frame.captured_at = captured_at;
        frame.width = self.width;
        frame.height = self.height;
        frame.stride = self.stride;
        frame.format = self.format;
    }
}

/// Bytes of one row of the first plane without padding; 0 for a compressed format.
pub(super) fn row_bytes(format: PixelFormat, width: u32) -> u32 {
    match format {
        PixelFormat::Grey | PixelFormat::I420 => width,
        PixelFormat::Nv12 => width.next_multiple_of(2),
        PixelFormat::Rgb | PixelFormat::Bgr => 3 * width,
        PixelFormat::Yuyv => 4 * width.div_ceil(2),
        PixelFormat::Mjpeg => 0,
    }
}

/// Replaces `out` by the next `len` bytes of `input`, or by what is left of it when that is less.
///
/// Memory grows with the bytes that really arrive, whatever a header promised.
pub(super) fn read_up_to(
    input: &mut impl Read,
    len: usize,
    out: &mut Vec<u8>,
) -> io::Result<usize> {
    out.clear();
    input.take(len as u64).read_to_end(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_bytes_its_format_says() {
        let bytes = |format, width, height| Layout::packed(format, width, height).bytes();
        assert_eq!(bytes(PixelFormat::Grey, 640, 480), 307_200);
        assert_eq!(bytes(PixelFormat::Rgb, 640, 480), 921_600);
        assert_eq!(bytes(PixelFormat::Yuyv, 640, 480), 614_400);
        assert_eq!(bytes(PixelFormat::I420, 640, 480), 460_800);
        assert_eq!(bytes(PixelFormat::Nv12, 640, 480), 460_800);
    }

    #[test]
    fn odd_sizes_round_the_chroma_planes_up() {
        assert_eq!(Layout::packed(PixelFormat::I420, 5, 3).bytes(), 15 + 2 * 3 * 2);
        assert_eq!(Layout::packed(PixelFormat::Yuyv, 5, 3).bytes(), 12 * 3);
    }

    #[test]
    fn padding_at_the_end_of_rows_counts() {
        let padded = Layout { stride: 704, ..Layout::packed(PixelFormat::I420, 640, 480) };
        assert_eq!(padded.bytes(), 704 * 480 + 2 * 352 * 240);
    }

    #[test]
    fn a_promise_of_much_takes_memory_only_for_what_arrives() {
        let mut out = Vec::new();
        let read = read_up_to(&mut &b"abc"[..], 1 << 40, &mut out);
        assert_eq!((read.unwrap(), out.as_slice()), (3, &b"abc"[..]));
        assert!(out.capacity() < 4096);
    }
}
