//! Bars that are full to a share, and percentages.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use super::{canvas::Canvas, paint, theme, whole};

/// A bar whose first part, `share` of it, is of `color`; empty where there is no share.
pub(super) fn bar(canvas: &mut Canvas, place: Rectangle, share: Option<f32>, color: Rgb888) {
    let radius = place.size.height / 2;
    paint::card(canvas, place, radius, theme::TRACK);
    let width = length(place.size.width, share.unwrap_or(0.0));
    paint::card(
        canvas,
        Rectangle { size: Size::new(width, place.size.height), ..place },
        radius,
        color,
    );
}

/// A bar in black and white: a frame, filled to `share`.
pub(super) fn framed(canvas: &mut Canvas, place: Rectangle, share: f32) {
    let inner = place.offset(-1);
    let Ok(()) = canvas.fill_solid(&place, Rgb888::WHITE);
    let Ok(()) = canvas.fill_solid(&inner, Rgb888::BLACK);
    let width = length(inner.size.width, share);
    let filled = Rectangle { size: Size::new(width, inner.size.height), ..inner };
    let Ok(()) = canvas.fill_solid(&filled, Rgb888::WHITE);
}

/// `share` of `whole_length` in pixels.
pub(super) fn length(whole_length: u32, share: f32) -> u32 {
    whole(whole_length as f32 * part(share)).cast_unsigned()
}

/// `share` in whole percent.
pub(super) fn percent(share: f32) -> u32 {
    whole(part(share) * 100.0).cast_unsigned()
}

/// `share` within 0..=1; 0 where it is no number.
fn part(share: f32) -> f32 {
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_beyond_reason_are_cut() {
        assert_eq!([-1.0, 0.304, 7.0, f32::NAN].map(percent), [0, 30, 100, 0]);
        assert_eq!(length(50, f32::INFINITY), 50);
    }

    #[test]
    fn a_framed_bar_is_filled_inside_its_frame() {
        let mut canvas = Canvas::mono(8, 3);
        let place = canvas.bounding_box();
        framed(&mut canvas, place, 0.5);
        let row =
            |y| (0..8).map(|x| u8::from(canvas.color(x, y) == Rgb888::WHITE)).collect::<Vec<_>>();
        assert_eq!(row(0), [1; 8]);
        assert_eq!(row(1), [1, 1, 1, 1, 0, 0, 0, 1]);
    }
}
