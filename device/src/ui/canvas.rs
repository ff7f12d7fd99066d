//! The memory a screen is drawn into: red, green and blue bytes, and characters where it stands
//! for a terminal.

use std::convert::Infallible;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use super::theme;

/// What a terminal shows in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The character; `▀` where the cell holds two pixels.
    pub glyph: char,
    /// Colour of the character.
    pub ink: Rgb888,
    /// Colour behind it.
    pub paper: Rgb888,
}

/// Pixels, and a grid of characters over them when it stands for a terminal.
#[derive(Debug)]
pub(super) struct Canvas {
    size: Size,
    bytes: Vec<u8>,
    glyphs: Option<Vec<Option<(char, Rgb888)>>>,
}

impl Canvas {
    pub(super) fn pixels(width: u32, height: u32) -> Self {
        let size = Size::new(width, height);
        let mut canvas = Self { size, bytes: vec![0; 3 * (width * height) as usize], glyphs: None };
        canvas.fill(theme::BACKGROUND);
        canvas
    }

    pub(super) fn cells(columns: u32, rows: u32) -> Self {
        let glyphs = Some(vec![None; (columns * rows) as usize]);
        Self { glyphs, ..Self::pixels(columns, 2 * rows) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Paints everything and wipes the characters.
    pub(super) fn fill(&mut self, color: Rgb888) {
        for pixel in self.bytes.chunks_exact_mut(3) {
            pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
        }
        if let Some(glyphs) = &mut self.glyphs {
            glyphs.fill(None);
        }
    }

    /// Sets one pixel; outside the canvas nothing happens.
    pub(super) fn set(&mut self, at: Point, color: Rgb888) {
        if let Some(start) = self.offset(at) {
            self.bytes[start..start + 3].copy_from_slice(&[color.r(), color.g(), color.b()]);
        }
    }

    /// Puts a character into the cell that holds pixel `at`.
    ///
    /// Only Latin letters go through: a terminal obeys control characters, and wider scripts
    /// would shift the row.
    pub(super) fn put(&mut self, at: Point, glyph: char, ink: Rgb888) {
        let Some(column) = u32::try_from(at.x).ok().filter(|x| *x < self.size.width) else {
            return;
        };
        let Ok(y) = u32::try_from(at.y) else { return };
        let cell = ((y / 2) * self.size.width + column) as usize;
        let glyph = if glyph.is_control() || glyph > '\u{24f}' { '?' } else { glyph };
        if let Some(slot) = self.glyphs.as_mut().and_then(|glyphs| glyphs.get_mut(cell)) {
            *slot = Some((glyph, ink));
        }
    }

    pub(super) fn cell(&self, column: u32, row: u32) -> Cell {
        let (top, bottom) = (self.color(column, 2 * row), self.color(column, 2 * row + 1));
        let cell = (row * self.size.width + column) as usize;
        match self.glyphs.as_ref().and_then(|glyphs| glyphs.get(cell).copied().flatten()) {
            Some((glyph, ink)) if column < self.size.width => Cell { glyph, ink, paper: bottom },
            _ => Cell { glyph: '▀', ink: top, paper: bottom },
        }
    }

    fn color(&self, x: u32, y: u32) -> Rgb888 {
        let at = Point::new(x.cast_signed(), y.cast_signed());
        self.offset(at).map_or(theme::BACKGROUND, |i| {
            Rgb888::new(self.bytes[i], self.bytes[i + 1], self.bytes[i + 2])
        })
    }

    fn offset(&self, at: Point) -> Option<usize> {
        let x = u32::try_from(at.x).ok().filter(|x| *x < self.size.width)?;
        let y = u32::try_from(at.y).ok().filter(|y| *y < self.size.height)?;
        Some(3 * (y * self.size.width + x) as usize)
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        self.size
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(at, color) in pixels {
            self.set(at, color);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        for at in area.intersection(&self.bounding_box()).points() {
            self.set(at, color);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_outside_the_canvas_changes_nothing() {
        let mut canvas = Canvas::cells(2, 1);
        let before = canvas.bytes().to_vec();
        for at in [Point::new(-1, 0), Point::new(2, 0), Point::new(0, 2), Point::new(0, -5)] {
            canvas.set(at, Rgb888::WHITE);
            canvas.put(at, 'x', Rgb888::WHITE);
        }
        assert_eq!(canvas.bytes(), before);
        assert_eq!((canvas.cell(0, 0).glyph, canvas.cell(1, 0).glyph), ('▀', '▀'));
    }

    #[test]
    fn a_cell_is_two_pixels_or_a_character() {
        let mut canvas = Canvas::cells(2, 1);
        canvas.set(Point::new(0, 0), Rgb888::RED);
        canvas.set(Point::new(0, 1), Rgb888::BLUE);
        canvas.put(Point::new(1, 1), 'M', Rgb888::GREEN);
        assert_eq!(canvas.cell(0, 0), Cell { glyph: '▀', ink: Rgb888::RED, paper: Rgb888::BLUE });
        let letter = Cell { glyph: 'M', ink: Rgb888::GREEN, paper: theme::BACKGROUND };
        assert_eq!(canvas.cell(1, 0), letter);
    }

    #[test]
    fn control_characters_never_reach_a_terminal() {
        let mut canvas = Canvas::cells(1, 1);
        canvas.put(Point::zero(), '\u{1b}', Rgb888::WHITE);
        assert_eq!(canvas.cell(0, 0).glyph, '?');
    }
}
