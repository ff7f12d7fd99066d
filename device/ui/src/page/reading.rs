//! The first page: picture or avatar, the expression in large letters, the eight probabilities.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, Reading},
};

use crate::{
    Status, Thumbnail, avatar,
    canvas::Canvas,
    layout::Layout,
    letters::Letters,
    meter, paint, picture,
    text::{Align, Font, Pen, column::Column},
    theme, words,
};

/// Draws the page.
pub(crate) fn draw(
    canvas: &mut Canvas,
    layout: &Layout,
    letters: &Letters,
    status: &Status,
    thumbnail: Option<Thumbnail<'_>>,
) {
    let face = status.reading.faces.first();
    paint::card(canvas, layout.picture, letters.gap.width / 2, theme::CARD);
    match thumbnail.filter(|_| !status.avatar) {
        Some(thumbnail) => picture::draw(canvas, layout.picture, thumbnail, theme::ink(face)),
        None => avatar::draw(canvas, layout.picture, face, status.uptime),
    }
    headline(canvas, layout.headline, letters, &status.reading);
    bars(canvas, layout.bars, letters, face);
}

/// The expression, how sure it is, and how many faces there are.
fn headline(canvas: &mut Canvas, area: Rectangle, letters: &Letters, reading: &Reading) {
    let face = reading.faces.first();
    let word = words::word(face);
    let mut lines = Column::new(canvas, area, Align::Left);
    lines.line(Pen::new(&letters.headline, theme::ink(face)), format_args!("{word}"));
    let ink = if face.is_some() { theme::TEXT } else { theme::MUTED };
    let pen = Pen::new(&letters.body, ink);
    match words::confidence(face).map(meter::percent) {
        Some(percent) => lines.line(pen, format_args!("{percent} %")),
        None => lines.wrapped(pen, words::reason(face)),
    }
    if reading.faces.len() > 1 {
        let count = reading.faces.len();
        let pen = Pen::new(&letters.small, theme::MUTED);
        lines.line(pen, format_args!("largest of {count} faces"));
    }
}

/// The eight probabilities; empty bars where there is no face.
fn bars(canvas: &mut Canvas, area: Rectangle, letters: &Letters, face: Option<&FaceReading>) {
    let (font, pitch) = rows(area.size.height, letters);
    let names = Expression::ALL.map(|e| font.width(format_args!("{e}")));
    let names = names.into_iter().max().unwrap_or(0) + letters.gap.width;
    let figures = letters.small.width(format_args!("100")) + letters.gap.width / 2;
    let track = Size::new(area.size.width.saturating_sub(names + figures), letters.bar);
    let right = area.top_left.x.saturating_add_unsigned(area.size.width);
    for (expression, row) in Expression::ALL.into_iter().zip(0_u32..) {
        let shown = face.and_then(|face| face.expression);
        let prob = shown.map(|shown| shown.probs[expression.index()]);
        let steady = shown.is_some_and(|shown| shown.label == Some(expression));
        let ink = if steady { theme::TEXT } else { theme::MUTED };
        let left = area.top_left + Size::new(0, row * pitch + font.line() / 2);
        Pen::new(font, ink).write(canvas, left, format_args!("{expression}"));
        let corner = left + Size::new(names, 0) - Size::new(0, letters.bar / 2);
        meter::bar(canvas, Rectangle::new(corner, track), prob, theme::color(expression));
        if let Some(prob) = prob {
            let figure = Pen::new(&letters.small, ink).aligned(Align::Right);
            let percent = meter::percent(prob);
            figure.write(canvas, Point::new(right, left.y), format_args!("{percent}"));
        }
    }
}

/// Letters for the bars' names, and from one bar to the next: eight of them over `height`.
fn rows(height: u32, letters: &Letters) -> (&Font, u32) {
    let pitch = |font: &Font| height.saturating_sub(font.line()) / 7;
    let roomy = pitch(&letters.body) >= letters.body.line();
    let font = if roomy { &letters.body } else { &letters.small };
    // On a terminal a row is two pixels.
    let pitch = if matches!(font, Font::Cells) { pitch(font) & !1 } else { pitch(font) };
    (font, pitch)
}
