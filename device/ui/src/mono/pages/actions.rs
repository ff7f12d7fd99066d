//! A short bar per action unit beside its number; where none are read, the dial and the figures.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use mien_shared::telemetry::{ActionUnits, FaceReading};

use super::super::INK;
use crate::{
    canvas::Canvas,
    dial,
    letters::{self, Letters},
    meter,
    text::{Align, Pen, column::Column},
};

/// Rows of units below each other.
const ROWS: u32 = 6;

/// Draws the page.
pub(in super::super) fn draw(
    canvas: &mut Canvas,
    area: Rectangle,
    letters: &Letters,
    face: Option<&FaceReading>,
) {
    match face {
        None => {
            let mut column = Column::new(canvas, area, Align::Left);
            let pen = Pen::new(&letters.headline, INK);
            column.line(pen, format_args!("{}", letters::NO_FACE));
            column.line(Pen::new(&letters.body, INK), format_args!("looking for one"));
        }
        Some(FaceReading { action_units: Some(read), .. }) => units(canvas, area, letters, read),
        Some(face) => seen(canvas, area, letters, face),
    }
}

fn units(canvas: &mut Canvas, area: Rectangle, letters: &Letters, units: &ActionUnits) {
    let count = u32::try_from(units.iter().count()).unwrap_or(0).max(1);
    let width = area.size.width / count.div_ceil(ROWS);
    let pitch = area.size.height / ROWS;
    let number = letters.body.width(format_args!("00")) + 1;
    for ((unit, intensity), place) in units.iter().zip(0_u32..) {
        let step = Size::new(place / ROWS * width, place % ROWS * pitch);
        let corner = area.top_left + step;
        let right = Point::new(
            corner.x.saturating_add_unsigned(number - 1),
            corner.y.saturating_add_unsigned(pitch / 2),
        );
        let pen = Pen::new(&letters.body, INK).aligned(Align::Right);
        pen.write(canvas, right, format_args!("{}", unit.number()));
        let size = Size::new(width.saturating_sub(number + 3), letters.bar);
        let corner = right + Point::new(2, -(letters.bar / 2).cast_signed());
        meter::framed(canvas, Rectangle::new(corner, size), intensity / 5.0);
    }
}

/// Dial on the left, pose and quality as figures on the right.
fn seen(canvas: &mut Canvas, area: Rectangle, letters: &Letters, face: &FaceReading) {
    let side = area.size.height.min(area.size.width / 2);
    dial::draw(canvas, Rectangle::new(area.top_left, Size::new_equal(side)), face, 1);
    let step = Size::new(side + 4, 0);
    let right = Rectangle::new(area.top_left + step, area.size.saturating_sub(step));
    let mut column = Column::new(canvas, right, Align::Left);
    let pen = Pen::new(&letters.body, INK);
    if let Some(pose) = face.pose {
        column.line(pen, format_args!("yaw   {:+.0}°", pose.yaw));
        column.line(pen, format_args!("pitch {:+.0}°", pose.pitch));
        column.line(pen, format_args!("roll  {:+.0}°", pose.roll));
        column.skip(letters.gap.height);
    }
    if let Some(quality) = face.quality {
        column.line(pen, format_args!("sharp {} %", meter::percent(quality.sharpness)));
        column.line(pen, format_args!("light {} %", meter::percent(quality.brightness)));
        column.line(pen, format_args!("contr {} %", meter::percent(quality.contrast)));
    }
}
