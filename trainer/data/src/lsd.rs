//! LSD, learning from synthetic data: six expressions on rendered faces, validated on real ones.
//!
//! ```text
//! training_set_synthetic_images/{ANGRER,DISGUST,FEAR,HAPPINESS,SADNESS,SURPRISE}/*.jpg
//! validation_set_real_images/<the same six>/*.jpg
//! lsd_test_data/*.jpg                                     unlabelled
//! {train,val}/<0-5>/*.jpg                                 the same as one team keeps it
//! landmarks/{train,val,…}/<0-5 or name>/<stem>.txt        optional: 68 lines "x y", in pixels
//! ```
//!
//! "ANGRER" is the real name. Landmarks lie in a tree beside the pictures' and belong to the
//! picture of the same stem, whatever the order; where a part has a tree, each of its pictures must
//! have a file in it. Subjects are not published. Validation is [`Part::Valid`].
//! Set: Kollias, ECCV workshops 2022, arXiv 2207.01138.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use mien_shared::{
    geometry::{LANDMARKS, Point},
    label::{Expression, LabelMap},
};

use super::{
    DataError,
    listing::{Line, Lister, Text, existing_folder, files, folders, name, picture, pictures, stem},
    manifest::{Annotation, Entry, ListAdapter, Listing, Official},
    split::Part,
};

/// The folders of the parts, the challenge's own and one team's.
const FORMS: [[&str; 2]; 2] =
    [["training_set_synthetic_images", "validation_set_real_images"], ["train", "val"]];

/// The folder of the unlabelled part.
const TEST: &str = "lsd_test_data";

/// The folder of the landmarks.
const LANDMARK_TREE: &str = "landmarks";

/// Both labelled parts and, where it is there, the unlabelled one.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "lsd",
    layout: "{training_set_synthetic_images,validation_set_real_images}/{ANGRER,DISGUST,FEAR,\
             HAPPINESS,SADNESS,SURPRISE}/*.jpg or {train,val}/<0-5>/*.jpg, lsd_test_data/*.jpg, \
             landmarks/",
    official: Official { pictures: Some(277_251 + 4_670), subjects: None, classes: &[] },
    list,
};

/// Lists the training part, the validation part and the unlabelled part by their paths.
pub fn list(root: &Path) -> Listing {
    let mut lister = Lister::new(ADAPTER.name);
    let here = |form: &[&str; 2]| form.iter().any(|folder| root.join(folder).is_dir());
    let form = FORMS.into_iter().find(here).unwrap_or(FORMS[0]);
    for (folder, part) in form.into_iter().zip([Part::Train, Part::Valid]) {
        let classes = existing_folder(root.join(folder)).and_then(|folder| folders(&folder));
        for class in lister.keep(classes).unwrap_or_default() {
            let landmarks = root.join(LANDMARK_TREE).join(folder);
            list_class(&class, &landmarks, part, &mut lister);
        }
    }
    if root.join(TEST).is_dir() {
        for path in lister.keep(pictures(&root.join(TEST))).unwrap_or_default() {
            lister.add(Entry { part: Some(Part::Test), ..picture(path, Annotation::default()) });
        }
    }
    lister.finish()
}

/// Lists the pictures of one folder, with their landmarks where their part has a tree of them.
fn list_class(class: &Path, landmarks: &Path, part: Part, lister: &mut Lister) {
    let Some(expression) = lister.keep(expression(class)) else { return };
    let landmarks = landmarks.is_dir().then(|| landmarks.join(name(class)));
    let mut stems = BTreeSet::new();
    for path in lister.keep(pictures(class)).unwrap_or_default() {
        stems.insert(stem(&path).to_owned());
        let points = landmarks.as_ref().map(|folder| points(folder, &path)).transpose();
        if let Some(points) = lister.keep(points) {
            let landmarks = points.unwrap_or_default();
            let expression = Some(expression);
            let annotation = Annotation { expression, landmarks, ..Annotation::default() };
            lister.add(Entry { part: Some(part), ..picture(path, annotation) });
        }
    }
    let Some(landmarks) = landmarks else { return };
    let files = lister.keep(files(&landmarks, &["txt"])).unwrap_or_default();
    for path in files.into_iter().filter(|path| !stems.contains(stem(path))) {
        lister.fault(unusable(path, "landmarks of no picture", "remove it or fetch its picture"));
    }
}

/// What the name of a folder says of its pictures.
fn expression(folder: &Path) -> Result<Expression, DataError> {
    let name = name(folder);
    let by_id = name.parse().ok().and_then(|id| LabelMap::LSD.by_id(id).ok());
    let known = by_id.or_else(|| LabelMap::LSD.by_token(name).ok()).flatten();
    let fix = "folders must be called ANGRER, DISGUST, FEAR, HAPPINESS, SADNESS or SURPRISE, or \
               0 to 5 in that order";
    known.ok_or_else(|| unusable(folder.to_owned(), "a folder of no label", fix))
}

fn unusable(path: PathBuf, what: &str, fix: &'static str) -> DataError {
    DataError::Unusable { path, what: what.to_owned(), fix }
}

/// The landmarks of the picture at `path`.
fn points(folder: &Path, path: &Path) -> Result<Vec<Point>, DataError> {
    let path = folder.join(format!("{}.txt", stem(path)));
    let text = Text::open(&path)?;
    let points = text.lines().map(point).collect::<Result<Vec<_>, _>>()?;
    if points.len() == LANDMARKS {
        return Ok(points);
    }
    let (what, found, expected) = ("points", points.len(), LANDMARKS);
    Err(DataError::Count { path, what, found, expected, fix: "make the landmarks again" })
}

fn point(line: Line<'_>) -> Result<Point, DataError> {
    let fix = "a line must be x and y in pixels";
    let [x, y] = line.fields(&[], fix)?;
    let number = |field, value| {
        let number: f32 = line.number(field, value, fix)?;
        number.is_finite().then_some(number).ok_or_else(|| line.fault(field, value, fix))
    };
    Ok(Point { x: number("x", x)?, y: number("y", y)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture_b::{Tree, assert_fault, assert_ids};

    const NAMES: [&str; 6] = ["ANGRER", "DISGUST", "FEAR", "HAPPINESS", "SADNESS", "SURPRISE"];

    /// Two pictures of each expression to learn from, one to validate on, one to test.
    fn fixture() -> Tree {
        let tree = Tree::new();
        for (mark, class) in (0..).zip(NAMES) {
            tree.picture(&format!("{}/{class}/1.jpg", FORMS[0][0]), mark);
            tree.picture(&format!("{}/{class}/10.jpg", FORMS[0][0]), mark);
            tree.picture(&format!("{}/{class}/2.jpg", FORMS[0][1]), mark);
        }
        tree.picture("lsd_test_data/7.jpg", 6);
        tree
    }

    /// The team's form, with landmarks of the training part.
    fn team() -> Tree {
        let tree = Tree::new();
        for class in 0..6 {
            for number in [2, 10] {
                tree.picture(&format!("train/{class}/{number}.jpg"), class);
                let lines = (0..68).map(|at| format!("{at}.5 {number}\n"));
                tree.text(
                    &format!("landmarks/train/{class}/{number}.txt"),
                    &lines.collect::<String>(),
                );
            }
            tree.picture(&format!("val/{class}/1.jpg"), class);
        }
        tree
    }

    #[test]
    fn folders_are_read_by_their_real_names() {
        let tree = fixture();
        let listing = list(tree.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        assert_eq!(listing.manifest.entries.len(), 19);
        let first = &listing.manifest.entries[0];
        assert_eq!(tree.path_of(first), "training_set_synthetic_images/ANGRER/1.jpg");
        assert_eq!(first.annotation.expression, Some(Expression::Anger));
        assert_eq!((first.part, first.subject.as_ref()), (Some(Part::Train), None));
        let last = &listing.manifest.entries[18];
        assert_eq!((last.part, last.annotation.expression), (Some(Part::Test), None));
        assert_eq!(listing.manifest.entries[17].part, Some(Part::Valid));
    }

    #[test]
    fn landmarks_are_paired_by_stem() {
        let tree = team();
        let listing = list(tree.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_eq!(listing.manifest.entries.len(), 18);
        let ten = &listing.manifest.entries[1];
        assert_eq!(tree.path_of(ten), "train/0/10.jpg");
        assert_eq!(ten.annotation.landmarks.len(), 68);
        assert_eq!(ten.annotation.landmarks[67], Point { x: 67.5, y: 10.0 });
        assert_eq!(listing.manifest.entries[17].annotation.expression, Some(Expression::Surprise));
        assert!(listing.manifest.entries[17].annotation.landmarks.is_empty());
    }

    #[test]
    fn each_broken_entry_is_named() {
        let damages: [(fn(&Tree), usize, &str); 8] = [
            (|t| t.rename("train/5", "train/6"), 16, "train/6: a folder of no label: folders must"),
            (|t| t.remove("val"), 12, "val: check that it is there"),
            (|t| t.remove("landmarks/train/3/2.txt"), 17, "train/3/2.txt: check that it is there"),
            (
                |t| t.text("landmarks/train/3/4.txt", ""),
                18,
                "3/4.txt: landmarks of no picture: rem",
            ),
            (|t| t.edit(POINTS, "5.5 2\n", ""), 17, "0/2.txt holds 67 points, expected 68: make t"),
            (
                |t| t.edit(POINTS, "5.5 2\n", "5.5\n"),
                17,
                "0/2.txt, line 6: the line is `5.5`: a li",
            ),
            (|t| t.edit(POINTS, "5.5 2\n", "inf 2\n"), 17, "0/2.txt, line 6: x is `inf`: a line"),
            (|t| t.edit(POINTS, "5.5 2\n", "5.5 y\n"), 17, "0/2.txt, line 6: y is `y`: a line mus"),
        ];
        for (damage, left, complaint) in damages {
            let tree = team();
            damage(&tree);
            assert_fault(&list(tree.root()), left, complaint);
        }
    }

    const POINTS: &str = "landmarks/train/0/2.txt";

    #[test]
    fn a_wrong_name_in_the_challenge_form_is_named() {
        let tree = fixture();
        tree.rename("validation_set_real_images/FEAR", "validation_set_real_images/CONTEMPT");
        assert_fault(&list(tree.root()), 18, "CONTEMPT: a folder of no label");
    }
}
