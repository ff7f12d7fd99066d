//! Shapes with soft edges, each given by how deep a pixel lies inside it.
//!
//! A depth is a signed distance in pixels: positive inside, zero on the edge. Shapes combine as
//! depths do: `a.max(b)` is both together, `a.min(b)` what they share, `a.min(-b)` one without the
//! other.

use std::ops::{Add, Mul, Sub};

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use super::{canvas::Canvas, whole};

/// A place or a direction, in pixels or in units of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spot {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A [`Spot`].
pub(super) const fn spot(x: f32, y: f32) -> Spot {
    Spot { x, y }
}

impl Spot {
    pub(super) fn of(point: Point) -> Self {
        spot(point.x as f32, point.y as f32)
    }

    pub(super) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// Turned by an angle given as its sine and cosine, clockwise on a screen.
    pub(super) fn turned(self, (sin, cos): (f32, f32)) -> Self {
        spot(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }

    fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }
}

impl Add for Spot {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        spot(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Spot {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        spot(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Spot {
    type Output = Self;

    fn mul(self, factor: f32) -> Self {
        spot(self.x * factor, self.y * factor)
    }
}

/// Paints the pixels of `area` as far as they lie inside the shape of `depth`.
pub(super) fn shape(
    canvas: &mut Canvas,
    area: Rectangle,
    color: Rgb888,
    depth: impl Fn(Spot) -> f32,
) {
    for at in area.intersection(&canvas.bounding_box()).points() {
        let level = (depth(Spot::of(at) + spot(0.5, 0.5)) + 0.5) * 255.0;
        if level >= 1.0 {
            canvas.blend(at, color, whole(level.min(255.0)).to_le_bytes()[0]);
        }
    }
}

/// The pixels within `reach` of `centre`.
pub(super) fn around(centre: Spot, reach: Spot) -> Rectangle {
    let low = centre - reach;
    let side = |length: f32| whole(2.0 * length + 2.0).max(0).cast_unsigned();
    let corner = Point::new(whole(low.x - 1.0), whole(low.y - 1.0));
    Rectangle::new(corner, Size::new(side(reach.x), side(reach.y)))
}

/// Depth in a disc.
pub(super) fn disc(at: Spot, centre: Spot, radius: f32) -> f32 {
    radius - (at - centre).length()
}

/// Depth in a line of that `radius` with round ends.
pub(super) fn line(at: Spot, from: Spot, to: Spot, radius: f32) -> f32 {
    let (way, here) = (to - from, at - from);
    let part = (here.dot(way) / way.dot(way).max(1e-6)).clamp(0.0, 1.0);
    radius - (here - way * part).length()
}

/// Depth in a box of half the size `half` with round corners.
pub(super) fn round_box(at: Spot, centre: Spot, half: Spot, radius: f32) -> f32 {
    let (x, y) = ((at.x - centre.x).abs(), (at.y - centre.y).abs());
    let past = spot(x - half.x + radius, y - half.y + radius);
    let outside = spot(past.x.max(0.0), past.y.max(0.0)).length();
    radius - outside - past.x.max(past.y).min(0.0)
}

/// Depth in an ellipse, near its edge.
pub(super) fn ellipse(at: Spot, centre: Spot, radii: Spot) -> f32 {
    let unit = spot((at.x - centre.x) / radii.x, (at.y - centre.y) / radii.y);
    let slope = spot(unit.x / radii.x, unit.y / radii.y).length();
    unit.length() * (1.0 - unit.length()) / slope.max(1e-6)
}

/// Depth in the edge of a shape, `width` thick and inside it.
pub(super) fn edge(depth: f32, width: f32) -> f32 {
    depth.min(width - depth)
}

/// A rectangle of one colour with round corners, square on a terminal.
pub(super) fn card(canvas: &mut Canvas, area: Rectangle, radius: u32, color: Rgb888) {
    let radius = radius.min(area.size.width / 2).min(area.size.height / 2);
    if radius == 0 || canvas.is_cells() {
        let Ok(()) = canvas.fill_solid(&area, color);
        return;
    }
    let half = spot(area.size.width as f32, area.size.height as f32) * 0.5;
    let centre = Spot::of(area.top_left) + half;
    let inner = Size::new(area.size.width, area.size.height - 2 * radius);
    let body = Rectangle::new(area.top_left + Size::new(0, radius), inner);
    let Ok(()) = canvas.fill_solid(&body, color);
    let cap = Size::new(area.size.width, radius);
    let bottom = area.top_left + Size::new(0, area.size.height - radius);
    for corner in [area.top_left, bottom] {
        shape(canvas, Rectangle::new(corner, cap), color, |at| {
            round_box(at, centre, half, radius as f32)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f32, b: f32) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }

    #[test]
    fn depths_are_distances_to_the_edge() {
        close(disc(spot(3.0, 0.0), spot(0.0, 0.0), 5.0), 2.0);
        close(line(spot(2.0, 3.0), spot(0.0, 0.0), spot(4.0, 0.0), 1.0), -2.0);
        close(line(spot(7.0, 0.0), spot(0.0, 0.0), spot(4.0, 0.0), 1.0), -2.0);
        close(round_box(spot(9.0, 0.0), spot(0.0, 0.0), spot(10.0, 6.0), 2.0), 1.0);
        close(round_box(spot(12.0, 0.0), spot(0.0, 0.0), spot(10.0, 6.0), 2.0), -2.0);
        close(ellipse(spot(8.0, 0.0), spot(0.0, 0.0), spot(10.0, 5.0)), 2.0);
        close(edge(0.5, 2.0), 0.5);
        close(edge(3.0, 2.0), -1.0);
    }

    #[test]
    fn a_shape_is_full_inside_and_half_on_its_edge() {
        let mut canvas = Canvas::pixels(8, 1);
        canvas.fill(Rgb888::BLACK);
        let area = canvas.bounding_box();
        shape(&mut canvas, area, Rgb888::WHITE, |at| 4.5 - at.x);
        let row = canvas.bytes().iter().step_by(3).copied().collect::<Vec<_>>();
        assert_eq!(row, [255, 255, 255, 255, 136, 0, 0, 0]);
    }

    #[test]
    fn figures_that_are_no_numbers_paint_nothing() {
        let mut canvas = Canvas::pixels(8, 8);
        let before = canvas.bytes().to_vec();
        let area = around(spot(f32::NAN, f32::INFINITY), spot(f32::MAX, 2.0));
        shape(&mut canvas, area, Rgb888::WHITE, |_| f32::NAN);
        assert_eq!(canvas.bytes(), before);
    }
}
