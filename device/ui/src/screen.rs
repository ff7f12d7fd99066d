//! The screen in memory: drawn from a status, then read as colours, as lit pixels or as terminal cells.

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::{
    Cell, Page, Status, Thumbnail,
    canvas::{Canvas, luma},
    header,
    layout::Layout,
    letters::Letters,
    mono,
    page::{actions, health, reading},
    scene::{self, Scene},
    theme,
};

/// The screen in memory, ready for a panel.
#[derive(Debug, Clone)]
pub struct Screen {
    canvas: Canvas,
    layout: Layout,
    letters: Letters,
}

impl Screen {
    /// A dark screen of `width` × `height` pixels, each at most 4096.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let canvas = Canvas::pixels(width.clamp(1, 4096), height.clamp(1, 4096));
        let letters = Letters::for_pixels(canvas.size());
        Self::with(canvas, letters)
    }

    /// A dark screen of `width` × `height` pixels that are black or white, each at most 4096.
    #[must_use]
    pub fn mono(width: u32, height: u32) -> Self {
        let canvas = Canvas::mono(width.clamp(1, 4096), height.clamp(1, 4096));
        Self::with(canvas, Letters::for_mono())
    }

    /// A dark screen of `columns` × `rows` terminal cells, each at most 1024.
    ///
    /// Its size in pixels is `columns` × `2 * rows`.
    #[must_use]
    pub fn cells(columns: u32, rows: u32) -> Self {
        let canvas = Canvas::cells(columns.clamp(1, 1024), rows.clamp(1, 1024));
        Self::with(canvas, Letters::for_cells())
    }

    fn with(canvas: Canvas, letters: Letters) -> Self {
        let layout = Layout::new(canvas.size(), &letters);
        let letters = letters.with_headline(layout.headline.size);
        Self { canvas, layout, letters }
    }

    /// Draws `status`, and `thumbnail` where there is one and no avatar is asked for.
    pub fn draw(&mut self, status: &Status, thumbnail: Option<Thumbnail<'_>>) {
        let Self { canvas, layout, letters } = self;
        if canvas.is_mono() {
            return mono::draw(canvas, letters, status);
        }
        canvas.fill(theme::BACKGROUND);
        header::header(canvas, layout.header, letters, status);
        header::footer(canvas, layout.footer, letters, status);
        if let Some(scene) = Scene::of(status) {
            return scene::draw(canvas, layout.content, letters, &scene);
        }
        match status.page {
            Page::Reading => reading::draw(canvas, layout, letters, status, thumbnail),
            Page::Actions => {
                actions::draw(canvas, layout, letters, status.reading.faces.first());
            }
            Page::Health => health::draw(canvas, layout.content, letters, status),
        }
    }

    /// Becomes what `other` shows; allocates nothing where both are of the same kind and size.
    pub fn copy_from(&mut self, other: &Self) {
        if !self.canvas.copy_from(&other.canvas) {
            *self = other.clone();
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        let size = self.canvas.size();
        (size.width, size.height)
    }

    /// Whether every pixel is black or white.
    pub fn is_mono(&self) -> bool {
        self.canvas.is_mono()
    }

    /// The pixels row by row, three bytes each, red first.
    ///
    /// `ImageRaw::<Rgb888>::new(screen.pixels(), width)` draws them on any display.
    pub fn pixels(&self) -> &[u8] {
        self.canvas.bytes()
    }

    /// The pixels of `area` row by row: five bits of red, six of green, five of blue.
    ///
    /// What of `area` lies outside the screen is left out.
    pub fn rgb565(&self, area: Rectangle) -> impl Iterator<Item = u16> {
        let area = area.intersection(&self.canvas.bounding_box());
        let (left, wide) =
            (3 * area.top_left.x.cast_unsigned() as usize, 3 * area.size.width as usize);
        let stride = 3 * self.canvas.size().width as usize;
        let rows = self.pixels().chunks_exact(stride);
        let rows = rows.skip(area.top_left.y.cast_unsigned() as usize);
        let pixels = rows
            .take(area.size.height as usize)
            .flat_map(move |row| row[left..left + wide].chunks_exact(3));
        pixels.map(|pixel| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u16::from);
            (r >> 3) << 11 | (g >> 2) << 5 | b >> 3
        })
    }

    /// Whether the pixel in column `x` of row `y` is lit, nearer to white than to black; false
    /// outside the screen.
    pub fn is_lit(&self, x: u32, y: u32) -> bool {
        luma(self.canvas.color(x, y)) >= 128
    }

    /// What a terminal shows at a cell; dark outside the screen.
    ///
    /// `column` runs to the width, `row` to half the height.
    pub fn cell(&self, column: u32, row: u32) -> Cell {
        self.canvas.cell(column, row)
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::Rgb888;

    use super::*;

    #[test]
    fn a_pixel_is_lit_when_it_is_nearer_to_white() {
        let mut screen = Screen::new(3, 1);
        screen.canvas.fill(Rgb888::BLACK);
        screen.canvas.set(Point::new(1, 0), Rgb888::new(255, 206, 62));
        screen.canvas.set(Point::new(2, 0), Rgb888::new(40, 46, 59));
        assert_eq!([0, 1, 2, 3].map(|x| screen.is_lit(x, 0)), [false, true, false, false]);
    }

    #[test]
    fn a_copy_shows_what_the_other_shows() {
        let mut screen = Screen::new(30, 20);
        screen.draw(&Status::default(), None);
        for mut other in [Screen::new(30, 20), Screen::new(3, 2), Screen::cells(30, 10)] {
            other.copy_from(&screen);
            assert_eq!((other.size(), other.pixels()), (screen.size(), screen.pixels()));
        }
    }
}
