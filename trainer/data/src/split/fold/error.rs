//! What is wrong with folds, and what to do about it.

use std::path::PathBuf;

/// Why there are no such folds.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// Not enough folds for every role.
    #[error("{count} is too few folds to fill every part: use {least} or more")]
    TooFewFolds {
        /// How many there are.
        count: usize,
        /// How many there must be.
        least: usize,
    },
    /// Not enough subjects for every fold.
    #[error("too few subjects ({groups}) for {count} folds: use no more folds than subjects")]
    TooFewGroups {
        /// Subjects and pictures without one.
        groups: usize,
        /// Folds asked for.
        count: usize,
    },
    /// A number between the official ones is missing.
    #[error("fold {fold} holds no picture though there is a fold {highest}: number them from 0")]
    EmptyFold {
        /// The fold.
        fold: usize,
        /// The last one.
        highest: usize,
    },
    /// No fold has that number.
    #[error("there is no fold {fold}: use 0 to {last}")]
    NoSuchFold {
        /// The number asked for.
        fold: usize,
        /// The last there is.
        last: usize,
    },
    /// A list cannot be read.
    #[error("cannot read {}: check that it is there and is UTF-8 text", path.display())]
    Read {
        /// The list.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is far too long for a list.
    #[error("{} is longer than {most} bytes: is it a list of names?", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Bytes accepted.
        most: u64,
    },
    /// A list names nobody.
    #[error("{}, line {line}: the list ends without a name: give one subject or file stem a line", path.display())]
    EmptyList {
        /// The list.
        path: PathBuf,
        /// Its last line, from 1.
        line: usize,
    },
    /// A name is nobody's.
    #[error("{}, line {line}: no subject and no file stem is called `{name}`", path.display())]
    UnknownName {
        /// The list.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The name, cut short.
        name: String,
    },
    /// A stem is that of several files.
    #[error("{}, line {line}: {files} files have the stem `{name}`: list subjects instead", path.display())]
    AmbiguousStem {
        /// The list.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The stem.
        name: String,
        /// How many files have it.
        files: usize,
    },
    /// A picture is listed twice, itself or by its subject.
    #[error(
        "{}, line {line}: `{name}` is in {}, line {first_line} already: keep one of the two",
        path.display(), first_path.display()
    )]
    ListedTwice {
        /// The list.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The name.
        name: String,
        /// The list that was first.
        first_path: PathBuf,
        /// Its line, from 1.
        first_line: usize,
    },
}
