//! Labelled faces: every data set Mien knows, read into one [`Sample`] type.
//!
//! [`ADAPTERS`] is the whole list; [`open`] looks a name up in it. An adapter checks what it
//! reads and refuses a damaged set with the file, the line, the field and what to do about it.
//! Nothing here downloads, resizes or shuffles.

use std::path::{Path, PathBuf};

use mien_shared::{frame::Grey, label::Expression};

pub mod augment;
pub mod fer2013;
pub mod ferplus;
pub mod lfw;
pub mod manifest;
pub mod scene;
pub mod split;
pub mod synth;
pub mod synth_folder;
mod table;

/// Number of expressions in a soft label.
pub const CLASSES: usize = Expression::ALL.len();

/// Every data set of expression crops that [`open`] knows.
pub const ADAPTERS: &[Adapter] = &[ferplus::ADAPTER, fer2013::ADAPTER];

/// Reads one split of the data set called `name` from the folder `root`.
///
/// # Errors
/// [`DataError::UnknownDataset`] and [`DataError::UnknownSplit`] list what there is; the others
/// say what is wrong with the files.
pub fn open(name: &str, root: &Path, split: &str) -> Result<Dataset, DataError> {
    let adapter = ADAPTERS.iter().find(|adapter| adapter.name == name).ok_or_else(|| {
        let known = ADAPTERS.iter().map(|adapter| adapter.name).collect::<Vec<_>>().join(", ");
        DataError::UnknownDataset { name: name.to_owned(), known }
    })?;
    if !adapter.splits.contains(&split) {
        return Err(DataError::UnknownSplit {
            dataset: adapter.name,
            split: split.to_owned(),
            known: adapter.splits.join(", "),
        });
    }
    (adapter.open)(root, split)
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

/// Why a data set was not read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No adapter has that name.
    #[error("no data set is called `{name}`: use one of {known}")]
    UnknownDataset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The data set has no such split.
    #[error("{dataset} has no split `{split}`: use one of {known}")]
    UnknownSplit {
        /// The data set.
        dataset: &'static str,
        /// The split asked for.
        split: String,
        /// The splits there are.
        known: String,
    },
    /// A file is missing or cannot be read.
    #[error("cannot read {}: check that it is there and whole", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A table is not well-formed CSV.
    #[error("{} is not a well-formed CSV file: fetch it again", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: csv::Error,
    },
    /// A table lacks a column.
    #[error("{}, line 1: no column `{column}`: the header must name it", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The missing column.
        column: String,
    },
    /// A field does not hold what it must.
    #[error("{}, line {line}: {field} is `{value}`: {fix}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// Line number in the file, from 1.
        line: u64,
        /// The column.
        field: String,
        /// What it holds, cut short.
        value: String,
        /// What it must hold.
        fix: &'static str,
    },
    /// Two things that must agree in number do not.
    #[error("{} holds {found} {what}, expected {expected}: {fix}", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
        /// What to do.
        fix: &'static str,
    },
    /// A picture within a file does not decode.
    #[error("{}: picture `{name}` does not decode: fetch the file again", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// The picture's name.
        name: String,
        /// Why.
        #[source]
        source: image::ImageError,
    },
}

/// The soft label that is certain of one expression.
fn one_hot(expression: Expression) -> [f32; CLASSES] {
    let mut target = [0.0; CLASSES];
    target[expression.index()] = 1.0;
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_names_there_are() {
        let error = open("fer", Path::new("."), "train").unwrap_err().to_string();
        assert_eq!(error, "no data set is called `fer`: use one of ferplus, fer2013");
    }

    #[test]
    fn an_unknown_split_is_answered_with_the_splits_there_are() {
        let error = open("ferplus", Path::new("."), "test").unwrap_err().to_string();
        assert_eq!(error, "ferplus has no split `test`: use one of train, valid");
    }
}
