//! Lines of text below each other, as many as there is room for.

use std::fmt;

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::{Align, Font, Pen};
use crate::{canvas::Canvas, words::capital};

/// Where the next line of a column goes.
pub(in super::super) struct Column<'a> {
    canvas: &'a mut Canvas,
    area: Rectangle,
    top: i32,
    align: Align,
}

impl<'a> Column<'a> {
    /// A column from the top of `area`.
    pub(in super::super) fn new(canvas: &'a mut Canvas, area: Rectangle, align: Align) -> Self {
        Self { canvas, area, top: area.top_left.y, align }
    }

    /// Writes one line; nothing where there is no room left.
    pub(in super::super) fn line(&mut self, pen: Pen<'_>, text: fmt::Arguments<'_>) {
        let height = pen.font.line();
        if self.room() < height {
            self.top = self.floor();
            return;
        }
        let middle = self.top.saturating_add_unsigned(height / 2);
        self.top = self.top.saturating_add_unsigned(height);
        let Rectangle { top_left: Point { x, .. }, size: Size { width, .. } } = self.area;
        let x = match self.align {
            Align::Left => x,
            Align::Middle => x.saturating_add_unsigned(width / 2),
            Align::Right => x.saturating_add_unsigned(width),
        };
        pen.aligned(self.align).write(self.canvas, Point::new(x, middle), text);
    }

    /// Writes `text` as it is, over as many lines as it needs.
    pub(in super::super) fn wrapped(&mut self, pen: Pen<'_>, text: &str) {
        for line in pen.font.wrap(text, self.area.size.width) {
            self.line(pen, format_args!("{line}"));
        }
    }

    /// Writes `text` over as many lines as it needs, with a capital in front and a full stop
    /// behind; an ellipsis ends it where room does.
    pub(in super::super) fn sentence(&mut self, pen: Pen<'_>, text: &str) {
        let width = match self.align {
            Align::Middle => balanced(pen.font, text, self.area.size.width),
            _ => self.area.size.width,
        };
        let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        let mut lines = pen.font.wrap(text, width).peekable();
        let mut first = true;
        while let Some(line) = lines.next() {
            let (last, full) = (lines.peek().is_none(), self.room() < 2 * pen.font.line());
            let (line, end) = match (last, full) {
                (true, _) => (line, stop),
                (false, true) => (self.cut(pen, line), pen.font.ellipsis()),
                (false, false) => (line, ""),
            };
            if first {
                let (capital, rest) = capital(line);
                self.line(pen, format_args!("{capital}{rest}{end}"));
            } else {
                self.line(pen, format_args!("{line}{end}"));
            }
            if full {
                return;
            }
            first = false;
        }
    }

    /// What of `line` fits before an ellipsis.
    fn cut<'t>(&self, pen: Pen<'_>, line: &'t str) -> &'t str {
        let mark = pen.font.width(format_args!("{}", pen.font.ellipsis()));
        pen.font.clip(line, self.area.size.width.saturating_sub(mark)).trim_end()
    }

    /// Leaves `height` pixels free.
    pub(in super::super) fn skip(&mut self, height: u32) {
        self.top = self.top.saturating_add_unsigned(height).min(self.floor());
    }

    /// What is left of the area.
    pub(in super::super) fn rest(&self) -> Rectangle {
        let corner = Point::new(self.area.top_left.x, self.top);
        Rectangle::new(corner, Size::new(self.area.size.width, self.room()))
    }

    /// The canvas, to draw something between the lines.
    pub(in super::super) fn canvas(&mut self) -> &mut Canvas {
        self.canvas
    }

    fn room(&self) -> u32 {
        self.floor().saturating_sub(self.top).max(0).cast_unsigned()
    }

    fn floor(&self) -> i32 {
        self.area.top_left.y.saturating_add_unsigned(self.area.size.height)
    }
}

/// The least width in which `text` takes no more lines than in `width`, so that none is left alone
/// on the last.
fn balanced(font: &Font, text: &str, width: u32) -> u32 {
    let lines = |width| font.wrap(text, width).count();
    let longest = text.split_whitespace().map(|word| font.width(format_args!("{word}")));
    let longest = longest.max().unwrap_or(0);
    let narrower = (8..16).map(|part| width * part / 16).filter(|narrow| *narrow >= longest);
    let least = lines(width);
    narrower.into_iter().find(|narrow| lines(*narrow) == least).unwrap_or(width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme;

    fn written(text: &str, width: u32, height: u32) -> Vec<String> {
        let mut canvas = Canvas::cells(20, 6);
        let area = Rectangle::new(Point::zero(), Size::new(width, height));
        let pen = Pen::new(&Font::Cells, theme::TEXT);
        Column::new(&mut canvas, area, Align::Left).sentence(pen, text);
        let glyph = |x, y| Some(canvas.cell(x, y).glyph).filter(|glyph| *glyph != '▀');
        let row = |y| (0..20).filter_map(|x| glyph(x, y)).collect::<String>();
        (0..6).map(row).filter(|row| !row.is_empty()).collect()
    }

    #[test]
    fn a_sentence_takes_the_lines_it_needs_a_capital_and_a_stop() {
        assert_eq!(written("the camera is gone", 12, 10), ["The camera", "is gone."]);
    }

    #[test]
    fn centred_lines_are_about_as_long_as_each_other() {
        assert_eq!(balanced(&Font::Cells, "one two three four", 16), 10);
        assert_eq!(balanced(&Font::Cells, "unbreakableword four", 16), 15);
        assert_eq!(balanced(&Font::Cells, "short", 16), 8);
    }

    #[test]
    fn a_sentence_without_room_ends_in_an_ellipsis() {
        assert_eq!(written("The camera is gone.", 12, 2), ["The camer..."]);
        assert_eq!(written("The camera is gone.", 12, 1), [""; 0]);
    }
}
