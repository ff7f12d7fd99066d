//! Colours and letters: a dark ground, one colour per expression.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use mien_shared::{label::Expression, telemetry::FaceReading};
use u8g2_fonts::{Font as FontData, FontRenderer, fonts};

use super::text::Font;

/// Behind everything.
pub(super) const BACKGROUND: Rgb888 = Rgb888::new(15, 17, 23);
/// Behind a picture or a message.
pub(super) const CARD: Rgb888 = Rgb888::new(25, 29, 38);
/// The empty part of a bar.
pub(super) const TRACK: Rgb888 = Rgb888::new(40, 46, 59);
/// What matters.
pub(super) const TEXT: Rgb888 = Rgb888::new(233, 237, 243);
/// What does not matter as much.
pub(super) const MUTED: Rgb888 = Rgb888::new(136, 147, 166);
/// Something needs the owner.
pub(super) const NOTICE: Rgb888 = Rgb888::new(255, 190, 92);

/// The words a headline may hold beside the expressions' names.
pub(super) const NO_FACE: &str = "no face";
/// See [`NO_FACE`].
pub(super) const UNKNOWN: &str = "unknown";

/// The colour of an expression.
pub(super) fn color(expression: Expression) -> Rgb888 {
    match expression {
        Expression::Neutral => Rgb888::new(164, 178, 196),
        Expression::Anger => Rgb888::new(240, 88, 82),
        Expression::Contempt => Rgb888::new(190, 132, 232),
        Expression::Disgust => Rgb888::new(132, 190, 84),
        Expression::Fear => Rgb888::new(126, 136, 255),
        Expression::Happiness => Rgb888::new(255, 206, 62),
        Expression::Sadness => Rgb888::new(74, 168, 245),
        Expression::Surprise => Rgb888::new(255, 146, 72),
    }
}

/// The colour that stands for a face's reading.
pub(super) fn ink(face: Option<&FaceReading>) -> Rgb888 {
    face.and_then(|face| face.expression).map_or(MUTED, color)
}

/// The letters of one screen and the spaces between its parts.
#[derive(Debug)]
pub(super) struct Fonts {
    /// Footer and figures.
    pub(super) small: Font,
    /// Names beside the bars.
    pub(super) body: Font,
    /// The product's name and sentences.
    pub(super) strong: Font,
    /// The expression.
    pub(super) headline: Font,
    /// Horizontal and vertical space between parts, in pixels.
    pub(super) gap: Size,
    /// Thickness of a bar, in pixels.
    pub(super) bar: u32,
}

impl Fonts {
    /// Letters for a screen of that many pixels.
    pub(super) fn for_pixels(size: Size) -> Self {
        match size.height.min(size.width) {
            ..200 => Self {
                small: glyphs::<fonts::u8g2_font_5x7_tf>(8),
                body: glyphs::<fonts::u8g2_font_5x7_tf>(8),
                strong: glyphs::<fonts::u8g2_font_helvB08_tf>(11),
                headline: glyphs::<fonts::u8g2_font_helvB08_tf>(11),
                gap: Size::new(4, 3),
                bar: 4,
            },
            200..400 => Self {
                small: glyphs::<fonts::u8g2_font_helvR08_tf>(11),
                body: glyphs::<fonts::u8g2_font_helvR10_tf>(15),
                strong: glyphs::<fonts::u8g2_font_helvB12_tf>(18),
                headline: glyphs::<fonts::u8g2_font_helvB12_tf>(18),
                gap: Size::new(8, 8),
                bar: 6,
            },
            400.. => Self {
                small: glyphs::<fonts::u8g2_font_helvR14_tf>(20),
                body: glyphs::<fonts::u8g2_font_helvR18_tf>(27),
                strong: glyphs::<fonts::u8g2_font_helvB24_tf>(34),
                headline: glyphs::<fonts::u8g2_font_helvB24_tf>(34),
                gap: Size::new(18, 16),
                bar: 12,
            },
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
        if matches!(self.headline, Font::Cells) {
            return self;
        }
        let sizes = [
            glyphs::<fonts::u8g2_font_fub35_tf>(50),
            glyphs::<fonts::u8g2_font_helvB24_tf>(34),
            glyphs::<fonts::u8g2_font_helvB18_tf>(26),
            glyphs::<fonts::u8g2_font_helvB14_tf>(20),
        ];
        let fits = |font: &Font| {
            headlines().all(|word| font.width(format_args!("{word}")) <= room.width)
                && font.line() + self.body.line() <= room.height
        };
        match sizes.into_iter().find(fits) {
            Some(headline) => Self { headline, ..self },
            None => self,
        }
    }
}

/// Every word a headline may hold.
pub(super) fn headlines() -> impl Iterator<Item = &'static str> {
    Expression::ALL.into_iter().map(Expression::name).chain([NO_FACE, UNKNOWN])
}

fn glyphs<F: FontData>(line: u32) -> Font {
    Font::Glyphs(FontRenderer::new::<F>().with_ignore_unknown_chars(true), line)
}
