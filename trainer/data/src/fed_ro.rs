//! FED-RO (Li et al. 2019): 400 faces with real occlusions, to test on.
//!
//! ```text
//! {neural, disgust, fear, anger, happy, surprise, sad}/*.jpg
//! ```
//!
//! `neural` is the makers' spelling of neutral. There are neither landmarks nor subjects.

use std::path::Path;

use mien_shared::label::LabelMap;

use crate::{
    classes,
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
};

/// The folder as published.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "fed_ro",
    layout: "{neural, disgust, fear, anger, happy, surprise, sad}/*.jpg",
    official: Official { pictures: Some(400), subjects: None, classes: &[] },
    list,
};

/// Lists the seven folders, all of them for testing.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    classes::list(&mut listing, root, &LabelMap::FED_RO, |picture| {
        Ok(Entry { part: Some(Part::Test), ..Entry::file(picture.path.clone()) })
    });
    listing
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    fn set() -> Fixture {
        let set = Fixture::new();
        set.classes(".", &LabelMap::FED_RO, &["1.jpg", "2.jpg"]);
        set
    }

    #[test]
    fn everything_is_for_testing_and_neural_is_neutral() {
        let set = set();
        let manifest = list(set.root()).manifest;
        assert_eq!(manifest.part(Part::Test).count(), 14);
        let neutral = |e: &&Entry| e.annotation.expression == Some(Expression::Neutral);
        assert_eq!(manifest.entries.iter().filter(neutral).count(), 2);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            list,
            &[
                (|s| s.remove("neural"), &["no folder for neutral", "unpack"]),
                (|s| s.folder("contempt"), &["contempt", "is no label of FED-RO", "move it away"]),
                (|s| s.text("sad/3.gif", ""), &["3.gif: not a picture", "keep only png"]),
            ],
        );
    }
}
