//! Colours: a dark ground, one colour per expression, and light paper where nothing is looked at.
//!
//! Colour never stands alone: whatever has one also has its name beside it.

use embedded_graphics::pixelcolor::Rgb888;
use mien_shared::{label::Expression, telemetry::FaceReading};

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
/// The full part of a meter that text stands on.
pub(super) const FILL: Rgb888 = Rgb888::new(31, 84, 110);
/// Behind everything while nothing is looked at.
pub(super) const PAPER: Rgb888 = Rgb888::new(236, 238, 242);
/// What does not matter as much, on paper.
pub(super) const SLATE: Rgb888 = Rgb888::new(74, 84, 102);
/// Something needs the owner.
pub(super) const NOTICE: Rgb888 = Rgb888::new(255, 190, 92);

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
    face.and_then(|face| face.expression?.label).map_or(MUTED, color)
}

#[cfg(test)]
mod tests {
    use embedded_graphics::prelude::*;

    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(color: Rgb888) -> f32 {
        let linear = |part: u8| {
            let part = f32::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    /// Contrast ratio (WCAG 2.2).
    fn contrast(a: Rgb888, b: Rgb888) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_ink_stands_out_from_what_is_behind_it() {
        let inks = Expression::ALL.map(color).into_iter().chain([TEXT, MUTED, NOTICE]);
        for ink in inks {
            assert!(contrast(ink, BACKGROUND) >= 4.5, "{ink:?}");
            assert!(contrast(ink, CARD) >= 4.5, "{ink:?}");
        }
        for ink in [SLATE, BACKGROUND] {
            assert!(contrast(ink, PAPER) >= 4.5, "{ink:?}");
        }
        assert!(contrast(TEXT, FILL) >= 4.5);
    }
}
