//! Signs that say at a glance what the device does.
//!
//! Each is a shape in a square from -1 to 1, drawn at any size.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use super::{
    canvas::Canvas,
    paint::{self, Spot, spot},
};

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Faces are looked at.
    Eye,
    /// Nothing is looked at.
    EyeClosed,
    /// There is no camera.
    CameraOff,
    /// Something is waited for.
    Wait,
    /// Too hot.
    Thermometer,
    /// Shutting down.
    Power,
    /// Something is wrong.
    Warning,
    /// A neutral face is being taken.
    Target,
}

impl Icon {
    /// Draws the sign as large as fits into the middle of `area`.
    pub(super) fn draw(self, canvas: &mut Canvas, area: Rectangle, ink: Rgb888) {
        let side = area.size.width.min(area.size.height);
        let scale = side as f32 / 2.0;
        if scale < 1.0 {
            return;
        }
        if self == Self::Eye && canvas.is_mono() && scale < 9.0 {
            return dots(canvas, area, ink);
        }
        let size = spot(area.size.width as f32, area.size.height as f32);
        let centre = Spot::of(area.top_left) + size * 0.5;
        let corner = area.top_left + (area.size - Size::new_equal(side)) / 2;
        let square = Rectangle::new(corner, Size::new_equal(side + 1));
        // Small signs have bolder lines, at least a pixel and a half.
        let bold = (0.75 / scale).max(0.085);
        paint::shape(canvas, square, ink, |at| {
            self.depth((at - centre) * (1.0 / scale), bold) * scale
        });
    }

    /// How deep `at` lies inside; lines are twice `bold` thick.
    fn depth(self, at: Spot, bold: f32) -> f32 {
        match self {
            Self::Eye => eye(at, bold),
            Self::EyeClosed => crossed(eye(at, bold), at, bold),
            Self::CameraOff => crossed(camera(at, bold), at, bold),
            Self::Wait => wait(at),
            Self::Thermometer => thermometer(at, bold),
            Self::Power => power(at, bold),
            Self::Warning => warning(at, bold),
            Self::Target => target(at, bold),
        }
    }
}

/// The open eye for a display whose pixels are too coarse for its lines.
const EYE: [&str; 7] = [
    "...#####...",
    ".##.....##.",
    "#...###...#",
    "#...###...#",
    "#...###...#",
    ".##.....##.",
    "...#####...",
];

/// Draws [`EYE`] in the middle of `area`.
fn dots(canvas: &mut Canvas, area: Rectangle, ink: Rgb888) {
    let corner = area.center() - Point::new(5, 3);
    for (row, y) in EYE.into_iter().zip(0_i32..) {
        for (_, x) in row.bytes().zip(0_i32..).filter(|(dot, _)| *dot == b'#') {
            canvas.set(corner + Point::new(x, y), ink);
        }
    }
}

fn eye(at: Spot, bold: f32) -> f32 {
    let lens = paint::disc(at, spot(0.0, 0.72), 1.2).min(paint::disc(at, spot(0.0, -0.72), 1.2));
    paint::edge(lens, 2.0 * bold).max(paint::disc(at, spot(0.0, 0.0), 0.27))
}

/// `depth` with a stroke through it and a gap beside the stroke.
fn crossed(depth: f32, at: Spot, bold: f32) -> f32 {
    let stroke = |radius| paint::line(at, spot(-0.72, -0.72), spot(0.72, 0.72), radius);
    depth.min(-stroke(2.6 * bold)).max(stroke(bold))
}

fn camera(at: Spot, bold: f32) -> f32 {
    let body = paint::round_box(at, spot(0.0, 0.1), spot(0.9, 0.58), 0.16);
    let bump = paint::round_box(at, spot(0.0, -0.5), spot(0.34, 0.18), 0.1);
    let lens = paint::edge(paint::disc(at, spot(0.0, 0.1), 0.36), 2.0 * bold);
    paint::edge(body.max(bump), 2.0 * bold).max(lens)
}

fn wait(at: Spot) -> f32 {
    let dot = |x| paint::disc(at, spot(x, 0.0), 0.19);
    dot(-0.62).max(dot(0.0)).max(dot(0.62))
}

fn thermometer(at: Spot, bold: f32) -> f32 {
    let glass = paint::line(at, spot(0.0, -0.65), spot(0.0, 0.5), 0.25);
    let bulb = paint::disc(at, spot(0.0, 0.55), 0.4);
    let filling = paint::line(at, spot(0.0, -0.3), spot(0.0, 0.5), 0.25 - 3.0 * bold.min(0.06))
        .max(paint::disc(at, spot(0.0, 0.55), 0.4 - 3.0 * bold.min(0.085)));
    paint::edge(glass.max(bulb), 2.0 * bold).max(filling)
}

fn power(at: Spot, bold: f32) -> f32 {
    let ring = paint::edge(paint::disc(at, spot(0.0, 0.08), 0.8), 2.2 * bold);
    let gap = paint::line(at, spot(0.0, -1.0), spot(0.0, -0.4), 3.2 * bold);
    ring.min(-gap).max(paint::line(at, spot(0.0, -0.8), spot(0.0, -0.1), 1.1 * bold))
}

fn warning(at: Spot, bold: f32) -> f32 {
    let sides = [(spot(0.0, -0.72), spot(0.82, 0.7)), (spot(-0.82, 0.7), spot(0.0, -0.72))];
    let base = paint::line(at, spot(-0.82, 0.7), spot(0.82, 0.7), bold);
    let frame = sides.into_iter().map(|(a, b)| paint::line(at, a, b, bold)).fold(base, f32::max);
    let mark = paint::line(at, spot(0.0, -0.22), spot(0.0, 0.22), bold);
    frame.max(mark).max(paint::disc(at, spot(0.0, 0.47), 1.15 * bold))
}

fn target(at: Spot, bold: f32) -> f32 {
    let ring = paint::edge(paint::disc(at, spot(0.0, 0.0), 0.72), 2.0 * bold);
    let tick =
        |x: f32, y: f32| paint::line(at, spot(0.6 * x, 0.6 * y), spot(0.9 * x, 0.9 * y), bold);
    let ticks = tick(1.0, 0.0).max(tick(-1.0, 0.0)).max(tick(0.0, 1.0)).max(tick(0.0, -1.0));
    ring.max(ticks).max(paint::disc(at, spot(0.0, 0.0), 0.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_eye_is_crossed_where_an_open_one_is_empty() {
        let at = spot(0.6, 0.6);
        assert!(Icon::Eye.depth(at, 0.1) < 0.0);
        assert!(Icon::EyeClosed.depth(at, 0.1) > 0.0);
    }

    #[test]
    fn signs_stay_in_their_square() {
        let icons = [
            Icon::Eye,
            Icon::EyeClosed,
            Icon::CameraOff,
            Icon::Wait,
            Icon::Thermometer,
            Icon::Power,
            Icon::Warning,
            Icon::Target,
        ];
        let edge = (-10_i16..=10).map(|i| f32::from(i) / 10.0).flat_map(|along| {
            [spot(along, 1.01), spot(along, -1.01), spot(1.01, along), spot(-1.01, along)]
        });
        for (icon, at) in icons.into_iter().flat_map(|icon| edge.clone().map(move |at| (icon, at)))
        {
            assert!(icon.depth(at, 0.085) < 0.0, "{icon:?} {at:?}");
        }
    }
}
