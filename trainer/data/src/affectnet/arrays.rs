//! `AffectNet` as later published: faces of 224 × 224 pixels, four numpy arrays each.
//!
//! ```text
//! {train,val}_set/images/<id>.jpg
//! {train,val}_set/annotations/<id>_exp.npy   label, a number or its text
//!                             <id>_val.npy   valence   <id>_aro.npy   arousal
//!                             <id>_lnd.npy   68 points, x and y in turn, in pixels
//! ```

use std::path::Path;

use mien_shared::geometry::LANDMARKS;

use super::{CIRCUMPLEX, EXPRESSIONS, annotation, circumplex, is_circumplex, lists, parts};
use crate::{
    DataError,
    files::{self, Child},
    manifest::{Annotation, Entry, Found, Listing},
    npy,
    split::Part,
};

/// Lists both parts, each by name.
pub(super) fn list(root: &Path, listing: &mut Listing) {
    for (folder, part) in parts(root, ["train_set", "val_set"]) {
        let annotations = folder.join("annotations");
        for face in listing.take(files::some_pictures(&folder.join("images"))).unwrap_or_default() {
            listing.note(found(&face, &annotations, part));
        }
    }
}

fn found(face: &Child, annotations: &Path, part: Part) -> Result<Found, DataError> {
    let array = |kind| annotations.join(format!("{}_{kind}.npy", face.stem()));
    let mut annotation = match label(&array("exp"))? {
        Ok(annotation) => annotation,
        Err(reason) => return Ok(Found::LeftOut(reason)),
    };
    let pair = [number(&array("val"))?, number(&array("aro"))?];
    annotation.valence_arousal = circumplex(pair);
    let numbers: Vec<f32> =
        npy::numbers(&array("lnd"), 2 * LANDMARKS)?.into_iter().map(narrow).collect();
    annotation.landmarks = lists::points(&numbers);
    Ok(Entry { part: Some(part), annotation, ..Entry::file(face.path.clone()) }.into())
}

/// What the label in a file comes to.
fn label(path: &Path) -> Result<Result<Annotation, &'static str>, DataError> {
    let value = npy::number(path)?;
    let id = (0..=u8::MAX).find(|id| f64::from(*id).total_cmp(&value).is_eq());
    id.and_then(annotation).ok_or_else(|| misfit(path, value, EXPRESSIONS))
}

/// The valence or arousal in a file.
fn number(path: &Path) -> Result<f32, DataError> {
    let value = npy::number(path)?;
    Some(narrow(value)).filter(|v| is_circumplex(*v)).ok_or_else(|| misfit(path, value, CIRCUMPLEX))
}

/// The complaint that a file holds another number than it must.
fn misfit(path: &Path, value: f64, fix: &'static str) -> DataError {
    DataError::Unusable { path: path.to_owned(), what: format!("the number {value}"), fix }
}

#[expect(clippy::cast_possible_truncation, reason = "annotations have few digits")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::{
        affectnet,
        fixture::{
            Fixture,
            binary::{assert_each_leaves, assert_ids, npy},
        },
    };

    /// A text array, as in the published files.
    fn text(value: &str) -> Vec<u8> {
        let items: Vec<u8> = value.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        npy(&format!("<U{}", value.len()), "()", &items)
    }

    fn face(set: &Fixture, part: &str, id: u32, [expression, valence, arousal]: [&str; 3]) {
        set.picture(&format!("{part}/images/{id}.jpg"), id % 8);
        let at = |kind| format!("{part}/annotations/{id}_{kind}.npy");
        set.bytes(&at("exp"), &text(expression));
        set.bytes(&at("val"), &text(valence));
        set.bytes(&at("aro"), &text(arousal));
        let points: Vec<u8> = (0..136).flat_map(|n| f64::from(n).to_le_bytes()).collect();
        set.bytes(&at("lnd"), &npy("<f8", "(136,)", &points));
    }

    fn fixture() -> Fixture {
        let set = Fixture::new();
        face(&set, "train_set", 10, ["3", "0.25", "-0.5"]);
        face(&set, "train_set", 9, ["1", "-2", "0.5"]);
        face(&set, "train_set", 11, ["9", "-2", "-2"]);
        face(&set, "val_set", 0, ["7", "1", "-1"]);
        set.bytes("train_set/annotations/10_exp.npy", &npy("<i8", "()", &3_i64.to_le_bytes()));
        set
    }

    #[test]
    fn texts_and_numbers_are_read_by_name() {
        let set = fixture();
        let listing = affectnet::list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.dropped.get("uncertain"), Some(&1));
        let [surprised, happy, contempt] = &listing.manifest.entries[..] else { panic!() };
        assert_eq!(set.path_of(happy), "train_set/images/9.jpg");
        assert_eq!(happy.annotation.valence_arousal, None);
        assert_eq!(surprised.annotation.expression, Some(Expression::Surprise));
        assert_eq!(surprised.annotation.valence_arousal, Some([0.25, -0.5]));
        assert_eq!(surprised.annotation.landmarks[67].x.to_bits(), 134.0_f32.to_bits());
        assert_eq!(contempt.annotation.expression, Some(Expression::Contempt));
        assert_eq!(contempt.part, Some(Part::Valid));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            affectnet::list,
            &[
                (
                    |t| t.bytes("train_set/annotations/9_exp.npy", &text("12")),
                    2,
                    "9_exp.npy: the num",
                ),
                (|t| t.bytes("train_set/annotations/9_exp.npy", &text("0.5")), 2, "the number 0.5"),
                (
                    |t| t.bytes("train_set/annotations/9_exp.npy", &text("sad")),
                    2,
                    "that is no number",
                ),
                (
                    |t| t.bytes("train_set/annotations/9_aro.npy", &text("3")),
                    2,
                    "9_aro.npy: the num",
                ),
                (
                    |t| t.bytes("train_set/annotations/9_lnd.npy", &text("3")),
                    2,
                    "1 items instead of",
                ),
                (|t| t.remove("train_set/annotations/9_val.npy"), 2, "9_val.npy: check that it is"),
                (
                    |t| t.remove("val_set/images/0.jpg"),
                    2,
                    "val_set/images: holds no picture: fetch",
                ),
                (|t| t.remove("val_set"), 2, "val_set/images: check that it is there"),
            ],
        );
    }
}
