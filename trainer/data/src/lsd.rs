//! LSD, learning from synthetic data: six expressions on rendered faces, validated on real ones.
//!
//! ```text
//! training_set_synthetic_images/{ANGRER,DISGUST,FEAR,HAPPINESS,SADNESS,SURPRISE}/*.jpg
//! validation_set_real_images/<the same six>/*.jpg
//! {train,val}/<0-5>/*.jpg                                 the same as one team keeps it
//! landmarks/<part>/<class>/<stem>.txt                     optional: 68 lines "x y", in pixels
//! ```
//!
//! "ANGRER" is the real name. Landmarks lie in a tree of the pictures' own names and belong to the
//! picture of the same stem, whatever the order; where a part has such a tree, each of its pictures
//! must have a file in it. Subjects are not published. Validation is [`Part::Valid`]; the test part
//! is unlabelled and not listed.
//! Set: Kollias, ECCV workshops 2022, arXiv 2207.01138.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mien_shared::label::{Expression, LabelMap};

use super::{
    DataError,
    files::{self, Child},
    landmarks,
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
};

/// The folders of the parts, the challenge's own and one team's.
const FORMS: [[&str; 2]; 2] =
    [["training_set_synthetic_images", "validation_set_real_images"], ["train", "val"]];

/// The folder of the landmarks.
const LANDMARKS: &str = "landmarks";

/// Both labelled parts.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "lsd",
    layout: "{training_set_synthetic_images,validation_set_real_images}/{ANGRER,DISGUST,FEAR,\
             HAPPINESS,SADNESS,SURPRISE}/*.jpg or {train,val}/<0-5>/*.jpg, landmarks/",
    official: Official { pictures: Some(277_251 + 4_670), subjects: None, classes: &[] },
    list,
};

/// Lists the training part, then the validation part, by their paths.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let here = |form: &[&str; 2]| form.iter().any(|folder| root.join(folder).is_dir());
    let form = FORMS.into_iter().find(here).unwrap_or(FORMS[0]);
    for (folder, part) in form.into_iter().zip([Part::Train, Part::Valid]) {
        let landmarks = Some(root.join(LANDMARKS).join(folder)).filter(|tree| tree.is_dir());
        list_part(&root.join(folder), landmarks.as_deref(), part, &mut listing);
    }
    listing.or_empty_fault(root)
}

/// Lists the folders of a part, one for each class, all of which must be there.
fn list_part(folder: &Path, landmarks: Option<&Path>, part: Part, listing: &mut Listing) {
    let Some(classes) = listing.take(files::folders(folder)) else { return };
    let mut missing: Vec<Expression> = LabelMap::LSD.expressions().collect();
    for class in classes {
        let Some(expression) = listing.take(expression(&class)) else { continue };
        missing.retain(|other| *other != expression);
        let landmarks = landmarks.map(|tree| tree.join(&class.name));
        list_class(&class.path, landmarks.as_deref(), (expression, part), listing);
    }
    for expression in missing {
        let what = format!("no folder for {expression}");
        listing.faults.push(unusable(folder.to_owned(), &what, "unpack the set again"));
    }
}

/// Lists the pictures of a class, with the landmarks of the same stem where there are some.
fn list_class(
    folder: &Path,
    landmarks: Option<&Path>,
    (expression, part): (Expression, Part),
    listing: &mut Listing,
) {
    let (pictures, points) = (files::some_pictures(folder), landmarks.map(texts).transpose());
    let Some((pictures, mut points)) = listing.take(pictures).zip(listing.take(points)) else {
        return;
    };
    for picture in pictures {
        let stem = picture.stem();
        let landmarks = points.as_mut().map(|points| {
            let path = points.remove(stem);
            let path = path.map_or_else(|| Err(unpaired(&picture)), Ok)?;
            landmarks::read(&path)
        });
        listing.add(landmarks.transpose().map(|landmarks| {
            let mut entry = Entry { part: Some(part), ..Entry::file(picture.path) };
            entry.annotation.expression = Some(expression);
            entry.annotation.landmarks = landmarks.unwrap_or_default();
            entry
        }));
    }
    for path in points.into_iter().flat_map(BTreeMap::into_values) {
        let fix = "remove it or fetch its picture";
        listing.faults.push(unusable(path, "landmarks of no picture", fix));
    }
}

/// The text files within `folder` by their stems.
fn texts(folder: &Path) -> Result<BTreeMap<String, PathBuf>, DataError> {
    let texts = files::children(folder)?.into_iter().filter(|child| child.ends_in("txt"));
    Ok(texts.map(|child| (child.stem().to_owned(), child.path)).collect())
}

/// What the name of a folder says of its pictures.
fn expression(folder: &Child) -> Result<Expression, DataError> {
    let by_id = folder.name.parse().ok().and_then(|id| LabelMap::LSD.by_id(id).ok());
    let known = by_id.or_else(|| LabelMap::LSD.by_token(&folder.name).ok()).flatten();
    let fix = "folders must be called ANGRER, DISGUST, FEAR, HAPPINESS, SADNESS or SURPRISE, or \
               0 to 5 in that order";
    known.ok_or_else(|| unusable(folder.path.clone(), "a folder of no label", fix))
}

fn unpaired(picture: &Child) -> DataError {
    let fix = "make its landmarks, or remove the tree of them";
    unusable(picture.path.clone(), "a picture without landmarks", fix)
}

fn unusable(path: PathBuf, what: &str, fix: &'static str) -> DataError {
    DataError::Unusable { path, what: what.to_owned(), fix }
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::Point;

    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_ids},
    };

    const NAMES: [&str; 6] = ["ANGRER", "DISGUST", "FEAR", "HAPPINESS", "SADNESS", "SURPRISE"];

    /// Two pictures of each expression to learn from, one to validate on, one to test.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        for (mark, class) in (0..).zip(NAMES) {
            set.picture(&format!("{}/{class}/1.jpg", FORMS[0][0]), mark);
            set.picture(&format!("{}/{class}/10.jpg", FORMS[0][0]), mark);
            set.picture(&format!("{}/{class}/2.jpg", FORMS[0][1]), mark);
        }
        set.picture("lsd_test_data/7.jpg", 6);
        set
    }

    /// The team's form, with landmarks of the training part.
    fn team() -> Fixture {
        let set = Fixture::new();
        for class in 0..6 {
            for number in [2, 10] {
                set.picture(&format!("train/{class}/{number}.jpg"), class);
                let lines = (0..68).map(|at| format!("{at}.5 {number}\n"));
                set.text(
                    &format!("landmarks/train/{class}/{number}.txt"),
                    &lines.collect::<String>(),
                );
            }
            set.picture(&format!("val/{class}/1.jpg"), class);
        }
        set
    }

    #[test]
    fn folders_are_read_by_their_real_names() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 18);
        let first = &listing.manifest.entries[0];
        assert_eq!(set.path_of(first), "training_set_synthetic_images/ANGRER/1.jpg");
        assert_eq!(first.annotation.expression, Some(Expression::Anger));
        assert_eq!((first.part, first.subject.as_ref()), (Some(Part::Train), None));
        assert_eq!(listing.manifest.entries[17].part, Some(Part::Valid));
    }

    #[test]
    fn landmarks_are_paired_by_stem() {
        let set = team();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_eq!(listing.manifest.entries.len(), 18);
        let ten = &listing.manifest.entries[0];
        assert_eq!(set.path_of(ten), "train/0/10.jpg");
        assert_eq!(ten.annotation.landmarks.len(), 68);
        assert_eq!(ten.annotation.landmarks[67], Point { x: 67.5, y: 10.0 });
        assert_eq!(listing.manifest.entries[17].annotation.expression, Some(Expression::Surprise));
        assert!(listing.manifest.entries[17].annotation.landmarks.is_empty());
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            team,
            list,
            &[
                (
                    |t| t.remove("train/5"),
                    16,
                    "train: no folder for surprise: unpack the set again",
                ),
                (
                    |t| t.picture("train/6/1.jpg", 6),
                    18,
                    "train/6: a folder of no label: folders must",
                ),
                (
                    |t| t.remove("val/2/1.jpg"),
                    17,
                    "val/2: holds no picture: fetch the set again, or",
                ),
                (|t| t.remove("val"), 12, "val: check that it is there"),
                (
                    |t| t.remove("landmarks/train/3"),
                    16,
                    "landmarks/train/3: check that it is there",
                ),
                (
                    |t| t.remove("landmarks/train/3/2.txt"),
                    17,
                    "3/2.jpg: a picture without landmarks: m",
                ),
                (
                    |t| t.text("landmarks/train/3/4.txt", ""),
                    18,
                    "3/4.txt: landmarks of no picture: rem",
                ),
                (
                    |t| t.edit(POINTS, "5.5 2\n", ""),
                    17,
                    "0/2.txt holds 67 points, expected 68: fetch",
                ),
                (
                    |t| t.edit(POINTS, "5.5 2\n", "5.5\n"),
                    17,
                    "0/2.txt, line 6: the line is `5.5`: ea",
                ),
                (
                    |t| t.edit(POINTS, "5.5 2\n", "inf 2\n"),
                    17,
                    "0/2.txt, line 6: a number is `inf`: e",
                ),
            ],
        );
    }

    const POINTS: &str = "landmarks/train/0/2.txt";

    #[test]
    fn a_wrong_name_in_the_challenge_form_is_named() {
        let set = fixture();
        set.rename("validation_set_real_images/FEAR", "validation_set_real_images/CONTEMPT");
        let listing = list(set.root());
        let said: Vec<_> = listing.faults.iter().map(ToString::to_string).collect();
        assert!(said[0].contains("CONTEMPT: a folder of no label"), "{said:?}");
        assert!(said[1].contains("no folder for fear"), "{said:?}");
        assert_eq!((listing.faults.len(), listing.manifest.entries.len()), (2, 17));
    }
}
