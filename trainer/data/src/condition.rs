//! The lists of occluded and turned faces within `AffectNet`, FER+ and RAF-DB (Wang et al. 2020,
//! "Region attention networks", arXiv 1905.04075), to test on.
//!
//! The public repository of the lists gives file names only. The pictures are those of the parent
//! set: a root is the parent's folder with the folder of lists beside its own.
//!
//! | form | a line | class |
//! |---|---|---|
//! | folder | `val/0/<hash>/` | second part |
//! | path | `0/<hash>.jpg`, `7/<hash>/8.jpg` | first part |
//! | prefix | `1_fer0034656.png 8 0` | before `_`; the second column is always 8 |
//! | columns | `test_0003_aligned 3 4` | second column |
//!
//! Classes are numbered as in the parent, RAF-DB's from 0 instead of 1. The last column of the two
//! latter forms is the kind of occlusion. A list must be as long as the public one, give or take
//! the one entry by which papers differ from it.

use std::path::{Path, PathBuf};

use mien_shared::label::LabelMap;

use self::form::{Form, Item};
use crate::{
    DataError,
    files::{self, Line, Text},
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
};

mod form;
mod tables;

/// By how many entries printed counts differ from the public lists.
const TOLERANCE: usize = 1;

/// Every list.
pub(super) const ADAPTERS: [ListAdapter; 9] = [
    adapter(&Condition::AFFECTNET_OCCLUSION, |root| list(root, &Condition::AFFECTNET_OCCLUSION)),
    adapter(&Condition::AFFECTNET_POSE_30, |root| list(root, &Condition::AFFECTNET_POSE_30)),
    adapter(&Condition::AFFECTNET_POSE_45, |root| list(root, &Condition::AFFECTNET_POSE_45)),
    adapter(&Condition::FERPLUS_OCCLUSION, |root| list(root, &Condition::FERPLUS_OCCLUSION)),
    adapter(&Condition::FERPLUS_POSE_30, |root| list(root, &Condition::FERPLUS_POSE_30)),
    adapter(&Condition::FERPLUS_POSE_45, |root| list(root, &Condition::FERPLUS_POSE_45)),
    adapter(&Condition::RAF_DB_OCCLUSION, |root| list(root, &Condition::RAF_DB_OCCLUSION)),
    adapter(&Condition::RAF_DB_POSE_30, |root| list(root, &Condition::RAF_DB_POSE_30)),
    adapter(&Condition::RAF_DB_POSE_45, |root| list(root, &Condition::RAF_DB_POSE_45)),
];

const fn adapter(condition: &Condition, list: fn(&Path) -> Listing) -> ListAdapter {
    let official =
        Official { pictures: Some(condition.entries), subjects: None, classes: condition.classes };
    ListAdapter { name: condition.name, layout: condition.parent.layout(), official, list }
}

/// One list.
#[derive(Debug, Clone, Copy)]
struct Condition {
    name: &'static str,
    /// The list, below the root or in it.
    file: &'static str,
    form: Form,
    parent: Parent,
    /// Entries of the public list.
    entries: usize,
    classes: &'static [(&'static str, usize)],
}

/// The set whose pictures are listed.
#[derive(Debug, Clone, Copy)]
enum Parent {
    AffectNet,
    Ferplus,
    RafDb,
}

impl Parent {
    const fn layout(self) -> &'static str {
        match self {
            Self::AffectNet => "AffectNet_dir/*_list.txt beside val/{0..7}/",
            Self::Ferplus => "FERplus_dir/*_list.txt beside FER2013Test/ and FER2013Valid/",
            Self::RafDb => "RAF_DB_dir/*_list*.txt beside basic/Image/aligned/",
        }
    }

    /// The classes, and the number of the first in the parent's own list.
    fn map(self) -> (LabelMap, u8) {
        match self {
            Self::AffectNet => (LabelMap::AFFECTNET, 0),
            Self::Ferplus => (LabelMap::FERPLUS, 0),
            Self::RafDb => (LabelMap::RAF_DB, 1),
        }
    }

    /// Where the picture that a list calls `name` may be below the root.
    fn places(self, name: &str) -> Vec<String> {
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        match self {
            Self::AffectNet => {
                vec![format!("val/{name}"), format!("val/{name}.jpg"), format!("val/{name}.png")]
            }
            Self::Ferplus => {
                vec![format!("FER2013Test/{stem}.png"), format!("FER2013Valid/{stem}.png")]
            }
            Self::RafDb => ["basic/Image/aligned", "Image/aligned"]
                .map(|folder| format!("{folder}/{stem}.jpg"))
                .into(),
        }
    }
}

fn list(root: &Path, condition: &Condition) -> Listing {
    let mut listing = Listing::new(condition.name);
    let file = condition.file.rsplit('/').next().unwrap_or(condition.file);
    let opened = files::find_any(root, &[condition.file, file])
        .and_then(|path| Text::open(&path).map(|text| (path, text)));
    let Some((path, text)) = listing.take(opened) else { return listing };
    let mut found = 0_usize;
    for line in text.lines() {
        found += 1;
        listing.add(condition.entry(root, line));
    }
    if found.abs_diff(condition.entries) > TOLERANCE {
        let (what, expected) = ("entries", condition.entries);
        let fix = "the list was cut or joined with another: fetch it again";
        listing.faults.push(DataError::Count { path, what, found, expected, fix });
    }
    listing
}

impl Condition {
    fn entry(&self, root: &Path, line: Line<'_>) -> Result<Entry, DataError> {
        let Item { name, class, occlusion } = self.form.read(line)?;
        let (map, first) = self.parent.map();
        let expression = class.checked_add(first).and_then(|id| map.by_id(id).ok().flatten());
        let expression = expression.ok_or_else(|| {
            line.fault("the class", &class.to_string(), "it must be the number of an expression")
        })?;
        let path = self.picture(root, name).ok_or_else(|| {
            line.fault("the picture", name, "put the list beside the set that has that picture")
        })?;
        let mut entry = Entry { part: Some(Part::Test), ..Entry::file(path) };
        entry.annotation.expression = Some(expression);
        entry.annotation.occlusion = occlusion;
        Ok(entry)
    }

    /// The picture called `name`, or the first one in the folder of that name.
    fn picture(&self, root: &Path, name: &str) -> Option<PathBuf> {
        let places = self.parent.places(name);
        let place =
            places.iter().filter_map(|place| files::below(root, place)).find(|p| p.exists())?;
        if place.is_file() {
            return Some(place);
        }
        files::pictures(&place).ok()?.into_iter().next().map(|picture| picture.path)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    /// A list of that many entries.
    fn short(condition: Condition, entries: usize) -> Condition {
        Condition { entries, ..condition }
    }

    fn affectnet() -> Fixture {
        let set = Fixture::new();
        set.text(Condition::AFFECTNET_OCCLUSION.file, "val/0/0a1f/\nval/7/77aa/\nval/4/4b/\n");
        set.text(Condition::AFFECTNET_POSE_30.file, "0/0a.jpg\n7/77aa/8.jpg\n");
        set.picture("val/0/0a1f/1.jpg", 0);
        set.picture("val/0/0a.jpg", 0);
        set.picture("val/7/77aa/8.jpg", 7);
        set.picture("val/4/4b.png", 4);
        set
    }

    fn ferplus() -> Fixture {
        let set = Fixture::new();
        set.text(Condition::FERPLUS_OCCLUSION.file, "1_fer0034656.png 8 0\n0_fer0034657.png 8 3\n");
        set.text(Condition::FERPLUS_POSE_45.file, "0/fer0032226.jpg\n7/fer0034656.jpg\n");
        set.picture("FER2013Test/fer0034656.png", 1);
        set.picture("FER2013Test/fer0034657.png", 0);
        set.picture("FER2013Valid/fer0032226.png", 2);
        set
    }

    fn raf_db() -> Fixture {
        let set = Fixture::new();
        set.text(Condition::RAF_DB_OCCLUSION.file, "test_0003_aligned 3 4\ntest_0004_aligned 0 1");
        set.text(
            Condition::RAF_DB_POSE_30.file,
            "0/test_0004_aligned.jpg\n6/test_0003_aligned.jpg\n",
        );
        set.picture("basic/Image/aligned/test_0003_aligned.jpg", 3);
        set.picture("basic/Image/aligned/test_0004_aligned.jpg", 0);
        set
    }

    /// Name, class and occlusion of every entry, all of which must be for testing.
    fn read(set: &Fixture, condition: Condition) -> Vec<(String, Expression, Option<u8>)> {
        let listing = list(set.root(), &condition);
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert!(listing.manifest.entries.iter().all(|entry| entry.part == Some(Part::Test)));
        let known = |e: &Entry| {
            (e.source.name(0), e.annotation.expression.unwrap(), e.annotation.occlusion)
        };
        listing.manifest.entries.iter().map(known).collect()
    }

    #[test]
    fn affectnet_lists_name_folders_and_paths() {
        let set = affectnet();
        assert_eq!(
            read(&set, short(Condition::AFFECTNET_OCCLUSION, 3)),
            [
                ("1.jpg".to_owned(), Expression::Neutral, None),
                ("8.jpg".to_owned(), Expression::Contempt, None),
                ("4b.png".to_owned(), Expression::Fear, None),
            ]
        );
        assert_eq!(
            read(&set, short(Condition::AFFECTNET_POSE_30, 2)),
            [
                ("0a.jpg".to_owned(), Expression::Neutral, None),
                ("8.jpg".to_owned(), Expression::Contempt, None),
            ]
        );
    }

    #[test]
    fn ferplus_lists_name_pictures_of_two_folders() {
        let set = ferplus();
        assert_eq!(
            read(&set, short(Condition::FERPLUS_OCCLUSION, 2)),
            [
                ("fer0034656.png".to_owned(), Expression::Happiness, Some(0)),
                ("fer0034657.png".to_owned(), Expression::Neutral, Some(3)),
            ]
        );
        assert_eq!(
            read(&set, short(Condition::FERPLUS_POSE_45, 2)),
            [
                ("fer0032226.png".to_owned(), Expression::Neutral, None),
                ("fer0034656.png".to_owned(), Expression::Contempt, None),
            ]
        );
    }

    #[test]
    fn raf_db_lists_count_classes_from_zero() {
        let set = raf_db();
        assert_eq!(
            read(&set, short(Condition::RAF_DB_OCCLUSION, 2)),
            [
                ("test_0003_aligned.jpg".to_owned(), Expression::Happiness, Some(4)),
                ("test_0004_aligned.jpg".to_owned(), Expression::Surprise, Some(1)),
            ]
        );
        assert_eq!(
            read(&set, short(Condition::RAF_DB_POSE_30, 2)),
            [
                ("test_0004_aligned.jpg".to_owned(), Expression::Surprise, None),
                ("test_0003_aligned.jpg".to_owned(), Expression::Neutral, None),
            ]
        );
    }

    #[test]
    fn one_entry_more_or_less_is_no_fault_and_two_are() {
        let set = ferplus();
        for (published, faults) in [(0, 1), (1, 0), (2, 0), (3, 0), (4, 1)] {
            let listing = list(set.root(), &short(Condition::FERPLUS_OCCLUSION, published));
            assert_eq!(listing.faults.len(), faults, "{published}");
        }
        let fault = &list(set.root(), &Condition::FERPLUS_OCCLUSION).faults[0];
        assert!(fault.to_string().contains("holds 2 entries, expected 605"), "{fault}");
    }

    #[test]
    fn the_lists_counted_by_class_add_up() {
        for adapter in ADAPTERS.iter().filter(|adapter| !adapter.official.classes.is_empty()) {
            let sum = adapter.official.classes.iter().map(|(_, count)| count).sum();
            assert_eq!(adapter.official.pictures, Some(sum), "{}", adapter.name);
        }
    }

    #[test]
    fn each_broken_entry_is_named() {
        const FERPLUS: &str = Condition::FERPLUS_OCCLUSION.file;
        const RAF: &str = Condition::RAF_DB_OCCLUSION.file;
        const AFFECTNET: &str = Condition::AFFECTNET_OCCLUSION.file;
        assert_each_is_named(
            ferplus,
            |root| list(root, &short(Condition::FERPLUS_OCCLUSION, 2)),
            &[
                (|s| s.edit(FERPLUS, "1_fer", "9_fer"), &[FERPLUS, "line 1: the class is `9`"]),
                (|s| s.edit(FERPLUS, "1_fer", "x_fer"), &[FERPLUS, "line 1: the line is `x_fer"]),
                (|s| s.edit(FERPLUS, "8 3", "8 4"), &["line 2: the occlusion is `4`", "0 to 3"]),
                (|s| s.edit(FERPLUS, "8 3", "7 3"), &["line 2: the second column is `7`", "8"]),
                (|s| s.edit(FERPLUS, " 8 3", ""), &["line 2: the line is `0_fer0034657.png`"]),
                (
                    |s| s.remove("FER2013Test/fer0034657.png"),
                    &["line 2: the picture is", "beside the set"],
                ),
                (|s| s.remove(FERPLUS), &["no `FERplus_dir/jianfei_occlusion_list.txt`"]),
            ],
        );
        assert_each_is_named(
            raf_db,
            |root| list(root, &short(Condition::RAF_DB_OCCLUSION, 2)),
            &[
                (|s| s.edit(RAF, "3 4", "7 4"), &[RAF, "line 1: the class is `7`"]),
                (|s| s.edit(RAF, "3 4", "255 4"), &["line 1: the class is `255`"]),
                (|s| s.edit(RAF, "3 4", "3 0"), &["line 1: the occlusion is `0`", "1 to 4"]),
            ],
        );
        assert_each_is_named(
            affectnet,
            |root| list(root, &short(Condition::AFFECTNET_OCCLUSION, 3)),
            &[
                (|s| s.edit(AFFECTNET, "val/7", "val/8"), &["line 2: the class is `8`"]),
                (|s| s.edit(AFFECTNET, "val/7", "7"), &["line 2: the line is `7/77aa/`", "val/0"]),
                (|s| s.edit(AFFECTNET, "77aa", ".."), &["line 2: the picture is `7/..`"]),
                (|s| s.remove("val/7/77aa/8.jpg"), &["line 2: the picture is `7/77aa`"]),
            ],
        );
    }
}
