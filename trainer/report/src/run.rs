//! All that a report says of a run, as plain data: what the page is made of, and `report.json`.
//!
//! Every part may be empty; the page leaves out what is. Shares are 0..=1. A report
//! read from a file is checked like any other input before a page is made of it.

mod check;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mien_shared::store::{self, StoreError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    curve::Epoch,
    picture::{HeatMap, Picture},
};

/// Most classes a report may have.
pub const MAX_CLASSES: usize = 32;

/// Most pictures of one kind a report may have.
pub const MAX_PICTURES: usize = 256;

/// Largest report file read, in bytes.
const MAX_FILE: u64 = 1 << 30;

/// All that a report says of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunReport {
    /// Name of the run.
    pub name: String,
    /// The recipe as run, TOML.
    pub recipe: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// Revision of the source tree, where it is known.
    pub revision: Option<String>,
    /// Where and when the run was made, as (name, value): machine, backend, date.
    pub environment: Vec<(String, String)>,
    /// What was learned from and judged on.
    pub data: Data,
    /// The main figures with their intervals.
    pub figures: Vec<Figure>,
    /// The log, epoch by epoch.
    pub epochs: Vec<Epoch>,
    /// The classes; every class index below counts in this order.
    pub classes: Vec<String>,
    /// `confusion[truth][predicted]`, counts; empty, or a row and a column for each class.
    pub confusion: Vec<Vec<u64>>,
    /// Figures of single classes.
    pub by_class: Vec<ClassFigures>,
    /// Confidence against accuracy.
    pub reliability: Vec<Bin>,
    /// The most confident wrong readings, worst first.
    pub mistakes: Vec<Mistake>,
    /// What the network looks at.
    pub saliency: Vec<Saliency>,
    /// The samples in the network's feature space, brought to a plane.
    pub embedding: Option<Embedding>,
    /// What int8 weights did to each layer.
    pub layers: Vec<Layer>,
}

/// What was learned from and judged on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// The training data in words.
    pub statement: String,
    /// Its rights in words.
    pub rights: String,
    /// The split the figures are of, `set.split`.
    pub judged_on: String,
    /// How much of it was recorded from people.
    pub origin: Origin,
}

/// How much of the data was recorded from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody said.
    #[default]
    Unstated,
    /// All of it.
    Recorded,
    /// Learned from rendered pictures as well, judged on recorded ones.
    PartlyRendered,
    /// Judged on rendered or made-up data, whatever was learned from.
    Synthetic,
}

/// A figure, with its 95 % interval where one is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its standard name.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// What kind of number it is.
    #[serde(default)]
    pub scale: Scale,
    /// Lower and upper end of its 95 % interval.
    #[serde(default)]
    pub interval: Option<[f64; 2]>,
    /// Samples it is of.
    pub n: u64,
    /// What it is of, where that is not `data.judged_on`: a protocol, another set.
    #[serde(default)]
    pub of: String,
}

/// What kind of number a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// A share, 0..=1, shown in percent.
    #[default]
    Share,
    /// Any other finite number, shown as it is.
    Number,
}

/// Figures of one class, shares; `None` where the class has no samples to take them of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassFigures {
    /// Index of the class.
    pub class: usize,
    /// Samples of the class.
    pub n: u64,
    /// Share of those taken for the class that are of it.
    pub precision: Option<f64>,
    /// Share of its samples taken for it.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
}

/// Samples whose confidence falls into one bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// Samples in the bin.
    pub n: u64,
    /// Their mean confidence.
    pub confidence: f64,
    /// Share of them read rightly.
    pub accuracy: f64,
}

/// A picture read wrongly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// The picture as the network got it.
    pub picture: Picture,
    /// Index of the class it is labelled with.
    pub truth: usize,
    /// Index of the class it was read as.
    pub predicted: usize,
    /// Probability given to that class.
    pub confidence: f64,
}

/// A picture and where the network looks in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saliency {
    /// The picture as the network got it.
    pub picture: Picture,
    /// How much each place speaks for the class it is read as.
    pub heat: HeatMap,
    /// Index of the class it is labelled with.
    pub truth: usize,
    /// Index of the class it is read as.
    pub predicted: usize,
}

/// Samples as points of a plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// How the points were made and of what, for example "t-SNE of the penultimate features".
    pub method: String,
    /// The points, in no particular unit; at most [`crate::embed::MAX_POINTS`].
    pub points: Vec<[f32; 2]>,
    /// Index of each point's true class.
    pub classes: Vec<usize>,
}

/// What int8 weights did to a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Its name in the graph.
    pub name: String,
    /// Number of weights.
    pub weights: u64,
    /// Signal to quantisation noise ratio of the weights in decibels.
    pub sqnr_db: f64,
}

/// Expected calibration error (Guo et al. 2017): the mean over samples of their bin's distance
/// between confidence and accuracy; 0 of nothing.
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let total: u64 = bins.iter().map(|bin| bin.n).sum();
    let gap = |bin: &Bin| bin.n as f64 * (bin.accuracy - bin.confidence).abs();
    bins.iter().map(gap).sum::<f64>() / total.max(1) as f64
}

impl RunReport {
    /// Reads the report at `path` and checks it.
    ///
    /// # Errors
    /// When the file cannot be read, is no report, or its parts do not fit each other.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let read = |source| ReportError::Read { path: path.into(), source };
        if fs::metadata(path).map_err(read)?.len() > MAX_FILE {
            return Err(read(io::Error::other("larger than 1 GiB: this is no report")));
        }
        let bytes = fs::read(path).map_err(read)?;
        let report: Self = serde_json::from_slice(&bytes)
            .map_err(|source| ReportError::Json { path: path.into(), source })?;
        report.check()?;
        Ok(report)
    }

    /// Writes the report to `path`, all of it or nothing.
    ///
    /// # Errors
    /// When its parts do not fit each other or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ReportError> {
        self.check()?;
        let json = serde_json::to_vec(self)
            .map_err(|source| ReportError::Json { path: path.into(), source })?;
        Ok(store::write_atomically(path, &json)?)
    }
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A part does not fit the others.
    #[error("report: {field} {rule}")]
    Field {
        /// The field.
        field: String,
        /// What it must be.
        rule: String,
    },
    /// A file cannot be read.
    #[error("cannot read report {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is no report, or a report has no JSON form.
    #[error("report {}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// A picture has no PNG form.
    #[error("report: a picture cannot be encoded: {0}")]
    Png(#[from] png::EncodingError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event file cannot be written.
    #[error("cannot write events: {0}")]
    Events(#[from] io::Error),
}

impl ReportError {
    /// An error about `field` unless it is `sound`.
    pub(crate) fn unless(
        sound: bool,
        field: impl Fn() -> String,
        rule: impl Fn() -> String,
    ) -> Result<(), Self> {
        if sound { Ok(()) } else { Err(Self::Field { field: field(), rule: rule() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;

    #[test]
    fn a_report_is_read_back_as_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let report = small();
        report.write(&path).unwrap();
        assert_eq!(RunReport::read(&path).unwrap(), report);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, r#"{"name":"x","colour":1}"#).unwrap();
        let error = RunReport::read(&path).unwrap_err().to_string();
        assert!(error.contains("report.json") && error.contains("colour"), "{error}");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused_by_field() {
        let message = |spoil: fn(&mut RunReport)| {
            let mut report = small();
            spoil(&mut report);
            report.check().unwrap_err().to_string()
        };
        assert_eq!(
            message(|r| r.confusion[1].truncate(1)),
            "report: confusion must be empty or 2 rows of 2 counts"
        );
        assert_eq!(
            message(|r| r.mistakes[0].truth = 2),
            "report: mistakes[0] names class 2, but there are 2"
        );
        assert_eq!(
            message(|r| r.figures[0].interval = Some([0.5, f64::NAN])),
            "report: figures[0] must hold shares, 0 to 1"
        );
        assert_eq!(
            message(|r| r.mistakes[0].picture.height = 3),
            "report: mistakes[0].picture.data must hold 3 bytes, not 1"
        );
        assert_eq!(
            message(|r| r.classes = vec![String::new(); 33]),
            "report: classes must be at most 32, not 33"
        );
        assert_eq!(
            message(|r| r.embedding = Some(embedding(vec![[0.0, f32::INFINITY]]))),
            "report: embedding must hold at most 2000 finite points and a class for each"
        );
    }

    #[test]
    fn the_calibration_error_weighs_gaps_by_samples() {
        let bin = |n, confidence, accuracy| Bin { n, confidence, accuracy };
        let bins = [bin(3, 0.75, 0.5), bin(1, 0.25, 0.5)];
        assert!((calibration_error(&bins) - 0.25).abs() < 1e-12);
        let bins = [bin(3, 0.75, 0.5), bin(9, 0.5, 0.5)];
        assert!((calibration_error(&bins) - 0.0625).abs() < 1e-12);
        assert!(calibration_error(&[]) < 1e-12);
    }

    fn embedding(points: Vec<[f32; 2]>) -> Embedding {
        let classes = vec![0; points.len()];
        Embedding { method: "t-SNE".to_owned(), points, classes }
    }

    fn small() -> RunReport {
        let picture = Picture::grey(1, 1, vec![9]);
        RunReport {
            name: "small".to_owned(),
            classes: vec!["anger".to_owned(), "fear".to_owned()],
            confusion: vec![vec![1, 2], vec![3, 4]],
            figures: vec![Figure {
                name: "accuracy".to_owned(),
                value: 0.5,
                scale: Scale::Share,
                interval: Some([0.25, 0.75]),
                n: 10,
                of: String::new(),
            }],
            mistakes: vec![Mistake { picture, truth: 0, predicted: 1, confidence: 0.75 }],
            ..RunReport::default()
        }
    }
}
