//! The expression in large letters over eight upright bars, or beside the avatar.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use mien_shared::{label::Expression, telemetry::FaceReading};

use super::super::{INK, PAPER};
use crate::{
    Status, avatar,
    canvas::Canvas,
    letters::Letters,
    meter,
    text::{Align, Pen, column::Column},
    words,
};

/// Draws the page.
pub(in super::super) fn draw(
    canvas: &mut Canvas,
    area: Rectangle,
    letters: &Letters,
    status: &Status,
) {
    let face = status.reading.faces.first();
    if status.avatar {
        return with_avatar(canvas, area, letters, status);
    }
    let mut column = Column::new(canvas, area, Align::Left);
    column.line(Pen::new(&letters.headline, INK), format_args!("{}", words::word(face)));
    below(&mut column, letters, status);
    let floor = column.rest();
    if let Some(percent) = sure(face) {
        let right = area.top_left.x.saturating_add_unsigned(area.size.width);
        let middle = area.top_left.y.saturating_add_unsigned(letters.headline.line() / 2);
        let pen = Pen::new(&letters.strong, INK).aligned(Align::Right);
        pen.write(canvas, Point::new(right, middle), format_args!("{percent}%"));
    }
    columns(canvas, floor, letters, face);
}

/// The avatar on the left, the words on the right.
fn with_avatar(canvas: &mut Canvas, area: Rectangle, letters: &Letters, status: &Status) {
    let face = status.reading.faces.first();
    let side = area.size.height.min(area.size.width / 2);
    let left = Rectangle::new(area.top_left, Size::new(side, area.size.height));
    avatar::draw(canvas, left, face, status.uptime);
    let step = Size::new(side + 2, 0);
    let right = Rectangle::new(area.top_left + step, area.size.saturating_sub(step));
    let mut column = Column::new(canvas, right, Align::Left);
    column.skip(letters.gap.height * 2);
    column.line(Pen::new(&letters.strong, INK), format_args!("{}", words::word(face)));
    match sure(face) {
        Some(percent) => {
            let Rectangle { top_left, size } = column.rest();
            let place = Rectangle::new(top_left, Size::new(size.width, letters.bar + 1));
            meter::framed(column.canvas(), place.intersection(&right), percent as f32 / 100.0);
            column.skip(letters.bar + 2);
            column.line(Pen::new(&letters.headline, INK), format_args!("{percent}%"));
        }
        None => below(&mut column, letters, status),
    }
}

/// How sure the named expression is, in percent.
fn sure(face: Option<&FaceReading>) -> Option<u32> {
    words::confidence(face).map(meter::percent)
}

/// What is said about the word above it.
fn below(column: &mut Column<'_>, letters: &Letters, status: &Status) {
    let faces = &status.reading.faces;
    let pen = Pen::new(&letters.body, INK);
    let face = faces.first();
    match faces.len() {
        _ if sure(face).is_none() => column.wrapped(pen, words::reason(face)),
        1 => column.skip(pen.font.line()),
        count => column.line(pen, format_args!("largest of {count} faces")),
    }
}

/// An upright bar per expression over the first letters of its name, the named one inverted.
fn columns(canvas: &mut Canvas, area: Rectangle, letters: &Letters, face: Option<&FaceReading>) {
    let width = area.size.width / 8;
    let label = letters.small.line() + 1;
    let Some(most) = area.size.height.checked_sub(label + 1).filter(|_| width >= 4) else { return };
    let floor = area.top_left.y.saturating_add_unsigned(most);
    let shown = face.and_then(|face| face.expression);
    for (expression, place) in Expression::ALL.into_iter().zip(0_u32..) {
        let left = area.top_left.x.saturating_add_unsigned(place * width);
        let prob = shown.map_or(0.0, |shown| shown.probs[expression.index()]);
        let height = meter::length(most, prob).max(1);
        let corner = Point::new(left + 1, floor.saturating_sub_unsigned(height));
        let bar = Rectangle::new(corner, Size::new(width - 3, height));
        let Ok(()) = canvas.fill_solid(&bar, INK);
        let named = shown.is_some_and(|shown| shown.label == Some(expression));
        let (ink, paper) = if named { (PAPER, INK) } else { (INK, PAPER) };
        let plate = Rectangle::new(Point::new(left, floor + 1), Size::new(width - 1, label));
        let Ok(()) = canvas.fill_solid(&plate, paper);
        let name = expression.name().get(..3).unwrap_or("");
        let pen = Pen::new(&letters.small, ink).aligned(Align::Middle);
        let at = Point::new(plate.center().x + 1, floor.saturating_add_unsigned(1 + label / 2));
        pen.write(canvas, at, format_args!("{name}"));
    }
}
