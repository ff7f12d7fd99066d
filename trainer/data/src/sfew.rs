//! SFEW 2.0 (Dhall et al. 2015): stills from films, faces aligned to 143 × 181 pixels.
//!
//! ```text
//! Train/Train_Aligned_Faces/Angry/<film>_<time>.png      891
//! Val/Val_Aligned_Faces/Angry/<film>_<time>.png          431; some copies add `_new`
//! ```
//!
//! The test part has no labels and is not listed.

use std::path::Path;

use mien_shared::label::LabelMap;

use crate::{
    classes, files,
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
};

/// The aligned faces.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "sfew",
    layout: "Train/Train_Aligned_Faces/Angry/*.png and Val/Val_Aligned_Faces/Angry/*.png",
    official: Official { pictures: Some(891 + 431), subjects: None, classes: &[] },
    list,
};

/// Each part and where copies have it.
const PARTS: [(Part, &[&str]); 2] = [
    (Part::Train, &["Train/Train_Aligned_Faces"]),
    (Part::Valid, &["Val/Val_Aligned_Faces_new", "Val/Val_Aligned_Faces"]),
];

/// Lists the two labelled parts.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    for (part, places) in PARTS {
        if let Some(folder) = listing.take(files::find_any(root, places)) {
            classes::list(&mut listing, &folder, &LabelMap::SFEW, |picture| {
                Ok(Entry { part: Some(part), ..Entry::file(picture.path.clone()) })
            });
        }
    }
    listing
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    fn set() -> Fixture {
        let set = Fixture::new();
        for folder in ["Train/Train_Aligned_Faces", "Val/Val_Aligned_Faces_new"] {
            let films = ["Hangover_001020.png", "JennyLind_000354.png"];
            set.classes(folder, &LabelMap::SFEW, &films);
        }
        set.folder("Test/Test_Aligned_Faces");
        set
    }

    #[test]
    fn both_names_of_the_validation_folder_are_known() {
        let set = set();
        let listing = list(set.root());
        assert_eq!(listing.manifest.part(Part::Train).count(), 14);
        assert_eq!(listing.manifest.part(Part::Valid).count(), 14);
        assert_eq!(listing.manifest.entries[4].annotation.expression, Some(Expression::Fear));
        set.rename("Val/Val_Aligned_Faces_new", "Val/Val_Aligned_Faces");
        assert_eq!(list(set.root()).manifest.part(Part::Valid).count(), 14);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            list,
            &[
                (|s| s.remove("Val"), &["no `Val/Val_Aligned_Faces_new` in it", "unpacked"]),
                (
                    |s| s.remove("Train/Train_Aligned_Faces/Sad"),
                    &["no folder for sadness", "unpack"],
                ),
                (
                    |s| {
                        s.rename(
                            "Train/Train_Aligned_Faces/Sad/Hangover_001020.png",
                            "Train/Train_Aligned_Faces/Sad/a.tif",
                        );
                    },
                    &["a.tif: not a picture", "keep only png"],
                ),
                (
                    |s| s.folder("Train/Train_Aligned_Faces/Bored"),
                    &["\"Bored\" is no label of SFEW", "move it away"],
                ),
            ],
        );
    }
}
