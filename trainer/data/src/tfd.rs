//! Toronto Face Database: grey 48 × 48 faces in one MAT file, with five official folds.
//!
//! ```text
//! TFD_48x48.mat (or TFD_96x96.mat)
//!   images    N × 48 × 48 uint8: picture, row, column
//!   labs_ex   N × 1: -1 unlabelled, 1 anger … 7 neutral ([`LabelMap::TFD`])
//!   labs_id   N × 1: subject, -1 unknown
//!   folds     N × 5: 0 not in the fold, 1 train, 2 validation, 3 test
//! ```
//!
//! 112,234 pictures, of which the 4,178 labelled ones are listed. The list `tfd` gives each the
//! fold that tests it; `tfd_fold1` … `tfd_fold5` give the parts of one fold. The pictures lie in
//! memory, for the file holds them interleaved.
//! Set: Susskind, Anderson and Hinton, "The Toronto face database", UTML TR 2010-001.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use mien_shared::{
    frame::Grey,
    label::{Expression, LabelMap},
};

use super::{
    DataError,
    manifest::{Annotation, Entry, Found, ListAdapter, Listing, Official, Source},
    mat::MatFile,
    split::Part,
};

/// Most pictures a file may hold: twice as many as the set has.
const MAX_PICTURES: usize = 1 << 18;

/// Sides that come, in pixels, with the file of each.
const FILES: [(&str, usize); 2] = [("TFD_48x48.mat", 48), ("TFD_96x96.mat", 96)];

/// Number of official folds.
const FOLDS: usize = 5;

/// The labelled pictures, each with the fold that tests it.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "tfd",
    layout: "TFD_48x48.mat or TFD_96x96.mat (MAT version 5)",
    official: Official { pictures: Some(4178), subjects: None, classes: &[] },
    list,
};

/// The labelled pictures of each fold, each with its part.
pub(super) const FOLD_ADAPTERS: [ListAdapter; FOLDS] = [
    ListAdapter { name: "tfd_fold1", list: |root| list_fold(root, 0), ..ADAPTER },
    ListAdapter { name: "tfd_fold2", list: |root| list_fold(root, 1), ..ADAPTER },
    ListAdapter { name: "tfd_fold3", list: |root| list_fold(root, 2), ..ADAPTER },
    ListAdapter { name: "tfd_fold4", list: |root| list_fold(root, 3), ..ADAPTER },
    ListAdapter { name: "tfd_fold5", list: |root| list_fold(root, 4), ..ADAPTER },
];

/// Lists the labelled pictures in the file's order, each with the fold that tests it.
pub fn list(root: &Path) -> Listing {
    read(root, ADAPTER.name, None)
}

/// Lists the labelled pictures of `fold`, from 0, in the file's order, each with its part; a fold
/// that does not exist has none.
pub fn list_fold(root: &Path, fold: usize) -> Listing {
    let name = FOLD_ADAPTERS.get(fold).map_or(ADAPTER.name, |adapter| adapter.name);
    read(root, name, Some(fold))
}

fn read(root: &Path, name: &str, fold: Option<usize>) -> Listing {
    let mut listing = Listing::new(name);
    let faces = Faces::open(root);
    let Some(faces) = listing.take(faces) else { return listing };
    let labelled: Vec<_> = (0..faces.count).filter(|&row| faces.is_labelled(row)).collect();
    listing.leave_out("unlabelled", faces.count - labelled.len());
    let pictures = listing.take(faces.pictures(&labelled)).unwrap_or_default();
    for (row, picture) in labelled.into_iter().zip(pictures) {
        listing.note(faces.found(row, picture, fold));
    }
    listing.or_empty_fault(root)
}

/// The set's file with its small variables.
struct Faces {
    path: PathBuf,
    file: MatFile,
    side: usize,
    count: usize,
    labels: Vec<f64>,
    subjects: Vec<f64>,
    folds: Vec<f64>,
}

impl Faces {
    fn open(root: &Path) -> Result<Self, DataError> {
        let there = |file: &(&str, usize)| root.join(file.0).is_file();
        let (name, side) = FILES.into_iter().find(there).unwrap_or(FILES[0]);
        let path = root.join(name);
        let file = MatFile::open(&path)?;
        let dims = &file.variable("images")?.dims;
        let &[count, rows, columns] = &dims[..] else { return Err(shape(path, dims)) };
        if (rows, columns) != (side, side) || count > MAX_PICTURES {
            return Err(shape(path, dims));
        }
        let column = |name, width| column(&file, &path, name, (count, width));
        let (labels, subjects) = (column("labs_ex", 1)?, column("labs_id", 1)?);
        let folds = column("folds", FOLDS)?;
        Ok(Self { path, file, side, count, labels, subjects, folds })
    }

    #[expect(clippy::float_cmp, reason = "the file holds whole numbers")]
    fn is_labelled(&self, row: usize) -> bool {
        self.labels[row] != -1.0
    }

    /// What a labelled row comes to, all folds together or in one of them.
    fn found(&self, row: usize, picture: Grey, fold: Option<usize>) -> Result<Found, DataError> {
        let expression = self.expression(row)?;
        let mut parts = [None; FOLDS];
        for (at, part) in parts.iter_mut().enumerate() {
            *part = self.part(row, at)?;
        }
        let subject = Some(self.subjects[row]).filter(|id| *id >= 0.0).map(|id| format!("{id}"));
        let annotation = Annotation { expression: Some(expression), ..Annotation::default() };
        let entry = Entry { annotation, ..Entry::of(Source::Memory(Arc::new(picture))) };
        let Some(fold) = fold else {
            return Ok(Entry { subject, fold: tested_by(parts), ..entry }.into());
        };
        match parts.get(fold).copied().flatten() {
            None => Ok(Found::LeftOut("not in the fold")),
            part => Ok(Entry { subject, fold: u8::try_from(fold).ok(), part, ..entry }.into()),
        }
    }

    fn expression(&self, row: usize) -> Result<Expression, DataError> {
        let label = self.labels[row];
        let known = code(label).and_then(|id| LabelMap::TFD.by_id(id).ok().flatten());
        let fix = "it must be -1 or 1 (anger) to 7 (neutral)";
        known.ok_or_else(|| self.fault(row, "labs_ex", label, fix))
    }

    fn part(&self, row: usize, fold: usize) -> Result<Option<Part>, DataError> {
        let value = self.folds[fold * self.count + row];
        match code(value) {
            Some(0) => Ok(None),
            Some(1) => Ok(Some(Part::Train)),
            Some(2) => Ok(Some(Part::Valid)),
            Some(3) => Ok(Some(Part::Test)),
            _ => {
                let fix = "it must be 0 (none), 1 (train), 2 (validation) or 3 (test)";
                Err(self.fault(row, &format!("folds({})", fold + 1), value, fix))
            }
        }
    }

    /// The pictures of `rows`, read in one pass: the file holds all first pixels, then all second
    /// ones, column by column.
    fn pictures(&self, rows: &[usize]) -> Result<Vec<Grey>, DataError> {
        let most = MAX_PICTURES * self.side * self.side;
        let reader = self.file.bytes("images", most)?;
        gather(reader, (self.count, self.side), rows)
            .map_err(|source| DataError::Read { path: self.path.clone(), source })
    }

    /// The complaint about a field of the row of that number, from 0.
    fn fault(&self, row: usize, field: &str, value: f64, fix: &'static str) -> DataError {
        DataError::Field {
            path: self.path.clone(),
            line: row as u64 + 1,
            field: field.to_owned(),
            value: format!("{value}"),
            fix,
        }
    }
}

/// The complaint that `images` has another shape.
fn shape(path: PathBuf, dims: &[usize]) -> DataError {
    DataError::Unusable {
        path,
        what: format!("images of {dims:?}"),
        fix: "images must be N x 48 x 48, or N x 96 x 96 in TFD_96x96.mat",
    }
}

/// A variable of `count` rows and `width` columns.
fn column(
    file: &MatFile,
    path: &Path,
    name: &'static str,
    (count, width): (usize, usize),
) -> Result<Vec<f64>, DataError> {
    let numbers = file.numbers(name, MAX_PICTURES * FOLDS)?;
    if numbers.len() == count * width {
        return Ok(numbers);
    }
    let fix = "it must have one row for each picture of `images`";
    let (found, expected) = (numbers.len(), count * width);
    Err(DataError::Count { path: path.to_owned(), what: name, found, expected, fix })
}

/// Gathers the pictures of `rows` from interleaved pixels of `count` pictures.
fn gather(
    mut reader: impl Read,
    (count, side): (usize, usize),
    rows: &[usize],
) -> io::Result<Vec<Grey>> {
    let pixels = side * side;
    let mut pictures = vec![vec![0; pixels]; rows.len()];
    let mut plane = vec![0; count];
    for at in 0..pixels {
        reader.read_exact(&mut plane)?;
        let pixel = at % side * side + at / side;
        for (picture, &row) in pictures.iter_mut().zip(rows) {
            picture[pixel] = plane[row];
        }
    }
    let side = u32::try_from(side).unwrap_or_default();
    Ok(pictures.into_iter().map(|data| Grey { width: side, height: side, data }).collect())
}

/// The fold that alone tests a picture with these parts.
fn tested_by(parts: [Option<Part>; FOLDS]) -> Option<u8> {
    let mut tests = parts.iter().zip(0..).filter(|(part, _)| **part == Some(Part::Test));
    let (_, fold) = tests.next()?;
    tests.next().is_none().then_some(fold)
}

/// A whole number of one byte.
fn code(value: f64) -> Option<u8> {
    (0..=u8::MAX).find(|code| f64::from(*code).total_cmp(&value).is_eq())
}

#[cfg(test)]
mod tests {
    use Expression::{Anger, Happiness, Neutral, Surprise};

    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{Mat, assert_fault, assert_ids},
    };

    /// One way to damage the set, how many pictures it leaves and what its fault says.
    type Damage = (fn(&mut Database), usize, &'static str);

    /// Five pictures: four labelled ones of three subjects and one without a label.
    struct Database {
        images: Vec<u8>,
        dims: [i32; 3],
        labels: [i8; 5],
        folds: [[u8; 5]; 5],
    }

    impl Database {
        fn new() -> Self {
            let images =
                (0..48 * 48).flat_map(|at| (0..5).map(move |n| pixel(n, at / 48, at % 48)));
            Self {
                images: images.collect(),
                dims: [5, 48, 48],
                labels: [1, 7, -1, 4, 6],
                // One row a fold: in the file the fold is the slower dimension.
                folds: [
                    [1, 2, 0, 3, 1],
                    [3, 1, 0, 1, 0],
                    [1, 3, 0, 1, 2],
                    [1, 1, 0, 2, 3],
                    [2, 1, 0, 1, 3],
                ],
            }
        }

        fn list(&self, big: bool, fold: Option<usize>) -> Listing {
            let mut mat = Mat::new((big, true));
            mat.array("folds", (9, 2), &[5, 5], &self.folds.concat());
            mat.array("images", (9, 2), &self.dims, &self.images);
            let labels = self.labels.map(i8::cast_unsigned);
            mat.array("labs_ex", (6, 1), &[5, 1], &labels);
            let subjects = [11_i16, 12, 12, -1, 13].map(|id| mat.ordered(&id.to_le_bytes()));
            mat.array("labs_id", (6, 3), &[5, 1], &subjects.concat());
            let set = Fixture::new();
            set.bytes("TFD_48x48.mat", &mat.bytes);
            fold.map_or_else(|| list(set.root()), |fold| list_fold(set.root(), fold))
        }
    }

    /// Grey of picture `number` at a column and a row.
    fn pixel(number: usize, column: usize, row: usize) -> u8 {
        u8::try_from(50 * number + column + usize::from(row == 0)).unwrap()
    }

    #[test]
    fn labelled_pictures_are_listed_with_the_fold_that_alone_tests_them() {
        for big in [false, true] {
            let listing = Database::new().list(big, None);
            assert!(listing.faults.is_empty(), "{:?}", listing.faults);
            assert_eq!(listing.dropped.get("unlabelled"), Some(&1));
            assert_ids(&listing);
            let entries = &listing.manifest.entries;
            let labels: Vec<_> = entries.iter().map(|e| e.annotation.expression.unwrap()).collect();
            assert_eq!(labels, [Anger, Neutral, Happiness, Surprise]);
            let subjects: Vec<_> = entries.iter().map(|e| e.subject.as_deref()).collect();
            assert_eq!(subjects, [Some("11"), Some("12"), None, Some("13")]);
            let folds: Vec<_> = entries.iter().map(|e| e.fold).collect();
            assert_eq!(folds, [Some(1), Some(2), Some(0), None]);
        }
    }

    #[test]
    fn pictures_are_upright_and_their_own() {
        let listing = Database::new().list(false, None);
        for (entry, number) in listing.manifest.entries.iter().zip([0, 1, 3, 4]) {
            let Source::Memory(grey) = &entry.source else { panic!("no picture") };
            assert_eq!((grey.width, grey.height), (48, 48));
            assert_eq!(grey.data[0], pixel(number, 0, 0));
            assert_eq!(grey.data[47], pixel(number, 47, 0));
            assert_eq!(grey.data[47 * 48], pixel(number, 0, 47));
        }
    }

    #[test]
    fn each_official_fold_can_be_chosen() {
        let listing = Database::new().list(false, Some(1));
        assert_eq!(listing.manifest.name, "tfd_fold2");
        let parts: Vec<_> = listing.manifest.entries.iter().map(|e| e.part.unwrap()).collect();
        assert_eq!(parts, [Part::Test, Part::Train, Part::Train]);
        assert_eq!(listing.dropped.get("not in the fold"), Some(&1));
        assert!(Database::new().list(false, Some(5)).manifest.entries.is_empty());
    }

    #[test]
    fn each_broken_entry_is_named() {
        let damages: [Damage; 5] = [
            (|f| f.labels[1] = 8, 3, "TFD_48x48.mat, line 2: labs_ex is `8`: it must be -1 or 1"),
            (|f| f.labels[3] = 0, 3, "line 4: labs_ex is `0`"),
            (|f| f.folds[4][0] = 4, 3, "line 1: folds(5) is `4`: it must be 0 (none), 1 (train)"),
            (|f| f.dims = [5, 2304, 1], 0, "images of [5, 2304, 1]: images must be N x 48 x 48"),
            (
                |f| (f.dims[0], f.images) = (4, vec![0; 4 * 2304]),
                0,
                "holds 5 labs_ex, expected 4: it must have one row for each picture",
            ),
        ];
        for (damage, left, complaint) in damages {
            let mut database = Database::new();
            damage(&mut database);
            assert_fault(&database.list(false, None), left, complaint);
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        assert_fault(&list(Path::new("nowhere")), 0, "nowhere/TFD_48x48.mat");
    }
}
