//! What a data set's files say of every picture, without the pixels.
//!
//! An adapter reads lists, folders and label files into a [`Listing`]: the [`Manifest`] of all
//! that is usable and every [`DataError`] met on the way, so that `data check` can name all of
//! them at once while training refuses the first. Pixels stay on disk until a sample is asked for:
//! a set larger than memory streams. `manifest/picture.rs` decodes them.

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

use crate::{CLASSES, DataError, Sample, one_hot, split::Part};

mod crop;
mod found;
mod picture;

pub(crate) use crop::warped;
pub use crop::{Crop, Cut};
pub(crate) use found::Found;
pub(crate) use picture::stretched;

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

impl Listing {
    /// An empty list of the data set called `name`.
    pub fn new(name: &str) -> Self {
        let manifest = Manifest { name: name.to_owned(), entries: Vec::new() };
        Self { manifest, ..Self::default() }
    }

    /// Adds what was read: an entry, numbered by its place, or a fault.
    pub fn add(&mut self, read: Result<Entry, DataError>) {
        match read {
            Ok(entry) => {
                let id = self.manifest.entries.len() as u64;
                self.manifest.entries.push(Entry { id, ..entry });
            }
            Err(fault) => self.faults.push(fault),
        }
    }

    /// The value, or `None` with its fault noted.
    pub fn take<T>(&mut self, read: Result<T, DataError>) -> Option<T> {
        read.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// The manifest of a set without a fault.
    ///
    /// # Errors
    /// The first fault.
    pub fn whole(self) -> Result<Manifest, DataError> {
        self.faults.into_iter().next().map_or(Ok(self.manifest), Err)
    }
}

/// The pictures of a data set, in the order of its lists or, where it has none, of its sorted paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The adapter's name, for example `ck_plus`.
    pub name: String,
    /// One entry a picture.
    pub entries: Vec<Entry>,
}

impl Manifest {
    /// The entries of one part, in order.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.part() == part)
    }

    /// Where a set comes with pictures to learn from and none to choose by, keeps those of the
    /// former for it whose subject, sequence or file name [`Part::of`] says so: about a tenth.
    pub fn hold_out(&mut self) {
        if self.part(Part::Valid).next().is_some() {
            return;
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.part == Some(Part::Train)) {
            if entry.drawn_part() == Part::Valid {
                entry.part = Some(Part::Valid);
            }
        }
    }

    /// The picture at `index` with its labels, `side` × `side` pixels; decoded anew on each call.
    ///
    /// # Errors
    /// [`DataError::NoEntry`] past the end, else those of [`Entry::grey`].
    pub fn sample(&self, index: usize, side: u32) -> Result<Sample, DataError> {
        let entries = self.entries.len();
        let none = || DataError::NoEntry { manifest: self.name.clone(), index, entries };
        self.entries.get(index).ok_or_else(none)?.sample(side)
    }
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

impl Entry {
    /// The whole image file at `path`, of which nothing else is known.
    pub fn file(path: PathBuf) -> Self {
        Self::of(Source::File { path, region: None })
    }

    /// A picture of which nothing else is known; its number is that of the first.
    pub fn of(source: Source) -> Self {
        Self {
            id: 0,
            source,
            annotation: Annotation::default(),
            subject: None,
            sequence: None,
            part: None,
            fold: None,
            leaks: false,
        }
    }

    /// The file it is in, `None` where it is in memory.
    pub fn path(&self) -> Option<&Path> {
        match &self.source {
            Source::File { path, .. } | Source::Packed { path, .. } => Some(path),
            Source::Memory(_) => None,
        }
    }

    /// The part it belongs to: the official one, else that of its subject, sequence or file name,
    /// the first that is known.
    pub fn part(&self) -> Part {
        self.part.unwrap_or_else(|| self.drawn_part())
    }

    /// The part of its subject, sequence or file name.
    fn drawn_part(&self) -> Part {
        let known = self.subject.as_ref().or(self.sequence.as_ref());
        known.map_or_else(|| Part::of(&self.source.name(self.id)), |group| Part::of(group))
    }

    /// `image` with what is known of this entry but its landmarks.
    fn labelled(&self, image: Grey) -> Sample {
        let certain = self.annotation.expression.map_or([0.0; CLASSES], one_hot);
        Sample {
            id: self.id,
            image,
            target: self.annotation.votes.unwrap_or(certain),
            label: self.annotation.expression,
            fer7: self.annotation.fer7,
            subject: self.subject.clone(),
            points: None,
            leaks: self.leaks,
        }
    }
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
    /// An encoded image within a larger file.
    Packed {
        /// The file.
        path: PathBuf,
        /// The image's own name at its makers.
        name: String,
        /// Where its first byte is.
        offset: u64,
        /// Its length in bytes.
        len: u32,
        /// What to cut out, in pixels of the image.
        region: Option<Rect>,
    },
    /// Already in memory: sets that are published as raw pixels in one compressed file or table.
    Memory(Arc<Grey>),
}

impl Source {
    /// The part of the picture that the set names.
    pub fn region(&self) -> Option<Rect> {
        match self {
            Self::File { region, .. } | Self::Packed { region, .. } => *region,
            Self::Memory(_) => None,
        }
    }

    /// Where the first pixel of the region is, which is cut to the nearest one.
    fn corner(&self) -> Point {
        let corner = |region: Rect| Point { x: region.x.round(), y: region.y.round() };
        self.region().map_or_else(Point::default, corner)
    }

    /// The file name of picture number `id`, or the number where it has none.
    pub fn name(&self, id: u64) -> String {
        match self {
            Self::File { path, .. } => path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            Self::Packed { name, .. } => name.clone(),
            Self::Memory(_) => id.to_string(),
        }
    }
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
    /// Whether each landmark is seen; empty where the set does not say.
    pub visible: Vec<bool>,
    /// How far the head is turned to its left, degrees.
    pub yaw: Option<f32>,
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_official_part_comes_before_the_subject_and_the_subject_before_the_file() {
        let mut entry = Entry::file(PathBuf::from("/data/Tony_Blair"));
        assert_eq!(entry.part(), Part::of("Tony_Blair"));
        entry.sequence = Some("Serena_Williams".to_owned());
        assert_eq!(entry.part(), Part::of("Serena_Williams"));
        entry.subject = Some("Colin_Powell".to_owned());
        assert_eq!(entry.part(), Part::Test);
        entry.part = Some(Part::Valid);
        assert_eq!(entry.part(), Part::Valid);
    }

    #[test]
    fn entries_are_numbered_by_their_place_and_faults_are_kept() {
        let mut listing = Listing::new("set");
        listing.add(Ok(Entry::file("a".into())));
        let fault = || DataError::Column { path: "t.csv".into(), column: "file".into() };
        listing.add(Err(fault()));
        listing.add(Ok(Entry::file("b".into())));
        assert_eq!(listing.manifest.entries.iter().map(|e| e.id).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(listing.whole().unwrap_err().to_string(), fault().to_string());
    }

    #[test]
    fn votes_are_the_target_and_the_expression_is_the_label() {
        let mut entry = Entry::of(Source::Memory(Arc::new(Grey::new(4, 4))));
        assert!(!entry.sample(4).unwrap().usable_for_training());
        entry.annotation.expression = Some(Expression::Fear);
        assert_eq!(entry.sample(4).unwrap().target, one_hot(Expression::Fear));
        let votes = [0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0];
        entry.annotation.votes = Some(votes);
        let sample = entry.sample(4).unwrap();
        assert_eq!((sample.target, sample.label), (votes, Some(Expression::Fear)));
    }

    #[test]
    fn a_number_past_the_end_is_refused() {
        let error = Listing::new("set").manifest.sample(0, 48).unwrap_err().to_string();
        assert_eq!(error, "set has no picture 0: it lists 0, counted from 0");
    }

    #[test]
    fn an_intensity_counts_from_the_least_that_a_protocol_asks_for() {
        assert!(Coded::Intensity(2.0).is_present(2.0) && !Coded::Intensity(1.0).is_present(2.0));
        assert!(Coded::Present(true).is_present(5.0) && !Coded::Present(false).is_present(0.0));
    }
}
