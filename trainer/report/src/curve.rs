//! A run's log, `metrics.jsonl`: one JSON object per finished epoch.
//!
//! ```text
//! {"epoch":1,"loss":1.42,"rate":0.002,"samples_per_s":2105.3,
//!  "validation":{"score":0.61,"values":[["accuracy",0.61]]},"parts":[["wing",0.3]]}
//! ```
//!
//! Losses are means over the epoch, the rate is the one at its end, a score is better when higher.
//! `parts`, the terms of a loss that has several, may be absent. A run that was stopped between
//! its log and its checkpoint does that epoch again: the later line of an epoch is the one that
//! counts, and what follows the earlier one is dropped.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One finished epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Epochs done, from 1.
    pub epoch: u32,
    /// Mean training loss.
    pub loss: f64,
    /// Learning rate at the epoch's end.
    pub rate: f64,
    /// Training samples per second.
    pub samples_per_s: f64,
    /// The judgement on the validation split.
    pub validation: Validation,
    /// Named terms of the training loss, means over the epoch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<(String, f64)>,
}

/// How good the network was on the validation split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// What the best epoch is chosen by; higher is better.
    pub score: f64,
    /// Named figures beside it.
    pub values: Vec<(String, f64)>,
}

/// Reads the log at `path`.
///
/// # Errors
/// When the file cannot be read, or a line is no epoch.
pub fn read(path: &Path) -> Result<Vec<Epoch>, CurveError> {
    let text = fs::read_to_string(path)
        .map_err(|source| CurveError::Read { path: path.into(), source })?;
    parse(&text, path)
}

/// Parses a log's text; `path` names it in errors.
///
/// # Errors
/// When a line is no epoch.
pub fn parse(text: &str, path: &Path) -> Result<Vec<Epoch>, CurveError> {
    let mut epochs: Vec<Epoch> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() {
            continue;
        }
        let epoch: Epoch = serde_json::from_str(line).map_err(|source| CurveError::Line {
            path: path.into(),
            line: number,
            source,
        })?;
        epochs.retain(|earlier| earlier.epoch < epoch.epoch);
        epochs.push(epoch);
    }
    Ok(epochs)
}

/// The epoch whose weights a run keeps: the first of those with the highest validation score.
pub fn best(epochs: &[Epoch]) -> Option<&Epoch> {
    let better = |best: &Epoch, epoch: &Epoch| epoch.validation.score > best.validation.score;
    epochs.iter().reduce(|best, epoch| if better(best, epoch) { epoch } else { best })
}

/// Why a log cannot be used.
#[derive(Debug, Error)]
pub enum CurveError {
    /// The file cannot be read.
    #[error("cannot read log {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A line is damaged, as the last one is after a power cut.
    #[error("{}:{line}: no epoch's line: {source}; delete the line", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and in which column.
        source: serde_json::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"epoch":1,"loss":1.5,"rate":0.002,"samples_per_s":210.0,"validation":{"score":0.5,"values":[["accuracy",0.5],["macro_f1",0.4]]}}"#;
    const SECOND: &str = r#"{"epoch":2,"loss":1.0,"rate":0.001,"samples_per_s":215.0,"validation":{"score":0.6,"values":[]},"parts":[["wing",0.25]]}"#;

    #[test]
    fn a_log_is_its_epochs_in_order() {
        let epochs = of(&format!("{FIRST}\n{SECOND}\n")).unwrap();
        assert_eq!(epochs.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(epochs[0].validation.values[1], ("macro_f1".to_owned(), 0.4));
        assert_eq!(epochs[0].parts, []);
        assert_eq!(epochs[1].parts, [("wing".to_owned(), 0.25)]);
    }

    #[test]
    fn a_damaged_line_is_named_by_file_and_number() {
        let torn = &SECOND[..40];
        let error = of(&format!("{FIRST}\n\n{torn}")).unwrap_err().to_string();
        assert!(error.starts_with("runs/x/metrics.jsonl:3: no epoch's line: "), "{error}");
        assert!(error.ends_with("delete the line"), "{error}");
    }

    #[test]
    fn an_epoch_done_again_replaces_the_earlier_one() {
        let again = FIRST.replace("1.5", "1.25");
        let epochs = of(&[FIRST, SECOND, &again].join("\n")).unwrap();
        assert_eq!(epochs.len(), 1);
        assert!((epochs[0].loss - 1.25).abs() < 1e-12);
    }

    #[test]
    fn the_first_of_equally_good_epochs_is_the_best() {
        let third = SECOND.replace("\"epoch\":2", "\"epoch\":3");
        let epochs = of(&[FIRST, SECOND, &third].join("\n")).unwrap();
        assert_eq!(best(&epochs).map(|epoch| epoch.epoch), Some(2));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn an_absent_log_is_named() {
        let error = read(Path::new("absent/metrics.jsonl")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read log absent/metrics.jsonl: "), "{error}");
    }

    fn of(text: &str) -> Result<Vec<Epoch>, CurveError> {
        parse(text, Path::new("runs/x/metrics.jsonl"))
    }
}
