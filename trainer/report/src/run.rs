//! All that a report says of a run, as plain data: what the page is made of, and `report.json`.
//!
//! Every part may be empty; the page leaves out what is. Shares are 0..=1. A report
//! read from a file is checked like any other input before a page is made of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mien_shared::store::{self, StoreError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    curve::Epoch,
    embed::MAX_POINTS,
    picture::{HeatMap, Picture},
};

/// Most classes a report may have.
pub const MAX_CLASSES: usize = 32;

/// Most pictures of one kind a report may have.
pub const MAX_PICTURES: usize = 256;

/// Most epochs, bins, figures or layers a report may have.
const MAX_ROWS: usize = 100_000;

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
    /// The points, in no particular unit; at most [`MAX_POINTS`].
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

    /// Whether the parts fit each other: indices name classes, numbers are finite, shares are
    /// shares, pictures hold their pixels, nothing is larger than a page can show.
    ///
    /// # Errors
    /// With the first field that does not.
    pub fn check(&self) -> Result<(), ReportError> {
        self.check_counts()?;
        self.check_figures()?;
        self.check_classes()?;
        self.check_pictures()?;
        self.embedding.iter().try_for_each(|embedding| self.check_embedding(embedding))
    }

    fn check_counts(&self) -> Result<(), ReportError> {
        let counts = [
            ("classes", self.classes.len(), MAX_CLASSES),
            ("mistakes", self.mistakes.len(), MAX_PICTURES),
            ("saliency", self.saliency.len(), MAX_PICTURES),
            ("figures", self.figures.len(), MAX_ROWS),
            ("epochs", self.epochs.len(), MAX_ROWS),
            ("reliability", self.reliability.len(), MAX_ROWS),
            ("layers", self.layers.len(), MAX_ROWS),
        ];
        counts.into_iter().try_for_each(|(field, count, most)| {
            let rule = || format!("must be at most {most}, not {count}");
            ReportError::unless(count <= most, || field.to_owned(), rule)
        })
    }

    fn check_figures(&self) -> Result<(), ReportError> {
        for (at, figure) in self.figures.iter().enumerate() {
            let ends = figure.interval.unwrap_or([figure.value; 2]);
            let (values, field) = ([figure.value, ends[0], ends[1]], || format!("figures[{at}]"));
            match figure.scale {
                Scale::Share => shares(&values, field)?,
                Scale::Number => {
                    let finite = values.iter().all(|value| value.is_finite());
                    ReportError::unless(finite, field, finite_rule)?;
                }
            }
        }
        for (at, epoch) in self.epochs.iter().enumerate() {
            let named = epoch.parts.iter().chain(&epoch.validation.values).map(|(_, value)| *value);
            let plain = [epoch.loss, epoch.rate, epoch.samples_per_s, epoch.validation.score];
            let finite = named.chain(plain).all(f64::is_finite);
            ReportError::unless(finite, || format!("epochs[{at}]"), finite_rule)?;
        }
        for (at, bin) in self.reliability.iter().enumerate() {
            shares(&[bin.confidence, bin.accuracy], || format!("reliability[{at}]"))?;
        }
        for (at, layer) in self.layers.iter().enumerate() {
            let finite = layer.sqnr_db.is_finite();
            ReportError::unless(finite, || format!("layers[{at}].sqnr_db"), finite_rule)?;
        }
        Ok(())
    }

    fn check_classes(&self) -> Result<(), ReportError> {
        let classes = self.classes.len();
        let square = self.confusion.len() == classes
            && self.confusion.iter().all(|row| row.len() == classes);
        let rule = || format!("must be empty or {classes} rows of {classes} counts");
        let sound = self.confusion.is_empty() || square;
        ReportError::unless(sound, || "confusion".to_owned(), rule)?;
        for (at, row) in self.by_class.iter().enumerate() {
            let field = || format!("by_class[{at}]");
            self.check_class(row.class, field)?;
            let figures = [row.precision, row.recall, row.f1].map(Option::unwrap_or_default);
            shares(&figures, field)?;
        }
        Ok(())
    }

    fn check_pictures(&self) -> Result<(), ReportError> {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            let field = || format!("mistakes[{at}]");
            mistake.picture.check(&format!("{}.picture", field()))?;
            shares(&[mistake.confidence], field)?;
            [mistake.truth, mistake.predicted]
                .into_iter()
                .try_for_each(|class| self.check_class(class, field))?;
        }
        for (at, saliency) in self.saliency.iter().enumerate() {
            let field = || format!("saliency[{at}]");
            saliency.picture.check(&format!("{}.picture", field()))?;
            saliency.heat.check(&format!("{}.heat", field()))?;
            [saliency.truth, saliency.predicted]
                .into_iter()
                .try_for_each(|class| self.check_class(class, field))?;
        }
        Ok(())
    }

    fn check_embedding(&self, embedding: &Embedding) -> Result<(), ReportError> {
        let count = embedding.points.len();
        let sound = count <= MAX_POINTS
            && embedding.classes.len() == count
            && embedding.points.iter().flatten().all(|value| value.is_finite());
        let rule = || format!("must hold at most {MAX_POINTS} finite points and a class for each");
        ReportError::unless(sound, || "embedding".to_owned(), rule)?;
        let field = || "embedding.classes".to_owned();
        embedding.classes.iter().try_for_each(|&class| self.check_class(class, field))
    }

    fn check_class(&self, class: usize, field: impl Fn() -> String) -> Result<(), ReportError> {
        let rule = || format!("names class {class}, but there are {}", self.classes.len());
        ReportError::unless(class < self.classes.len(), field, rule)
    }
}

fn shares(values: &[f64], field: impl Fn() -> String) -> Result<(), ReportError> {
    let sound = values.iter().all(|value| (0.0..=1.0).contains(value));
    ReportError::unless(sound, field, || "must hold shares, 0 to 1".to_owned())
}

fn finite_rule() -> String {
    "must hold finite numbers".to_owned()
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
