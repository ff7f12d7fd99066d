//! The screen's parts: each draws itself into the rectangle it is given.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, Reading},
};

use super::{
    Status,
    canvas::Canvas,
    picture::fill,
    text::{Align, Font, Pen},
    theme::{self, Fonts},
    whole,
};

/// What the footer says, longest first: a reading is about a face, not about a mind.
const FOOTERS: [&str; 2] =
    ["What a face shows, not what a person feels.", "Expression, not feeling."];

/// The product's name, the source and the speed.
pub(super) fn header(canvas: &mut Canvas, area: Rectangle, fonts: &Fonts, status: &Status) {
    let middle = area.center().y;
    let (left, right) = (area.top_left.x, end(area));
    let name = pen(&fonts.strong, theme::TEXT).write(
        canvas,
        Point::new(left, middle),
        format_args!("mien"),
    );
    let speed = match status.message {
        Some(_) => 0,
        None => speed(canvas, Point::new(right, middle), fonts, status),
    };
    let room = area.size.width.saturating_sub(name + speed + 2 * fonts.gap.width);
    let source = fonts.small.clip(status.source.lines().next().unwrap_or(""), room);
    let at = Point::new(left.saturating_add_unsigned(name + fonts.gap.width), middle);
    pen(&fonts.small, theme::MUTED).write(canvas, at, format_args!("{source}"));
}

/// Frame rate and latency, with their right end at `anchor`; returns their width.
fn speed(canvas: &mut Canvas, anchor: Point, fonts: &Fonts, status: &Status) -> u32 {
    let pen = Pen { font: &fonts.small, ink: theme::TEXT, align: Align::Right };
    let latency = status.reading.latency_us as f32 / 1000.0;
    pen.write(canvas, anchor, format_args!("{:.0} fps · {latency:.1} ms", status.fps))
}

/// What the reading is not.
pub(super) fn footer(canvas: &mut Canvas, area: Rectangle, fonts: &Fonts) {
    let fits = |text: &&str| fonts.small.width(format_args!("{text}")) <= area.size.width;
    let Some(text) = FOOTERS.into_iter().find(fits) else { return };
    let at = Point::new(area.top_left.x, area.center().y);
    pen(&fonts.small, theme::MUTED).write(canvas, at, format_args!("{text}"));
}

/// The expression, how sure it is, and how many faces there are.
pub(super) fn headline(canvas: &mut Canvas, area: Rectangle, fonts: &Fonts, reading: &Reading) {
    let face = reading.faces.first();
    let word = face
        .map_or(theme::NO_FACE, |face| face.expression.map_or(theme::UNKNOWN, Expression::name));
    let mut lines = Lines { canvas, area, top: area.top_left.y };
    lines.write(pen(&fonts.headline, theme::ink(face)), format_args!("{word}"));
    lines.skip(fonts.gap.height / 4);
    match face {
        None => lines.write(pen(&fonts.body, theme::MUTED), format_args!("looking for one")),
        Some(face) if face.expression.is_none() => {
            lines.write(pen(&fonts.body, theme::TEXT), format_args!("not sure enough"));
        }
        Some(face) => {
            let percent = percent(face.confidence);
            lines.write(pen(&fonts.body, theme::TEXT), format_args!("{percent} %"));
        }
    }
    if reading.faces.len() > 1 {
        let count = reading.faces.len();
        lines.write(pen(&fonts.small, theme::MUTED), format_args!("largest of {count} faces"));
    }
}

/// The eight probabilities; empty bars where there is no face.
pub(super) fn bars(
    canvas: &mut Canvas,
    area: Rectangle,
    fonts: &Fonts,
    face: Option<&FaceReading>,
) {
    let (font, pitch) = rows(area.size.height, fonts);
    let names = Expression::ALL.map(|e| font.width(format_args!("{e}")));
    let names = names.into_iter().max().unwrap_or(0) + fonts.gap.width;
    let figures = fonts.small.width(format_args!("100")) + fonts.gap.width;
    let track = Size::new(area.size.width.saturating_sub(names + figures), fonts.bar);
    for (expression, row) in Expression::ALL.into_iter().zip(0_u32..) {
        let prob = face.map(|face| face.probs[expression.index()]);
        let steady = face.is_some_and(|face| face.expression == Some(expression));
        let ink = if steady { theme::TEXT } else { theme::MUTED };
        let left = area.top_left + Size::new(0, row * pitch + font.line() / 2);
        pen(font, ink).write(canvas, left, format_args!("{expression}"));
        let corner = left + Size::new(names, 0) - Size::new(0, fonts.bar / 2);
        bar(canvas, Rectangle::new(corner, track), prob, theme::color(expression));
        if let Some(prob) = prob {
            let figure = Pen { font: &fonts.small, ink, align: Align::Right };
            let percent = percent(prob);
            figure.write(canvas, Point::new(end(area), left.y), format_args!("{percent}"));
        }
    }
}

/// A sentence in place of the reading.
pub(super) fn message(canvas: &mut Canvas, area: Rectangle, fonts: &Fonts, text: &str) {
    fill(canvas, area, theme::CARD);
    let edge = Size::new((fonts.gap.width / 2).max(1), area.size.height);
    fill(canvas, Rectangle::new(area.top_left, edge), theme::NOTICE);
    let inset = fonts.gap.width.cast_signed();
    let top_left = area.top_left + Point::new(2 * inset, fonts.gap.height.cast_signed());
    let size = area.size.saturating_sub(Size::new(3 * fonts.gap.width, 2 * fonts.gap.height));
    let mut lines = Lines { canvas, area: Rectangle::new(top_left, size), top: top_left.y };
    lines.write(pen(&fonts.strong, theme::NOTICE), format_args!("No reading just now"));
    lines.skip(fonts.gap.height);
    for line in fonts.body.wrap(text, size.width) {
        lines.write(pen(&fonts.body, theme::TEXT), format_args!("{line}"));
    }
}

/// Lines of text from the top of an area; those that do not fit are left out.
struct Lines<'a> {
    canvas: &'a mut Canvas,
    area: Rectangle,
    top: i32,
}

impl Lines<'_> {
    fn write(&mut self, pen: Pen<'_>, text: std::fmt::Arguments<'_>) {
        let line = pen.font.line();
        let middle = self.top.saturating_add_unsigned(line / 2);
        self.top = self.top.saturating_add_unsigned(line);
        let floor = self.area.top_left.y.saturating_add_unsigned(self.area.size.height);
        if self.top <= floor {
            pen.write(self.canvas, Point::new(self.area.top_left.x, middle), text);
        }
    }

    fn skip(&mut self, height: u32) {
        self.top = self.top.saturating_add_unsigned(height);
    }
}

fn bar(canvas: &mut Canvas, place: Rectangle, prob: Option<f32>, color: Rgb888) {
    fill(canvas, place, theme::TRACK);
    let part = prob.unwrap_or(0.0).clamp(0.0, 1.0);
    let width = whole(place.size.width as f32 * part).cast_unsigned();
    fill(canvas, Rectangle::new(place.top_left, Size::new(width, place.size.height)), color);
}

/// Letters for the bars' names, and from one bar to the next: eight of them over `height`.
fn rows(height: u32, fonts: &Fonts) -> (&Font, u32) {
    let pitch = |font: &Font| height.saturating_sub(font.line()) / 7;
    let roomy = pitch(&fonts.body) >= fonts.body.line();
    let font = if roomy { &fonts.body } else { &fonts.small };
    // On a terminal a row is two pixels.
    let pitch = if matches!(font, Font::Cells) { pitch(font) & !1 } else { pitch(font) };
    (font, pitch)
}

fn percent(prob: f32) -> u32 {
    whole(prob.clamp(0.0, 1.0) * 100.0).cast_unsigned()
}

fn pen(font: &Font, ink: Rgb888) -> Pen<'_> {
    Pen { font, ink, align: Align::Left }
}

fn end(area: Rectangle) -> i32 {
    area.top_left.x.saturating_add_unsigned(area.size.width)
}
