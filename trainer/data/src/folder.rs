//! Anybody's own pictures: a folder for each class, within a folder for each part where there are
//! parts.
//!
//! ```text
//! ROOT/anger/*.png                 or      ROOT/train/anger/*.png
//! ROOT/happy/*.jpg                         ROOT/valid/0_angry/*.jpg   ROOT/test/...
//! ROOT/subjects.csv                        file,subject
//!                                          train/anger/a.png,Ann
//! ```
//!
//! A class is any common word for an expression, numbers and dashes about it left aside. With
//! `subjects.csv` every picture must have a row in it; without, and without parts, pictures are
//! split by their file names, and the same person may be on both sides.

use std::{collections::BTreeMap, path::Path};

use mien_shared::label::Expression;

use crate::{
    DataError,
    classes::{self, unknown_class},
    files::{self, Child},
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
    table::Table,
};

/// Any folder of that form.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "folder",
    layout: "CLASS/*.png or {train, valid, test}/CLASS/*.png, and perhaps subjects.csv",
    official: Official { pictures: None, subjects: None, classes: &[] },
    list,
};

/// Lists a folder of class folders, or of parts that hold them.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let Some(folders) = listing.take(files::folders(root)) else { return listing };
    if folders.is_empty() {
        let fix = "make a folder for each class in it, or for each part with the classes in that";
        let what = "holds no folder".to_owned();
        listing.faults.push(DataError::Unusable { path: root.to_owned(), what, fix });
        return listing;
    }
    let parted = folders.iter().any(|folder| part(&folder.name).is_some());
    if parted {
        for folder in folders {
            list_part(&mut listing, &folder);
        }
    } else {
        list_classes(&mut listing, folders, None);
    }
    if root.join(SUBJECTS).exists() {
        let named = name_subjects(&mut listing, root);
        listing.take(named);
    }
    listing
}

/// The table of who is shown.
const SUBJECTS: &str = "subjects.csv";

/// Whether the folders of `root` are those of this set.
pub(crate) fn is_one(root: &Path) -> bool {
    let folders = files::folders(root).unwrap_or_default();
    let fits = |folder: &Child| part(&folder.name).is_some() || class(&folder.name).is_some();
    !folders.is_empty() && folders.iter().all(fits)
}

/// The part a folder's name means.
fn part(name: &str) -> Option<Part> {
    match name.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "valid" | "val" | "validation" | "dev" => Some(Part::Valid),
        "test" | "testing" => Some(Part::Test),
        _ => None,
    }
}

/// The expression a folder's name means.
fn class(name: &str) -> Option<Expression> {
    Expression::from_word(name.trim_matches(|c: char| !c.is_alphabetic()))
}

fn list_part(listing: &mut Listing, folder: &Child) {
    let Some(part) = part(&folder.name) else {
        let what = "neither train, valid nor test, as its neighbours are".to_owned();
        listing.faults.push(unknown_class(folder, what));
        return;
    };
    if let Some(folders) = listing.take(files::folders(&folder.path)) {
        list_classes(listing, folders, Some(part));
    }
}

fn list_classes(listing: &mut Listing, folders: Vec<Child>, part: Option<Part>) {
    for folder in folders {
        let Some(expression) = class(&folder.name) else {
            let what =
                format!("no word for any of {}", Expression::ALL.map(Expression::name).join(", "));
            listing.faults.push(unknown_class(&folder, what));
            continue;
        };
        classes::list_one(listing, &folder.path, expression, &|picture: &Child| {
            Ok(Entry { part, ..Entry::file(picture.path.clone()) })
        });
    }
}

/// Gives every entry the subject that `subjects.csv` names.
fn name_subjects(listing: &mut Listing, root: &Path) -> Result<(), DataError> {
    let table = Table::open(&root.join(SUBJECTS))?;
    let [file, subject] = table.columns(["file", "subject"])?;
    let mut unnamed: BTreeMap<_, _> = listing
        .manifest
        .entries
        .iter_mut()
        .filter_map(|entry| Some((entry.path()?.to_owned(), entry)))
        .collect();
    for row in table.rows() {
        let path = files::below(root, &row.text(file).replace('\\', "/"));
        let entry = path.and_then(|path| unnamed.remove(&path));
        match entry {
            None => listing.faults.push(row.fault(file, "it must be a listed picture, named once")),
            Some(_) if row.text(subject).is_empty() => {
                listing.faults.push(row.fault(subject, "it must say who is shown"));
            }
            Some(entry) => entry.subject = Some(row.text(subject).to_owned()),
        }
    }
    listing.faults.extend(unnamed.into_keys().map(|path| DataError::Unusable {
        path,
        what: "subjects.csv does not say who is shown".to_owned(),
        fix: "add a row for it",
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    const ROWS: &str = "file,subject\ntrain/anger/a.png,Ann\ntrain/2-Happy/b.jpg,Bob\n\
        validation\\fearful\\c.bmp,Cat\ntest/SAD/d.webp,Dan\n";

    fn set() -> Fixture {
        let set = Fixture::new();
        for (file, mark) in
            ["train/anger/a.png", "train/2-Happy/b.jpg", "validation/fearful/c.bmp"].iter().zip(0..)
        {
            set.picture(file, mark);
        }
        set.picture("test/SAD/d.webp", 3);
        set.text("subjects.csv", ROWS);
        set
    }

    #[test]
    fn words_and_parts_are_read_whatever_their_form() {
        let set = set();
        let entries = list(set.root()).manifest.entries;
        let read: Vec<_> = entries
            .iter()
            .map(|e| {
                (e.annotation.expression.unwrap(), e.part.unwrap(), e.subject.as_deref().unwrap())
            })
            .collect();
        assert_eq!(
            read,
            [
                (Expression::Sadness, Part::Test, "Dan"),
                (Expression::Happiness, Part::Train, "Bob"),
                (Expression::Anger, Part::Train, "Ann"),
                (Expression::Fear, Part::Valid, "Cat"),
            ]
        );
        assert!(entries.iter().all(|entry| entry.grey(8).is_ok()));
    }

    #[test]
    fn without_parts_there_is_none_and_without_a_table_nobody_is_named() {
        let set = Fixture::new();
        set.picture("happy/a.png", 0);
        set.picture("03_contempt/b.png", 1);
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let entry = &listing.manifest.entries[0];
        assert_eq!((entry.annotation.expression, entry.part), (Some(Expression::Contempt), None));
        assert_eq!((entry.subject.as_deref(), entry.part()), (None, Part::of("b.png")));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            list,
            &[
                (
                    |s| s.folder("train/bored"),
                    &["train/bored", "no word for any of neutral", "move it away"],
                ),
                (|s| s.folder("anger"), &["anger", "neither train, valid nor test"]),
                (
                    |s| s.folder("train/fear"),
                    &["train/fear: holds no picture", "remove the folder"],
                ),
                (|s| s.text("train/anger/a.txt", ""), &["a.txt: not a picture", "keep only png"]),
                (
                    |s| s.picture("train/anger/z.png", 1),
                    &["z.png: subjects.csv does not", "add a row"],
                ),
                (|s| s.edit("subjects.csv", "Ann", ""), &["subjects.csv, line 2: subject is ``"]),
                (
                    |s| s.edit("subjects.csv", "Dan\n", "Dan\nx.png,Eve\n"),
                    &["line 6: file is `x.png`", "named once"],
                ),
                (
                    |s| s.edit("subjects.csv", "Dan\n", "Dan\ntest/SAD/d.webp,Eve\n"),
                    &["line 6: file is"],
                ),
                (
                    |s| s.edit("subjects.csv", "Dan\n", "Dan\n../d.webp,Eve\n"),
                    &["line 6: file is `../d.webp`"],
                ),
                (|s| s.edit("subjects.csv", "subject\n", "who\n"), &["no column `subject`"]),
            ],
        );
    }

    #[test]
    fn a_folder_of_classes_is_recognised() {
        let set = set();
        assert!(is_one(set.root()) && is_one(&set.path("train")));
        set.folder("papers");
        assert!(!is_one(set.root()));
    }
}
