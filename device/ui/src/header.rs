//! The screen's first and last line: what the device does and how fast, and what a reading is not.

use std::fmt;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use mien_shared::telemetry::State;

use super::{
    Status,
    canvas::Canvas,
    icon::Icon,
    letters::Letters,
    scene::Scene,
    text::{Align, Font, Pen},
    theme, words,
};

/// What the footer says, longest first: a reading is about a face, not about a mind.
const FOOTERS: [&str; 2] =
    ["What a face shows, not what a person feels.", "Expression, not feeling."];

/// From here on, in degrees Celsius, a temperature is marked.
pub(super) const HOT: f32 = 80.0;

/// The product's name, its state or source, and figures as far as there is room.
pub(super) fn header(canvas: &mut Canvas, area: Rectangle, letters: &Letters, status: &Status) {
    let middle = area.center().y;
    let gap = letters.gap.width;
    let mut left = area.top_left.x;
    if !canvas.is_cells() {
        let size = Size::new_equal(letters.strong.line());
        let corner = Point::new(left, middle - (size.height / 2).cast_signed());
        let (icon, ink) = sign(status.state);
        icon.draw(canvas, Rectangle::new(corner, size), ink);
        left = left.saturating_add_unsigned(size.width + gap / 2);
    }
    let name = Pen::new(&letters.strong, theme::TEXT);
    let width = name.write(canvas, Point::new(left, middle), format_args!("mien"));
    left = left.saturating_add_unsigned(width + gap);
    let right = area.top_left.x.saturating_add_unsigned(area.size.width);
    let place = Span { left, right, middle };
    let place = if status.state == State::Reading {
        figures(canvas, place, letters, status)
    } else {
        word(canvas, place, &letters.small, status.state)
    };
    source(canvas, place, &letters.small, &status.source);
}

/// A free part of the header.
#[derive(Clone, Copy)]
struct Span {
    left: i32,
    right: i32,
    middle: i32,
}

impl Span {
    fn width(self) -> u32 {
        self.right.saturating_sub(self.left).max(0).cast_unsigned()
    }
}

/// Faces, temperature, speed and latency from the right end, in this order, as many as fit.
fn figures(canvas: &mut Canvas, place: Span, letters: &Letters, status: &Status) -> Span {
    let (faces, health) = (status.reading.faces.len(), &status.health);
    let plural = if faces == 1 { "" } else { "s" };
    let place = figure(canvas, place, letters, (theme::TEXT, format_args!("{faces} face{plural}")));
    let place = match health.temperature_c {
        Some(celsius) if celsius >= HOT => {
            figure(canvas, place, letters, (theme::NOTICE, format_args!("hot {celsius:.0} °C")))
        }
        Some(celsius) => {
            figure(canvas, place, letters, (theme::MUTED, format_args!("{celsius:.0} °C")))
        }
        None => place,
    };
    let speed = format_args!("{:.0} fps", health.fps);
    let place = figure(canvas, place, letters, (theme::MUTED, speed));
    let latency = status.reading.latency_us as f32 / 1000.0;
    figure(canvas, place, letters, (theme::MUTED, format_args!("{latency:.1} ms")))
}

/// Writes one figure at the right end of `place` where it fits; returns what is left.
fn figure(
    canvas: &mut Canvas,
    place: Span,
    letters: &Letters,
    (ink, text): (Rgb888, fmt::Arguments<'_>),
) -> Span {
    if letters.small.width(text) > place.width() {
        return Span { right: place.left, ..place };
    }
    let pen = Pen::new(&letters.small, ink).aligned(Align::Right);
    let width = pen.write(canvas, Point::new(place.right, place.middle), text);
    let gap = letters.gap.width.max(2) * 5 / 4;
    Span { right: place.right.saturating_sub_unsigned(width + gap), ..place }
}

/// What the device does, where it does not read.
fn word(canvas: &mut Canvas, place: Span, font: &Font, state: State) -> Span {
    let pen = Pen::new(font, theme::NOTICE).aligned(Align::Right);
    let at = Point::new(place.right, place.middle);
    let width = pen.write(canvas, at, format_args!("{}", words::state(state)));
    Span { right: place.right.saturating_sub_unsigned(width + font.line()), ..place }
}

/// Where the frames come from, if most of it fits.
fn source(canvas: &mut Canvas, place: Span, font: &Font, source: &str) {
    let line = source.lines().next().unwrap_or("");
    let (text, mark) = font.shorten(line, place.width());
    if 3 * text.len() < 2 * line.len() {
        return;
    }
    let at = Point::new(place.left, place.middle);
    Pen::new(font, theme::MUTED).write(canvas, at, format_args!("{text}{mark}"));
}

fn sign(state: State) -> (Icon, Rgb888) {
    match state {
        State::Reading => (Icon::Eye, theme::TEXT),
        State::Paused => (Icon::EyeClosed, theme::NOTICE),
        State::NoCamera => (Icon::CameraOff, theme::NOTICE),
        State::Cooling => (Icon::Thermometer, theme::NOTICE),
        State::Stopping => (Icon::Power, theme::NOTICE),
        _ => (Icon::Wait, theme::TEXT),
    }
}

/// What is wrong, else what the reading is not.
pub(super) fn footer(canvas: &mut Canvas, area: Rectangle, letters: &Letters, status: &Status) {
    let font = &letters.small;
    let mut at = Point::new(area.top_left.x, area.center().y);
    // A scene tells of the fault itself.
    let told = Scene::of(status).is_some();
    let Some(fault) = status.fault.as_ref().filter(|_| !told) else {
        let fits = |text: &&str| font.width(format_args!("{text}")) <= area.size.width;
        let Some(text) = FOOTERS.into_iter().find(fits) else { return };
        Pen::new(font, theme::MUTED).write(canvas, at, format_args!("{text}"));
        return;
    };
    let mut width = area.size.width;
    if !canvas.is_cells() {
        let size = Size::new_equal(font.line() * 4 / 5);
        let corner = at - Point::new(0, (size.height / 2).cast_signed());
        Icon::Warning.draw(canvas, Rectangle::new(corner, size), theme::NOTICE);
        let step = size.width * 5 / 4;
        (at.x, width) = (at.x.saturating_add_unsigned(step), width.saturating_sub(step));
    }
    let (first, rest) = words::capital(words::said(fault).sentence);
    let (rest, mark) =
        font.shorten(rest, width.saturating_sub(font.width(format_args!("{first}"))));
    Pen::new(font, theme::NOTICE).write(canvas, at, format_args!("{first}{rest}{mark}"));
}
