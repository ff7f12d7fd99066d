//! BU-4DFE: 101 subjects acting six expressions in films of about a hundred frames.
//!
//! `F001/Angry/000.jpg …`: subject, expression, frame. A film starts neutral, rises to its peak
//! near the middle and falls again; every frame carries the label of its film, so that whoever
//! wants peaks takes them by `sequence`.
//! Set: Yin et al., FG 2008. The three-dimensional scans are not read.

use std::path::Path;

use mien_shared::label::{Expression, LabelMap};

use super::{
    DataError,
    files::{self, Child},
    manifest::{Annotation, Entry, ListAdapter, Listing, Official},
    sequence::{self, Frame},
};

/// All frames.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "bu4dfe",
    layout: "F001/{Angry,Disgust,Fear,Happy,Sad,Surprise}/000.jpg",
    official: Official { pictures: None, subjects: Some(101), classes: &[] },
    list,
};

/// Lists every frame, film by film.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    for subject in listing.take(some_folders(root, SUBJECTS)).unwrap_or_default() {
        if listing.take(check_subject(&subject)).is_none() {
            continue;
        }
        for film in listing.take(some_folders(&subject.path, FILMS)).unwrap_or_default() {
            let entries = entries(&subject, &film);
            for entry in listing.take(entries).unwrap_or_default() {
                listing.add(Ok(entry));
            }
        }
    }
    listing
}

const EMPTY: &str = "an empty folder";
const SUBJECTS: &str = "it must hold folders F001 …, one a subject";
const FILMS: &str = "it must hold folders Angry … Surprise, one an expression";
const FRAMES: &str = "it must hold frames numbered without a gap, such as 000.jpg, 001.jpg";

fn unusable(path: &Path, what: String, fix: &'static str) -> DataError {
    DataError::Unusable { path: path.to_owned(), what, fix }
}

/// The folders within `folder`, of which there must be one.
fn some_folders(folder: &Path, fix: &'static str) -> Result<Vec<Child>, DataError> {
    let found = files::folders(folder)?;
    if found.is_empty() { Err(unusable(folder, EMPTY.to_owned(), fix)) } else { Ok(found) }
}

/// Refuses a folder whose name is no subject's.
fn check_subject(folder: &Child) -> Result<(), DataError> {
    let digits = folder.name.strip_prefix(['F', 'M']);
    let known = digits.is_some_and(|d| d.len() == 3 && d.bytes().all(|b| b.is_ascii_digit()));
    let fix = "subjects must be called F001 … or M001 …";
    known
        .then_some(())
        .ok_or_else(|| unusable(&folder.path, "a folder of no subject".to_owned(), fix))
}

/// The frames of a film, which must be numbered without a gap.
fn entries(subject: &Child, film: &Child) -> Result<Vec<Entry>, DataError> {
    let expression = expression(film)?;
    let frames = sequence::frames(&film.path)?;
    if frames.is_empty() {
        return Err(unusable(&film.path, EMPTY.to_owned(), FRAMES));
    }
    let annotation = Annotation { expression: Some(expression), ..Annotation::default() };
    let entry = |frame: Frame| Entry {
        subject: Some(subject.name.clone()),
        sequence: Some(format!("{}/{}", subject.name, film.name)),
        annotation: annotation.clone(),
        ..Entry::file(frame.path)
    };
    Ok(frames.into_iter().map(entry).collect())
}

fn expression(film: &Child) -> Result<Expression, DataError> {
    let known = LabelMap::BU_4DFE.by_token(&film.name).ok().flatten();
    let what = || "a folder of no expression".to_owned();
    known.ok_or_else(|| unusable(&film.path, what(), "expressions must be called Angry … Surprise"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_ids},
    };

    /// Three subjects with two films of three frames each.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        let frames = (0..3).flat_map(|frame| [("Angry", frame), ("Surprise", frame)]);
        for (film, frame) in frames {
            for subject in ["F001", "F002", "M043"] {
                set.picture(&format!("{subject}/{film}/{frame:03}.jpg"), frame);
            }
        }
        set
    }

    #[test]
    fn each_frame_carries_the_label_of_its_film() {
        let set = fixture();
        set.text("F001/.DS_Store", "");
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 18);
        let entry = &listing.manifest.entries[4];
        assert_eq!(set.path_of(entry), "F001/Surprise/001.jpg");
        assert_eq!(entry.annotation.expression, Some(Expression::Surprise));
        assert_eq!(entry.subject.as_deref(), Some("F001"));
        assert_eq!(entry.sequence.as_deref(), Some("F001/Surprise"));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (|t| t.remove("F002/Angry/001.jpg"), 15, "F002/Angry: frame 1 is missing"),
                (
                    |t| t.rename("F002/Angry", "F002/Bored"),
                    15,
                    "F002/Bored: a folder of no expression",
                ),
                (
                    |t| t.rename("F002/Angry", "F002/Neutral"),
                    15,
                    "F002/Neutral: a folder of no expres",
                ),
                (
                    |t| t.rename("F002", "X002"),
                    12,
                    "X002: a folder of no subject: subjects must be",
                ),
                (
                    |t| t.text("F003/Angry/readme.txt", ""),
                    18,
                    "F003/Angry: an empty folder: it must",
                ),
                (
                    |t| ["F001", "F002", "M043"].into_iter().for_each(|s| t.remove(s)),
                    0,
                    "an empty folder: it",
                ),
            ],
        );
    }
}
