//! The screen in black and white, laid out for 128×64 pixels, in fonts made of pixels.
//!
//! ```text
//!  (eye) 1 face    25 fps 48 °C      the avatar takes the left half where it is asked for;
//!  happiness               93 %      the camera's picture is not shown
//!  ▁ ▁ ▁ ▁ ▁ █ ▁ ▁
//!  neu ang con dis fea hap sad sur
//! ```

mod pages;
mod scene;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use self::pages::{actions, health, reading};
use super::{
    Page, Status,
    canvas::Canvas,
    header::HOT,
    icon::Icon,
    letters::Letters,
    scene::Scene,
    text::{Align, Pen},
};

/// What is drawn.
const INK: Rgb888 = Rgb888::WHITE;
/// What it is drawn on.
const PAPER: Rgb888 = Rgb888::BLACK;
/// Height of the first line, its gap included.
const HEADER: u32 = 9;

/// Draws `status` over the whole canvas.
pub(super) fn draw(canvas: &mut Canvas, letters: &Letters, status: &Status) {
    canvas.fill(PAPER);
    if let Some(scene) = Scene::of(status) {
        return scene::draw(canvas, letters, &scene);
    }
    header(canvas, letters, status);
    let all = canvas.bounding_box();
    let size = Size::new(all.size.width, all.size.height.saturating_sub(HEADER));
    let area = Rectangle::new(Point::new(0, HEADER.cast_signed()), size);
    match status.page {
        Page::Reading => reading::draw(canvas, area, letters, status),
        Page::Actions => actions::draw(canvas, area, letters, status.reading.faces.first()),
        Page::Health => health::draw(canvas, area, letters, status),
    }
}

/// Faces on the left, speed and temperature on the right; a fault's sign between them.
fn header(canvas: &mut Canvas, letters: &Letters, status: &Status) {
    let width = canvas.size().width;
    let middle = 4;
    let eye = Rectangle::new(Point::new(0, -2), Size::new(13, 13));
    Icon::Eye.draw(canvas, eye, INK);
    let pen = Pen::new(&letters.body, INK);
    let faces = status.reading.faces.len();
    let plural = if faces == 1 { "" } else { "s" };
    let at = Point::new(15, middle);
    let left = 18 + pen.write(canvas, at, format_args!("{faces} face{plural}"));
    let right = Point::new(width.cast_signed(), middle);
    let pen = pen.aligned(Align::Right);
    let fps = status.health.fps;
    let figures = match status.health.temperature_c {
        Some(celsius) => {
            let mark = if celsius >= HOT { "!" } else { "" };
            pen.write(canvas, right, format_args!("{fps:.0}fps {mark}{celsius:.0}°C"))
        }
        None => pen.write(canvas, right, format_args!("{fps:.0} fps")),
    };
    if status.fault.is_some() && left + figures + 10 <= width {
        let corner = Point::new(left.cast_signed(), 0);
        Icon::Warning.draw(canvas, Rectangle::new(corner, Size::new(9, 9)), INK);
    }
}
