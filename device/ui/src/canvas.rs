//! The memory a screen is drawn into: red, green and blue bytes, all of them 0 or 255 alike where
//! it stands for a display of black and white, with characters over them where it stands for a
//! terminal.

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

/// Pixels, and what is special about them.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    size: Size,
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Colour,
    /// Every pixel is black or white.
    Mono,
    /// A grid of characters lies over the pixels.
    Cells(Vec<Option<(char, Rgb888)>>),
}

impl Canvas {
    pub(super) fn pixels(width: u32, height: u32) -> Self {
        Self::blank(width, height, Kind::Colour)
    }

    pub(super) fn mono(width: u32, height: u32) -> Self {
        Self::blank(width, height, Kind::Mono)
    }

    pub(super) fn cells(columns: u32, rows: u32) -> Self {
        let cells = vec![None; (columns * rows) as usize];
        Self::blank(columns, 2 * rows, Kind::Cells(cells))
    }

    fn blank(width: u32, height: u32, kind: Kind) -> Self {
        let bytes = vec![0; 3 * (width * height) as usize];
        let mut canvas = Self { size: Size::new(width, height), bytes, kind };
        canvas.fill(theme::BACKGROUND);
        canvas
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_mono(&self) -> bool {
        matches!(self.kind, Kind::Mono)
    }

    pub(super) fn is_cells(&self) -> bool {
        matches!(self.kind, Kind::Cells(_))
    }

    /// Takes over what `other` shows; false, and nothing done, when it is of another kind or size.
    pub(super) fn copy_from(&mut self, other: &Self) -> bool {
        if self.size != other.size {
            return false;
        }
        match (&mut self.kind, &other.kind) {
            (Kind::Colour, Kind::Colour) | (Kind::Mono, Kind::Mono) => {}
            (Kind::Cells(mine), Kind::Cells(theirs)) => mine.copy_from_slice(theirs),
            _ => return false,
        }
        self.bytes.copy_from_slice(&other.bytes);
        true
    }

    /// Paints everything and wipes the characters.
    pub(super) fn fill(&mut self, color: Rgb888) {
        let color = self.shade(color);
        for pixel in self.bytes.chunks_exact_mut(3) {
            pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
        }
        if let Kind::Cells(glyphs) = &mut self.kind {
            glyphs.fill(None);
        }
    }

    /// Sets one pixel; outside the canvas nothing happens.
    pub(super) fn set(&mut self, at: Point, color: Rgb888) {
        let color = self.shade(color);
        if let Some(start) = self.offset(at) {
            self.bytes[start..start + 3].copy_from_slice(&[color.r(), color.g(), color.b()]);
        }
    }

    /// Mixes `level` of 255 parts of `color` into one pixel, in sixteen steps; black and white take
    /// it from half on.
    pub(super) fn blend(&mut self, at: Point, color: Rgb888, level: u8) {
        // An eye sees no more steps, and a picture of few colours packs well.
        let level = level & 0xf0 | level >> 4;
        match level {
            0 => {}
            255 => self.set(at, color),
            _ if self.is_mono() && level < 128 => {}
            _ if self.is_mono() => self.set(at, color),
            _ => {
                let Some(start) = self.offset(at) else { return };
                let ink = [color.r(), color.g(), color.b()];
                for (under, over) in self.bytes[start..start + 3].iter_mut().zip(ink) {
                    *under = mix(*under, over, level);
                }
            }
        }
    }

    /// The colour this canvas has for `color`.
    fn shade(&self, color: Rgb888) -> Rgb888 {
        match self.kind {
            Kind::Mono if luma(color) >= 128 => Rgb888::WHITE,
            Kind::Mono => Rgb888::BLACK,
            _ => color,
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
        if let Kind::Cells(glyphs) = &mut self.kind
            && let Some(slot) = glyphs.get_mut(cell)
        {
            *slot = Some((glyph, ink));
        }
    }

    pub(super) fn cell(&self, column: u32, row: u32) -> Cell {
        let (top, bottom) = (self.color(column, 2 * row), self.color(column, 2 * row + 1));
        match self.glyph(column, row) {
            Some((glyph, ink)) => Cell { glyph, ink, paper: bottom },
            None => Cell { glyph: '▀', ink: top, paper: bottom },
        }
    }

    fn glyph(&self, column: u32, row: u32) -> Option<(char, Rgb888)> {
        let Kind::Cells(glyphs) = &self.kind else { return None };
        let cell = (column < self.size.width).then(|| row * self.size.width + column)?;
        glyphs.get(cell as usize).copied().flatten()
    }

    /// A pixel's colour; dark outside the canvas.
    pub(super) fn color(&self, x: u32, y: u32) -> Rgb888 {
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
        let color = self.shade(color);
        let area = area.intersection(&self.bounding_box());
        for y in area.rows() {
            let start = self.offset(Point::new(area.top_left.x, y)).unwrap_or(0);
            let row = &mut self.bytes[start..start + 3 * area.size.width as usize];
            for pixel in row.chunks_exact_mut(3) {
                pixel.copy_from_slice(&[color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }
}

/// Brightness as the eye sees it, 0..=255 (BT.601).
pub(super) fn luma(color: Rgb888) -> u8 {
    let [r, g, b] = [color.r(), color.g(), color.b()].map(u32::from);
    u8::try_from((299 * r + 587 * g + 114 * b) / 1000).unwrap_or(u8::MAX)
}

/// `level` of 255 parts of `over`, the rest of `under`.
fn mix(under: u8, over: u8, level: u8) -> u8 {
    let [under, over, level] = [under, over, level].map(u32::from);
    u8::try_from((under * (255 - level) + over * level + 127) / 255).unwrap_or(u8::MAX)
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
    fn colours_mix_by_level_and_black_and_white_choose() {
        let at = Point::zero();
        let mut canvas = Canvas::pixels(1, 1);
        canvas.set(at, Rgb888::BLACK);
        canvas.blend(at, Rgb888::new(200, 100, 0), 51);
        assert_eq!(canvas.bytes(), [40, 20, 0]);
        let mut canvas = Canvas::mono(1, 1);
        canvas.blend(at, Rgb888::WHITE, 127);
        assert_eq!(canvas.bytes(), [0; 3]);
        canvas.blend(at, Rgb888::new(200, 150, 100), 128);
        assert_eq!(canvas.bytes(), [255; 3]);
    }

    #[test]
    fn control_characters_never_reach_a_terminal() {
        let mut canvas = Canvas::cells(1, 1);
        canvas.put(Point::zero(), '\u{1b}', Rgb888::WHITE);
        assert_eq!(canvas.cell(0, 0).glyph, '?');
    }
}
