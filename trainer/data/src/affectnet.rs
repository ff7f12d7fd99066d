//! `AffectNet`: faces from the web with one of eight expressions, valence and arousal.
//!
//! Three forms are told apart by what lies in the root folder:
//!
//! ```text
//! Manually_Annotated_file_lists/{training,validation}.csv    the makers' first form: lists, see
//! Manually_Annotated_Images/<folder>/<hash>.jpg              `lists`
//! {train,val}_set/{images,annotations}                       their later form: numpy arrays, see
//!                                                            `arrays`
//! {train,val}/<0-7>/*.jpg                                    DAN's form: folders, see `folders`
//! ```
//!
//! Labels 8 (none), 9 (uncertain) and 10 (no face) are left out and counted, as in the eight-class
//! protocol. Valence and arousal of -2 are undefined. Validation is [`Part::Valid`]; the test part
//! is not published. Subjects are not known.
//! Set: Mollahosseini, Hasani and Mahoor, IEEE TAC 2017, arXiv 1708.03985.

use std::path::{Path, PathBuf};

use mien_shared::label::LabelMap;

use super::{
    DataError,
    manifest::{Annotation, ListAdapter, Listing, Official},
    split::Part,
};

mod arrays;
mod folders;
mod lists;

/// Valence or arousal that is undefined.
const UNDEFINED: f32 = -2.0;

/// What is asked of an expression's number.
const EXPRESSIONS: &str = "it must be 0 (neutral) to 10 (no-face)";

/// What is asked of valence and arousal.
const CIRCUMPLEX: &str = "it must be -1 to 1, or -2 for undefined";

/// The eight classes of both published parts.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "affectnet",
    layout: "Manually_Annotated_file_lists + Manually_Annotated_Images, or {train,val}_set/\
             {images,annotations}, or {train,val}/<0-7>",
    official: Official {
        pictures: Some(291_651),
        subjects: None,
        classes: &[
            ("neutral", 75_374),
            ("happiness", 134_915),
            ("sadness", 25_959),
            ("surprise", 14_590),
            ("fear", 6_878),
            ("disgust", 4_303),
            ("anger", 25_382),
            ("contempt", 4_250),
        ],
    },
    list,
};

/// Lists the training part, then the validation part, in the order of the lists or paths.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    if root.join(lists::LISTS).is_dir() {
        lists::list(root, &mut listing);
    } else if root.join("train_set").is_dir() || root.join("val_set").is_dir() {
        arrays::list(root, &mut listing);
    } else if root.join("train").is_dir() || root.join("val").is_dir() {
        folders::list(root, &mut listing);
    } else {
        listing.faults.push(DataError::Unusable {
            path: root.to_owned(),
            what: "none of AffectNet's three forms".to_owned(),
            fix: "it must hold Manually_Annotated_file_lists, train_set and val_set, or train and \
                  val",
        });
    }
    listing.or_empty_fault(root)
}

/// What a label comes to: an annotation, or why its pictures are left out; `None` where there is
/// no such label.
fn annotation(id: u8) -> Option<Result<Annotation, &'static str>> {
    let label = LabelMap::AFFECTNET.entries.iter().find(|entry| entry.id == Some(id))?;
    Some(match label.expression {
        Some(_) => Ok(Annotation { expression: label.expression, ..Annotation::default() }),
        None => Err(label.token),
    })
}

/// Valence and arousal, `None` where either is undefined.
fn circumplex(pair: [f32; 2]) -> Option<[f32; 2]> {
    (!pair.contains(&UNDEFINED)).then_some(pair)
}

/// Whether a number is a valence, an arousal or undefined.
fn is_circumplex(value: f32) -> bool {
    (-1.0..=1.0).contains(&value) || circumplex([value; 2]).is_none()
}

/// The two published parts, each with the folder that holds it, given their names.
fn parts(root: &Path, names: [&str; 2]) -> [(PathBuf, Part); 2] {
    let [train, valid] = names.map(|name| root.join(name));
    [(train, Part::Train), (valid, Part::Valid)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, binary::assert_fault};

    #[test]
    fn a_folder_of_no_known_form_is_refused() {
        let set = Fixture::new();
        assert_fault(&list(set.root()), 0, "none of AffectNet's three forms: it must hold");
    }

    #[test]
    fn the_published_counts_add_up() {
        let sum = ADAPTER.official.classes.iter().map(|(_, count)| count).sum::<usize>();
        assert_eq!(Some(sum), ADAPTER.official.pictures);
    }

    #[test]
    fn labels_that_are_no_expression_are_left_out_by_name() {
        assert_eq!(
            [8, 9, 10].map(|id| annotation(id).unwrap().unwrap_err()),
            ["none", "uncertain", "no-face"]
        );
        assert!(annotation(11).is_none());
    }

    #[test]
    fn one_undefined_number_makes_the_pair_undefined() {
        assert_eq!(circumplex([-2.0, 0.5]), None);
        assert_eq!(circumplex([-1.0, 0.5]), Some([-1.0, 0.5]));
        assert!(!is_circumplex(-1.5) && !is_circumplex(f32::NAN));
    }
}
