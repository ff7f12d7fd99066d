//! What can be wrong with a data set: every message names the place and what to do about it.

use std::path::PathBuf;

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
    /// A picture file does not decode.
    #[error("{} does not decode as a picture: fetch the file again", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: image::ImageError,
    },
    /// A file or folder is not what the set's layout has in that place.
    #[error("{}: {what}: {fix}", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A manifest has no such picture.
    #[error("{manifest} has no picture {index}: it lists {entries}, counted from 0")]
    NoEntry {
        /// The manifest's name.
        manifest: String,
        /// The number asked for.
        index: usize,
        /// How many there are.
        entries: usize,
    },
    /// No data set is recognised in a folder.
    #[error("cannot tell which data set {} holds: name it, one of {known}", root.display())]
    Unrecognised {
        /// The folder.
        root: PathBuf,
        /// The names there are.
        known: String,
    },
}
