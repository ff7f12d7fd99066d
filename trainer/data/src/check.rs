//! Whether a copy of a data set is whole: every fault, every picture that does not decode, every
//! subject on two sides of a split, and every number that differs from what the makers publish.
//!
//! [`stats`] reads the lists only; [`check`] also decodes every picture, one at a time on each
//! core. [`contact_sheet`] shows what the labels mean.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::{Path, PathBuf},
};

use mien_shared::label::Expression;
use rayon::prelude::*;
use serde::Serialize;

pub use self::sheet::contact_sheet;
use crate::{
    manifest::{Entry, ListAdapter, Listing, Manifest, Official},
    split::Part,
};

pub mod canvas;
mod print;
mod sheet;

/// What was found in a data set's folder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The adapter's name.
    pub name: &'static str,
    /// The folder.
    pub root: PathBuf,
    /// Number of pictures that are listed.
    pub pictures: usize,
    /// Number of subjects that are named.
    pub subjects: usize,
    /// Number of sequences that are named.
    pub sequences: usize,
    /// Pictures of each expression there is, in canonical order, then of none.
    pub classes: Vec<Class>,
    /// What the set itself marks as unusable, by reason, and how many there are.
    pub dropped: BTreeMap<&'static str, usize>,
    /// Where the numbers are not those the makers publish.
    pub differences: Vec<Difference>,
    /// What is wrong with lists, folders and labels, each with its place and its fix.
    pub faults: Vec<String>,
    /// Pictures that cannot be read; `None` where they were not tried.
    pub undecodable: Option<Vec<String>>,
    /// Subjects in more than one official part.
    pub leaks: Vec<Leak>,
}

/// The pictures of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// The expression, or `none` for pictures without one.
    pub name: &'static str,
    /// How many there are in each of [`Part::ALL`].
    pub parts: [usize; 3],
}

impl Class {
    /// How many there are.
    pub fn pictures(&self) -> usize {
        self.parts.iter().sum()
    }
}

/// A number that is not the one its makers publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `pictures`, `subjects` or a class.
    pub what: &'static str,
    /// What was found.
    pub found: usize,
    /// What is published.
    pub official: usize,
}

/// A subject in more than one official part: a score on one of them is no score on strangers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leak {
    /// Who.
    pub subject: String,
    /// The parts' names.
    pub parts: Vec<&'static str>,
}

/// Reads the lists in `root` and decodes every picture on them.
pub fn check(adapter: &ListAdapter, root: &Path) -> Report {
    checked(adapter, root).0
}

/// As [`check`], with the manifest it looked at.
pub fn checked(adapter: &ListAdapter, root: &Path) -> (Report, Manifest) {
    let listing = (adapter.list)(root);
    let decode = |entry: &Entry| entry.picture().err().map(|fault| sentence(&fault));
    let undecodable = listing.manifest.entries.par_iter().filter_map(decode).collect();
    let report = Report { undecodable: Some(undecodable), ..report(adapter, root, &listing) };
    (report, listing.manifest)
}

/// Reads the lists in `root` without its pictures.
pub fn stats(adapter: &ListAdapter, root: &Path) -> Report {
    report(adapter, root, &(adapter.list)(root))
}

impl Report {
    /// How many things there are to put right; published numbers that differ are not among them.
    pub fn problems(&self) -> usize {
        let undecodable = self.undecodable.as_ref().map_or(0, Vec::len);
        self.faults.len() + undecodable + self.leaks.len()
    }
}

fn report(adapter: &ListAdapter, root: &Path, listing: &Listing) -> Report {
    let entries = &listing.manifest.entries;
    let distinct = |name: fn(&Entry) -> Option<&String>| {
        entries.iter().filter_map(name).collect::<BTreeSet<_>>().len()
    };
    let mut report = Report {
        name: adapter.name,
        root: root.to_owned(),
        pictures: entries.len(),
        subjects: distinct(|entry| entry.subject.as_ref()),
        sequences: distinct(|entry| entry.sequence.as_ref()),
        classes: classes(entries),
        dropped: listing.dropped.clone(),
        differences: Vec::new(),
        faults: listing.faults.iter().map(|fault| sentence(fault)).collect(),
        undecodable: None,
        leaks: leaks(entries),
    };
    report.differences = differences(&report, &adapter.official);
    report
}

fn classes(entries: &[Entry]) -> Vec<Class> {
    let mut counts = [[0; 3]; Expression::ALL.len() + 1];
    for entry in entries {
        let class = entry.annotation.expression.map_or(Expression::ALL.len(), Expression::index);
        counts[class][entry.part() as usize] += 1;
    }
    let names = Expression::ALL.map(Expression::name).into_iter().chain(["none"]);
    let classes = names.zip(counts).map(|(name, parts)| Class { name, parts });
    classes.filter(|class| class.pictures() > 0).collect()
}

/// What differs; of an empty list that says nothing its faults do not.
fn differences(report: &Report, official: &Official) -> Vec<Difference> {
    if report.pictures == 0 {
        return Vec::new();
    }
    let count = |name| report.classes.iter().find(|c| c.name == name).map_or(0, Class::pictures);
    let whole = [
        ("pictures", report.pictures, official.pictures),
        ("subjects", report.subjects, official.subjects),
    ];
    let classes = official.classes.iter().map(|&(name, number)| (name, count(name), Some(number)));
    whole
        .into_iter()
        .chain(classes)
        .filter_map(|(what, found, official)| Some(Difference { what, found, official: official? }))
        .filter(|difference| difference.found != difference.official)
        .collect()
}

fn leaks(entries: &[Entry]) -> Vec<Leak> {
    let mut parts: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for entry in entries {
        if let (Some(subject), Some(part)) = (&entry.subject, entry.part) {
            parts.entry(subject).or_default().insert(part as usize);
        }
    }
    parts.retain(|_, parts| parts.len() > 1);
    let name = |part: usize| Part::ALL[part].name();
    let leak = |(subject, parts): (&str, BTreeSet<usize>)| Leak {
        subject: subject.to_owned(),
        parts: parts.into_iter().map(name).collect(),
    };
    parts.into_iter().map(leak).collect()
}

/// An error and what caused it, as one line.
fn sentence(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |words, cause| {
        let more = cause.to_string();
        if words.contains(&more) { words } else { format!("{words} ({more})") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture::Fixture, folder};

    /// Four pictures of three people, one of them in two parts.
    fn set() -> Fixture {
        let set = Fixture::new();
        let files =
            ["train/anger/a.png", "train/fear/b.jpg", "valid/fear/c.png", "test/fear/d.png"];
        let mut rows = "file,subject\n".to_owned();
        for (file, subject) in files.into_iter().zip(["Ann", "Bob", "Cat", "Bob"]) {
            set.picture(file, 1);
            rows.extend([file, ",", subject, "\n"]);
        }
        set.text("subjects.csv", &rows);
        set
    }

    #[test]
    fn pictures_are_counted_by_class_and_part_and_leaks_are_named() {
        let set = set();
        let report = check(&folder::ADAPTER, set.root());
        assert_eq!((report.pictures, report.subjects, report.sequences), (4, 3, 0));
        assert_eq!(
            report.classes,
            [Class { name: "anger", parts: [1, 0, 0] }, Class { name: "fear", parts: [1, 1, 1] },]
        );
        assert_eq!(report.undecodable, Some(Vec::new()));
        assert_eq!(
            report.leaks,
            [Leak { subject: "Bob".to_owned(), parts: vec!["train", "test"] }]
        );
        assert_eq!(report.problems(), 1);
    }

    #[test]
    fn every_damaged_picture_is_named_and_only_where_pictures_are_read() {
        let set = set();
        set.text("train/anger/a.png", "no picture");
        set.text("test/fear/d.png", "");
        let report = check(&folder::ADAPTER, set.root());
        let undecodable = report.undecodable.as_ref().unwrap();
        assert_eq!(undecodable.len(), 2);
        assert!(undecodable.iter().any(|said| said.contains("a.png does not decode")));
        assert!(undecodable.iter().any(|said| said.contains("d.png does not decode")));
        assert_eq!(report.problems(), 3);
        assert_eq!(stats(&folder::ADAPTER, set.root()).undecodable, None);
    }

    #[test]
    fn numbers_that_are_not_the_published_ones_are_differences_and_no_faults() {
        let set = set();
        let official = Official {
            pictures: Some(5),
            subjects: Some(3),
            classes: &[("fear", 3), ("anger", 2)],
        };
        let report = stats(&ListAdapter { official, ..folder::ADAPTER }, set.root());
        assert_eq!(
            report.differences,
            [
                Difference { what: "pictures", found: 4, official: 5 },
                Difference { what: "anger", found: 1, official: 2 },
            ]
        );
        assert!(report.faults.is_empty());
    }

    #[test]
    fn a_fault_carries_its_cause() {
        let report = stats(&folder::ADAPTER, Path::new("nowhere"));
        assert_eq!(report.faults.len(), 1);
        assert!(report.faults[0].starts_with("cannot read nowhere: check that"), "{report:?}");
        assert!(report.faults[0].ends_with("(os error 2))"), "{report:?}");
    }

    #[test]
    fn the_real_packed_sets_are_whole() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds the packed sets");
            return;
        };
        for (adapter, folder) in
            [(crate::ferplus::LIST, "fer2013_ferplus"), (crate::lfw::LIST, "lfw_expressions")]
        {
            let (report, manifest) = checked(&adapter, &Path::new(&data).join(folder));
            println!("{report}");
            assert_eq!((report.problems(), report.differences.as_slice()), (0, &[][..]));
            if let Some(out) = std::env::var_os("MIEN_SHEETS") {
                let sheet = contact_sheet(&manifest, 16, 64);
                sheet.save(Path::new(&out).join(format!("{}.png", adapter.name))).unwrap();
            }
        }
    }
}
