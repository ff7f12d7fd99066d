//! BU-4DFE: 101 subjects acting six expressions in films of about a hundred frames.
//!
//! `F001/Angry/000.jpg …`: subject, expression, frame. A film starts neutral, rises to its peak
//! near the middle and falls again; every frame carries the label of its film, so that whoever
//! wants peaks takes them by `sequence`.
//! Set: Yin et al., FG 2008. The three-dimensional scans are not read.

use std::path::{Path, PathBuf};

use mien_shared::label::{Expression, LabelMap};

use super::{
    DataError,
    listing::{Lister, folders, frames, name, picture},
    manifest::{Annotation, Entry, ListAdapter, Listing, Official},
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
    let mut lister = Lister::new(ADAPTER.name);
    for subject in lister.keep(some_folders(root, SUBJECTS)).unwrap_or_default() {
        if lister.keep(check_subject(&subject)).is_none() {
            continue;
        }
        for film in lister.keep(some_folders(&subject, FILMS)).unwrap_or_default() {
            let entries = entries(&subject, &film);
            for entry in lister.keep(entries).unwrap_or_default() {
                lister.add(entry);
            }
        }
    }
    lister.finish()
}

const EMPTY: &str = "an empty folder";
const SUBJECTS: &str = "it must hold folders F001 …, one a subject";
const FILMS: &str = "it must hold folders Angry … Surprise, one an expression";
const FRAMES: &str = "it must hold frames numbered without a gap, such as 000.jpg, 001.jpg";

fn unusable(path: &Path, what: String, fix: &'static str) -> DataError {
    DataError::Unusable { path: path.to_owned(), what, fix }
}

/// The folders within `folder`, of which there must be one.
fn some_folders(folder: &Path, fix: &'static str) -> Result<Vec<PathBuf>, DataError> {
    let found = folders(folder)?;
    if found.is_empty() { Err(unusable(folder, EMPTY.to_owned(), fix)) } else { Ok(found) }
}

/// Refuses a folder whose name is no subject's.
fn check_subject(folder: &Path) -> Result<(), DataError> {
    let digits = name(folder).strip_prefix(['F', 'M']);
    let known = digits.is_some_and(|d| d.len() == 3 && d.bytes().all(|b| b.is_ascii_digit()));
    let fix = "subjects must be called F001 … or M001 …";
    known.then_some(()).ok_or_else(|| unusable(folder, "a folder of no subject".to_owned(), fix))
}

/// The frames of a film, which must be numbered without a gap.
fn entries(subject: &Path, film: &Path) -> Result<Vec<Entry>, DataError> {
    let expression = expression(film)?;
    let frames = frames(film)?;
    if frames.is_empty() {
        return Err(unusable(film, EMPTY.to_owned(), FRAMES));
    }
    let numbers = || frames.keys().copied();
    if let Some((before, _)) = numbers().zip(numbers().skip(1)).find(|(a, b)| a + 1 != *b) {
        let what = format!("frame {before} is not followed by frame {}", before + 1);
        return Err(unusable(film, what, FRAMES));
    }
    let (subject, film) = (name(subject), name(film));
    let annotation = Annotation { expression: Some(expression), ..Annotation::default() };
    let entry = |path| Entry {
        subject: Some(subject.to_owned()),
        sequence: Some(format!("{subject}/{film}")),
        ..picture(path, annotation.clone())
    };
    Ok(frames.into_values().map(entry).collect())
}

fn expression(film: &Path) -> Result<Expression, DataError> {
    let known = LabelMap::BU_4DFE.by_token(name(film)).ok().flatten();
    let what = || "a folder of no expression".to_owned();
    known.ok_or_else(|| unusable(film, what(), "expressions must be called Angry … Surprise"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture_b::{Tree, assert_fault, assert_ids};

    /// Three subjects with two films of three frames each.
    fn fixture() -> Tree {
        let tree = Tree::new();
        for subject in ["F001", "F002", "M043"] {
            for (mark, film) in [(0, "Angry"), (5, "Surprise")] {
                for frame in 0..3 {
                    tree.picture(&format!("{subject}/{film}/{frame:03}.jpg"), mark + frame);
                }
            }
        }
        tree
    }

    #[test]
    fn each_frame_carries_the_label_of_its_film() {
        let tree = fixture();
        tree.text("F001/.DS_Store", "");
        let listing = list(tree.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 18);
        let entry = &listing.manifest.entries[4];
        assert_eq!(tree.path_of(entry), "F001/Surprise/001.jpg");
        assert_eq!(entry.annotation.expression, Some(Expression::Surprise));
        assert_eq!(entry.subject.as_deref(), Some("F001"));
        assert_eq!(entry.sequence.as_deref(), Some("F001/Surprise"));
    }

    #[test]
    fn each_broken_entry_is_named() {
        let damages: [(fn(&Tree), usize, &str); 6] = [
            (|t| t.remove("F002/Angry/001.jpg"), 15, "F002/Angry: frame 0 is not followed by fra"),
            (|t| t.rename("F002/Angry", "F002/Bored"), 15, "F002/Bored: a folder of no expression"),
            (|t| t.rename("F002/Angry", "F002/Neutral"), 15, "F002/Neutral: a folder of no expres"),
            (|t| t.rename("F002", "X002"), 12, "X002: a folder of no subject: subjects must be"),
            (|t| t.text("F003/Angry/readme.txt", ""), 18, "F003/Angry: an empty folder: it must"),
            (
                |t| ["F001", "F002", "M043"].into_iter().for_each(|s| t.remove(s)),
                0,
                "an empty folder: it",
            ),
        ];
        for (damage, left, complaint) in damages {
            let tree = fixture();
            damage(&tree);
            assert_fault(&list(tree.root()), left, complaint);
        }
    }
}
