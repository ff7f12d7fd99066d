//! A picture as a camera delivers it, and the two decoded forms the pipeline works on.
//!
//! A [`Frame`] is the camera's bytes with their format; [`crate::pixels`] turns it into a
//! [`Grey`] or [`Rgb`] image. The id and capture time travel with every later message, so that
//! skips and latency are measured, never guessed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Largest width or height accepted anywhere, in pixels.
pub const MAX_SIDE: u32 = 8192;

/// Sequence number a source gives its frames; a gap is a dropped frame.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct FrameId(pub u64);

/// Monotonic time since an origin the process chose at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Timestamp(pub Duration);

/// Layout of a frame's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PixelFormat {
    /// One byte of luma per pixel.
    Grey,
    /// Three bytes per pixel, red first.
    Rgb,
    /// Three bytes per pixel, blue first.
    Bgr,
    /// Packed 4:2:2, bytes `Y0 U Y1 V` per two pixels.
    Yuyv,
    /// A luma plane, then interleaved `U V` at half size.
    Nv12,
    /// A luma plane, then the U plane, then the V plane, both at half size.
    I420,
    /// A JPEG picture per frame; its own header states the size.
    Mjpeg,
}

/// One picture as its source delivered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Sequence number at the source.
    pub id: FrameId,
    /// When the source captured it.
    pub captured_at: Timestamp,
    /// Width in pixels as negotiated with the source.
    pub width: u32,
    /// Height in pixels as negotiated with the source.
    pub height: u32,
    /// Bytes from one row to the next in the first plane; 0 for [`PixelFormat::Mjpeg`].
    pub stride: u32,
    /// Layout of `data`.
    pub format: PixelFormat,
    /// The bytes; a source reuses this buffer from frame to frame.
    pub data: Vec<u8>,
}

impl Frame {
    /// An empty frame whose buffer a source can fill again and again.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            id: FrameId(0),
            captured_at: Timestamp::default(),
            width: 0,
            height: 0,
            stride: 0,
            format: PixelFormat::Grey,
            data: Vec::new(),
        }
    }
}

/// A grey image: `height` rows of `width` bytes, no padding, 0 black to 255 white.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grey {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width * height` luma bytes, row by row.
    pub data: Vec<u8>,
}

impl Grey {
    /// A black image of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, data: vec![0; (width * height) as usize] }
    }

    /// Gives the image a new size, keeping its allocation where it is large enough.
    pub fn resize(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        self.data.resize((width * height) as usize, 0);
    }
}

/// A colour image: `height` rows of `width` pixels, three bytes each, red first, no padding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rgb {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `3 * width * height` bytes, row by row.
    pub data: Vec<u8>,
}

impl Rgb {
    /// A black image of `width` × `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, data: vec![0; 3 * (width * height) as usize] }
    }

    /// Gives the image a new size, keeping its allocation where it is large enough.
    pub fn resize(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        self.data.resize(3 * (width * height) as usize, 0);
    }
}
