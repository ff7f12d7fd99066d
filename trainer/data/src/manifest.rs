//! What a data set's files say of every picture, without the pixels.
//!
//! An adapter reads lists, folders and label files into a [`Listing`]: the [`Manifest`] of all
//! that is usable and every [`DataError`] met on the way, so that `data check` can name all of
//! them at once while training refuses the first. Pixels stay on disk until a sample is asked for:
//! a set larger than memory streams.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use mien_shared::{
    au::ActionUnit,
    frame::Grey,
    geometry::{Point, Rect},
    label::Expression,
};

use crate::{CLASSES, DataError, split::Part};

/// How the list of a data set is read.
#[derive(Debug, Clone, Copy)]
pub struct ListAdapter {
    /// The name commands and recipes use.
    pub name: &'static str,
    /// The files and folders expected in the root folder, in one line.
    pub layout: &'static str,
    /// What the makers publish about the whole set.
    pub official: Official,
    /// Reads the list from a root folder; decodes no picture.
    pub list: fn(&Path) -> Listing,
}

/// What the makers publish about the whole set; `None` or empty where they do not say or copies
/// vary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Official {
    /// Number of pictures.
    pub pictures: Option<usize>,
    /// Number of subjects.
    pub subjects: Option<usize>,
    /// Name of a class, as [`Expression::name`] has it, and its number of pictures.
    pub classes: &'static [(&'static str, usize)],
}

/// Everything found in a data set's folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// What can be used.
    pub manifest: Manifest,
    /// What cannot, each with its place and its fix, in the order met.
    pub faults: Vec<DataError>,
    /// What the set itself marks as unusable, by reason, and how many there are: no faults.
    pub dropped: BTreeMap<&'static str, usize>,
}

/// The pictures of a data set, in the order of its lists or, where it has none, of its sorted paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The adapter's name, for example `ck_plus`.
    pub name: String,
    /// One entry a picture.
    pub entries: Vec<Entry>,
}

/// One picture and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number in the manifest, from 0: the same in every run.
    pub id: u64,
    /// Where its pixels are.
    pub source: Source,
    /// What its annotators say.
    pub annotation: Annotation,
    /// Who is shown, where the set says so. A rendered or altered picture carries the subject of
    /// its source.
    pub subject: Option<String>,
    /// The sequence this frame is of, where the set has sequences.
    pub sequence: Option<String>,
    /// The official part, where the set has one.
    pub part: Option<Part>,
    /// The official fold, from 0, where the set has folds.
    pub fold: Option<u8>,
    /// Whether another part holds nearly the same picture.
    pub leaks: bool,
}

/// Where the pixels of a picture are.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// An image file, whole or the part of it within `region`.
    File {
        /// The file.
        path: PathBuf,
        /// What to cut out, in pixels of the file.
        region: Option<Rect>,
    },
    /// Already in memory.
    Memory(Arc<Grey>),
}

/// What annotators say of a picture; each part `None` or empty where the set does not say it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotation {
    /// The one expression.
    pub expression: Option<Expression>,
    /// The share of votes for each expression of [`Expression::ALL`], summing to 1.
    pub votes: Option<[f32; CLASSES]>,
    /// The label of the original FER2013.
    pub fer7: Option<Expression>,
    /// Action units that were coded, with what was seen; a unit that was not coded is absent.
    pub units: Vec<(ActionUnit, Coded)>,
    /// Valence and arousal, -1..=1.
    pub valence_arousal: Option<[f32; 2]>,
    /// Landmarks in pixels of the source: 68 in the usual order, or as many as the set gives.
    pub landmarks: Vec<Point>,
    /// Yes or no for each attribute of the set, in its order.
    pub attributes: Vec<bool>,
    /// Kind of occlusion by the list's own number, where a list gives one.
    pub occlusion: Option<u8>,
}

/// What a coder saw of one action unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Coded {
    /// Present or not, without a degree.
    Present(bool),
    /// Intensity 0..=5 (FACS A to E are 1 to 5).
    Intensity(f32),
}

impl Coded {
    /// Whether the unit counts as present: coded so, or of intensity `least` or more (DISFA's
    /// protocol uses 2).
    pub fn is_present(self, least: f32) -> bool {
        match self {
            Self::Present(present) => present,
            Self::Intensity(intensity) => intensity >= least,
        }
    }
}
