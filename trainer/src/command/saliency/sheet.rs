//! The sheet: a row for each class, a picture beside its heat map for each reading.
//!
//! ```text
//! title
//! data set and split, method                       weak ▒▒▒▒ strong
//! class       picture|map  picture|map  …
//! 12 of 20    98.1 %       97.4 %
//! read right
//! ```
//!
//! Pictures are enlarged by a cubic filter and maps bilinearly, both by a whole factor: a square
//! stays square.

use image::{GrayImage, RgbImage, imageops};
use mien_data::check::canvas::{Canvas, FAINT, INK, Size};
use mien_report::{
    picture::{HeatMap, Picture},
    run::ReportError,
};
use mien_shared::frame::Grey;

/// Width of the column of class names in letters.
const NAMES: u32 = 13;
/// Pixels about the sheet.
const MARGIN: u32 = 16;
/// Pixels between readings and between rows.
const GAP: u32 = 14;
/// Pixels between a picture and its map.
const SEAM: u32 = 2;
/// Pixels between a picture and the line below it.
const CAPTION: u32 = 4;
/// Height of what is above the rows.
const HEAD: u32 = MARGIN + Size::Title.height() + CAPTION + Size::Text.height() + GAP;
/// Least side of an enlarged picture in pixels.
const SIDE: u32 = 120;
/// Width and height of the scale of colours.
const SCALE: [u32; 2] = [120, 14];
/// The grey that the scale of colours is laid over.
const UNDER: u8 = 128;

/// What is shown.
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) rows: Vec<Row>,
    /// Readings there is room for in a row.
    pub(super) columns: u32,
}

/// A class.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Pictures read right, and all.
    pub(super) tally: [usize; 2],
    pub(super) cells: Vec<Cell>,
}

/// A reading.
pub(super) struct Cell {
    pub(super) picture: Grey,
    pub(super) heat: HeatMap,
    pub(super) confidence: f32,
}

impl Sheet {
    /// Draws it.
    ///
    /// # Errors
    /// When a map is not valid.
    pub(super) fn draw(&self) -> Result<RgbImage, ReportError> {
        let grid = self.grid();
        let height: u32 = self.rows.iter().map(|row| grid.row(row)).sum();
        let mut canvas = Canvas::new(grid.width, HEAD + height + MARGIN - GAP);
        self.head(&mut canvas, grid.width)?;
        let mut top = HEAD;
        for row in &self.rows {
            row.draw(&mut canvas, &grid, top)?;
            top += grid.row(row);
        }
        Ok(canvas.finish())
    }

    fn head(&self, canvas: &mut Canvas, width: u32) -> Result<(), ReportError> {
        canvas.write(&self.title, [MARGIN, MARGIN], Size::Title, INK);
        let top = MARGIN + Size::Title.height() + CAPTION;
        canvas.write(&self.about, [MARGIN, top], Size::Text, FAINT);
        let letters = |count: u32| count * Size::Text.letter();
        let right = width - MARGIN - letters(6);
        let left = right - letters(1) - SCALE[0];
        canvas.write("strong", [right, top], Size::Text, FAINT);
        canvas.picture(&scale()?, [left, top + 1]);
        canvas.write("weak", [left - letters(5), top], Size::Text, FAINT);
        Ok(())
    }

    fn grid(&self) -> Grid {
        let picture = self.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.picture.width);
        let picture = picture.max().unwrap_or(SIDE).max(1);
        let side = picture * SIDE.div_ceil(picture);
        let names = 2 * MARGIN + NAMES * Size::Text.letter();
        let cells = names + self.columns * (2 * side + SEAM + GAP) - GAP;
        let title = u32::try_from(self.title.chars().count()).unwrap_or(0) * Size::Title.letter();
        Grid { side, names, width: MARGIN + cells.max(MARGIN + title) }
    }
}

/// Where the readings are.
struct Grid {
    side: u32,
    names: u32,
    width: u32,
}

impl Grid {
    fn left(&self, column: u32) -> u32 {
        self.names - MARGIN + column * (2 * self.side + SEAM + GAP)
    }

    /// Height of a row with the gap below it; one without readings is a line of text.
    fn row(&self, row: &Row) -> u32 {
        let text = Size::Text.height();
        GAP + if row.cells.is_empty() { text } else { self.side + CAPTION + text }
    }
}

impl Row {
    fn draw(&self, canvas: &mut Canvas, grid: &Grid, top: u32) -> Result<(), ReportError> {
        canvas.write(self.name, [MARGIN, top], Size::Text, INK);
        let [right, all] = self.tally;
        if self.cells.is_empty() {
            let none = format!("none of {all} read right");
            canvas.write(&none, [grid.left(0), top], Size::Text, FAINT);
        } else {
            let line = |number: u32| [MARGIN, top + number * Size::Text.height()];
            canvas.write(&format!("{right} of {all}"), line(1), Size::Text, FAINT);
            canvas.write("read right", line(2), Size::Text, FAINT);
        }
        let mut cells = self.cells.iter().zip(0..);
        cells.try_for_each(|(cell, at)| cell.draw(canvas, [grid.left(at), top], grid.side))
    }
}

impl Cell {
    fn draw(
        &self,
        canvas: &mut Canvas,
        [left, top]: [u32; 2],
        side: u32,
    ) -> Result<(), ReportError> {
        let picture = enlarged(&self.picture, side);
        canvas.grey(&picture, [left, top]);
        let heat = self.heat.over(&Picture::from(&picture), "saliency")?;
        canvas.picture(&colour(heat), [left + side + SEAM, top]);
        let confidence = format!("{:.1} %", 100.0 * self.confidence);
        canvas.write(&confidence, [left, top + side + CAPTION], Size::Text, FAINT);
        Ok(())
    }
}

/// `picture` as a square of `side` pixels.
fn enlarged(picture: &Grey, side: u32) -> Grey {
    let Grey { width, height, data } = picture.clone();
    let small = GrayImage::from_raw(width, height, data).unwrap_or_default();
    let large = imageops::resize(&small, side, side, imageops::FilterType::CatmullRom);
    Grey { width: side, height: side, data: large.into_raw() }
}

/// The colours of a map from nothing to the strongest place.
fn scale() -> Result<RgbImage, ReportError> {
    let [width, height] = SCALE;
    let values = (0..width).map(|step| step as f32).collect();
    let under = Picture::grey(width, height, vec![UNDER; (width * height) as usize]);
    HeatMap { width, height: 1, values }.over(&under, "scale").map(colour)
}

fn colour(picture: Picture) -> RgbImage {
    RgbImage::from_raw(picture.width, picture.height, picture.data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use mien_data::check::canvas::PAPER;

    use super::*;

    fn cell(level: u8) -> Cell {
        let picture = Grey { width: 48, height: 48, data: vec![level; 48 * 48] };
        let heat = HeatMap { width: 2, height: 2, values: vec![1.0, 0.0, 0.0, 0.0] };
        Cell { picture, heat, confidence: 0.5 }
    }

    #[test]
    fn a_picture_has_its_map_beside_it_and_a_class_without_any_says_so() {
        let row = |name, cells| Row { name, tally: [0, 0], cells };
        let rows = vec![row("anger", vec![cell(90), cell(60)]), row("fear", Vec::new())];
        let sheet = Sheet { title: "run".to_owned(), about: "data".to_owned(), rows, columns: 2 };
        let grid = sheet.grid();
        assert_eq!(grid.side, 144);
        let drawn = sheet.draw().unwrap();
        let place = |column, x, y| *drawn.get_pixel(grid.left(column) + x, HEAD + y);
        assert_eq!(place(0, 10, 10).0, [90; 3]);
        assert_eq!(place(1, 10, 10).0, [60; 3]);
        // The map's corner is hot, its opposite one cold: the picture shows.
        assert_ne!(place(0, 144 + SEAM + 4, 4).0, [90; 3]);
        assert_eq!(place(0, 144 + SEAM + 140, 140).0, [90; 3]);
        // The class without readings says so in a line.
        assert_eq!(drawn.height(), HEAD + 144 + CAPTION + 2 * 18 + GAP + MARGIN);
        let line = drawn.height() - MARGIN - 18;
        let said = |(x, y, pixel): (u32, u32, &image::Rgb<u8>)| {
            x > grid.left(0) && y >= line && *pixel != PAPER
        };
        assert!(drawn.enumerate_pixels().any(said));
    }
}
