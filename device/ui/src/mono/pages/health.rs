//! The device's figures in two columns, those that need a look marked.

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::super::INK;
use crate::{
    Status,
    canvas::Canvas,
    letters::Letters,
    page::health::{Row, Value, rows},
    text::{Align, Pen},
};

/// Draws the page.
pub(in super::super) fn draw(
    canvas: &mut Canvas,
    area: Rectangle,
    letters: &Letters,
    status: &Status,
) {
    let lines = 6;
    let pitch = area.size.height / (lines + 1);
    let half = area.size.width / 2;
    let size = Size::new(half.saturating_sub(2), pitch);
    for (row, place) in rows(status).into_iter().zip(0_u32..) {
        let step = Size::new(place / lines * (half + 2), place % lines * pitch);
        entry(canvas, Rectangle::new(area.top_left + step, size), letters, row);
    }
    let at = area.top_left + Size::new(0, lines * pitch + pitch / 2);
    let source = Value::Text(&status.source);
    let text = format_args!("{source}");
    let pen = Pen::new(&letters.small, INK);
    if letters.small.width(text) <= area.size.width {
        pen.write(canvas, at, text);
    } else {
        pen.write_within(canvas, at, area.size.width, text);
    }
}

fn entry(canvas: &mut Canvas, area: Rectangle, letters: &Letters, row: Row<'_>) {
    let middle = area.center().y;
    let pen = Pen::new(&letters.small, INK);
    pen.write(canvas, Point::new(area.top_left.x, middle), format_args!("{}", row.short));
    let right = area.top_left.x.saturating_add_unsigned(area.size.width);
    let mark = if row.worry { "!" } else { "" };
    let text = format_args!("{mark}{}", row.value);
    pen.aligned(Align::Right).write(canvas, Point::new(right, middle), text);
}
