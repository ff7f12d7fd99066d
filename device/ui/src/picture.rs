//! The camera's picture, scaled to its place, with the box and points of the face in it.

use std::ops::Range;

use embedded_graphics::{
    pixelcolor::Rgb888,
    prelude::*,
    primitives::{Circle, PrimitiveStyle, PrimitiveStyleBuilder, Rectangle, StrokeAlignment},
};
use mien_shared::geometry;

use super::{Picture, Thumbnail, canvas::Canvas, theme, whole};

/// The width in pixels from which points do not hide the face they mark.
const ROOM_FOR_POINTS: u32 = 80;

/// At most so many rows and columns of those that one pixel stands for are looked at.
const SAMPLES: usize = 3;

/// Draws `thumbnail` into `area` as large as its shape allows.
pub(super) fn draw(canvas: &mut Canvas, area: Rectangle, thumbnail: Thumbnail<'_>, ink: Rgb888) {
    let Some(source) = Source::of(thumbnail.picture) else { return };
    let place = fit(source.size, area);
    copy(canvas, &source, place);
    let scale = place.size.width as f32 / source.size.width as f32;
    let line = (area.size.width / 60).clamp(1, 4);
    if let Some(rect) = thumbnail.rect {
        let style = PrimitiveStyleBuilder::new()
            .stroke_color(ink)
            .stroke_width(line)
            .stroke_alignment(StrokeAlignment::Inside)
            .build();
        let frame = place.intersection(&scaled(rect, scale, place.top_left));
        let Ok(()) = frame.into_styled(style).draw(canvas);
    }
    let points = thumbnail.points.filter(|_| place.size.width >= ROOM_FOR_POINTS);
    for point in points.into_iter().flat_map(geometry::FivePoints::to_array) {
        let at = place.top_left + Point::new(whole(point.x * scale), whole(point.y * scale));
        let dot = Circle::with_center(at, line + 1);
        if place.contains(at) {
            let Ok(()) = dot.into_styled(PrimitiveStyle::with_fill(theme::TEXT)).draw(canvas);
        }
    }
}

/// A picture whose bytes are known to be as many as its size says.
struct Source<'a> {
    size: Size,
    channels: usize,
    data: &'a [u8],
}

impl<'a> Source<'a> {
    fn of(picture: Picture<'a>) -> Option<Self> {
        let (width, height, channels, data) = match picture {
            Picture::Grey(grey) => (grey.width, grey.height, 1, grey.data.as_slice()),
            Picture::Rgb(rgb) => (rgb.width, rgb.height, 3, rgb.data.as_slice()),
        };
        let bytes = (width as usize).checked_mul(height as usize)?.checked_mul(channels)?;
        (bytes > 0 && data.len() >= bytes).then_some(Self {
            size: Size::new(width, height),
            channels,
            data,
        })
    }

    /// The mean colour of a block of pixels, or of an even few of them where it is large.
    fn mean(&self, columns: &Range<usize>, rows: &Range<usize>) -> Rgb888 {
        let (mut sum, mut count) = ([0; 3], 0);
        for y in rows.clone().step_by(rows.len().div_ceil(SAMPLES)) {
            for x in columns.clone().step_by(columns.len().div_ceil(SAMPLES)) {
                let start = (y * self.size.width as usize + x) * self.channels;
                let pixel = &self.data[start..start + self.channels];
                sum = [0, 1, 2].map(|i| sum[i] + u32::from(pixel[i.min(self.channels - 1)]));
                count += 1;
            }
        }
        let [r, g, b] = sum.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX));
        Rgb888::new(r, g, b)
    }
}

/// Copies `source` over `place`, each pixel a mean of those it stands for.
fn copy(canvas: &mut Canvas, source: &Source<'_>, place: Rectangle) {
    for y in 0..place.size.height {
        let rows = span(y, place.size.height, source.size.height);
        for x in 0..place.size.width {
            let columns = span(x, place.size.width, source.size.width);
            let at = place.top_left + Point::new(x.cast_signed(), y.cast_signed());
            canvas.set(at, source.mean(&columns, &rows));
        }
    }
}

/// Which of `from` pixels the `index`th of `to` pixels stands for: at least one.
fn span(index: u32, to: u32, from: u32) -> Range<usize> {
    let (index, to, from) = (index as usize, to as usize, from as usize);
    let start = index * from / to;
    start..((index + 1) * from / to).max(start + 1)
}

/// The largest rectangle of the shape of `size` in the middle of `area`.
fn fit(size: Size, area: Rectangle) -> Rectangle {
    let scale = (area.size.width as f32 / size.width as f32)
        .min(area.size.height as f32 / size.height as f32);
    let side = |length: u32| whole(length as f32 * scale).max(1).cast_unsigned();
    Rectangle::with_center(area.center(), Size::new(side(size.width), side(size.height)))
        .intersection(&area)
}

/// `rect` on a canvas.
fn scaled(rect: geometry::Rect, scale: f32, origin: Point) -> Rectangle {
    let side = |length: f32| whole(length * scale).max(0).cast_unsigned();
    let size = Size::new(side(rect.w), side(rect.h));
    Rectangle::new(origin + Point::new(whole(rect.x * scale), whole(rect.y * scale)), size)
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    const AREA: Rectangle = Rectangle::new(Point::new(2, 1), Size::new(2, 2));

    fn shown(picture: &Grey, at: (usize, usize)) -> [u8; 3] {
        let mut canvas = Canvas::pixels(6, 4);
        let thumbnail = Thumbnail { picture: Picture::Grey(picture), rect: None, points: None };
        draw(&mut canvas, AREA, thumbnail, theme::TEXT);
        let i = 3 * (at.1 * 6 + at.0);
        [canvas.bytes()[i], canvas.bytes()[i + 1], canvas.bytes()[i + 2]]
    }

    #[test]
    fn a_shrunk_picture_shows_the_mean_of_its_pixels() {
        let data = vec![0, 100, 9, 9, 200, 100, 9, 9, 0, 0, 7, 7, 0, 0, 7, 7];
        let picture = Grey { width: 4, height: 4, data };
        assert_eq!(shown(&picture, (2, 1)), [100; 3]);
        assert_eq!(shown(&picture, (3, 1)), [9; 3]);
        assert_eq!(shown(&picture, (3, 2)), [7; 3]);
    }

    #[test]
    fn a_grown_picture_repeats_its_pixels() {
        let picture = Grey { width: 1, height: 1, data: vec![77] };
        assert_eq!(shown(&picture, (3, 2)), [77; 3]);
    }

    #[test]
    fn a_picture_with_too_few_bytes_or_none_draws_nothing() {
        let dark = [theme::BACKGROUND.r(), theme::BACKGROUND.g(), theme::BACKGROUND.b()];
        assert_eq!(shown(&Grey { width: 4, height: 4, data: vec![1; 15] }, (2, 1)), dark);
        assert_eq!(shown(&Grey { width: 0, height: 4, data: vec![] }, (2, 1)), dark);
    }

    #[test]
    fn wild_boxes_and_points_are_survived() {
        let picture = Grey::new(4, 4);
        let wild = geometry::Point { x: f32::MAX, y: f32::NAN };
        let thumbnail = Thumbnail {
            picture: Picture::Grey(&picture),
            rect: Some(geometry::Rect { x: f32::MIN, y: f32::NAN, w: f32::INFINITY, h: -3.0 }),
            points: Some(geometry::FivePoints::from_array([wild; 5])),
        };
        draw(&mut Canvas::pixels(6, 4), AREA, thumbnail, theme::TEXT);
    }
}
