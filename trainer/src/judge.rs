//! Judging a bundle: its figures on a data set, measured through the device's own engine.

use std::{fmt, path::Path};

use mien_data::DataError;
use mien_engine::EngineError;
use mien_metric::protocol::Protocol;
use mien_shared::bundle::{Bundle, Metric, Task};
use serde::Serialize;
use thiserror::Error;

use self::{detect::DetectReport, expression::ExpressionReport};

pub mod detect;
pub mod expression;
pub mod vote;

/// A bundle's figures on one split of one data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Report {
    /// Of an expression classifier.
    Expression(ExpressionReport),
    /// Of a face detector.
    Detect(DetectReport),
}

impl Report {
    /// Judges `bundle` on the split called `split` of the data set called `data` under `root`.
    ///
    /// # Errors
    /// When the data cannot be read, does not suit the bundle, or the engine fails.
    pub fn new(bundle: &Bundle, data: &str, root: &Path, split: &str) -> Result<Self, JudgeError> {
        match bundle.manifest.task {
            Task::Expression { .. } => {
                Ok(Self::Expression(expression::judge(bundle, data, root, split)?))
            }
            Task::Detect { .. } => Ok(Self::Detect(detect::judge(bundle, data, root, split)?)),
        }
    }

    /// The figures as a bundle's manifest holds them.
    pub fn metrics(&self) -> Vec<Metric> {
        match self {
            Self::Expression(report) => report.metrics(),
            Self::Detect(report) => report.metrics(),
        }
    }

    /// The one figure that quantisation must not lower: accuracy under `protocol` or recall,
    /// 0..=1.
    pub fn score(&self, protocol: Protocol) -> f64 {
        match self {
            Self::Expression(report) => report.score(protocol),
            Self::Detect(report) => report.portraits.recall,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(report) => report.fmt(f),
            Self::Detect(report) => report.fmt(f),
        }
    }
}

/// Why a bundle was not judged.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The data set does not suit the bundle's task.
    #[error("'{data}' does not suit this bundle; use one of: {known}")]
    Unsuited {
        /// The data set asked for.
        data: String,
        /// The data sets that suit.
        known: &'static str,
    },
    /// The split does not exist.
    #[error("'{data}' has no split '{split}'; there are: {known}")]
    Split {
        /// The data set.
        data: String,
        /// The split asked for.
        split: String,
        /// The splits there are.
        known: &'static str,
    },
    /// The network has no output of the name its task needs.
    #[error("the network has no output '{0}'; export it again")]
    Output(&'static str),
}

/// Pictures one engine judges in a row.
const CHUNK: usize = 128;
