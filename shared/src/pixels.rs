//! Camera bytes to grey and colour images.
//!
//! Luma is a camera's own `Y` where it has one, else `0.299 R + 0.587 G + 0.114 B`. Colour follows
//! BT.601 in full range (0–255), as JFIF does: Motion-JPEG, the format most cameras are run in, is
//! always full range, and reading a limited-range (16–235) camera this way costs it a little
//! contrast, which the networks are trained to ignore, where the opposite mistake would clip
//! shadows and highlights for good. Rows keep their stride, odd sizes round chroma up.
//!
//! Nothing is allocated per frame for raw formats once the images have reached their size.

mod grey;
mod i420;
mod mjpeg;
mod nv12;
mod rgb;
mod turn;
mod yuv;
mod yuyv;

pub use self::turn::Turn;
use crate::frame::{Frame, Grey, MAX_SIDE, PixelFormat, Rgb};

/// Turns frames into images.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Where a JPEG of another colour space is unpacked.
    jpeg: mjpeg::Scratch,
}

impl Decoder {
    /// A decoder for frames of any format and size.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the frame's luma into `out`, which takes the frame's size.
    ///
    /// A Motion-JPEG frame's size is the one its own header states, whatever was negotiated.
    ///
    /// # Errors
    /// See [`PixelError`]; `out`'s content is then unspecified, its size consistent.
    pub fn to_grey(&mut self, frame: &Frame, out: &mut Grey) -> Result<(), PixelError> {
        if frame.format == PixelFormat::Mjpeg {
            return self.jpeg.decode_grey(&frame.data, out);
        }
        let planes = Layout::of(frame)?;
        out.resize(frame.width, frame.height);
        match frame.format {
            PixelFormat::Grey | PixelFormat::Nv12 | PixelFormat::I420 => grey::copy(&planes, out),
            PixelFormat::Yuyv => yuyv::to_grey(&planes, out),
            PixelFormat::Rgb => rgb::to_grey(&planes, rgb::Order::Rgb, out),
            PixelFormat::Bgr => rgb::to_grey(&planes, rgb::Order::Bgr, out),
            PixelFormat::Mjpeg => {}
        }
        Ok(())
    }

    /// Writes the frame's colours into `out`, which takes the frame's size.
    ///
    /// # Errors
    /// As [`Decoder::to_grey`].
    pub fn to_rgb(&mut self, frame: &Frame, out: &mut Rgb) -> Result<(), PixelError> {
        if frame.format == PixelFormat::Mjpeg {
            return self.jpeg.decode_rgb(&frame.data, out);
        }
        let planes = Layout::of(frame)?;
        out.resize(frame.width, frame.height);
        match frame.format {
            PixelFormat::Grey => grey::to_rgb(&planes, out),
            PixelFormat::Nv12 => nv12::to_rgb(&planes, out),
            PixelFormat::I420 => i420::to_rgb(&planes, out),
            PixelFormat::Yuyv => yuyv::to_rgb(&planes, out),
            PixelFormat::Rgb => rgb::to_rgb(&planes, rgb::Order::Rgb, out),
            PixelFormat::Bgr => rgb::to_rgb(&planes, rgb::Order::Bgr, out),
            PixelFormat::Mjpeg => {}
        }
        Ok(())
    }
}

/// Why a frame is not an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// An empty picture, or one larger than anything here handles.
    #[error("a frame of {width}x{height} pixels; both sides must lie in 1..={MAX_SIDE}")]
    Size {
        /// Stated width.
        width: u32,
        /// Stated height.
        height: u32,
    },
    /// Rows that would overlap.
    #[error("a {format:?} frame has rows of {row} bytes but a stride of {stride}")]
    Stride {
        /// The frame's format.
        format: PixelFormat,
        /// Bytes a row needs.
        row: usize,
        /// Stated bytes from row to row.
        stride: u32,
    },
    /// Fewer bytes than the size needs.
    #[error("a {format:?} frame holds {given} bytes where its size needs {needed}; it was cut off")]
    Short {
        /// The frame's format.
        format: PixelFormat,
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// A JPEG that ends before its end marker.
    #[error("a JPEG frame of {given} bytes has no end marker; it was cut off")]
    TruncatedJpeg {
        /// Bytes given.
        given: usize,
    },
    /// A JPEG the decoder refuses.
    #[error("a JPEG frame cannot be decoded: {reason}")]
    Jpeg {
        /// What the decoder said.
        reason: String,
    },
}

/// A raw frame's bytes cut into its planes, every size checked.
struct Layout<'a> {
    /// Bytes of one row of the first plane that carry pixels.
    row: usize,
    /// The first plane.
    first: Plane<'a>,
    /// Interleaved `U V` (NV12) or `U` (I420); empty in other formats.
    second: Plane<'a>,
    /// `V` (I420); empty in other formats.
    third: Plane<'a>,
}

/// Some rows of bytes.
#[derive(Clone, Copy)]
struct Plane<'a> {
    data: &'a [u8],
    stride: usize,
}

impl<'a> Plane<'a> {
    /// Row `index` with whatever padding follows it.
    fn row(self, index: usize) -> &'a [u8] {
        &self.data[index * self.stride..]
    }
}

impl<'a> Layout<'a> {
    /// The planes of a raw frame.
    fn of(frame: &'a Frame) -> Result<Self, PixelError> {
        let &Frame { width, height, stride, format, ref data, .. } = frame;
        check_size(width, height)?;
        let (w, h, stride_bytes) = (width as usize, height as usize, stride as usize);
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        // Stride, bytes used per row and rows of each plane.
        let planes = match format {
            PixelFormat::Grey | PixelFormat::Mjpeg => [(stride_bytes, w, h), NONE, NONE],
            PixelFormat::Rgb | PixelFormat::Bgr => [(stride_bytes, 3 * w, h), NONE, NONE],
            PixelFormat::Yuyv => [(stride_bytes, 4 * half_w, h), NONE, NONE],
            PixelFormat::Nv12 => {
                [(stride_bytes, w, h), (stride_bytes.next_multiple_of(2), 2 * half_w, half_h), NONE]
            }
            PixelFormat::I420 => {
                let chroma = (stride_bytes.div_ceil(2), half_w, half_h);
                [(stride_bytes, w, h), chroma, chroma]
            }
        };
        let row = planes[0].1;
        if stride_bytes < row {
            return Err(PixelError::Stride { format, row, stride });
        }
        let needed = bytes_needed(&planes);
        if data.len() < needed {
            return Err(PixelError::Short { format, needed, given: data.len() });
        }
        let [first, second, third] = cut(data, &planes);
        Ok(Self { row, first, second, third })
    }
}

/// Stride, bytes used per row and rows of a plane that is not there.
const NONE: (usize, usize, usize) = (0, 0, 0);

/// Bytes up to the last pixel of the last plane; padding behind it may be missing.
fn bytes_needed(planes: &[(usize, usize, usize); 3]) -> usize {
    let mut start = 0;
    let mut needed = 0;
    for &(stride, row, rows) in planes.iter().filter(|plane| plane.2 > 0) {
        needed = start + stride * (rows - 1) + row;
        start += stride * rows;
    }
    needed
}

/// Cuts `data`, which is long enough, into planes.
fn cut<'a>(data: &'a [u8], planes: &[(usize, usize, usize); 3]) -> [Plane<'a>; 3] {
    let mut rest = data;
    planes.map(|(stride, _, rows)| {
        let (data, behind) = rest.split_at((stride * rows).min(rest.len()));
        rest = behind;
        Plane { data, stride }
    })
}

/// Refuses empty and oversized pictures.
fn check_size(width: u32, height: u32) -> Result<(), PixelError> {
    let fits = |side| (1..=MAX_SIDE).contains(&side);
    if fits(width) && fits(height) { Ok(()) } else { Err(PixelError::Size { width, height }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(format: PixelFormat, width: u32, height: u32, stride: u32, data: &[u8]) -> Frame {
        Frame { format, width, height, stride, data: data.to_vec(), ..Frame::empty() }
    }

    fn grey_of(frame: &Frame) -> Result<Vec<u8>, PixelError> {
        let mut out = Grey::default();
        Decoder::new().to_grey(frame, &mut out)?;
        assert_eq!((out.width, out.height), (frame.width, frame.height));
        Ok(out.data)
    }

    fn rgb_of(frame: &Frame) -> Result<Vec<u8>, PixelError> {
        let mut out = Rgb::default();
        Decoder::new().to_rgb(frame, &mut out)?;
        assert_eq!((out.width, out.height), (frame.width, frame.height));
        Ok(out.data)
    }

    /// The raw formats with the bytes a row of `width` pixels takes in the first plane.
    fn raw_formats(width: u32) -> [(PixelFormat, u32); 6] {
        [
            (PixelFormat::Grey, width),
            (PixelFormat::Rgb, 3 * width),
            (PixelFormat::Bgr, 3 * width),
            (PixelFormat::Yuyv, 4 * width.div_ceil(2)),
            (PixelFormat::Nv12, width),
            (PixelFormat::I420, width),
        ]
    }

    /// Bytes an unpadded frame takes.
    fn bytes(format: PixelFormat, width: u32, height: u32) -> usize {
        let (w, h) = (width as usize, height as usize);
        let chroma = w.div_ceil(2) * h.div_ceil(2);
        match format {
            PixelFormat::Grey | PixelFormat::Mjpeg => w * h,
            PixelFormat::Rgb | PixelFormat::Bgr => 3 * w * h,
            PixelFormat::Yuyv => 4 * w.div_ceil(2) * h,
            PixelFormat::Nv12 | PixelFormat::I420 => w * h + 2 * chroma,
        }
    }

    #[test]
    fn grey_rows_lose_their_padding() {
        let frame = frame(PixelFormat::Grey, 2, 2, 3, &[1, 2, 99, 3, 4]);
        assert_eq!(grey_of(&frame).unwrap(), [1, 2, 3, 4]);
        assert_eq!(rgb_of(&frame).unwrap(), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    }

    #[test]
    fn colours_weigh_as_bt601_says() {
        let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30];
        let rgb = frame(PixelFormat::Rgb, 4, 1, 12, &pixels);
        // 0.299·255, 0.587·255, 0.114·255 and 2.99 + 11.74 + 3.42.
        assert_eq!(grey_of(&rgb).unwrap(), [76, 150, 29, 18]);
        assert_eq!(rgb_of(&rgb).unwrap(), pixels);
        let bgr = frame(PixelFormat::Bgr, 4, 1, 12, &pixels);
        // 2.99 and 3.42 change places: 1.14 + 11.74 + 8.97.
        assert_eq!(grey_of(&bgr).unwrap(), [29, 150, 76, 22]);
        assert_eq!(rgb_of(&bgr).unwrap(), [0, 0, 255, 0, 255, 0, 255, 0, 0, 30, 20, 10]);
    }

    #[test]
    fn white_stays_white_and_black_black() {
        let white = frame(PixelFormat::Rgb, 2, 1, 6, &[255, 255, 255, 0, 0, 0]);
        assert_eq!(grey_of(&white).unwrap(), [255, 0]);
    }

    #[test]
    fn yuyv_pairs_share_their_chroma() {
        let data = [76, 85, 77, 255, 8, 128, 9, 128, 50, 60];
        let frame = frame(PixelFormat::Yuyv, 2, 2, 5, &data[..9]);
        assert_eq!(grey_of(&frame).unwrap(), [76, 77, 128, 128]);
        let packed = Frame { stride: 4, data: data[..8].to_vec(), ..frame };
        assert_eq!(grey_of(&packed).unwrap(), [76, 77, 8, 9]);
        assert_eq!(rgb_of(&packed).unwrap(), [254, 0, 0, 255, 1, 1, 8, 8, 8, 9, 9, 9]);
    }

    #[test]
    fn an_odd_yuyv_row_ends_within_its_last_pair() {
        let frame = frame(PixelFormat::Yuyv, 1, 1, 4, &[76, 85, 77, 255]);
        assert_eq!(grey_of(&frame).unwrap(), [76]);
        assert_eq!(rgb_of(&frame).unwrap(), [254, 0, 0]);
    }

    #[test]
    fn nv12_and_i420_put_one_chroma_on_four_pixels() {
        // Red on the left 2×2, green on the right 2×2.
        let luma = [76, 76, 150, 150, 76, 76, 150, 150];
        let red_green = [254, 0, 0, 254, 0, 0, 0, 255, 1, 0, 255, 1];
        let wanted = [red_green, red_green].concat();
        let nv12 = [&luma[..], &[85, 255, 44, 21]].concat();
        let i420 = [&luma[..], &[85, 44], &[255, 21]].concat();
        for (format, data) in [(PixelFormat::Nv12, nv12), (PixelFormat::I420, i420)] {
            let frame = frame(format, 4, 2, 4, &data);
            assert_eq!(grey_of(&frame).unwrap(), luma);
            assert_eq!(rgb_of(&frame).unwrap(), wanted, "{format:?}");
        }
    }

    #[test]
    fn planes_start_behind_padded_rows() {
        let nv12 = [150, 9, 9, 9, 44, 21];
        let i420 = [150, 9, 9, 9, 44, 9, 21];
        for (format, data) in [(PixelFormat::Nv12, &nv12[..]), (PixelFormat::I420, &i420[..])] {
            let frame = frame(format, 1, 1, 4, data);
            assert_eq!(rgb_of(&frame).unwrap(), [0, 255, 1], "{format:?}");
        }
    }

    #[test]
    fn one_byte_less_than_needed_is_refused() {
        for (width, height) in [(1, 1), (5, 3), (6, 4)] {
            for (format, stride) in raw_formats(width) {
                let needed = bytes(format, width, height);
                let full = frame(format, width, height, stride, &vec![0; needed]);
                grey_of(&full).unwrap();
                rgb_of(&full).unwrap();
                let short = frame(format, width, height, stride, &vec![0; needed - 1]);
                let error = PixelError::Short { format, needed, given: needed - 1 };
                assert_eq!(grey_of(&short), Err(error.clone()));
                assert_eq!(rgb_of(&short), Err(error));
            }
        }
    }

    #[test]
    fn rows_that_would_overlap_are_refused() {
        for (format, row) in raw_formats(6) {
            let frame = frame(format, 6, 4, row - 1, &[0; 1000]);
            let wanted = PixelError::Stride { format, row: row as usize, stride: row - 1 };
            assert_eq!(grey_of(&frame), Err(wanted));
        }
    }

    #[test]
    fn empty_and_oversized_pictures_are_refused() {
        for (width, height) in [(0, 4), (4, 0), (8193, 1), (1, 8193), (u32::MAX, u32::MAX)] {
            for (format, _) in raw_formats(2) {
                let frame = frame(format, width, height, u32::MAX, &[0; 64]);
                assert_eq!(grey_of(&frame), Err(PixelError::Size { width, height }));
                assert_eq!(rgb_of(&frame), Err(PixelError::Size { width, height }));
            }
        }
    }

    #[test]
    fn a_second_frame_of_a_size_needs_no_new_memory() {
        let mut out = Grey::default();
        let mut decoder = Decoder::new();
        for (format, stride) in raw_formats(8) {
            let frame = frame(format, 8, 4, stride, &vec![7; bytes(format, 8, 4)]);
            decoder.to_grey(&frame, &mut out).unwrap();
            let place = out.data.as_ptr();
            decoder.to_grey(&frame, &mut out).unwrap();
            assert_eq!(out.data.as_ptr(), place);
        }
    }

    proptest! {
        #[test]
        fn no_size_stride_or_length_panics(
            format in 0..6_usize,
            width in 0_u32..9,
            height in 0_u32..9,
            stride in 0_u32..40,
            length in 0..400_usize,
        ) {
            let (format, row) = raw_formats(width)[format];
            let frame = frame(format, width, height, stride, &vec![1; length]);
            let (grey, rgb) = (grey_of(&frame), rgb_of(&frame));
            prop_assert_eq!(grey.is_ok(), rgb.is_ok());
            if grey.is_ok() {
                prop_assert!(stride >= row && length >= bytes(format, width, height));
            }
        }
    }
}
