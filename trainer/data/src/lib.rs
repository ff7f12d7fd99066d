//! Labelled faces: every data set Mien knows, read into one [`Sample`] type.
//!
//! Two kinds of adapter read them. A [`ListAdapter`] of [`LISTS`] says which pictures there are and
//! what is known of each ([`manifest`]), and its pictures stream from disk; an [`Adapter`] of
//! [`ADAPTERS`] reads a packed set whole. [`open`] looks a name up in both. An adapter checks what it
//! reads and names the file, the line, the field and what to do about it; [`check`] collects all
//! of that. Nothing here downloads or shuffles.

use std::{path::Path, sync::Arc};

use mien_shared::{frame::Grey, label::Expression};
use rayon::prelude::*;

pub use self::{error::DataError, points::FacePoints};
use self::{
    manifest::{Cut, Entry, ListAdapter, Manifest},
    split::Part,
};

pub mod affectnet;
pub mod affwild2;
pub mod augment;
pub mod bp4d;
pub mod bu4dfe;
pub mod celeba;
pub mod check;
pub mod ck_plus;
pub mod ck_plus_48;
mod classes;
pub mod condition;
pub mod detect;
pub mod disfa;
mod error;
pub mod fed_ro;
pub mod fer2013;
pub mod fera2017;
pub mod ferplus;
mod files;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod folder;
mod landmarks;
pub mod lfw;
pub mod lsd;
pub mod manifest;
mod mat;
pub mod mmi;
mod npy;
pub mod oulu_casia;
pub mod points;
pub mod raf_db;
pub mod sampler;
pub mod scene;
mod sequence;
pub mod sfew;
pub mod split;
pub mod synth;
pub mod synth_folder;
mod table;
pub mod tfd;

/// Number of expressions in a soft label.
pub const CLASSES: usize = Expression::ALL.len();

/// Every data set of packed expression crops that [`open`] reads whole.
pub const ADAPTERS: &[Adapter] = &[ferplus::ADAPTER, fer2013::ADAPTER];

/// Every data set whose list can be read without its pixels.
pub const LISTS: &[ListAdapter] = &[
    affectnet::ADAPTER,
    affwild2::ADAPTER,
    bp4d::ADAPTER,
    bp4d::INTENSITY,
    bu4dfe::ADAPTER,
    celeba::ADAPTER,
    celeba::IN_THE_WILD,
    ck_plus::ADAPTER,
    ck_plus::SIX,
    ck_plus::EIGHT,
    ck_plus_48::ADAPTER,
    condition::ADAPTERS[0],
    condition::ADAPTERS[1],
    condition::ADAPTERS[2],
    condition::ADAPTERS[3],
    condition::ADAPTERS[4],
    condition::ADAPTERS[5],
    condition::ADAPTERS[6],
    condition::ADAPTERS[7],
    condition::ADAPTERS[8],
    disfa::ADAPTER,
    fed_ro::ADAPTER,
    fer2013::LIST,
    fera2017::ADAPTER,
    fera2017::INTENSITY,
    ferplus::LIST,
    folder::ADAPTER,
    lfw::LIST,
    lsd::ADAPTER,
    mmi::ADAPTER,
    oulu_casia::ADAPTER,
    raf_db::ADAPTER,
    sfew::ADAPTER,
    synth_folder::ADAPTER,
    tfd::ADAPTER,
    tfd::FOLD_ADAPTERS[0],
    tfd::FOLD_ADAPTERS[1],
    tfd::FOLD_ADAPTERS[2],
    tfd::FOLD_ADAPTERS[3],
    tfd::FOLD_ADAPTERS[4],
];

/// Side in pixels of the pictures [`open`] makes of a listed set.
pub const SIDE: u32 = 48;

/// Reads one split of the data set called `name` from the folder `root`, with whole pictures of
/// [`SIDE`] pixels: see [`open_cut`].
///
/// # Errors
/// As [`open_cut`].
pub fn open(name: &str, root: &Path, split: &str) -> Result<Dataset, DataError> {
    open_cut(name, root, split, &Cut::WHOLE)
}

/// Reads one split of the data set called `name` from the folder `root`: packed where it is one of
/// [`ADAPTERS`], else from its list, with pictures cut as `cut` says. What follows an `@` in the
/// name only tells copies of a set apart.
///
/// A listed set is split as its makers do, or else by subject ([`Entry::part`]); of one that comes
/// without pictures to choose by, a tenth of those to learn from are ([`Manifest::hold_out`]).
///
/// # Errors
/// [`DataError::UnknownDataset`] and [`DataError::UnknownSplit`] list what there is; the others
/// say what is wrong with the files, beginning with the first fault of a list, or that no picture
/// has the landmarks that `cut` asks for.
pub fn open_cut(name: &str, root: &Path, split: &str, cut: &Cut) -> Result<Dataset, DataError> {
    let set = set_of(name);
    let Some(adapter) = ADAPTERS.iter().find(|adapter| adapter.name == set) else {
        return open_listed(list_adapter(name)?, root, split, cut);
    };
    if !adapter.splits.contains(&split) {
        return Err(DataError::UnknownSplit {
            dataset: adapter.name,
            split: split.to_owned(),
            known: adapter.splits.join(", "),
        });
    }
    // Packed pictures are crops already, and have no landmarks.
    cut.check([], root)?;
    let mut data = (adapter.open)(root, split)?;
    for sample in &mut data.samples {
        sample.image = manifest::stretched(std::mem::take(&mut sample.image), cut.side);
    }
    Ok(data)
}

/// The listed pictures of the data set called `name` in the folder `root`, in the parts that
/// [`open_cut`] gives.
///
/// # Errors
/// [`DataError::UnknownDataset`], or the first fault of the list.
pub fn listed(name: &str, root: &Path) -> Result<Manifest, DataError> {
    let mut manifest = (list_adapter(name)?.list)(root).whole()?;
    manifest.hold_out();
    Ok(manifest)
}

/// The adapter that lists the data set called `name`.
///
/// # Errors
/// [`DataError::UnknownDataset`] with the names there are.
pub fn list_adapter(name: &str) -> Result<&'static ListAdapter, DataError> {
    let set = set_of(name);
    let adapter = LISTS.iter().find(|adapter| adapter.name == set);
    adapter.ok_or_else(|| DataError::UnknownDataset { name: name.to_owned(), known: known() })
}

/// The data set of a name that may tell a copy of it apart: `synth_folder` of `synth_folder@ict`.
fn set_of(name: &str) -> &str {
    name.split_once('@').map_or(name, |(set, _)| set)
}

/// The names of [`LISTS`], which are also those of [`ADAPTERS`].
pub fn known() -> String {
    LISTS.iter().map(|adapter| adapter.name).collect::<Vec<_>>().join(", ")
}

fn open_listed(
    adapter: &ListAdapter,
    root: &Path,
    split: &str,
    cut: &Cut,
) -> Result<Dataset, DataError> {
    let manifest = listed(adapter.name, root)?;
    let here: Vec<_> =
        Part::ALL.into_iter().filter(|part| manifest.part(*part).any(|_| true)).collect();
    let Some(part) = Part::from_name(split).filter(|part| here.contains(part)) else {
        return Err(DataError::UnknownSplit {
            dataset: adapter.name,
            split: split.to_owned(),
            known: here.into_iter().map(Part::name).collect::<Vec<_>>().join(", "),
        });
    };
    let entries: Vec<&Entry> = manifest.part(part).collect();
    cut.check(entries.iter().copied(), root)?;
    let samples = entries.into_par_iter().map(|entry| entry.cut(cut)).collect::<Result<_, _>>()?;
    Ok(Dataset { name: format!("{}.{split}", adapter.name), samples })
}

/// How one data set is read.
#[derive(Debug, Clone, Copy)]
pub struct Adapter {
    /// The name [`open`] and recipes use.
    pub name: &'static str,
    /// The files expected in the root folder, in one line.
    pub layout: &'static str,
    /// The splits there are.
    pub splits: &'static [&'static str],
    /// Reads a split, one of `splits`, from a root folder.
    pub open: fn(&Path, &str) -> Result<Dataset, DataError>,
}

/// One face crop with its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The picture's number, from 0, in the table it was read from: its own within that table and
    /// the same in every run.
    pub id: u64,
    /// The crop.
    pub image: Grey,
    /// Soft label over [`Expression::ALL`], summing to 1; all zero where the annotators leave
    /// nothing to learn from.
    pub target: [f32; CLASSES],
    /// The one label the set's evaluation protocol gives, `None` where the picture does not
    /// qualify.
    pub label: Option<Expression>,
    /// The label of the original FER2013, which has no contempt; `None` where there is none or
    /// byte-identical pictures carry two.
    pub fer7: Option<Expression>,
    /// Who is shown, where the set says so.
    pub subject: Option<String>,
    /// Its landmarks, where they are known.
    pub points: Option<Arc<FacePoints>>,
    /// Whether another split holds nearly the same picture.
    pub leaks: bool,
}

impl Sample {
    /// Whether `target` holds a label to learn from.
    pub fn usable_for_training(&self) -> bool {
        self.target.iter().any(|&share| share > 0.0)
    }
}

/// One split of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// `set.split`, for example `ferplus.train`.
    pub name: String,
    /// In the order of the files.
    pub samples: Vec<Sample>,
}

/// The soft label that is certain of one expression.
fn one_hot(expression: Expression) -> [f32; CLASSES] {
    let mut target = [0.0; CLASSES];
    target[expression.index()] = 1.0;
    target
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::{fixture::Fixture, *};

    #[test]
    fn an_unknown_name_is_answered_with_the_names_there_are() {
        let error = open("fer", Path::new("."), "train").unwrap_err().to_string();
        assert!(
            error.starts_with("no data set is called `fer`: use one of affectnet, "),
            "{error}"
        );
        assert!(
            error.contains(", fer2013, fera2017, fera2017_intensity, ferplus, folder, "),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_split_is_answered_with_the_splits_there_are() {
        let error = open("ferplus", Path::new("."), "test").unwrap_err().to_string();
        assert_eq!(error, "ferplus has no split `test`: use one of train, valid");
        let set = two_parts();
        let error = open("folder", set.root(), "valid").unwrap_err().to_string();
        assert_eq!(error, "folder has no split `valid`: use one of train, test");
    }

    #[test]
    fn every_name_is_there_once_and_every_adapter_has_a_list() {
        for (at, adapter) in LISTS.iter().enumerate() {
            assert!(LISTS[..at].iter().all(|other| other.name != adapter.name), "{}", adapter.name);
            assert!(
                adapter.official.classes.iter().all(|(n, _)| Expression::from_name(n).is_some())
            );
        }
        for adapter in ADAPTERS {
            assert_eq!(list_adapter(adapter.name).unwrap().name, adapter.name);
        }
    }

    #[test]
    fn a_folder_without_the_set_is_a_fault_and_never_an_empty_list() {
        let empty = tempfile::tempdir().unwrap();
        for adapter in LISTS {
            let listing = (adapter.list)(empty.path());
            assert!(listing.manifest.entries.is_empty(), "{}", adapter.name);
            assert!(!listing.faults.is_empty(), "{}", adapter.name);
        }
    }

    #[test]
    fn a_listed_set_is_opened_by_its_parts_at_one_size() {
        let set = two_parts();
        let train = open("folder", set.root(), "train").unwrap();
        assert_eq!((train.name.as_str(), train.samples.len()), ("folder.train", 2));
        assert_eq!((train.samples[0].image.width, train.samples[0].image.height), (SIDE, SIDE));
        assert_eq!(train.samples[0].label, Some(Expression::Anger));
        assert_eq!(train.samples[1].target, one_hot(Expression::Fear));
        assert_eq!(open("folder", set.root(), "test").unwrap().samples.len(), 1);
    }

    #[test]
    fn a_copy_of_a_set_is_opened_as_the_set() {
        let set = two_parts();
        assert_eq!(open("folder@mine", set.root(), "test").unwrap().name, "folder.test");
        assert_eq!(list_adapter("ferplus@old").unwrap().name, "ferplus");
        assert!(list_adapter("fer@ferplus").unwrap_err().to_string().contains("`fer@ferplus`"));
    }

    #[test]
    fn a_set_without_pictures_to_choose_by_keeps_some_of_those_to_learn_from() {
        let set = two_parts();
        for number in 0..20 {
            set.picture(&format!("train/fear/{number:02}.png"), 2);
        }
        let sizes = ["train", "valid", "test"]
            .map(|split| open("folder", set.root(), split).unwrap().samples.len());
        assert_eq!(sizes, [21, 1, 1]);
    }

    #[test]
    fn packed_pictures_are_resized_and_have_no_landmarks_to_crop_by() {
        let set = Fixture::new();
        set.text("fer2013.csv", &fer2013_csv());
        let cut = |crop, side| open_cut("fer2013", set.root(), "train", &Cut { crop, side });
        let large = cut(manifest::Crop::Whole, 96).unwrap().samples.remove(0);
        assert_eq!((large.image.width, large.image.height, large.image.data[0]), (96, 96, 7));
        let error = cut(manifest::Crop::Loose, 48).unwrap_err().to_string();
        assert!(error.contains("no picture with 68 landmarks to cut a face out by"), "{error}");
    }

    #[test]
    fn the_first_fault_of_a_list_refuses_the_set() {
        let set = two_parts();
        set.text("train/fear/notes.txt", "");
        let error = open("folder", set.root(), "train").unwrap_err().to_string();
        assert!(error.contains("notes.txt"), "{error}");
    }

    /// A table of one flat picture.
    fn fer2013_csv() -> String {
        format!("emotion,pixels,Usage\n0,{},Training\n", vec!["7"; 2304].join(" "))
    }

    fn two_parts() -> Fixture {
        let set = Fixture::new();
        set.picture("train/anger/a.png", 1);
        set.picture("train/fear/b.png", 2);
        set.picture("test/fear/c.png", 3);
        set
    }
}
