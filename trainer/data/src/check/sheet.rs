//! A contact sheet: some pictures of every class, so that a person can see whether labels mean
//! what they say.

use embedded_graphics::{
    mono_font::{MonoTextStyle, ascii::FONT_6X10},
    pixelcolor::Rgb888,
    prelude::*,
    primitives::{Line, PrimitiveStyle},
    text::{Baseline, Text},
};
use image::{GrayImage, Rgb, RgbImage, imageops};
use mien_shared::{frame::Grey, label::Expression};

use crate::manifest::{Entry, Manifest};

/// Width of the column of class names in pixels: eleven letters.
const NAMES: u32 = 72;
/// Pixels between pictures and about the sheet.
const GAP: u32 = 4;
/// Height of a line of text in pixels.
const TEXT: u32 = 12;

const PAPER: Rgb<u8> = Rgb([24, 26, 30]);
const INK: Rgb888 = Rgb888::new(220, 224, 228);
const FAINT: Rgb888 = Rgb888::new(140, 146, 152);
const RED: Rgb888 = Rgb888::new(230, 80, 70);

/// Draws up to `columns` pictures (1 to 64) of each class, `side` pixels (8 to 512) each, one row a
/// class in canonical order, pictures without an expression last.
///
/// The pictures of a row are spread evenly over the class, in the manifest's order. One that does
/// not decode is a red cross.
pub fn contact_sheet(manifest: &Manifest, columns: usize, side: u32) -> RgbImage {
    let (columns, side) = (columns.clamp(1, 64), side.clamp(8, 512));
    let rows = rows(manifest);
    let wide = u32::try_from(columns).unwrap_or(1) * (side + GAP);
    let high = u32::try_from(rows.len()).unwrap_or(0) * (side.max(2 * TEXT) + GAP);
    let mut sheet = Sheet(RgbImage::from_pixel(GAP + NAMES + wide, GAP + TEXT + GAP + high, PAPER));
    let count = manifest.entries.len();
    sheet.write(&format!("{}, {count} pictures", manifest.name), (GAP, GAP), INK);
    for (row, (name, entries)) in rows.iter().enumerate() {
        let top = GAP + TEXT + GAP + u32::try_from(row).unwrap_or(0) * (side.max(2 * TEXT) + GAP);
        sheet.write(name, (GAP, top), INK);
        sheet.write(&entries.len().to_string(), (GAP, top + TEXT), FAINT);
        for (column, entry) in (0..).zip(spread(entries, columns)) {
            sheet.paste(entry, (GAP + NAMES + column * (side + GAP), top), side);
        }
    }
    sheet.0
}

/// The classes there are, each with its name and its entries.
fn rows(manifest: &Manifest) -> Vec<(&'static str, Vec<&Entry>)> {
    let classes = Expression::ALL.map(Some).into_iter().chain([None]);
    let of = |class| manifest.entries.iter().filter(move |e| e.annotation.expression == class);
    classes
        .map(|class| (class.map_or("none", Expression::name), of(class).collect::<Vec<_>>()))
        .filter(|(_, entries)| !entries.is_empty())
        .collect()
}

/// `count` of the entries, evenly apart, or all of them.
fn spread<'a>(entries: &'a [&'a Entry], count: usize) -> impl Iterator<Item = &'a Entry> {
    let count = count.min(entries.len());
    (0..count).filter_map(move |at| entries.get(at * entries.len() / count).copied())
}

/// The picture being drawn.
struct Sheet(RgbImage);

impl Sheet {
    fn write(&mut self, text: &str, at: (u32, u32), ink: Rgb888) {
        let style = MonoTextStyle::new(&FONT_6X10, ink);
        let Ok(()) =
            Text::with_baseline(text, point(at), style, Baseline::Top).draw(self).map(|_next| ());
    }

    /// Draws a picture with its upper left corner `at` a place.
    fn paste(&mut self, entry: &Entry, at: (u32, u32), side: u32) {
        match entry.grey(side) {
            Ok(Grey { width, height, data }) => {
                let grey = GrayImage::from_raw(width, height, data).unwrap_or_default();
                let colour = image::DynamicImage::ImageLuma8(grey).into_rgb8();
                imageops::replace(&mut self.0, &colour, at.0.into(), at.1.into());
            }
            Err(_shown_as_a_cross) => self.cross(at, side),
        }
    }

    fn cross(&mut self, (left, top): (u32, u32), side: u32) {
        let (right, low) = (left + side - 1, top + side - 1);
        for (from, to) in [((left, top), (right, low)), ((left, low), (right, top))] {
            let line = Line::new(point(from), point(to));
            let Ok(()) = line.into_styled(PrimitiveStyle::with_stroke(RED, 1)).draw(self);
        }
    }
}

fn point((x, y): (u32, u32)) -> Point {
    Point::zero() + Size::new(x, y)
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

impl DrawTarget for Sheet {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    /// Pixels beside the sheet are left out.
    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Self::Error> {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            if let Some(pixel) = self.0.get_pixel_mut_checked(x, y) {
                *pixel = Rgb([colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture::Fixture, folder};

    #[test]
    fn a_sheet_has_a_row_for_each_class_and_a_cell_for_each_picture() {
        let set = Fixture::new();
        for number in 0..5 {
            set.picture(&format!("anger/{number}.png"), 2);
        }
        set.picture("fear/a.png", 1);
        set.text("fear/b.png", "no picture");
        let manifest = folder::list(set.root()).manifest;
        let sheet = contact_sheet(&manifest, 3, 32);
        assert_eq!(sheet.dimensions(), (4 + 72 + 3 * 36, 4 + 12 + 4 + 2 * 36));
        let cell = |column: u32, row: u32, (x, y)| {
            *sheet.get_pixel(76 + 36 * column + x, 20 + 36 * row + y)
        };
        // The ramp and, for anger, its mark in the upper middle.
        assert_eq!(cell(0, 0, (31, 31)), Rgb([248; 3]));
        assert_eq!(cell(2, 0, (20, 4)), Rgb([0; 3]));
        // A picture, one that does not decode, and none.
        assert_eq!(cell(0, 1, (31, 31)), Rgb([248; 3]));
        assert_eq!(cell(1, 1, (5, 5)), Rgb([RED.r(), RED.g(), RED.b()]));
        assert_eq!(cell(2, 1, (5, 5)), PAPER);
        assert!(sheet.enumerate_pixels().any(|(x, _, pixel)| x < 76 && *pixel != PAPER));
    }

    #[test]
    fn an_empty_manifest_and_hostile_sizes_make_a_small_sheet() {
        let empty = contact_sheet(&Manifest::default(), usize::MAX, u32::MAX);
        assert_eq!(empty.height(), 20);
        assert!(empty.width() < 40_000);
    }

    #[test]
    fn pictures_are_spread_over_the_class() {
        let set = Fixture::new();
        for number in 0..10 {
            set.text(&format!("fear/{number}.png"), "");
        }
        let manifest = folder::list(set.root()).manifest;
        let entries: Vec<_> = manifest.entries.iter().collect();
        let ids = |count| spread(&entries, count).map(|entry| entry.id).collect::<Vec<_>>();
        assert_eq!(ids(3), [0, 3, 6]);
        assert_eq!(ids(20), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
