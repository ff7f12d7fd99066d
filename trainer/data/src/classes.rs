//! Sets that keep the pictures of each class in a folder of its own.

use std::path::Path;

use mien_shared::label::{Expression, LabelMap};

use crate::{
    DataError,
    files::{self, Child, ONLY_PICTURES},
    manifest::{Entry, Listing},
};

/// Lists the folders in `root`, one for each class of `map`, all of which must be there;
/// `entry` says what is known of a picture beside its class.
pub(crate) fn list(
    listing: &mut Listing,
    root: &Path,
    map: &LabelMap,
    entry: impl Fn(&Child) -> Result<Entry, DataError>,
) {
    let Some(folders) = listing.take(files::folders(root)) else { return };
    let mut missing: Vec<Expression> = map.expressions().collect();
    for folder in folders {
        match map.by_token(&folder.name) {
            Ok(Some(expression)) => {
                missing.retain(|other| *other != expression);
                list_one(listing, &folder.path, expression, &entry);
            }
            Ok(None) => {}
            Err(unknown) => listing.faults.push(unknown_class(&folder, unknown.to_string())),
        }
    }
    listing.faults.extend(missing.into_iter().map(|expression| DataError::Unusable {
        path: root.to_owned(),
        what: format!("no folder for {expression}"),
        fix: "unpack the set again: it has one for each of its classes",
    }));
}

/// Lists the pictures of one class in `folder`.
pub(crate) fn list_one(
    listing: &mut Listing,
    folder: &Path,
    expression: Expression,
    entry: &impl Fn(&Child) -> Result<Entry, DataError>,
) {
    let Some(children) = listing.take(files::children(folder)) else { return };
    if children.is_empty() {
        let what = "holds no picture".to_owned();
        let fix = "fetch the set again, or remove the folder";
        listing.faults.push(DataError::Unusable { path: folder.to_owned(), what, fix });
    }
    for child in children {
        listing.add(if child.is_picture() {
            entry(&child).map(|mut entry| {
                entry.annotation.expression = Some(expression);
                entry
            })
        } else {
            let what = "not a picture that can be decoded".to_owned();
            Err(DataError::Unusable { path: child.path, what, fix: ONLY_PICTURES })
        });
    }
}

/// The complaint about a folder that is none of the classes.
pub(crate) fn unknown_class(folder: &Child, what: String) -> DataError {
    let fix = "give the folder the name of the class it holds, or move it away";
    DataError::Unusable { path: folder.path.clone(), what, fix }
}
