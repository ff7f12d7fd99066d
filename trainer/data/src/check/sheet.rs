//! A contact sheet: some pictures of every class, so that a person can see whether labels mean
//! what they say.

use image::{Rgb, RgbImage};
use mien_shared::label::Expression;

use super::canvas::{Canvas, FAINT, INK, Size};
use crate::manifest::{Entry, Manifest};

/// Width of the column of class names in letters.
const NAMES: u32 = 11;
/// Pixels between pictures and about the sheet.
const GAP: u32 = 4;
/// Height of a line of text in pixels.
const TEXT: u32 = Size::Text.height();

const RED: Rgb<u8> = Rgb([230, 80, 70]);

/// Draws up to `columns` pictures (1 to 64) of each class, `side` pixels (8 to 512) each, one row a
/// class in canonical order, pictures without an expression last.
///
/// The pictures of a row are spread evenly over the class, in the manifest's order. One that does
/// not decode is a red cross.
pub fn contact_sheet(manifest: &Manifest, columns: usize, side: u32) -> RgbImage {
    let (columns, side) = (columns.clamp(1, 64), side.clamp(8, 512));
    let rows = rows(manifest);
    let grid = Grid { side, left: 2 * GAP + NAMES * Size::Text.letter(), top: 2 * GAP + TEXT };
    let mut sheet = Canvas::new(grid.x(columns), grid.y(rows.len()));
    let title = format!("{}, {} pictures", manifest.name, manifest.entries.len());
    sheet.write(&title, [GAP, GAP], Size::Text, INK);
    for (row, (name, entries)) in rows.iter().enumerate() {
        let top = grid.y(row);
        sheet.write(name, [GAP, top], Size::Text, INK);
        sheet.write(&entries.len().to_string(), [GAP, top + TEXT], Size::Text, FAINT);
        for (column, entry) in spread(entries, columns).enumerate() {
            paste(&mut sheet, entry, [grid.x(column), top], side);
        }
    }
    sheet.finish()
}

/// Where the pictures are.
struct Grid {
    side: u32,
    left: u32,
    top: u32,
}

impl Grid {
    /// Left edge of a column.
    fn x(&self, column: usize) -> u32 {
        self.left + u32::try_from(column).unwrap_or(0) * (self.side + GAP)
    }

    /// Upper edge of a row; there are at most nine.
    fn y(&self, row: usize) -> u32 {
        self.top + u32::try_from(row).unwrap_or(0) * (self.side.max(2 * TEXT) + GAP)
    }
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

/// Draws the picture of `entry` with its upper left corner at a place.
fn paste(sheet: &mut Canvas, entry: &Entry, at: [u32; 2], side: u32) {
    match entry.grey(side) {
        Ok(picture) => sheet.grey(&picture, at),
        Err(_shown_as_a_cross) => sheet.cross(at, side, RED),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::canvas::PAPER, *};
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
        let left = 2 * GAP + NAMES * Size::Text.letter();
        assert_eq!(sheet.dimensions(), (left + 3 * 36, 26 + 2 * 40));
        let cell = |column: u32, row: u32, (x, y)| {
            *sheet.get_pixel(left + 36 * column + x, 26 + 40 * row + y)
        };
        // The ramp and, for anger, its mark in the upper middle.
        assert_eq!(cell(0, 0, (31, 31)), Rgb([248; 3]));
        assert_eq!(cell(2, 0, (20, 4)), Rgb([0; 3]));
        // A picture, one that does not decode, and none.
        assert_eq!(cell(0, 1, (31, 31)), Rgb([248; 3]));
        assert_eq!(cell(1, 1, (5, 5)), RED);
        assert_eq!(cell(2, 1, (5, 5)), PAPER);
        assert!(sheet.enumerate_pixels().any(|(x, _, pixel)| x < left && *pixel == INK));
    }

    #[test]
    fn an_empty_manifest_and_hostile_sizes_make_a_small_sheet() {
        let empty = contact_sheet(&Manifest::default(), usize::MAX, u32::MAX);
        assert_eq!(empty.height(), 26);
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
