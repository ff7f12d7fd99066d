//! AffectNet as DAN keeps it: one folder a label, `{train,val}/<0-7>/*.jpg`, and nothing but the
//! expression.

use std::path::Path;

use super::{annotation, parts};
use crate::{
    DataError,
    listing::{Lister, folders, name, picture, pictures},
    manifest::{Annotation, Entry},
};

/// Lists both parts, each by label and then by path.
pub(super) fn list(root: &Path, lister: &mut Lister) {
    for (folder, part) in parts(root, ["train", "val"]) {
        for class in lister.keep(folders(&folder)).unwrap_or_default() {
            let Some(annotation) = lister.keep(label(&class)) else { continue };
            for path in lister.keep(pictures(&class)).unwrap_or_default() {
                lister.add(Entry { part: Some(part), ..picture(path, annotation.clone()) });
            }
        }
    }
}

/// What the name of a folder says of its pictures.
fn label(folder: &Path) -> Result<Annotation, DataError> {
    let known = name(folder).parse().ok().and_then(annotation).and_then(Result::ok);
    known.ok_or_else(|| DataError::Unusable {
        path: folder.to_owned(),
        what: "a folder that is no label".to_owned(),
        fix: "folders must be called 0 (neutral) to 7 (contempt)",
    })
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use crate::{
        affectnet,
        fixture_b::{Tree, assert_fault, assert_ids},
        split::Part,
    };

    fn fixture() -> Tree {
        let tree = Tree::new();
        for (path, mark) in [("train/0/b.jpg", 0), ("train/7/a.jpg", 7), ("val/4/c.jpg", 4)] {
            tree.picture(path, mark);
        }
        tree
    }

    #[test]
    fn folders_name_the_expression() {
        let tree = fixture();
        let listing = affectnet::list(tree.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(tree.paths(&listing), ["train/0/b.jpg", "train/7/a.jpg", "val/4/c.jpg"]);
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
        let damages: [(fn(&Tree), usize, &str); 3] = [
            (|t| t.rename("train/7", "train/8"), 2, "train/8: a folder that is no label: folders"),
            (|t| t.rename("train/7", "train/sad"), 2, "train/sad: a folder that is no label"),
            (|t| t.remove("val"), 2, "val: check that it is there"),
        ];
        for (damage, left, complaint) in damages {
            let tree = fixture();
            damage(&tree);
            assert_fault(&affectnet::list(tree.root()), left, complaint);
        }
    }
}
