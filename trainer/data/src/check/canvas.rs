//! A dark sheet to draw pictures and lines of text on.

use image::{DynamicImage, GrayImage, Rgb, RgbImage, imageops};
use mien_shared::frame::Grey;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// What is drawn on.
pub const PAPER: Rgb<u8> = Rgb([24, 26, 30]);
/// Text.
pub const INK: Rgb<u8> = Rgb([220, 224, 228]);
/// Text that is not to be read first.
pub const FAINT: Rgb<u8> = Rgb([140, 146, 152]);

/// How large letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Sixteen pixels.
    Text,
    /// Twenty-four pixels.
    Title,
}

impl Size {
    /// Height of a line in pixels.
    pub const fn height(self) -> u32 {
        match self {
            Self::Text => 18,
            Self::Title => 27,
        }
    }

    /// Width of a letter in pixels.
    pub fn letter(self) -> u32 {
        u32::try_from(get_raster_width(FontWeight::Regular, self.raster())).unwrap_or(0)
    }

    fn raster(self) -> RasterHeight {
        match self {
            Self::Text => RasterHeight::Size16,
            Self::Title => RasterHeight::Size24,
        }
    }
}

/// A picture being drawn; what lies beside it is not drawn. Places are x and y of an upper left
/// corner in pixels.
#[derive(Debug)]
pub struct Canvas(RgbImage);

impl Canvas {
    /// An empty sheet of that many pixels.
    pub fn new(width: u32, height: u32) -> Self {
        Self(RgbImage::from_pixel(width, height, PAPER))
    }

    /// The picture.
    pub fn finish(self) -> RgbImage {
        self.0
    }

    /// Writes a line; letters beyond ASCII leave a gap.
    pub fn write(&mut self, text: &str, [left, top]: [u32; 2], size: Size, ink: Rgb<u8>) {
        for (letter, left) in text.chars().zip((left..).step_by(size.letter().max(1) as usize)) {
            let drawn = get_raster(letter, FontWeight::Regular, size.raster());
            let Some(drawn) = drawn else { continue };
            let rows = drawn.raster().iter().zip(top..);
            let shares =
                rows.flat_map(|(row, y)| row.iter().zip(left..).map(move |(s, x)| (s, x, y)));
            shares.for_each(|(&share, x, y)| self.blend([x, y], ink, share));
        }
    }

    /// Draws a grey picture.
    pub fn grey(&mut self, picture: &Grey, at: [u32; 2]) {
        let Grey { width, height, data } = picture.clone();
        let grey = GrayImage::from_raw(width, height, data).unwrap_or_default();
        self.picture(&DynamicImage::ImageLuma8(grey).into_rgb8(), at);
    }

    /// Draws a picture in colour.
    pub fn picture(&mut self, picture: &RgbImage, [left, top]: [u32; 2]) {
        imageops::replace(&mut self.0, picture, left.into(), top.into());
    }

    /// Draws the diagonals of a square.
    pub fn cross(&mut self, [left, top]: [u32; 2], side: u32, ink: Rgb<u8>) {
        for step in 0..side {
            self.blend([left + step, top + step], ink, u8::MAX);
            self.blend([left + side - 1 - step, top + step], ink, u8::MAX);
        }
    }

    /// Mixes a share, of 255, of `ink` into a pixel.
    fn blend(&mut self, [x, y]: [u32; 2], ink: Rgb<u8>, share: u8) {
        let Some(pixel) = self.0.get_pixel_mut_checked(x, y) else { return };
        for (old, new) in pixel.0.iter_mut().zip(ink.0) {
            let mixed =
                u16::from(new) * u16::from(share) + u16::from(*old) * u16::from(255 - share);
            *old = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_beyond_the_edge_is_cut_off() {
        let mut canvas = Canvas::new(20, 10);
        canvas.write("expression", [4, 2], Size::Title, INK);
        let drawn = canvas.finish();
        assert_eq!(drawn.dimensions(), (20, 10));
        assert!(drawn.pixels().any(|pixel| *pixel != PAPER));
    }

    #[test]
    fn a_title_is_larger_than_text() {
        assert_eq!([Size::Text, Size::Title].map(Size::height), [18, 27]);
        assert!(Size::Title.letter() > Size::Text.letter());
    }

    #[test]
    fn a_picture_lies_where_it_is_put() {
        let mut canvas = Canvas::new(4, 4);
        canvas.grey(&Grey { width: 2, height: 1, data: vec![7, 9] }, [1, 2]);
        let drawn = canvas.finish();
        assert_eq!([drawn[(1, 2)], drawn[(2, 2)]], [Rgb([7; 3]), Rgb([9; 3])]);
        assert_eq!(drawn[(3, 2)], PAPER);
    }
}
