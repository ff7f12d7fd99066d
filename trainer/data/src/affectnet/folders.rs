//! `AffectNet` as DAN keeps it: one folder a label, `{train,val}/<0-7>/*.jpg`, and nothing but the
//! expression.

use std::path::Path;

use super::{annotation, parts};
use crate::{
    DataError,
    files::{self, Child},
    manifest::{Annotation, Entry, Listing},
};

/// Lists both parts, each by label and then by path.
pub(super) fn list(root: &Path, listing: &mut Listing) {
    for (folder, part) in parts(root, ["train", "val"]) {
        for class in listing.take(files::folders(&folder)).unwrap_or_default() {
            let Some(annotation) = listing.take(label(&class)) else { continue };
            for face in listing.take(files::some_pictures(&class.path)).unwrap_or_default() {
                let annotation = annotation.clone();
                listing.add(Ok(Entry { part: Some(part), annotation, ..Entry::file(face.path) }));
            }
        }
    }
}

/// What the name of a folder says of its pictures.
fn label(folder: &Child) -> Result<Annotation, DataError> {
    let known = folder.name.parse().ok().and_then(annotation).and_then(Result::ok);
    known.ok_or_else(|| DataError::Unusable {
        path: folder.path.clone(),
        what: "a folder that is no label".to_owned(),
        fix: "folders must be called 0 (neutral) to 7 (contempt)",
    })
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use crate::{
        affectnet,
        fixture::{
            Fixture,
            binary::{assert_each_leaves, assert_ids},
        },
        split::Part,
    };

    fn fixture() -> Fixture {
        let set = Fixture::new();
        for (path, mark) in [("train/0/b.jpg", 0), ("train/7/a.jpg", 7), ("val/4/c.jpg", 4)] {
            set.picture(path, mark);
        }
        set
    }

    #[test]
    fn folders_name_the_expression() {
        let set = fixture();
        let listing = affectnet::list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        let paths: Vec<_> = listing.manifest.entries.iter().map(|e| set.path_of(e)).collect();
        assert_eq!(paths, ["train/0/b.jpg", "train/7/a.jpg", "val/4/c.jpg"]);
        let labels: Vec<_> =
            listing.manifest.entries.iter().map(|e| (e.annotation.expression, e.part)).collect();
        assert_eq!(
            labels,
            [
                (Some(Expression::Neutral), Some(Part::Train)),
                (Some(Expression::Contempt), Some(Part::Train)),
                (Some(Expression::Fear), Some(Part::Valid)),
            ]
        );
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            affectnet::list,
            &[
                (
                    |t| t.rename("train/7", "train/8"),
                    2,
                    "train/8: a folder that is no label: folders",
                ),
                (|t| t.rename("train/7", "train/sad"), 2, "train/sad: a folder that is no label"),
                (|t| t.remove("val/4/c.jpg"), 2, "val/4: holds no picture: fetch the set again"),
                (|t| t.remove("val"), 2, "val: check that it is there"),
            ],
        );
    }
}
