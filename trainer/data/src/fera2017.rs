//! FERA 2017: BP4D and BP4D+ rendered in nine views, with coded action units.
//!
//! The challenge gives films; whoever cuts them into frames writes one index:
//!
//! ```text
//! index.csv       subject,task,frame,view,path,AU01,AU04,…      occurrence 0, 1 or 9
//! intensity.csv   the same with intensities 0 to 5 or 9
//! part            an optional column: train, valid or test
//! ```
//!
//! `path` is relative to the root, `view` is 1 to 9, 9 in a unit's column is unknown: not coded
//! there. The list `fera2017` reads the first, `fera2017_intensity` the second. An entry's sequence
//! is its subject, task and view ([`view`]).
//! Set: Valstar et al., FG 2017, arXiv 1702.04174; units as in Niinuma et al., BMVC 2019.

use std::{collections::BTreeSet, path::Path};

use mien_shared::au::ActionUnit;

use super::{
    DataError, files,
    manifest::{Annotation, Coded, Entry, ListAdapter, Listing, Official},
    split::Part,
    table::{Row, Stream},
};

/// FACS numbers of the units whose occurrence is reported.
pub const UNITS: [u8; 10] = [1, 4, 6, 7, 10, 12, 14, 15, 17, 23];

/// FACS numbers of the units whose intensity is reported.
pub const INTENSITY_UNITS: [u8; 7] = [1, 4, 6, 10, 12, 14, 17];

/// Code of a unit that could not be seen.
const UNKNOWN: u8 = 9;

/// Between task and view in the name of a sequence.
const VIEW: &str = "_view";

/// Occurrence.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "fera2017",
    layout: "index.csv: subject,task,frame,view,path[,part],AU01,AU04,AU06,AU07,AU10,AU12,AU14,\
             AU15,AU17,AU23",
    official: Official { pictures: None, subjects: None, classes: &[] },
    list,
};

/// Intensity.
pub(super) const INTENSITY: ListAdapter = ListAdapter {
    name: "fera2017_intensity",
    layout: "intensity.csv: subject,task,frame,view,path[,part],AU01,AU04,AU06,AU10,AU12,AU14,AU17",
    list: list_intensity,
    ..ADAPTER
};

/// Lists every frame of every view in the order of `index.csv`, with the occurrence of [`UNITS`].
pub fn list(root: &Path) -> Listing {
    let code = Code { units: &UNITS, fix: "it must be 0, 1 or 9 (unknown)", of: occurrence };
    rows(root, ADAPTER.name, "index.csv", code)
}

/// Lists every frame of every view in the order of `intensity.csv`, with the intensity of
/// [`INTENSITY_UNITS`].
pub fn list_intensity(root: &Path) -> Listing {
    let fix = "it must be 0 to 5 or 9 (unknown)";
    rows(
        root,
        INTENSITY.name,
        "intensity.csv",
        Code { units: &INTENSITY_UNITS, fix, of: intensity },
    )
}

/// The view of a frame, 1 to 9, by its sequence.
pub fn view(entry: &Entry) -> Option<u8> {
    entry.sequence.as_ref()?.rsplit_once(VIEW)?.1.parse().ok()
}

fn rows(root: &Path, name: &str, file: &str, code: Code) -> Listing {
    let mut listing = Listing::new(name);
    let table =
        Stream::open(&root.join(file)).and_then(|table| Ok((Columns::find(&table, code)?, table)));
    let Some((columns, mut table)) = listing.take(table) else { return listing };
    let mut seen = BTreeSet::new();
    while let Some(row) = table.row() {
        let entry = row.and_then(|row| columns.entry(row, root, &mut seen));
        listing.add(entry);
    }
    listing.or_empty_fault(root)
}

/// What the units' columns hold.
#[derive(Clone, Copy)]
struct Code {
    units: &'static [u8],
    /// What is asked of a field.
    fix: &'static str,
    /// What a number but [`UNKNOWN`] means.
    of: fn(u8) -> Option<Coded>,
}

fn occurrence(number: u8) -> Option<Coded> {
    (number <= 1).then_some(Coded::Present(number == 1))
}

fn intensity(number: u8) -> Option<Coded> {
    (number <= 5).then(|| Coded::Intensity(number.into()))
}

/// Where the columns are.
struct Columns {
    subject: usize,
    task: usize,
    frame: usize,
    view: usize,
    path: usize,
    part: Option<usize>,
    units: Vec<(ActionUnit, usize)>,
    code: Code,
}

impl Columns {
    fn find(table: &Stream, code: Code) -> Result<Self, DataError> {
        let units = code.units.iter().filter_map(|number| ActionUnit::new(*number));
        let units = units.map(|unit| Ok((unit, table.column(&unit.to_string())?)));
        Ok(Self {
            subject: table.column("subject")?,
            task: table.column("task")?,
            frame: table.column("frame")?,
            view: table.column("view")?,
            path: table.column("path")?,
            part: table.column("part").ok(),
            units: units.collect::<Result<_, DataError>>()?,
            code,
        })
    }

    /// The entry of a row, whose path must not be among those `seen`.
    fn entry(
        &self,
        row: Row<'_>,
        root: &Path,
        seen: &mut BTreeSet<String>,
    ) -> Result<Entry, DataError> {
        let subject = filled(row, self.subject)?;
        let task = filled(row, self.task)?;
        let path = filled(row, self.path)?;
        let _frame: u64 = row.number(self.frame, "it must be the frame's number")?;
        let view = self.view(row)?;
        let annotation = Annotation { units: self.units(row)?, ..Annotation::default() };
        if !seen.insert(path.to_owned()) {
            return Err(row.fault(self.path, "each picture must be listed once"));
        }
        let path = files::below(root, path)
            .ok_or_else(|| row.fault(self.path, "it must be a path within the root"))?;
        let entry = Entry::file(files::existing_file(path)?);
        let sequence = Some(format!("{subject}_{task}{VIEW}{view}"));
        Ok(Entry {
            subject: Some(subject.to_owned()),
            sequence,
            part: self.part(row)?,
            annotation,
            ..entry
        })
    }

    fn view(&self, row: Row<'_>) -> Result<u8, DataError> {
        let fix = "it must be the view, 1 to 9";
        match row.number(self.view, fix)? {
            view @ 1..=9_u8 => Ok(view),
            _ => Err(row.fault(self.view, fix)),
        }
    }

    fn units(&self, row: Row<'_>) -> Result<Vec<(ActionUnit, Coded)>, DataError> {
        let mut units = Vec::with_capacity(self.units.len());
        for &(unit, column) in &self.units {
            let number: u8 = row.number(column, self.code.fix)?;
            if number != UNKNOWN {
                let coded = (self.code.of)(number).ok_or_else(|| row.fault(column, self.code.fix));
                units.push((unit, coded?));
            }
        }
        Ok(units)
    }

    fn part(&self, row: Row<'_>) -> Result<Option<Part>, DataError> {
        let Some(column) = self.part else { return Ok(None) };
        let part = Part::from_name(row.text(column));
        part.map(Some).ok_or_else(|| row.fault(column, "it must be train, valid or test"))
    }
}

/// The text in a column, which must not be empty.
fn filled(row: Row<'_>, column: usize) -> Result<&str, DataError> {
    let text = row.text(column);
    if text.is_empty() { Err(row.fault(column, "it must not be empty")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_fault, assert_ids},
    };

    /// Three subjects in two views.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        let names = |units: &[u8]| {
            units.iter().map(|unit| format!("AU{unit:02}")).collect::<Vec<_>>().join(",")
        };
        let mut index = format!("subject,task,frame,view,path,{},part\n", names(&UNITS));
        let mut levels = format!("subject,task,frame,view,path,{}\n", names(&INTENSITY_UNITS));
        for (subject, part) in [("F001", "train"), ("F002", "valid"), ("M003", "test")] {
            for view in [1, 9] {
                let path = format!("frames/{subject}_T1_{view}/0001.png");
                set.picture(&path, view - 1);
                let row = format!("{subject},T1,1,{view},{path}");
                index.extend([&row, ",1,0,9,0,1,1,0,0,0,0,", part, "\n"]);
                levels.extend([&row, ",5,0,9,1,2,3,4\n"]);
            }
        }
        set.text("index.csv", &index);
        set.text("intensity.csv", &levels);
        set
    }

    #[test]
    fn views_units_and_parts_are_read() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        let views: Vec<_> = listing.manifest.entries.iter().map(view).collect();
        assert_eq!(views, [1, 9, 1, 9, 1, 9].map(Some));
        let last = &listing.manifest.entries[5];
        assert_eq!((last.subject.as_deref(), last.part), (Some("M003"), Some(Part::Test)));
        assert_eq!(last.sequence.as_deref(), Some("M003_T1_view9"));
        let units = &last.annotation.units;
        assert_eq!(units.len(), 9);
        assert!(units.iter().all(|(unit, _)| unit.number() != 6));
        assert_eq!(units[0].1, Coded::Present(true));
    }

    #[test]
    fn intensities_are_read_and_a_part_is_not_needed() {
        let listing = list_intensity(fixture().root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let entry = &listing.manifest.entries[0];
        let units: Vec<_> = entry.annotation.units.iter().map(|(u, c)| (u.number(), *c)).collect();
        let expected = [(1, 5.0), (4, 0.0), (10, 1.0), (12, 2.0), (14, 3.0), (17, 4.0)];
        assert_eq!(units, expected.map(|(unit, level)| (unit, Coded::Intensity(level))));
        assert_eq!(entry.part, None);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (|t| t.edit("index.csv", "AU12", "AU13"), 0, "index.csv, line 1: no column `AU12`"),
                (
                    |t| t.edit("index.csv", "view", "angle"),
                    0,
                    "index.csv, line 1: no column `view`",
                ),
                (
                    |t| t.edit("index.csv", ",1,0,9,", ",2,0,9,"),
                    5,
                    "line 2: AU01 is `2`: it must be 0",
                ),
                (
                    |t| t.edit("index.csv", ",1,0,9,", ",x,0,9,"),
                    5,
                    "line 2: AU01 is `x`: it must be 0",
                ),
                (
                    |t| t.edit("index.csv", "T1,1,1,", "T1,1,0,"),
                    5,
                    "line 2: view is `0`: it must be t",
                ),
                (
                    |t| t.edit("index.csv", "T1,1,1,", "T1,one,1,"),
                    5,
                    "line 2: frame is `one`: it mus",
                ),
                (
                    |t| t.edit("index.csv", "F001,", ","),
                    5,
                    "line 2: subject is ``: it must not be em",
                ),
                (
                    |t| t.edit("index.csv", ",train", ",dev"),
                    5,
                    "line 2: part is `dev`: it must be tr",
                ),
                (
                    |t| t.edit("index.csv", "_9/", "_1/"),
                    5,
                    "line 3: path is `frames/F001_T1_1/0001.p",
                ),
                (
                    |t| t.remove("frames/F002_T1_9/0001.png"),
                    5,
                    "F002_T1_9/0001.png: check that it is",
                ),
                (|t| t.remove("index.csv"), 0, "index.csv: check that it is there"),
            ],
        );
        let set = fixture();
        set.edit("intensity.csv", ",5,", ",6,");
        let complaint = "intensity.csv, line 2: AU01 is `6`: it must be 0 to 5";
        assert_fault(&list_intensity(set.root()), 5, complaint);
    }
}
