//! BP4D-Spontaneous: 41 subjects in eight tasks, action units coded frame by frame.
//!
//! ```text
//! AUCoding/AU_OCC/F001_T1.csv             first row 0 and FACS numbers, then frame and 0, 1 or 9
//! AUCoding/AU_INT/AU06/F001_T1_AU06.csv   frame and intensity 0 to 5 or 9
//! F001/T1/2440.jpg (or img/F001/…)        frame images, with or without leading zeros
//! ```
//!
//! 9 is unknown: the unit is not coded there. The list `bp4d` gives the occurrence of [`UNITS`],
//! `bp4d_intensity` the intensity of [`INTENSITY_UNITS`] for the frames of the occurrence tables.
//! The three folds test 13, 14 and 14 subjects ([`FOLDS`]).
//! Set: Zhang et al., IVC 2014; folds as in ME-GraphAU (Luo et al., IJCAI 2022, arXiv 2205.01782).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mien_shared::au::ActionUnit;

use super::{
    DataError,
    files::{self, Child, Line, Text},
    manifest::{Annotation, Coded, Entry, ListAdapter, Listing, Official},
    table::{Row, Table},
};

/// FACS numbers of the units whose occurrence is reported.
pub const UNITS: [u8; 12] = [1, 2, 4, 6, 7, 10, 12, 14, 15, 17, 23, 24];

/// FACS numbers of the units whose intensity is coded.
pub const INTENSITY_UNITS: [u8; 5] = [6, 10, 12, 14, 17];

/// Subjects that each fold tests, from the first.
pub const FOLDS: [&[&str]; 3] = [
    &[
        "F007", "F015", "F006", "F019", "M006", "M009", "F012", "M003", "F004", "F021", "F017",
        "M015", "F014",
    ],
    &[
        "M011", "F003", "M010", "M002", "F005", "F022", "M018", "M017", "F013", "M016", "F020",
        "F011", "M013", "M005",
    ],
    &[
        "F001", "M007", "F018", "F008", "F002", "M004", "F010", "F009", "M012", "M001", "F016",
        "M014", "F023", "M008",
    ],
];

/// Code of a unit that could not be seen.
const UNKNOWN: u8 = 9;

/// Occurrence.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "bp4d",
    layout: "AUCoding/AU_OCC/F001_T1.csv, F001/T1/2440.jpg or img/F001/T1/2440.jpg",
    official: Official { pictures: None, subjects: Some(41), classes: &[] },
    list,
};

/// Intensity.
pub(super) const INTENSITY: ListAdapter = ListAdapter {
    name: "bp4d_intensity",
    layout: "AUCoding/AU_OCC/F001_T1.csv, AUCoding/AU_INT/AU06/F001_T1_AU06.csv, \
             F001/T1/2440.jpg or img/F001/T1/2440.jpg",
    list: list_intensity,
    ..ADAPTER
};

/// Lists every coded frame with the occurrence of [`UNITS`], task by task.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    for task in tasks(root, &mut listing) {
        let Some(mut frames) = listing.take(files::numbered(&task.frames)) else { continue };
        let Some(rows) = listing.take(Occurrence::read(&task.table)) else { continue };
        for row in rows.table.rows() {
            let found = task.entry(row, &mut frames, |_frame| rows.units(row));
            listing.add(found);
        }
    }
    listing.or_empty_fault(root)
}

/// Lists every coded frame with the intensity of [`INTENSITY_UNITS`], task by task.
pub fn list_intensity(root: &Path) -> Listing {
    let mut listing = Listing::new(INTENSITY.name);
    for task in tasks(root, &mut listing) {
        let Some(mut frames) = listing.take(files::numbered(&task.frames)) else { continue };
        let Some(table) = listing.take(Table::open(&task.table)) else { continue };
        let coded = intensities(root, &task, &mut listing);
        for row in table.rows() {
            let units = |frame| Ok(coded.get(&frame).cloned().unwrap_or_default());
            listing.add(task.entry(row, &mut frames, units));
        }
    }
    listing.or_empty_fault(root)
}

/// The units coded in one frame.
type Units = Vec<(ActionUnit, Coded)>;

/// One subject in one task.
struct Task {
    /// Its name: `F001_T1`.
    id: String,
    subject: String,
    fold: u8,
    table: PathBuf,
    frames: PathBuf,
}

/// The tasks that have an occurrence table, by name.
fn tasks(root: &Path, listing: &mut Listing) -> Vec<Task> {
    let inner = root.join("img");
    let pictures = if inner.is_dir() { inner } else { root.to_owned() };
    let tables = listing.take(files::children(&root.join("AUCoding/AU_OCC"))).unwrap_or_default();
    let tables = tables.into_iter().filter(|table| table.ends_in("csv"));
    tables.filter_map(|table| listing.take(Task::new(table, &pictures))).collect()
}

impl Task {
    fn new(table: Child, pictures: &Path) -> Result<Self, DataError> {
        let id = table.stem().to_owned();
        let table = table.path;
        let parts = id.split_once('_').and_then(|(subject, task)| {
            Some((subject.to_owned(), fold(subject)?, pictures.join(subject).join(task)))
        });
        match parts {
            Some((subject, fold, frames)) => Ok(Self { id, subject, fold, table, frames }),
            None => Err(DataError::Unusable {
                path: table,
                what: "a table of no subject of the set".to_owned(),
                fix: "tables must be called F001_T1.csv … M018_T8.csv",
            }),
        }
    }

    /// The entry of a row whose first column is the frame.
    fn entry(
        &self,
        row: Row<'_>,
        frames: &mut BTreeMap<u64, PathBuf>,
        units: impl FnOnce(u64) -> Result<Units, DataError>,
    ) -> Result<Entry, DataError> {
        let fix = "it must be the number of a frame with a picture, each once";
        let frame = row.number(0, fix)?;
        let path = frames.remove(&frame).ok_or_else(|| row.fault(0, fix))?;
        let annotation = Annotation { units: units(frame)?, ..Annotation::default() };
        let (subject, sequence) = (Some(self.subject.clone()), Some(self.id.clone()));
        Ok(Entry { subject, sequence, fold: Some(self.fold), annotation, ..Entry::file(path) })
    }
}

/// The fold that tests a subject, from 0.
fn fold(subject: &str) -> Option<u8> {
    FOLDS.iter().zip(0..).find(|(fold, _)| fold.contains(&subject)).map(|(_, at)| at)
}

/// An occurrence table and where the units of [`UNITS`] are in it.
struct Occurrence {
    table: Table,
    columns: Vec<(ActionUnit, usize)>,
}

impl Occurrence {
    fn read(path: &Path) -> Result<Self, DataError> {
        let table = Table::open(path)?;
        let units = UNITS.into_iter().filter_map(ActionUnit::new);
        let columns = units.map(|unit| Ok((unit, table.column(&unit.number().to_string())?)));
        Ok(Self { columns: columns.collect::<Result<_, _>>()?, table })
    }

    fn units(&self, row: Row<'_>) -> Result<Units, DataError> {
        let fix = "it must be 0, 1 or 9 (unknown)";
        let mut units = Units::new();
        for &(unit, column) in &self.columns {
            match row.number(column, fix)? {
                present @ 0..=1_u8 => units.push((unit, Coded::Present(present == 1))),
                UNKNOWN => {}
                _ => return Err(row.fault(column, fix)),
            }
        }
        Ok(units)
    }
}

/// The coded intensities of a task by frame.
fn intensities(root: &Path, task: &Task, listing: &mut Listing) -> BTreeMap<u64, Units> {
    let mut coded: BTreeMap<u64, Units> = BTreeMap::new();
    for unit in INTENSITY_UNITS.into_iter().filter_map(ActionUnit::new) {
        let path = root.join(format!("AUCoding/AU_INT/{unit}/{}_{unit}.csv", task.id));
        let Some(text) = listing.take(Text::open(&path)) else { continue };
        for line in text.rows() {
            listing.take(add_intensity(line, unit, &mut coded));
        }
    }
    coded
}

/// Adds the intensity on a line to what is coded in its frame.
fn add_intensity(
    line: Line<'_>,
    unit: ActionUnit,
    coded: &mut BTreeMap<u64, Units>,
) -> Result<(), DataError> {
    let (frame, intensity) = intensity(line)?;
    let units = coded.entry(frame).or_default();
    if units.iter().any(|(other, _)| *other == unit) {
        return Err(line.fault("frame", &frame.to_string(), "list each frame once"));
    }
    units.extend(intensity.map(|intensity| (unit, Coded::Intensity(intensity))));
    Ok(())
}

/// A frame and its intensity, `None` where it is unknown.
fn intensity(line: Line<'_>) -> Result<(u64, Option<f32>), DataError> {
    let fix = "a line must be a frame and an intensity of 0 to 5, or 9 (unknown)";
    let [frame, value] = line.pair(fix)?;
    let frame = line.number("frame", frame, fix)?;
    match line.number("intensity", value, fix)? {
        UNKNOWN => Ok((frame, None)),
        intensity @ 0..=5_u8 => Ok((frame, Some(intensity.into()))),
        _ => Err(line.fault("intensity", value, fix)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_fault, assert_ids},
    };

    const TABLE: &str = "AUCoding/AU_OCC/F001_T1.csv";
    const INTENSITIES: &str = "AUCoding/AU_INT/AU12/F001_T1_AU12.csv";

    /// One way to damage a set and what its fault says.
    type Damage = (fn(&Fixture), &'static str);

    /// Three subjects of two frames each; the tables have a unit more than the protocol.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        for task in ["F001_T1", "F007_T8", "M011_T2"] {
            let table = "0,1,2,4,5,6,7,10,12,14,15,17,23,24\n\
                         2440,1,0,9,9,0,0,1,1,0,0,0,9,0\n2441,0,0,0,9,0,0,0,0,0,0,0,0,0\n";
            set.text(&format!("AUCoding/AU_OCC/{task}.csv"), table);
            for (unit, level) in [("06", 9), ("10", 9), ("12", 3), ("14", 9), ("17", 9)] {
                let path = format!("AUCoding/AU_INT/AU{unit}/{task}_AU{unit}.csv");
                set.text(&path, &format!("2440,{level}\n2441,0\n"));
            }
            let folder = task.replace('_', "/");
            set.picture(&format!("{folder}/2440.jpg"), 1);
            set.picture(&format!("{folder}/02441.jpg"), 0);
        }
        set
    }

    fn coded(entry: &Entry) -> Vec<(u8, Coded)> {
        entry.annotation.units.iter().map(|(unit, coded)| (unit.number(), *coded)).collect()
    }

    #[test]
    fn occurrences_are_read_and_unknown_units_are_not_coded() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 6);
        let first = &listing.manifest.entries[0];
        assert_eq!(set.path_of(first), "F001/T1/2440.jpg");
        assert_eq!(first.sequence.as_deref(), Some("F001_T1"));
        let present = |(unit, present)| (unit, Coded::Present(present));
        let expected = [(1, true), (2, false), (6, false), (7, false), (10, true), (12, true)];
        let rest = [(14, false), (15, false), (17, false), (24, false)];
        assert_eq!(
            coded(first),
            [&expected[..], &rest].concat().into_iter().map(present).collect::<Vec<_>>()
        );
        let folds: Vec<_> = listing.manifest.entries.iter().map(|e| e.fold).collect();
        assert_eq!(folds, [Some(2), Some(2), Some(0), Some(0), Some(1), Some(1)]);
    }

    #[test]
    fn intensities_are_joined_by_frame() {
        let set = fixture();
        let listing = list_intensity(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let [first, second, ..] = &listing.manifest.entries[..] else { panic!() };
        assert_eq!(coded(first), [(12, Coded::Intensity(3.0))]);
        assert_eq!(set.path_of(second), "F001/T1/02441.jpg");
        assert_eq!(coded(second), INTENSITY_UNITS.map(|unit| (unit, Coded::Intensity(0.0))));
    }

    #[test]
    fn the_folds_share_no_subject() {
        assert_eq!(FOLDS.map(<[_]>::len), [13, 14, 14]);
        let subjects: BTreeSet<_> = FOLDS.into_iter().flatten().collect();
        assert_eq!(subjects.len(), 41);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (
                    |t| t.edit(TABLE, "2440,1,", "2440,2,"),
                    5,
                    "F001_T1.csv, line 2: 1 is `2`: it must",
                ),
                (
                    |t| t.edit(TABLE, "2440,1,", "2440,,"),
                    5,
                    "F001_T1.csv, line 2: 1 is ``: it must",
                ),
                (
                    |t| t.edit(TABLE, "2441", "2440"),
                    5,
                    "F001_T1.csv, line 3: 0 is `2440`: it must be",
                ),
                (|t| t.edit(TABLE, ",12,", ",13,"), 4, "F001_T1.csv, line 1: no column `12`"),
                (|t| t.edit(TABLE, "2441,", "2441,0,"), 4, "F001_T1.csv is not a well-formed CSV"),
                (
                    |t| t.remove("F001/T1/2440.jpg"),
                    5,
                    "F001_T1.csv, line 2: 0 is `2440`: it must be",
                ),
                (|t| t.remove("F001/T1"), 4, "F001/T1: check that it is there"),
                (
                    |t| t.rename(TABLE, "AUCoding/AU_OCC/F099_T1.csv"),
                    4,
                    "F099_T1.csv: a table of no",
                ),
                (|t| t.remove("AUCoding/AU_OCC"), 0, "AU_OCC: check that it is there"),
            ],
        );
    }

    #[test]
    fn each_broken_intensity_is_named_and_not_coded() {
        let damages: [Damage; 5] = [
            (|t| t.edit(INTENSITIES, ",3", ",6"), "F001_T1_AU12.csv, line 1: intensity is `6`: a"),
            (|t| t.edit(INTENSITIES, ",3", ""), "F001_T1_AU12.csv, line 1: the line is `2440`"),
            (|t| t.edit(INTENSITIES, "2440", "x"), "F001_T1_AU12.csv, line 1: frame is `x`: a l"),
            (|t| t.edit(INTENSITIES, "2440,3\n2441", "2441,1\n2441"), "line 2: frame is"),
            (|t| t.remove(INTENSITIES), "F001_T1_AU12.csv: check that it is there"),
        ];
        for (damage, complaint) in damages {
            let set = fixture();
            damage(&set);
            let listing = list_intensity(set.root());
            assert_fault(&listing, 6, complaint);
            assert_eq!(coded(&listing.manifest.entries[0]), []);
        }
    }
}
