//! Letters on a canvas: proportional fonts on pixels, one character per cell on a terminal.

use std::fmt;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use u8g2_fonts::{
    FontRenderer,
    types::{FontColor, VerticalPosition},
};

use super::canvas::Canvas;

/// One size of letters.
#[derive(Debug, Clone)]
pub(super) enum Font {
    /// A bitmap font and the height of one line in pixels.
    Glyphs(FontRenderer, u32),
    /// A terminal's own font: one cell, which is 1×2 pixels, per character.
    Cells,
}

impl Font {
    /// Height of one line in pixels.
    pub(super) fn line(&self) -> u32 {
        match self {
            Self::Glyphs(_, line) => *line,
            Self::Cells => 2,
        }
    }

    /// Width of `text` in pixels.
    pub(super) fn width(&self, text: fmt::Arguments<'_>) -> u32 {
        match self {
            Self::Glyphs(renderer, _) => renderer
                .get_rendered_dimensions(text, Point::zero(), VerticalPosition::Baseline)
                .map_or(0, |drawn| u32::try_from(drawn.advance.x).unwrap_or(0)),
            Self::Cells => each_char(text, |_| ()),
        }
    }

    /// The longest beginning of `text` that is no wider than `width` pixels.
    pub(super) fn clip<'a>(&self, text: &'a str, width: u32) -> &'a str {
        let fits = |end: &usize| self.width(format_args!("{}", &text[..*end])) <= width;
        let ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
        ends.take_while(fits).last().map_or("", |end| &text[..end])
    }

    /// `text` in lines no wider than `width` pixels, broken between words.
    pub(super) fn wrap<'a>(&self, text: &'a str, width: u32) -> impl Iterator<Item = &'a str> {
        text.lines().flat_map(move |rest| Wrap { font: self, rest, width })
    }
}

/// How a line is written.
#[derive(Clone, Copy)]
pub(super) struct Pen<'a> {
    pub(super) font: &'a Font,
    pub(super) ink: Rgb888,
    pub(super) align: Align,
}

/// Which part of a line stands at its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

impl Pen<'_> {
    /// Writes one line; `anchor` is its left or right end at half its height. Returns its width.
    pub(super) fn write(
        &self,
        canvas: &mut Canvas,
        anchor: Point,
        text: fmt::Arguments<'_>,
    ) -> u32 {
        let left = match self.align {
            Align::Left => anchor.x,
            Align::Right => anchor.x.saturating_sub_unsigned(self.font.width(text)),
        };
        let at = Point::new(left, anchor.y);
        match self.font {
            Font::Glyphs(renderer, _) => {
                let ink = FontColor::Transparent(self.ink);
                renderer
                    .render(text, at, VerticalPosition::Center, ink, canvas)
                    .map_or(0, |drawn| u32::try_from(drawn.advance.x).unwrap_or(0))
            }
            Font::Cells => {
                let mut at = at - Point::new(0, 1);
                each_char(text, |c| {
                    canvas.put(at, c, self.ink);
                    at.x += 1;
                })
            }
        }
    }
}

struct Wrap<'f, 'a> {
    font: &'f Font,
    rest: &'a str,
    width: u32,
}

impl<'a> Iterator for Wrap<'_, 'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim();
        let fitting = self.font.clip(text, self.width);
        let end = if fitting.len() == text.len() {
            text.len()
        } else {
            let next = text[fitting.len()..].chars().next();
            let whole = next.is_some_and(char::is_whitespace);
            let space = if whole { None } else { fitting.rfind(char::is_whitespace) };
            space.unwrap_or(fitting.len())
        };
        self.rest = &text[end..];
        (end > 0).then(|| text[..end].trim_end())
    }
}

/// Hands every character of `text` to `each` and counts them.
fn each_char(text: fmt::Arguments<'_>, each: impl FnMut(char)) -> u32 {
    struct Each<F>(F, u32);
    impl<F: FnMut(char)> fmt::Write for Each<F> {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            for c in s.chars() {
                (self.0)(c);
                self.1 += 1;
            }
            Ok(())
        }
    }
    let mut each = Each(each, 0);
    fmt::write(&mut each, text).map_or(0, |()| each.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: u32) -> Vec<&str> {
        Font::Cells.wrap(text, width).collect()
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(lines("The camera is gone.", 10), ["The camera", "is gone."]);
        assert_eq!(lines("The camera is gone.", 12), ["The camera", "is gone."]);
        assert_eq!(lines("The camera is gone.", 40), ["The camera is gone."]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken() {
        assert_eq!(lines("/dev/v4l/by-id", 6), ["/dev/v", "4l/by-", "id"]);
    }

    #[test]
    fn line_ends_in_the_text_are_kept_and_nothing_fits_in_no_width() {
        assert_eq!(lines("one\ntwo  ", 9), ["one", "two"]);
        assert_eq!(lines("one", 0), [""; 0]);
    }

    #[test]
    fn clipping_keeps_whole_characters() {
        assert_eq!(Font::Cells.clip("né", 2), "né");
        assert_eq!(Font::Cells.clip("né!", 2), "né");
    }
}
