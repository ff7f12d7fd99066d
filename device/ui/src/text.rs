//! Letters on a canvas: smooth ones, pixel fonts, and one character per cell on a terminal.
//!
//! A line is anchored at half the height of its capitals. What does not fit is cut, wrapped
//! between words, or ends in an ellipsis; nothing here allocates.

pub(super) mod column;
pub(super) mod smooth;

use std::fmt;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use u8g2_fonts::{
    FontRenderer,
    types::{FontColor, VerticalPosition},
};

use self::smooth::Smooth;
use super::{canvas::Canvas, whole};

/// One size of letters.
#[derive(Debug, Clone)]
pub(super) enum Font {
    /// Letters with soft edges.
    Smooth(Smooth),
    /// A pixel font and the height of one line in pixels.
    Glyphs(FontRenderer, u32),
    /// A terminal's own font: one cell, which is 1×2 pixels, per character.
    Cells,
}

impl Font {
    /// Height of one line in pixels.
    pub(super) fn line(&self) -> u32 {
        match self {
            Self::Smooth(smooth) => smooth.line(),
            Self::Glyphs(_, line) => *line,
            Self::Cells => 2,
        }
    }

    /// Width of `text` in pixels.
    pub(super) fn width(&self, text: fmt::Arguments<'_>) -> u32 {
        let mut width = 0.0;
        each_char(text, |c| width += self.advance(c));
        whole(width.ceil()).cast_unsigned()
    }

    /// The longest beginning of `text` that is no wider than `width` pixels.
    pub(super) fn clip<'a>(&self, text: &'a str, width: u32) -> &'a str {
        let mut room = width as f32;
        let beyond = text.char_indices().find(|(_, c)| {
            room -= self.advance(*c);
            room < 0.0
        });
        beyond.map_or(text, |(end, _)| &text[..end])
    }

    /// `text` and nothing where it fits into `width` pixels, else a beginning and an ellipsis.
    pub(super) fn shorten<'a>(&self, text: &'a str, width: u32) -> (&'a str, &'static str) {
        if self.clip(text, width).len() == text.len() {
            return (text, "");
        }
        let mark = self.ellipsis();
        let room = width.saturating_sub(self.width(format_args!("{mark}")));
        (self.clip(text, room).trim_end(), mark)
    }

    /// `text` in lines no wider than `width` pixels, broken between words.
    pub(super) fn wrap<'a>(&self, text: &'a str, width: u32) -> impl Iterator<Item = &'a str> {
        text.lines().flat_map(move |rest| Wrap { font: self, rest, width })
    }

    /// What a text that is cut short ends in.
    pub(super) fn ellipsis(&self) -> &'static str {
        // Pixel fonts have no such character, and a terminal's cells only take Latin ones.
        if matches!(self, Self::Smooth(_)) { "…" } else { "..." }
    }

    fn advance(&self, c: char) -> f32 {
        match self {
            Self::Smooth(smooth) => smooth.advance(c),
            Self::Glyphs(renderer, _) => renderer
                .get_rendered_dimensions(c, Point::zero(), VerticalPosition::Baseline)
                .map_or(0.0, |drawn| drawn.advance.x as f32),
            Self::Cells => 1.0,
        }
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
    Middle,
    Right,
}

impl<'a> Pen<'a> {
    /// A pen that writes from its anchor to the right.
    pub(super) fn new(font: &'a Font, ink: Rgb888) -> Self {
        Self { font, ink, align: Align::Left }
    }

    /// The same pen, aligned otherwise.
    pub(super) fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// Writes one line with its left end, middle or right end at `anchor`. Returns its width.
    pub(super) fn write(
        &self,
        canvas: &mut Canvas,
        anchor: Point,
        text: fmt::Arguments<'_>,
    ) -> u32 {
        let width = self.font.width(text);
        let left = match self.align {
            Align::Left => anchor.x,
            Align::Middle => anchor.x.saturating_sub_unsigned(width / 2),
            Align::Right => anchor.x.saturating_sub_unsigned(width),
        };
        let mut right = 0.0;
        each_char(text, |c| {
            self.put(canvas, Point::new(left, anchor.y), right, c);
            right += self.font.advance(c);
        });
        width
    }

    /// Writes as much of a line as fits into `room` pixels from `anchor`, and an ellipsis.
    pub(super) fn write_within(
        &self,
        canvas: &mut Canvas,
        anchor: Point,
        room: u32,
        text: fmt::Arguments<'_>,
    ) {
        let mark = self.font.ellipsis();
        let most = room.saturating_sub(self.font.width(format_args!("{mark}"))) as f32;
        let (mut right, mut full) = (0.0, false);
        each_char(text, |c| {
            let end = right + self.font.advance(c);
            full |= end > most;
            if !full {
                self.put(canvas, anchor, right, c);
                right = end;
            }
        });
        mark.chars().for_each(|c| {
            self.put(canvas, anchor, right, c);
            right += self.font.advance(c);
        });
    }

    /// Writes one character `right` pixels to the right of `anchor`.
    fn put(&self, canvas: &mut Canvas, anchor: Point, right: f32, c: char) {
        let at = Point::new(anchor.x.saturating_add(whole(right)), anchor.y);
        match self.font {
            Font::Smooth(smooth) => smooth.put(canvas, at, c, self.ink),
            Font::Glyphs(renderer, _) => {
                let ink = FontColor::Transparent(self.ink);
                // A character the font lacks leaves its place empty; the canvas refuses nothing.
                let (Ok(_) | Err(_)) =
                    renderer.render(c, at, VerticalPosition::Center, ink, canvas);
            }
            Font::Cells => canvas.put(at - Point::new(0, 1), c, self.ink),
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

/// Hands every character of `text` to `each`.
fn each_char(text: fmt::Arguments<'_>, each: impl FnMut(char)) {
    struct Each<F>(F);
    impl<F: FnMut(char)> fmt::Write for Each<F> {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            s.chars().for_each(&mut self.0);
            Ok(())
        }
    }
    // `Each` refuses nothing; a `Display` that does leaves the rest of its text out.
    fmt::write(&mut Each(each), text).unwrap_or_default();
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

    #[test]
    fn a_text_cut_short_ends_in_an_ellipsis() {
        assert_eq!(Font::Cells.shorten("lip corner puller", 12), ("lip corne", "..."));
        assert_eq!(Font::Cells.shorten("dimpler", 12), ("dimpler", ""));
        assert_eq!(Font::Cells.shorten("dimpler", 0), ("", "..."));
    }
}
