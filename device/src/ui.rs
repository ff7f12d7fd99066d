//! The device's face: one screen that shows what was read, how sure it is and how fast it was.
//!
//! [`Status`] and an optional [`Thumbnail`] go in, a [`Screen`] comes out; a
//! [panel](crate::panel) shows it. A screen is either made of pixels ([`Screen::new`], at least
//! 160×120, laid out for 240×240, 320×240 and 800×480) or of terminal cells ([`Screen::cells`]),
//! where every cell holds a character or two pixels above each other. Drawing allocates nothing.
//!
//! ```text
//!  mien  source          25 fps · 8.2 ms      wide: picture and headline left, bars right
//! ┌───────────┐ neutral   ▬─────────  4 %     square or tall: picture and headline on top,
//! │  picture  │ anger     ──────────  0 %                     bars below
//! └───────────┘ …
//!  happiness    sadness   ──────────  0 %
//!  93 %         surprise  ▬─────────  2 %
//!  What a face shows, not what a person feels.
//! ```

mod canvas;
#[cfg(test)]
mod goldens;
mod layout;
mod picture;
mod text;
mod theme;
mod widgets;

use embedded_graphics::prelude::OriginDimensions as _;
use mien_shared::{
    frame::{Grey, Rgb},
    geometry::{FivePoints, Rect},
    telemetry::Reading,
};

use canvas::Canvas;
pub use canvas::Cell;
use layout::Layout;
use theme::Fonts;

/// What the screen tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The latest reading; its first face is the one shown.
    pub reading: Reading,
    /// Frames read per second.
    pub fps: f32,
    /// Where the frames come from, as the owner named it.
    pub source: String,
    /// Why there is no reading just now: a plain sentence, shown instead of the reading.
    pub message: Option<String>,
}

/// A picture to show beside the reading, with what was found in it.
#[derive(Debug, Clone, Copy)]
pub struct Thumbnail<'a> {
    /// The picture; it is scaled to the screen.
    pub picture: Picture<'a>,
    /// The face's box, in the picture's pixels.
    pub rect: Option<Rect>,
    /// The face's five points, in the picture's pixels.
    pub points: Option<FivePoints>,
}

/// A borrowed grey or colour picture.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// Luma only.
    Grey(&'a Grey),
    /// Red, green and blue.
    Rgb(&'a Rgb),
}

/// The screen in memory, ready for a panel.
#[derive(Debug)]
pub struct Screen {
    canvas: Canvas,
    layout: Layout,
    fonts: Fonts,
}

impl Screen {
    /// A dark screen of `width` × `height` pixels, each at most 4096.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let canvas = Canvas::pixels(width.clamp(1, 4096), height.clamp(1, 4096));
        let fonts = Fonts::for_pixels(canvas.size());
        Self::with(canvas, fonts)
    }

    /// A dark screen of `columns` × `rows` terminal cells, each at most 1024.
    ///
    /// Its size in pixels is `columns` × `2 * rows`.
    #[must_use]
    pub fn cells(columns: u32, rows: u32) -> Self {
        let canvas = Canvas::cells(columns.clamp(1, 1024), rows.clamp(1, 1024));
        Self::with(canvas, Fonts::for_cells())
    }

    fn with(canvas: Canvas, fonts: Fonts) -> Self {
        let layout = Layout::new(canvas.size(), &fonts);
        let fonts = fonts.with_headline(layout.headline.size);
        Self { canvas, layout, fonts }
    }

    /// Draws `status`, and `thumbnail` where there is one.
    pub fn draw(&mut self, status: &Status, thumbnail: Option<Thumbnail<'_>>) {
        let Self { canvas, layout, fonts } = self;
        canvas.fill(theme::BACKGROUND);
        widgets::header(canvas, layout.header, fonts, status);
        widgets::footer(canvas, layout.footer, fonts);
        if let Some(message) = &status.message {
            widgets::message(canvas, layout.content, fonts, message);
            return;
        }
        let face = status.reading.faces.first();
        picture::draw(canvas, layout.picture, thumbnail, theme::ink(face));
        widgets::headline(canvas, layout.headline, fonts, &status.reading);
        widgets::bars(canvas, layout.bars, fonts, face);
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        let size = self.canvas.size();
        (size.width, size.height)
    }

    /// The pixels row by row, three bytes each, red first.
    ///
    /// `ImageRaw::<Rgb888>::new(screen.pixels(), width)` draws them on any display.
    pub fn pixels(&self) -> &[u8] {
        self.canvas.bytes()
    }

    /// What a terminal shows at a cell; dark outside the screen.
    ///
    /// `column` runs to the width, `row` to half the height.
    pub fn cell(&self, column: u32, row: u32) -> Cell {
        self.canvas.cell(column, row)
    }
}

/// Rounds a length in pixels; one far beyond any screen is cut so that no sum of them overflows.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a million first")]
fn whole(length: f32) -> i32 {
    length.round().clamp(-1e6, 1e6) as i32
}
