//! What was measured: the file `results.toml`.
//!
//! ```toml
//! [[result]]
//! block = "FERS-CK"                                   # with `row`: the figure this stands beside
//! row = "FERSNet / pretraining: no / input: single"
//! protocol = "10 folds by subject, last 3 frames of a sequence, mean of fold accuracies; \
//!             pretraining: no; input: single"
//! measured = 96.94                                    # in the unit of the figure
//! interval = [95.1, 98.2]                             # optional: its 95 % interval
//! n = 981                                             # test samples
//! subjects = 118                                      # optional: people among them
//! seed = 1
//! data = "CK+"
//! split = "10 folds of subjects in ascending order"
//! command = "mien-trainer eval …"
//! revision = "0123abc"                                # of the source the command was built from
//! note = "…"                                          # optional
//! ```
//!
//! Keys are the columns `block` and `row` of the table's CSV form, in any letter case.
//!
//! An entry without `block` and `row` is a measurement of our own; it names its `system` and its
//! `metric` instead. A measurement is of a figure's protocol only where `protocol` and `data` are,
//! letter case apart, the words the table prints for that figure.

mod entry;

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

/// Where the ledger is, seen from the root of the repository.
pub const DEFAULT: &str = "models/results.toml";

/// Largest file read.
const MOST_BYTES: u64 = 4 << 20;

/// Everything measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    measurements: Vec<Measurement>,
}

/// One measurement, checked against the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Block id and row key of the figure it stands beside, as the index spells them; `None` for
    /// one of our own.
    pub beside: Option<(&'static str, String)>,
    /// What was measured; of the figure where it stands beside one.
    pub system: String,
    /// In which terms; of the figure where it stands beside one.
    pub metric: String,
    /// How it was measured.
    pub protocol: String,
    /// The value.
    pub measured: f64,
    /// Its 95 % interval.
    pub interval: Option<[f64; 2]>,
    /// Test samples.
    pub n: u64,
    /// People among them.
    pub subjects: Option<u64>,
    /// Seed of the training.
    pub seed: u64,
    /// Data set.
    pub data: String,
    /// Its part or folds.
    pub split: String,
    /// The command that gave the value.
    pub command: String,
    /// Revision of the source.
    pub revision: String,
    /// What else there is to say; may be empty.
    pub note: String,
}

/// Why a ledger cannot be used. `entry` counts the `[[result]]` tables from 1.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}; name a ledger with --ledger FILE")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file is too large.
    #[error("{path} is larger than {MOST_BYTES} bytes: not a ledger")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not TOML or has other fields.
    #[error("{path}: {cause}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// There is no such block.
    #[error("{path}, result {entry}: no block '{found}'; the nearest is '{nearest}'")]
    UnknownBlock {
        /// The file.
        path: PathBuf,
        /// Which entry.
        entry: usize,
        /// The name given.
        found: String,
        /// The known name most like it.
        nearest: String,
    },
    /// The block has no such row.
    #[error(
        "{path}, result {entry}: block {block} has no row '{found}'; the nearest is '{nearest}'"
    )]
    UnknownRow {
        /// The file.
        path: PathBuf,
        /// Which entry.
        entry: usize,
        /// The block.
        block: &'static str,
        /// The key given.
        found: String,
        /// The known key most like it.
        nearest: String,
    },
    /// A field is missing, superfluous or impossible.
    #[error("{path}, result {entry}: {field} {problem}")]
    Field {
        /// The file.
        path: PathBuf,
        /// Which entry.
        entry: usize,
        /// The field.
        field: &'static str,
        /// What is wrong and what to do.
        problem: &'static str,
    },
}

impl Ledger {
    /// Reads a file.
    ///
    /// # Errors
    /// Every variant of [`LedgerError`].
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let failed = |cause| LedgerError::Read { path: path.to_owned(), cause };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(LedgerError::TooLarge { path: path.to_owned() });
        }
        Self::parse(&text, path)
    }

    /// Reads the text of a file that errors call `path`.
    ///
    /// # Errors
    /// As [`Ledger::read`], but for the file itself.
    pub fn parse(text: &str, path: &Path) -> Result<Self, LedgerError> {
        let raw: RawLedger = toml::from_str(text)
            .map_err(|cause| LedgerError::Syntax { path: path.to_owned(), cause: cause.into() })?;
        let entries = raw.result.into_iter().zip(1..);
        let checked = entries.map(|(raw, entry)| raw.checked(path, entry));
        Ok(Self { measurements: checked.collect::<Result<_, _>>()? })
    }

    /// The measurements, in the order of the file.
    pub fn measurements(&self) -> &[Measurement] {
        &self.measurements
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLedger {
    #[serde(default)]
    result: Vec<entry::Raw>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields every entry has.
    const REST: &str = "protocol = \"p\"\nmeasured = 50.0\nn = 10\nseed = 1\ndata = \"CK+\"\n\
                        split = \"test\"\ncommand = \"c\"\nrevision = \"r\"\n";

    #[test]
    fn an_entry_takes_its_system_and_metric_from_the_figure_it_stands_beside() {
        let ledger = parse("block = \"fn2en-ck\"\nrow = \"fn2en / 8 classes\"", "").unwrap();
        let found = &ledger.measurements()[0];
        assert_eq!(found.beside, Some(("FN2EN-CK", "FN2EN / 8 classes".to_owned())));
        assert_eq!((found.system.as_str(), found.metric.as_str()), ("FN2EN", "accuracy, %"));
        assert_eq!((found.measured, found.n, found.subjects), (50.0, 10, None));
    }

    #[test]
    fn an_entry_of_our_own_names_both_itself() {
        let ledger = parse("system = \"mine\"\nmetric = \"ICC\"", "").unwrap();
        assert_eq!(ledger.measurements()[0].beside, None);
    }

    #[test]
    fn an_unknown_block_names_the_nearest() {
        assert_eq!(
            fault("block = \"FERS-KC\"\nrow = \"x\"", ""),
            "results.toml, result 1: no block 'FERS-KC'; the nearest is 'FERS-CK'"
        );
    }

    #[test]
    fn an_unknown_row_names_the_nearest() {
        assert_eq!(
            fault("block = \"FN2EN-CK\"\nrow = \"FN2EN / 7 clases\"", ""),
            "results.toml, result 1: block FN2EN-CK has no row 'FN2EN / 7 clases'; \
             the nearest is 'FN2EN / 6 classes'"
        );
    }

    #[test]
    fn half_a_subject_is_refused() {
        for (head, field) in [
            ("block = \"FN2EN-CK\"", "row is missing"),
            ("row = \"x\"", "block is missing"),
            ("system = \"mine\"", "system or metric is missing"),
            ("", "system or metric is missing"),
            ("block = \"FN2EN-CK\"\nrow = \"x\"\nsystem = \"s\"", "system or metric is the row's"),
        ] {
            assert!(fault(head, "").contains(field), "{head}: {}", fault(head, ""));
        }
    }

    #[test]
    fn impossible_numbers_are_refused() {
        for (from, to, field) in [
            ("measured = 50.0", "measured = nan", "measured"),
            ("measured = 50.0", "measured = 150.0", "measured"),
            ("measured = 50.0", "measured = 50.0\ninterval = [51.0, 52.0]", "interval"),
            ("measured = 50.0", "measured = 50.0\ninterval = [nan, 52.0]", "interval"),
            ("n = 10", "n = 0", "n or subjects"),
            ("n = 10", "n = 10\nsubjects = 11", "n or subjects"),
            ("revision = \"r\"", "revision = \" \"", "revision"),
        ] {
            let text = format!("[[result]]\nsystem = \"s\"\nmetric = \"a, %\"\n{REST}");
            let error = Ledger::parse(&text.replace(from, to), Path::new("results.toml"));
            assert!(error.unwrap_err().to_string().contains(field), "{to}");
        }
    }

    #[test]
    fn misspelt_and_missing_fields_are_named() {
        assert!(fault("system = \"s\"\nmetric = \"m\"\nsubject = 3", "").contains("subject"));
        let error = Ledger::parse("[[result]]\nn = 1", Path::new("results.toml")).unwrap_err();
        assert!(error.to_string().contains("missing field"), "{error}");
    }

    #[test]
    fn an_empty_ledger_is_one() {
        assert_eq!(Ledger::parse("", Path::new("x")).unwrap(), Ledger::default());
    }

    #[test]
    fn the_projects_own_ledger_is_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(DEFAULT);
        assert!(!Ledger::read(&path).unwrap().measurements().is_empty());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Ledger::read(Path::new("no/such/results.toml")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read no/such/results.toml: "));
    }

    fn parse(head: &str, tail: &str) -> Result<Ledger, LedgerError> {
        let text = format!("[[result]]\n{head}\n{REST}{tail}");
        Ledger::parse(&text, Path::new("results.toml"))
    }

    fn fault(head: &str, tail: &str) -> String {
        parse(head, tail).unwrap_err().to_string()
    }
}
