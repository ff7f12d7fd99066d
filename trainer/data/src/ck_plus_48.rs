//! CK+48: the last three frames of CK+'s labelled sequences as faces of 48 × 48 pixels, a folder
//! for each of seven classes.
//!
//! ```text
//! CK+48/anger/S010_004_00000017.png      subject, session, frame
//! ```
//!
//! The names tell subjects and sequences apart, so it is split by subject like CK+ itself.

use std::path::Path;

use mien_shared::label::LabelMap;

use crate::{
    DataError, classes,
    files::{self, Child},
    manifest::{Entry, ListAdapter, Listing, Official},
};

/// The published folder.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "ck_plus_48",
    layout: "CK+48/{anger, contempt, disgust, fear, happy, sadness, surprise}/*.png",
    official: Official {
        pictures: Some(981),
        subjects: Some(118),
        classes: &[
            ("anger", 135),
            ("contempt", 54),
            ("disgust", 177),
            ("fear", 75),
            ("happiness", 207),
            ("sadness", 84),
            ("surprise", 249),
        ],
    },
    list,
};

/// Lists `root` or the folder `CK+48` within it.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let folder = files::find(root, "CK+48").unwrap_or_else(|| root.to_owned());
    classes::list(&mut listing, &folder, &LabelMap::CK_PLUS_48, entry);
    listing
}

fn entry(picture: &Child) -> Result<Entry, DataError> {
    let mut parts = picture.stem().split('_');
    let (Some(subject), Some(session), Some(_frame), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(DataError::Unusable {
            path: picture.path.clone(),
            what: "its name does not say who is shown".to_owned(),
            fix: "it must be subject, session and frame, as in S010_004_00000017.png",
        });
    };
    let mut entry = Entry::file(picture.path.clone());
    entry.subject = Some(subject.to_owned());
    entry.sequence = Some(format!("{subject}/{session}"));
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    fn set() -> Fixture {
        let set = Fixture::new();
        for (class, mark) in LabelMap::CK_PLUS_48.entries.iter().zip(0..) {
            for subject in ["S010", "S011", "S999"] {
                set.picture(
                    &format!("CK+48/{}/{subject}_00{mark}_00000017.png", class.token),
                    mark,
                );
            }
        }
        set
    }

    #[test]
    fn the_name_gives_subject_and_sequence_and_the_folder_the_class() {
        let set = set();
        let manifest = list(set.root()).manifest;
        assert_eq!(manifest.entries.len(), 21);
        let entry = &manifest.entries[13];
        assert_eq!(entry.annotation.expression, Some(Expression::Happiness));
        assert_eq!(
            (entry.subject.as_deref(), entry.sequence.as_deref()),
            (Some("S011"), Some("S011/004"))
        );
        assert_eq!(list(&set.path("CK+48")).manifest, manifest);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            list,
            &[
                (
                    |s| s.picture("CK+48/fear/face.png", 1),
                    &["face.png", "who is shown", "S010_004_00000017.png"],
                ),
                (
                    |s| s.picture("CK+48/neutral/S010_001_00000001.png", 1),
                    &["neutral", "is no label of CK+48", "move it away"],
                ),
                (
                    |s| s.remove("CK+48/fear"),
                    &["CK+48: no folder for fear", "unpack the set again"],
                ),
                (
                    |s| s.text("CK+48/fear/list.txt", ""),
                    &["list.txt: not a picture", "keep only png"],
                ),
                (
                    |s| {
                        s.remove("CK+48/fear");
                        s.folder("CK+48/fear");
                    },
                    &["fear: holds no picture"],
                ),
            ],
        );
    }
}
