//! `AffectNet` as first published: two lists and a tree of pictures, cut out by the listed box.
//!
//! ```text
//! subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal
//! 689/737db2.jpg,134,134,899,899,181.64;530.91;…,1,0.785714,-0.055556
//! ```
//!
//! `facial_landmarks` are 68 points, x and y in turn, in pixels of the picture. `validation.csv`
//! often comes without the header.

use std::path::Path;

use mien_shared::geometry::{LANDMARKS, Point, Rect};

use super::{CIRCUMPLEX, EXPRESSIONS, annotation, circumplex, is_circumplex};
use crate::{
    DataError, files,
    manifest::{Entry, Found, Listing, Source},
    split::Part,
    table::{Row, Stream},
};

/// The folder of the lists.
pub(super) const LISTS: &str = "Manually_Annotated_file_lists";

/// The folder of the pictures.
const PICTURES: &str = "Manually_Annotated_Images";

/// The columns in the order of a list without header.
const COLUMNS: [&str; 9] = [
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
];

/// Lists both parts.
pub(super) fn list(root: &Path, listing: &mut Listing) {
    let Some(pictures) = listing.take(files::existing_folder(root.join(PICTURES))) else { return };
    for (file, part) in [("training.csv", Part::Train), ("validation.csv", Part::Valid)] {
        let path = root.join(LISTS).join(file);
        let Some(mut table) = listing.take(Stream::open_with(&path, &COLUMNS)) else { continue };
        let Some(columns) = listing.take(Columns::find(&table)) else { continue };
        while let Some(row) = table.row() {
            listing.note(row.and_then(|row| columns.found(row, &pictures, part)));
        }
    }
}

/// Where the columns are.
struct Columns {
    path: usize,
    face: [usize; 4],
    landmarks: usize,
    expression: usize,
    circumplex: [usize; 2],
}

impl Columns {
    fn find(table: &Stream) -> Result<Self, DataError> {
        let mut at = [0; COLUMNS.len()];
        for (at, name) in at.iter_mut().zip(COLUMNS) {
            *at = table.column(name)?;
        }
        let [path, x, y, w, h, landmarks, expression, valence, arousal] = at;
        let (face, circumplex) = ([x, y, w, h], [valence, arousal]);
        Ok(Self { path, face, landmarks, expression, circumplex })
    }

    fn found(&self, row: Row<'_>, pictures: &Path, part: Part) -> Result<Found, DataError> {
        let id = row.number(self.expression, EXPRESSIONS)?;
        let known = annotation(id).ok_or_else(|| row.fault(self.expression, EXPRESSIONS))?;
        let mut annotation = match known {
            Ok(annotation) => annotation,
            Err(reason) => return Ok(Found::LeftOut(reason)),
        };
        annotation.landmarks = self.landmarks(row)?;
        annotation.valence_arousal = self.circumplex(row)?;
        let region = Some(self.face(row)?);
        let path = files::below(pictures, row.text(self.path)).ok_or_else(|| {
            row.fault(self.path, "it must be a path within the folder of pictures")
        })?;
        let source = Source::File { path: files::existing_file(path)?, region };
        Ok(Entry { part: Some(part), annotation, ..Entry::of(source) }.into())
    }

    fn face(&self, row: Row<'_>) -> Result<Rect, DataError> {
        let fix = "the face's place must be numbers, its sides above 0";
        let mut face = [0.0; 4];
        for (value, column) in face.iter_mut().zip(self.face) {
            *value = row.number(column, fix)?;
            if !f32::is_finite(*value) {
                return Err(row.fault(column, fix));
            }
        }
        let [x, y, w, h] = face;
        let side = if w > 0.0 { self.face[3] } else { self.face[2] };
        (w.min(h) > 0.0).then_some(Rect { x, y, w, h }).ok_or_else(|| row.fault(side, fix))
    }

    fn landmarks(&self, row: Row<'_>) -> Result<Vec<Point>, DataError> {
        let numbers = row.text(self.landmarks).split(';').map(|n| n.trim().parse().ok());
        let numbers =
            numbers.map(|n| n.filter(|n: &f32| n.is_finite())).collect::<Option<Vec<_>>>();
        numbers
            .filter(|numbers| numbers.len() == 2 * LANDMARKS)
            .map(|numbers| points(&numbers))
            .ok_or_else(|| row.fault(self.landmarks, "it must be 136 numbers joined by `;`"))
    }

    fn circumplex(&self, row: Row<'_>) -> Result<Option<[f32; 2]>, DataError> {
        let mut pair = [0.0; 2];
        for (value, column) in pair.iter_mut().zip(self.circumplex) {
            *value = row.number(column, CIRCUMPLEX)?;
            if !is_circumplex(*value) {
                return Err(row.fault(column, CIRCUMPLEX));
            }
        }
        Ok(circumplex(pair))
    }
}

/// Points from their coordinates, x and y in turn.
pub(super) fn points(numbers: &[f32]) -> Vec<Point> {
    numbers.as_chunks().0.iter().map(|&[x, y]| Point { x, y }).collect()
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::{
        affectnet,
        fixture::{
            Fixture,
            binary::{assert_each_leaves, assert_fault, assert_ids},
        },
    };

    const TRAINING: &str = "Manually_Annotated_file_lists/training.csv";
    const VALIDATION: &str = "Manually_Annotated_file_lists/validation.csv";

    fn row(path: &str, rest: &str) -> String {
        let landmarks: Vec<_> = (0..136).map(|n| format!("{n}.5")).collect();
        format!("{path},1,2,30,28,{},{rest}\n", landmarks.join(";"))
    }

    fn fixture() -> Fixture {
        let set = Fixture::new();
        let header = format!("{}\n", COLUMNS.join(","));
        let training = [
            header,
            row("1/aa.jpg", "1,0.785714,-0.055556"),
            row("1/bb.png", "7,-2,-2"),
            row("2/cc.bmp", "0,0,0"),
            row("2/dd.jpg", "10,-2,-2"),
            row("2/ee.jpg", "8,-2,-2"),
        ];
        set.text(TRAINING, &training.concat());
        set.text(VALIDATION, &row("3/ff.jpg", "6,-0.5,1"));
        for (picture, mark) in
            [("1/aa.jpg", 1), ("1/bb.png", 7), ("2/cc.bmp", 0), ("2/dd.jpg", 2), ("3/ff.jpg", 6)]
        {
            set.picture(&format!("{PICTURES}/{picture}"), mark);
        }
        set
    }

    #[test]
    fn both_lists_are_read_with_and_without_a_header() {
        let set = fixture();
        let listing = affectnet::list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.dropped.into_iter().collect::<Vec<_>>(), [("no-face", 1), ("none", 1)]);
        let [happy, contempt, _neutral, angry] = &listing.manifest.entries[..] else { panic!() };
        assert_eq!(set.path_of(happy), "Manually_Annotated_Images/1/aa.jpg");
        assert_eq!(happy.annotation.expression, Some(Expression::Happiness));
        assert_eq!(happy.annotation.valence_arousal, Some([0.785_714, -0.055_556]));
        assert_eq!(happy.annotation.landmarks.len(), 68);
        assert_eq!(happy.annotation.landmarks[67], Point { x: 134.5, y: 135.5 });
        let Source::File { region, .. } = &happy.source else { panic!("no file") };
        assert_eq!(*region, Some(Rect { x: 1.0, y: 2.0, w: 30.0, h: 28.0 }));
        assert_eq!(contempt.annotation.valence_arousal, None);
        assert_eq!((happy.part, angry.part), (Some(Part::Train), Some(Part::Valid)));
        assert_eq!(angry.annotation.expression, Some(Expression::Anger));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            affectnet::list,
            &[
                (
                    |t| t.edit(TRAINING, ",1,0.7", ",11,0.7"),
                    3,
                    "line 2: expression is `11`: it must",
                ),
                (
                    |t| t.edit(TRAINING, ",1,0.7", ",,0.7"),
                    3,
                    "line 2: expression is ``: it must be 0",
                ),
                (
                    |t| t.edit(TRAINING, "0.785714", "1.5"),
                    3,
                    "line 2: valence is `1.5`: it must be",
                ),
                (
                    |t| t.edit(TRAINING, "-0.055556", "high"),
                    3,
                    "line 2: arousal is `high`: it must",
                ),
                (
                    |t| t.edit(TRAINING, "0.5;1.5;", "0.5;"),
                    3,
                    "line 2: facial_landmarks is `0.5;2.5",
                ),
                (|t| t.edit(TRAINING, ",30,", ",0,"), 3, "line 2: face_width is `0`: the face's"),
                (
                    |t| t.edit(TRAINING, ",28,", ",NaN,"),
                    3,
                    "line 2: face_height is `NaN`: the face's",
                ),
                (
                    |t| t.edit(TRAINING, "valence", "value"),
                    1,
                    "training.csv, line 1: no column `val",
                ),
                (
                    |t| t.edit(TRAINING, "1/aa", "../aa"),
                    3,
                    "line 2: subDirectory_filePath is `../aa.",
                ),
                (
                    |t| t.edit(VALIDATION, "6,-0.5,1", "6"),
                    3,
                    "validation.csv, line 1: valence is ``",
                ),
                (
                    |t| t.remove("Manually_Annotated_Images/2/cc.bmp"),
                    3,
                    "Images/2/cc.bmp: check that",
                ),
                (|t| t.remove(VALIDATION), 3, "validation.csv: check that it is there"),
            ],
        );
    }

    #[test]
    fn a_missing_folder_of_pictures_is_one_fault() {
        let set = fixture();
        set.remove(PICTURES);
        assert_fault(&affectnet::list(set.root()), 0, "Manually_Annotated_Images: check that");
    }
}
