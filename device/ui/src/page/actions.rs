//! The second page: how much each action unit is pulled; where none are read, the face's points,
//! where the head turns, and how well the face can be seen.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use mien_shared::{
    au::ActionUnit,
    telemetry::{ActionUnits, FaceReading, HeadPose},
};

use crate::{
    canvas::Canvas,
    dial,
    layout::Layout,
    letters::{self, Letters},
    meter, paint,
    text::{Align, Font, Pen, column::Column},
    theme,
};

/// The highest intensity of a unit.
const HIGHEST: f32 = 5.0;

/// Draws the page of `face`.
pub(crate) fn draw(
    canvas: &mut Canvas,
    layout: &Layout,
    letters: &Letters,
    face: Option<&FaceReading>,
) {
    match face {
        None => nobody(canvas, layout.content, letters),
        Some(FaceReading { action_units: Some(read), .. }) => {
            units(canvas, layout.content, letters, read);
        }
        Some(face) => {
            dial::draw(canvas, layout.picture, face, letters.bar / 4 + 1);
            pose(canvas, layout.headline, letters, face.pose);
            quality(canvas, layout.bars, letters, face);
        }
    }
}

fn nobody(canvas: &mut Canvas, area: Rectangle, letters: &Letters) {
    let mut lines = Column::new(canvas, area, Align::Left);
    lines.line(Pen::new(&letters.headline, theme::MUTED), format_args!("{}", letters::NO_FACE));
    lines.line(Pen::new(&letters.body, theme::MUTED), format_args!("looking for one"));
}

/// A row per unit, in one or two columns: number and name on a meter, intensity at its end.
fn units(canvas: &mut Canvas, area: Rectangle, letters: &Letters, units: &ActionUnits) {
    let count = u32::try_from(units.iter().count()).unwrap_or(0).max(1);
    let columns = if 3 * area.size.width < 2 * area.size.height || count < 4 { 1 } else { 2 };
    let rows = count.div_ceil(columns);
    let pitch = (area.size.height / rows).min(3 * letters.body.line()) & !1;
    let gap = letters.gap.width;
    let width = (area.size.width + gap) / columns;
    let size = Size::new(width.saturating_sub(gap), pitch.saturating_sub(pitch / 6));
    for ((unit, intensity), place) in units.iter().zip(0_u32..) {
        let step = Size::new(place / rows * width, place % rows * pitch);
        unit_row(canvas, Rectangle::new(area.top_left + step, size), letters, (unit, intensity));
    }
}

fn unit_row(
    canvas: &mut Canvas,
    area: Rectangle,
    letters: &Letters,
    (unit, intensity): (ActionUnit, f32),
) {
    let font = fitting(letters, area.size.height);
    if !canvas.is_cells() {
        let radius = area.size.height / 5;
        paint::card(canvas, area, radius, theme::CARD);
        let width = meter::length(area.size.width, intensity / HIGHEST);
        let full = Size::new(width, area.size.height);
        paint::card(canvas, Rectangle { size: full, ..area }, radius, theme::FILL);
    }
    let inset = letters.gap.width / 2;
    let middle = area.center().y;
    let pulled = intensity >= 1.0;
    let ink = if pulled { theme::TEXT } else { theme::MUTED };
    let right = area.top_left.x.saturating_add_unsigned(area.size.width.saturating_sub(inset));
    let figure = Pen::new(font, ink).aligned(Align::Right);
    let intensity = intensity.clamp(0.0, HIGHEST);
    figure.write(canvas, Point::new(right, middle), format_args!("{intensity:.1}"));
    let left = area.top_left.x.saturating_add_unsigned(inset);
    let left = Point::new(left, middle);
    let room = area.size.width.saturating_sub(2 * inset + font.width(format_args!("00  0.0")));
    let (name, mark) = font.shorten(unit.name(), room);
    if room < font.width(format_args!("inner brow r")) {
        return short(canvas, left, font, unit);
    }
    Pen::new(font, theme::TEXT).write(canvas, left, format_args!("{}", unit.number()));
    let at = left + Size::new(font.width(format_args!("00 ")), 0);
    Pen::new(font, ink).write(canvas, at, format_args!("{name}{mark}"));
}

/// The unit as tables name it, where there is no room for words.
fn short(canvas: &mut Canvas, at: Point, font: &Font, unit: ActionUnit) {
    Pen::new(font, theme::TEXT).write(canvas, at, format_args!("AU{:02}", unit.number()));
}

/// The larger letters where a row has room for them.
fn fitting(letters: &Letters, height: u32) -> &Font {
    if height >= letters.body.line() { &letters.body } else { &letters.small }
}

fn pose(canvas: &mut Canvas, area: Rectangle, letters: &Letters, pose: Option<HeadPose>) {
    let needed = letters.strong.line() + 3 * letters.body.line();
    let mut lines = titled(canvas, area, letters, ("head pose", needed));
    let pen = Pen::new(&letters.body, theme::TEXT);
    let Some(HeadPose { yaw, pitch, roll }) = pose else {
        return lines.line(Pen::new(&letters.body, theme::MUTED), format_args!("not read"));
    };
    for (name, degrees) in [("yaw", yaw), ("pitch", pitch), ("roll", roll)] {
        lines.line(pen, format_args!("{name} {degrees:+.0}°"));
    }
}

/// A meter for each thing that says how well the face can be seen, as far as it was measured.
fn quality(canvas: &mut Canvas, area: Rectangle, letters: &Letters, face: &FaceReading) {
    let bar = letters.bar.next_multiple_of(2);
    let meter = letters.body.line() + bar + letters.gap.height;
    let meters = [
        ("sharpness", face.quality.map(|quality| quality.sharpness)),
        ("brightness", face.quality.map(|quality| quality.brightness)),
        ("contrast", face.quality.map(|quality| quality.contrast)),
        ("facing", face.attention),
    ];
    let needed = letters.strong.line() + 4 * meter;
    let mut lines = titled(canvas, area, letters, ("how well it is seen", needed));
    for (name, share) in meters.into_iter().filter_map(|(name, share)| Some((name, share?))) {
        let percent = meter::percent(share);
        lines.line(Pen::new(&letters.body, theme::MUTED), format_args!("{name} {percent} %"));
        lines.skip(letters.gap.height / 4);
        let Rectangle { top_left, size } = lines.rest();
        if size.height >= letters.bar {
            let place = Rectangle::new(top_left, Size::new(size.width, letters.bar));
            meter::bar(lines.canvas(), place, Some(share), theme::TEXT);
        }
        lines.skip(bar + letters.gap.height * 3 / 4);
    }
}

/// A column below a title, which is left out where `needed` pixels are not there.
fn titled<'a>(
    canvas: &'a mut Canvas,
    area: Rectangle,
    letters: &Letters,
    (title, needed): (&str, u32),
) -> Column<'a> {
    let mut lines = Column::new(canvas, area, Align::Left);
    if needed <= area.size.height {
        lines.line(Pen::new(&letters.strong, theme::TEXT), format_args!("{title}"));
    }
    lines
}
