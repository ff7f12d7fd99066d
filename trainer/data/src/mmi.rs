//! MMI (Pantic et al. 2005), as the frames of its sequences beside one table.
//!
//! ```text
//! mmi.csv      session,subject,emotion,frames_dir,n_frames,peak_first,peak_last
//!              1767,S037,happiness,frames/1767,118,52,66
//! ```
//!
//! The set is published as videos with annotation files; taking those apart into frames is up to
//! the user. A sequence goes from neutral to a peak and back. The peak is the frames `peak_first`
//! to `peak_last`, counted from 0 in the order of the frames' numbers, or the whole sequence where
//! both are blank; the three frames in its middle count. `frames_dir` is relative to the root.

use std::{collections::BTreeMap, path::Path};

use mien_shared::label::Expression;

use crate::{
    DataError, files,
    manifest::{Entry, ListAdapter, Listing, Official},
    sequence::{self, Frame},
    table::{Row, Table},
};

/// The table and the frames; the numbers are those of the 208 sequences most papers use.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "mmi",
    layout: "mmi.csv (session,subject,emotion,frames_dir,n_frames,peak_first,peak_last) and frames",
    official: Official {
        pictures: Some(624),
        subjects: Some(31),
        classes: &[
            ("anger", 99),
            ("disgust", 96),
            ("fear", 84),
            ("happiness", 126),
            ("sadness", 96),
            ("surprise", 123),
        ],
    },
    list,
};

/// Lists the middle of every sequence's peak.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let opened = Table::open(&root.join("mmi.csv"))
        .and_then(|table| Columns::find(&table).map(|columns| (table, columns)));
    let Some((table, columns)) = listing.take(opened) else { return listing };
    let mut sessions = BTreeMap::new();
    for (row, number) in table.rows().zip(0_usize..) {
        if sessions.insert(row.text(columns.session), number).is_some() {
            listing.faults.push(row.fault(columns.session, "each session must be there once"));
            continue;
        }
        match columns.entries(root, row) {
            Ok(entries) => entries.into_iter().for_each(|entry| listing.add(Ok(entry))),
            Err(fault) => listing.faults.push(fault),
        }
    }
    listing
}

/// Where the columns are.
struct Columns {
    session: usize,
    subject: usize,
    emotion: usize,
    frames_dir: usize,
    n_frames: usize,
    peak: [usize; 2],
}

impl Columns {
    fn find(table: &Table) -> Result<Self, DataError> {
        let [session, subject, emotion, frames_dir, n_frames] =
            table.columns(["session", "subject", "emotion", "frames_dir", "n_frames"])?;
        let peak = table.columns(["peak_first", "peak_last"])?;
        Ok(Self { session, subject, emotion, frames_dir, n_frames, peak })
    }

    /// The frames of one sequence that count.
    fn entries(&self, root: &Path, row: Row<'_>) -> Result<Vec<Entry>, DataError> {
        let expression = self.expression(row)?;
        let (session, subject) = (row.text(self.session), row.text(self.subject));
        if subject.is_empty() {
            return Err(row.fault(self.subject, "it must say who is shown"));
        }
        let frames = self.frames(root, row)?;
        let entry = |frame: &Frame| {
            let mut entry = Entry::file(frame.path.clone());
            entry.annotation.expression = Some(expression);
            entry.subject = Some(subject.to_owned());
            entry.sequence = Some(session.to_owned());
            entry
        };
        Ok(sequence::middle(self.peak(row, &frames)?).iter().map(entry).collect())
    }

    fn expression(&self, row: Row<'_>) -> Result<Expression, DataError> {
        let posed = |e: &Expression| !matches!(e, Expression::Neutral | Expression::Contempt);
        Expression::from_word(row.text(self.emotion)).filter(posed).ok_or_else(|| {
            let fix = "it must be anger, disgust, fear, happiness, sadness or surprise";
            row.fault(self.emotion, fix)
        })
    }

    fn frames(&self, root: &Path, row: Row<'_>) -> Result<Vec<Frame>, DataError> {
        let fix = "it must be a folder within the root, without `..`";
        let folder = files::below(root, row.text(self.frames_dir))
            .filter(|folder| folder.is_dir())
            .ok_or_else(|| row.fault(self.frames_dir, fix))?;
        let frames = sequence::frames(&folder)?;
        let expected: usize = row.number(self.n_frames, "it must be the number of frames")?;
        if frames.is_empty() || frames.len() != expected {
            let (what, found) = ("frames", frames.len());
            let fix = "it must be as many as n_frames in mmi.csv, and not none";
            return Err(DataError::Count { path: folder, what, found, expected, fix });
        }
        Ok(frames)
    }

    /// The frames of the peak, at least one.
    fn peak<'a>(&self, row: Row<'_>, frames: &'a [Frame]) -> Result<&'a [Frame], DataError> {
        let [first, last] = self.peak;
        if row.text(first).is_empty() && row.text(last).is_empty() {
            return Ok(frames);
        }
        let fix = "peak_first and peak_last must be frames of the sequence, counted from 0";
        let (start, end): (usize, usize) = (row.number(first, fix)?, row.number(last, fix)?);
        let peak = end.checked_add(1).and_then(|end| frames.get(start..end));
        peak.filter(|peak| !peak.is_empty()).ok_or_else(|| row.fault(last, fix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    const TABLE: &str = "session,subject,emotion,frames_dir,n_frames,peak_first,peak_last\n\
        1767,S037,happiness,frames/1767,9,,\n\
        1768,S037,Fear,frames/1768,9,4,8\n\
        1901,S041,surprised,frames/1901,9,6,7\n\
        1955,S002,anger,frames/1955,2,,\n";

    fn set() -> Fixture {
        let set = Fixture::new();
        set.text("mmi.csv", TABLE);
        for (session, frames) in [(1767, 9), (1768, 9), (1901, 9), (1955, 2)] {
            for frame in 0..frames {
                set.picture(&format!("frames/{session}/{frame}.png"), session % 16);
            }
        }
        set
    }

    #[test]
    fn the_middle_of_the_peak_counts() {
        let set = set();
        let manifest = list(set.root()).manifest;
        let names: Vec<_> = manifest.entries.iter().map(|e| e.source.name(e.id)).collect();
        assert_eq!(
            names,
            [
                "3.png", "4.png", "5.png", "5.png", "6.png", "7.png", "6.png", "7.png", "0.png",
                "1.png"
            ]
        );
        assert_eq!(manifest.entries[6].annotation.expression, Some(Expression::Surprise));
        assert_eq!(manifest.entries[6].subject.as_deref(), Some("S041"));
        assert_eq!(manifest.entries[6].sequence.as_deref(), Some("1901"));
    }

    #[test]
    fn each_broken_entry_is_named() {
        const FILE: &str = "mmi.csv";
        assert_each_is_named(
            set,
            list,
            &[
                (
                    |s| s.edit(FILE, "happiness", "neutral"),
                    &["mmi.csv, line 2: emotion is `neutral`", "it must be anger"],
                ),
                (
                    |s| s.edit(FILE, "1768,S037", "1768,"),
                    &["line 3: subject is ``", "who is shown"],
                ),
                (|s| s.edit(FILE, "1768,", "1767,"), &["line 3: session is `1767`", "once"]),
                (
                    |s| s.edit(FILE, "frames/1767", "frames/1"),
                    &["line 2: frames_dir is `frames/1`", "within the root"],
                ),
                (
                    |s| s.edit(FILE, "frames/1767", "../1767"),
                    &["frames_dir is `../1767`", "without `..`"],
                ),
                (
                    |s| s.edit(FILE, ",9,,", ",many,,"),
                    &["line 2: n_frames is `many`", "number of frames"],
                ),
                (
                    |s| s.edit(FILE, ",9,,", ",8,,"),
                    &["frames/1767 holds 9 frames, expected 8", "n_frames"],
                ),
                (|s| s.edit(FILE, ",4,8", ",4,9"), &["line 3: peak_last is `9`", "counted from 0"]),
                (|s| s.edit(FILE, ",4,8", ",8,4"), &["line 3: peak_last is `4`"]),
                (|s| s.edit(FILE, ",4,8", ",4,"), &["line 3: peak_last is ``"]),
                (|s| s.remove("frames/1767/4.png"), &["frames/1767: frame 4 is missing"]),
                (|s| s.edit(FILE, "emotion", "mood"), &["line 1: no column `emotion`"]),
            ],
        );
    }

    #[test]
    fn a_missing_table_is_named() {
        let set = set();
        set.remove("mmi.csv");
        let faults = list(set.root()).faults;
        assert!(faults[0].to_string().contains("mmi.csv"), "{faults:?}");
    }
}
