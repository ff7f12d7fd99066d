//! The letters of a screen and the spaces between its parts, chosen from its size.

use embedded_graphics::prelude::*;
use mien_shared::label::Expression;
use u8g2_fonts::{Font as FontData, FontRenderer, fonts};

use super::{
    text::{
        Font,
        smooth::{Face, Smooth},
    },
    whole,
};

/// The words a headline may hold beside the expressions' names.
pub(super) const NO_FACE: &str = "no face";
/// See [`NO_FACE`].
pub(super) const UNKNOWN: &str = "unknown";
/// See [`NO_FACE`]; its expression is not read.
pub(super) const A_FACE: &str = "a face";

/// The shorter side in pixels from which letters are smooth.
const SMOOTH: u32 = 200;

/// The letters of one screen and the spaces between its parts.
#[derive(Debug, Clone)]
pub(super) struct Letters {
    /// Footer and figures.
    pub(super) small: Font,
    /// Names beside the bars.
    pub(super) body: Font,
    /// The product's name and titles.
    pub(super) strong: Font,
    /// The expression.
    pub(super) headline: Font,
    /// Horizontal and vertical space between parts, in pixels.
    pub(super) gap: Size,
    /// Thickness of a bar, in pixels.
    pub(super) bar: u32,
}

impl Letters {
    /// Letters for a screen of that many pixels.
    pub(super) fn for_pixels(size: Size) -> Self {
        let side = size.height.min(size.width);
        if side < SMOOTH { Self::tiny() } else { Self::smooth(side as f32) }
    }

    /// Letters that suit a screen whose shorter side is `side` pixels.
    fn smooth(side: f32) -> Self {
        let small = 4.5 + side * 0.032;
        let gap = whole(side / 30.0).cast_unsigned();
        Self {
            small: smooth(Face::Regular, small),
            body: smooth(Face::Regular, small * 1.18),
            strong: smooth(Face::Bold, small * 1.3),
            headline: smooth(Face::Bold, small * 1.3),
            gap: Size::new(gap, gap),
            bar: whole(side / 38.0).cast_unsigned(),
        }
    }

    /// Pixel letters for a screen with no room for others.
    fn tiny() -> Self {
        Self {
            small: glyphs::<fonts::u8g2_font_5x7_tf>(8),
            body: glyphs::<fonts::u8g2_font_5x7_tf>(8),
            strong: glyphs::<fonts::u8g2_font_helvB08_tf>(11),
            headline: glyphs::<fonts::u8g2_font_helvB08_tf>(11),
            gap: Size::new(4, 3),
            bar: 4,
        }
    }

    /// Crisp letters for a display of black and white.
    pub(super) fn for_mono() -> Self {
        Self {
            small: glyphs::<fonts::u8g2_font_4x6_tf>(6),
            body: glyphs::<fonts::u8g2_font_5x7_tf>(8),
            strong: glyphs::<fonts::u8g2_font_helvB10_tf>(13),
            headline: glyphs::<fonts::u8g2_font_helvB14_tf>(18),
            gap: Size::new(3, 2),
            bar: 5,
        }
    }

    /// A terminal's own letters.
    pub(super) fn for_cells() -> Self {
        Self {
            small: Font::Cells,
            body: Font::Cells,
            strong: Font::Cells,
            headline: Font::Cells,
            gap: Size::new(2, 2),
            bar: 1,
        }
    }

    /// The same letters with the largest headline whose every word fits into `room`.
    pub(super) fn with_headline(self, room: Size) -> Self {
        let Font::Smooth(_) = self.headline else { return self };
        let wide = headlines().filter_map(|word| Face::Bold.width(word).ok()).fold(0.1, f32::max);
        let beside = self.body.line() + self.small.line();
        let most = room.height.saturating_sub(beside).min(160) as f32 / 1.3;
        let em = (room.width as f32 / wide - 0.1).min(most);
        if em <= self.strong.line() as f32 / 1.3 {
            return self;
        }
        Self { headline: smooth(Face::Bold, em), ..self }
    }
}

/// Every word a headline may hold.
fn headlines() -> impl Iterator<Item = &'static str> {
    Expression::ALL.into_iter().map(Expression::name).chain([NO_FACE, UNKNOWN, A_FACE])
}

/// Smooth letters; both faces are known to parse, and pixel letters stand in for one that does not.
fn smooth(face: Face, em: f32) -> Font {
    Smooth::new(face, em)
        .map_or_else(|_invalid| glyphs::<fonts::u8g2_font_helvB12_tf>(18), Font::Smooth)
}

fn glyphs<F: FontData>(line: u32) -> Font {
    Font::Glyphs(FontRenderer::new::<F>().with_ignore_unknown_chars(true), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_headline_fits_its_room() {
        for (width, height) in [(100, 80), (136, 60), (420, 200)] {
            let room = Size::new(width, height);
            let letters = Letters::for_pixels(Size::new(320, 240)).with_headline(room);
            for word in headlines() {
                let wide = letters.headline.width(format_args!("{word}"));
                assert!(wide <= width, "{word} is {wide} wide in {width}");
            }
            assert!(letters.headline.line() <= height);
        }
    }

    #[test]
    fn letters_grow_with_the_screen() {
        let line = |width, height| Letters::for_pixels(Size::new(width, height)).small.line();
        assert!(line(320, 240) < line(800, 480));
        assert!(line(800, 480) < line(1280, 800));
    }
}
