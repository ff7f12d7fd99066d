//! Grey and colour pictures alike: rows of pixels of `N` bytes.
//!
//! Every change is written once, over a [`Canvas`] of `N` channels; [`Picture`] is what the two
//! kinds of pictures of [`mien_shared::frame`] have in common.

use mien_shared::frame::{Grey, Rgb};

/// A picture of `N` bytes a pixel, row by row without padding.
pub trait Picture<const N: usize> {
    /// Width and height in pixels.
    fn size(&self) -> [u32; 2];
    /// Gives the picture a new size; what it shows then is undefined.
    fn resize(&mut self, size: [u32; 2]);
    /// The pixels, row by row.
    fn pixels(&self) -> &[[u8; N]];
    /// The pixels, row by row.
    fn pixels_mut(&mut self) -> &mut [[u8; N]];
}

impl Picture<1> for Grey {
    fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    fn resize(&mut self, [width, height]: [u32; 2]) {
        Self::resize(self, width, height);
    }

    fn pixels(&self) -> &[[u8; 1]] {
        self.data.as_chunks().0
    }

    fn pixels_mut(&mut self) -> &mut [[u8; 1]] {
        self.data.as_chunks_mut().0
    }
}

impl Picture<3> for Rgb {
    fn size(&self) -> [u32; 2] {
        [self.width, self.height]
    }

    fn resize(&mut self, [width, height]: [u32; 2]) {
        Self::resize(self, width, height);
    }

    fn pixels(&self) -> &[[u8; 3]] {
        self.data.as_chunks().0
    }

    fn pixels_mut(&mut self) -> &mut [[u8; 3]] {
        self.data.as_chunks_mut().0
    }
}

/// A picture of at least one pixel that is being changed.
pub(super) struct Canvas<'a, const N: usize> {
    /// Pixels of a row, not zero.
    pub(super) width: usize,
    /// Rows, not zero.
    pub(super) height: usize,
    /// `width * height` pixels.
    pub(super) pixels: &'a mut [[u8; N]],
}

impl<'a, const N: usize> Canvas<'a, N> {
    /// The canvas of a picture, `None` when it has no pixels.
    pub(super) fn of(picture: &'a mut impl Picture<N>) -> Option<Self> {
        let [width, height] = picture.size().map(|side| side as usize);
        let pixels = picture.pixels_mut();
        let whole = !pixels.is_empty() && width.checked_mul(height) == Some(pixels.len());
        whole.then_some(Self { width, height, pixels })
    }

    /// The rows from top to bottom.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = &mut [[u8; N]]> {
        self.pixels.chunks_exact_mut(self.width)
    }
}

/// The nearest byte.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what a sensor does"
)]
pub(super) fn byte(level: f32) -> u8 {
    (level + 0.5) as u8
}

/// Luma of a colour (BT.601), in the colour's unit.
pub(super) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}
