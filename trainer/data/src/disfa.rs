//! DISFA: 27 subjects watching films, twelve action units coded 0 to 5 in every frame.
//!
//! ```text
//! ActionUnit_Labels/SN001/SN001_au1.txt   "1,0": frame from 1, intensity 0 to 5
//! SN001/0.png (or img/SN001/0.png)        frame images, numbered from 0: the row of the labels
//! ```
//!
//! The frames come from the left camera's films. A unit without a label file was never seen on
//! that subject: its frames are coded 0. Presence is an intensity of [`PRESENT_FROM`] or more
//! ([`Coded::is_present`]). The three folds ([`FOLDS`]) test nine subjects each.
//! Set: Mavadati et al., IEEE TAC 2013; frames, eight units and folds as in ME-GraphAU (Luo et al.,
//! IJCAI 2022, arXiv 2205.01782).

use std::path::{Path, PathBuf};

use mien_shared::au::ActionUnit;

use super::{
    DataError,
    files::{self, Child, Line, Text},
    manifest::{Annotation, Coded, Entry, ListAdapter, Listing, Official},
};

/// FACS numbers of the units coded.
pub const UNITS: [u8; 12] = [1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26];

/// FACS numbers of the units that the presence protocol reports.
pub const PRESENCE_UNITS: [u8; 8] = [1, 2, 4, 6, 9, 12, 25, 26];

/// Least intensity that counts as present.
pub const PRESENT_FROM: f32 = 2.0;

/// Numbers of the subjects that each fold tests, from the first.
pub const FOLDS: [[u8; 9]; 3] = [
    [3, 29, 23, 25, 8, 5, 7, 17, 4],
    [13, 18, 11, 28, 12, 6, 31, 21, 24],
    [2, 10, 1, 26, 27, 32, 30, 9, 16],
];

const LABELS: &str = "ActionUnit_Labels";

/// All frames of all subjects.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "disfa",
    layout: "ActionUnit_Labels/SN001/SN001_au1.txt, SN001/0.png or img/SN001/0.png",
    official: Official { pictures: Some(27 * 4845), subjects: Some(27), classes: &[] },
    list,
};

/// Lists every labelled frame, subject by subject.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let inner = root.join("img");
    let frames = if inner.is_dir() { inner } else { root.to_owned() };
    for labels in listing.take(files::folders(&root.join(LABELS))).unwrap_or_default() {
        let frames = frames.join(&labels.name);
        let subject = listing.take(Subject::read(&labels, frames));
        if let Some(subject) = subject {
            subject.list(&mut listing);
        }
    }
    listing.or_empty_fault(root)
}

/// One subject's labels: a column for each unit of [`UNITS`].
struct Subject {
    id: String,
    fold: u8,
    frames: PathBuf,
    rows: usize,
    columns: Vec<(ActionUnit, Column)>,
}

/// The intensities of a unit, or the fault of that line; `None` where the unit was never seen.
type Column = Option<Vec<Result<f32, DataError>>>;

impl Subject {
    fn read(labels: &Child, frames: PathBuf) -> Result<Self, DataError> {
        let (id, labels) = (labels.name.clone(), &labels.path);
        let fold = fold(&id).ok_or_else(|| DataError::Unusable {
            path: labels.clone(),
            what: "a subject of no fold".to_owned(),
            fix: "folders must be called SN001 … SN032, as DISFA's 27 subjects are",
        })?;
        let units = UNITS.into_iter().filter_map(ActionUnit::new);
        let path = |unit: ActionUnit| labels.join(format!("{id}_au{}.txt", unit.number()));
        let columns = units.map(|unit| Ok((unit, column(&path(unit))?)));
        let columns = columns.collect::<Result<Vec<_>, DataError>>()?;
        let lengths = || columns.iter().filter_map(|(unit, c)| Some((*unit, c.as_ref()?.len())));
        let rows = lengths().map(|(_, rows)| rows).max().ok_or_else(|| DataError::Unusable {
            path: labels.clone(),
            what: "no label file".to_owned(),
            fix: "it must hold files such as SN001_au1.txt",
        })?;
        if let Some((unit, found)) = lengths().find(|(_, found)| *found != rows) {
            let fix = "all units of a subject must have as many frames: fetch it again";
            let path = path(unit);
            return Err(DataError::Count { path, what: "frames", found, expected: rows, fix });
        }
        Ok(Self { id, fold, frames, rows, columns })
    }

    fn list(self, listing: &mut Listing) {
        let Some(mut frames) = listing.take(files::numbered(&self.frames)) else { return };
        let mut coded: Vec<Vec<(ActionUnit, Coded)>> = vec![Vec::new(); self.rows];
        for (unit, column) in self.columns {
            let column = column.unwrap_or_else(|| (0..self.rows).map(|_| Ok(0.0)).collect());
            for (units, intensity) in coded.iter_mut().zip(column) {
                units.extend(listing.take(intensity).map(|i| (unit, Coded::Intensity(i))));
            }
        }
        for (row, units) in coded.into_iter().enumerate() {
            let Some(path) = frames.remove(&(row as u64)) else {
                let path = self.frames.join(format!("{row}.png"));
                listing.faults.push(unpaired(path, "no such frame"));
                continue;
            };
            let annotation = Annotation { units, ..Annotation::default() };
            let (subject, sequence) = (Some(self.id.clone()), Some(self.id.clone()));
            let fold = Some(self.fold);
            listing.add(Ok(Entry { annotation, subject, sequence, fold, ..Entry::file(path) }));
        }
        for path in frames.into_values() {
            listing.faults.push(unpaired(path, "a frame that has no row in the labels"));
        }
    }
}

/// The complaint that frames and rows do not go together.
fn unpaired(path: PathBuf, what: &str) -> DataError {
    let fix = "frames must be numbered from 0, as the rows of the labels";
    DataError::Unusable { path, what: what.to_owned(), fix }
}

/// The fold that tests the subject called `id`, from 0.
fn fold(id: &str) -> Option<u8> {
    let number = id.strip_prefix("SN").filter(|digits| digits.len() == 3)?.parse().ok()?;
    FOLDS.iter().zip(0..).find(|(fold, _)| fold.contains(&number)).map(|(_, at)| at)
}

/// Reads the label file of a unit, `None` where there is none.
fn column(path: &Path) -> Result<Column, DataError> {
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(Text::open(path)?.rows().map(intensity).collect()))
}

fn intensity(line: Line<'_>) -> Result<f32, DataError> {
    let fix = "a line must be the frame, counted from 1, and an intensity of 0 to 5";
    let [frame, value] = line.pair(fix)?;
    if line.number::<u64>("frame", frame, fix)? != line.position() {
        return Err(line.fault("frame", frame, fix));
    }
    match line.number("intensity", value, fix)? {
        intensity @ 0..=5_u8 => Ok(f32::from(intensity)),
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

    /// Three subjects of eleven frames; the second was never coded for unit 20.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        for subject in ["SN001", "SN003", "SN013"] {
            for unit in UNITS.into_iter().filter(|unit| (subject, *unit) != ("SN003", 20)) {
                let row = |frame: u8| format!("{frame},{}\n", (frame + unit) % 6);
                let rows: String = (1..=11).map(row).collect();
                set.text(&format!("{LABELS}/{subject}/{subject}_au{unit}.txt"), &rows);
            }
            for frame in 0..11 {
                set.picture(&format!("img/{subject}/{frame}.png"), frame % 8);
            }
        }
        set
    }

    #[test]
    fn each_frame_is_its_row_of_the_labels() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 33);
        let last = &listing.manifest.entries[10];
        assert_eq!(set.path_of(last), "img/SN001/10.png");
        assert_eq!((last.subject.as_deref(), last.fold), (Some("SN001"), Some(2)));
        let units: Vec<_> = last.annotation.units.iter().map(|(u, _)| u.number()).collect();
        assert_eq!(units, UNITS);
        assert_eq!(last.annotation.units[0].1, Coded::Intensity(0.0));
        assert_eq!(last.annotation.units[2].1, Coded::Intensity(3.0));
        assert!(last.annotation.units[2].1.is_present(PRESENT_FROM));
    }

    #[test]
    fn a_unit_without_a_file_is_coded_zero() {
        let listing = list(fixture().root());
        let second = listing.manifest.entries.iter().filter(|e| e.fold == Some(0));
        let unit = ActionUnit::new(20).unwrap();
        let coded: Vec<_> = second.map(|e| e.annotation.units[9]).collect();
        assert_eq!(coded, vec![(unit, Coded::Intensity(0.0)); 11]);
    }

    #[test]
    fn frames_may_lie_in_the_root() {
        let set = fixture();
        for subject in ["SN001", "SN003", "SN013"] {
            set.rename(&format!("img/{subject}"), subject);
        }
        set.remove("img");
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_eq!(set.path_of(&listing.manifest.entries[0]), "SN001/0.png");
    }

    #[test]
    fn the_folds_share_no_subject() {
        let subjects: BTreeSet<_> = FOLDS.as_flattened().iter().collect();
        assert_eq!(subjects.len(), 27);
        assert_eq!((fold("SN017"), fold("SN024"), fold("SN016")), (Some(0), Some(1), Some(2)));
        assert_eq!((fold("SN033"), fold("SN1"), fold("F001")), (None, None, None));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (
                    |t| t.edit(SN001, "3,4", "3,6"),
                    33,
                    "SN001_au1.txt, line 3: intensity is `6`: a li",
                ),
                (|t| t.edit(SN001, "3,4", "3,much"), 33, "line 3: intensity is `much`"),
                (
                    |t| t.edit(SN001, "3,4", "4,4"),
                    33,
                    "SN001_au1.txt, line 3: frame is `4`: a line",
                ),
                (
                    |t| t.edit(SN001, "3,4", "3"),
                    33,
                    "SN001_au1.txt, line 3: the line is `3`: a line",
                ),
                (
                    |t| t.edit(SN001, "1,2\n", ""),
                    22,
                    "SN001_au1.txt holds 10 frames, expected 11: al",
                ),
                (
                    |t| t.remove("img/SN003/4.png"),
                    32,
                    "SN003/4.png: no such frame: frames must be num",
                ),
                (
                    |t| t.picture("img/SN003/11.png", 1),
                    33,
                    "SN003/11.png: a frame that has no row in",
                ),
                (|t| t.rename("img/SN003", "img/SN03"), 22, "SN003: check that it is there"),
                (
                    |t| t.rename("ActionUnit_Labels/SN003", "ActionUnit_Labels/SN099"),
                    22,
                    "SN099: a su",
                ),
            ],
        );
    }

    const SN001: &str = "ActionUnit_Labels/SN001/SN001_au1.txt";

    #[test]
    fn a_broken_label_leaves_its_unit_uncoded_in_that_frame_only() {
        let set = fixture();
        set.edit(SN001, "3,4", "3,6");
        let listing = list(set.root());
        let coded: Vec<_> =
            listing.manifest.entries.iter().map(|e| e.annotation.units.len()).collect();
        assert_eq!(coded[..4], [12, 12, 11, 12]);
    }

    #[test]
    fn a_folder_without_labels_and_one_without_files_are_refused() {
        assert_fault(&list(Fixture::new().root()), 0, "ActionUnit_Labels: check that it is there");
        let set = fixture();
        set.text("ActionUnit_Labels/SN002/notes.txt", "");
        assert_fault(&list(set.root()), 33, "SN002: no label file: it must hold files such as");
    }

    #[test]
    fn frames_numbered_from_one_are_refused_at_both_ends() {
        let set = fixture();
        set.rename("img/SN003/0.png", "img/SN003/11.png");
        let listing = list(set.root());
        assert_eq!(listing.faults.len(), 2, "{:?}", listing.faults);
        assert!(listing.faults[1].to_string().contains("SN003/11.png: a frame that has no row"));
    }
}
