//! Where a head turns: its outline with the face's landmarks or five points, and a line from its
//! middle to where it looks.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use mien_shared::{geometry::FivePoints, telemetry::FaceReading};

use super::{
    canvas::Canvas,
    paint::{self, Spot, spot},
    theme,
};

/// Draws the points and the pose of `face` into `area`, with lines of that `width`.
pub(super) fn draw(canvas: &mut Canvas, area: Rectangle, face: &FaceReading, width: u32) {
    let radius = area.size.width.min(area.size.height) as f32 * 0.46;
    if radius < 4.0 {
        return;
    }
    let (ink, mark) = if canvas.is_mono() {
        (Rgb888::WHITE, Rgb888::WHITE)
    } else {
        (theme::MUTED, theme::NOTICE)
    };
    let half = spot(area.size.width as f32, area.size.height as f32) * 0.5;
    let centre = Spot::of(area.top_left) + half;
    let pose = face.pose.unwrap_or_default();
    let thick = width as f32;
    outline(canvas, (centre, radius), degrees(pose.roll, 60.0), (ink, thick));
    let reach = if face.landmarks.is_some() { thick * 0.5 } else { thick * 0.75 + 1.0 };
    let landmarks = face.landmarks.iter().flat_map(|landmarks| landmarks.0);
    let five = face.points.filter(|_| face.landmarks.is_none());
    let five = five.into_iter().flat_map(FivePoints::to_array);
    for point in landmarks.chain(five) {
        let part = spot(
            share(point.x - face.rect.x, face.rect.w),
            share(point.y - face.rect.y, face.rect.h),
        );
        let at = centre + spot(part.x - 0.5, part.y - 0.5) * (1.7 * radius);
        paint::shape(canvas, paint::around(at, spot(reach, reach)), ink, |spot| {
            paint::disc(spot, at, reach)
        });
    }
    if face.pose.is_some() {
        // Small turns are drawn twice as long, to be seen at all.
        let reach = |angle| (2.0 * degrees(angle, 50.0).0).clamp(-0.9, 0.9);
        let look = spot(reach(pose.yaw), -reach(pose.pitch));
        pointer(canvas, (centre, radius), look, (mark, thick));
    }
}

/// The head's outline, tilted by an angle given as its sine and cosine.
fn outline(
    canvas: &mut Canvas,
    (centre, radius): (Spot, f32),
    (sin, cos): (f32, f32),
    (ink, thick): (Rgb888, f32),
) {
    let radii = spot(0.84 * radius, radius);
    let area = paint::around(centre, spot(radius + 1.0, radius + 1.0));
    paint::shape(canvas, area, ink, |at| {
        let at = (at - centre).turned((-sin, cos));
        paint::edge(paint::ellipse(at, Spot::default(), radii), thick)
    });
    // Crosshairs at rest, so that a turn can be told from none.
    for way in [spot(1.0, 0.0), spot(-1.0, 0.0), spot(0.0, 1.0), spot(0.0, -1.0)] {
        let (from, to) = (centre + way * (0.9 * radius), centre + way * radius);
        let area = paint::around(centre, spot(radius, radius));
        paint::shape(canvas, area, ink, |at| paint::line(at, from, to, thick * 0.5));
    }
}

/// A line from the middle to where the head looks, with a dot at its end.
fn pointer(
    canvas: &mut Canvas,
    (centre, radius): (Spot, f32),
    look: Spot,
    (ink, thick): (Rgb888, f32),
) {
    let end = centre + look * radius;
    let area = paint::around(centre, spot(radius, radius));
    paint::shape(canvas, area, ink, |at| {
        paint::line(at, centre, end, thick * 0.6).max(paint::disc(at, end, 2.0 * thick))
    });
}

/// Sine and cosine of an angle of at most `most` degrees.
fn degrees(angle: f32, most: f32) -> (f32, f32) {
    let angle = if angle.is_nan() { 0.0 } else { angle.clamp(-most, most) };
    angle.to_radians().sin_cos()
}

/// `part` of `all`, 0.5 where that is no number, within a little more than 0..=1.
fn share(part: f32, all: f32) -> f32 {
    let share = part / all;
    if share.is_nan() { 0.5 } else { share.clamp(-0.1, 1.1) }
}
