//! A scene in black and white: a sign beside its title, the sentence below; light paper where
//! nothing is looked at.

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::{INK, PAPER};
use crate::{
    canvas::Canvas,
    letters::Letters,
    meter,
    scene::Scene,
    text::{Align, Font, Pen, column::Column},
};

/// Draws `scene` over the whole canvas.
pub(super) fn draw(canvas: &mut Canvas, letters: &Letters, scene: &Scene<'_>) {
    let (ink, paper) = if scene.light { (PAPER, INK) } else { (INK, PAPER) };
    canvas.fill(paper);
    let all = canvas.bounding_box();
    let margin = Size::new(2, 1);
    let inner = Rectangle::new(all.top_left + margin, all.size.saturating_sub(margin * 2));
    let inner = lowered(inner, letters, scene);
    let below = title(canvas, inner, letters, scene);
    let mut column = Column::new(canvas, below, Align::Left);
    let pen = Pen::new(&letters.body, ink);
    column.sentence(pen, scene.sentence);
    match scene.retry {
        Some(retry) => {
            let seconds = retry.as_millis().div_ceil(1000);
            column.line(pen, format_args!("Trying again in {seconds} s."));
        }
        None => column.sentence(pen, scene.advice),
    }
    codes(column, letters, scene);
    if let Some(progress) = scene.progress {
        let corner = Point::new(0, all.size.height.saturating_sub(3).cast_signed());
        let width = meter::length(all.size.width, progress);
        let Ok(()) = canvas.fill_solid(&Rectangle::new(corner, Size::new(width, 3)), ink);
    }
}

/// `area` without the rows that a short scene leaves free above itself.
fn lowered(area: Rectangle, letters: &Letters, scene: &Scene<'_>) -> Rectangle {
    if scene.progress.is_some() || scene.codes.iter().any(|code| !code.is_empty()) {
        return area;
    }
    let lines = |text| letters.body.wrap(text, area.size.width).count();
    let lines = u32::try_from(lines(scene.sentence) + lines(scene.advice)).unwrap_or(u32::MAX);
    let text = letters.body.line().saturating_mul(lines);
    let taken = letters.headline.line().saturating_add(12).saturating_add(text);
    let step = Size::new(0, area.size.height.saturating_sub(taken) / 2);
    Rectangle::new(area.top_left + step, area.size - step)
}

/// Sign and title side by side; returns what is left below them.
fn title(canvas: &mut Canvas, area: Rectangle, letters: &Letters, scene: &Scene<'_>) -> Rectangle {
    let ink = if scene.light { PAPER } else { INK };
    let large = letters.headline.line() + if scene.light { 8 } else { 2 };
    let font = fitting(letters, area.size.width.saturating_sub(large + 4), scene.title);
    let sign = if font.line() < letters.strong.line() { font.line() + 6 } else { large };
    scene.icon.draw(canvas, Rectangle::new(area.top_left, Size::new_equal(sign)), ink);
    let left = area.top_left + Size::new(sign + 4, sign / 2);
    Pen::new(font, ink).write(canvas, left, format_args!("{}", scene.title));
    let step = Size::new(0, sign + 2);
    Rectangle::new(area.top_left + step, area.size.saturating_sub(step))
}

fn codes(mut column: Column<'_>, letters: &Letters, scene: &Scene<'_>) {
    let [first, second] = scene.codes;
    let between = if first.is_empty() || second.is_empty() { "" } else { " - " };
    let ink = if scene.light { PAPER } else { INK };
    let line = letters.small.line();
    if first.len() + second.len() > 0 {
        column.skip(column.rest().size.height.saturating_sub(line));
        column.line(Pen::new(&letters.small, ink), format_args!("{first}{between}{second}"));
    }
}

/// The largest letters in which `title` is no wider than `width`.
fn fitting<'a>(letters: &'a Letters, width: u32, title: &str) -> &'a Font {
    let fonts = [&letters.headline, &letters.strong, &letters.body];
    let fits = |font: &&Font| font.width(format_args!("{title}")) <= width;
    fonts.into_iter().find(fits).unwrap_or(&letters.small)
}
