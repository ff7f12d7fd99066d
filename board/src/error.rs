//! What can be wrong with a board.

use std::{io, path::PathBuf};

/// Why a board cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// Neither a built-in board nor a file.
    #[error(
        "board {name:?}{}: no such built-in board; there are {known}, or name a file that ends in .toml",
        .file.as_ref().map(|file| format!(" (inherited by {file})")).unwrap_or_default()
    )]
    Unknown {
        /// The name that was looked up.
        name: String,
        /// The file that inherits it, if any.
        file: Option<String>,
        /// The built-in boards.
        known: String,
    },
    /// The file cannot be read.
    #[error("board {}: cannot read the file: {source}", path.display())]
    Read {
        /// The board's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is no TOML, or has a field there is not.
    #[error("board {file}: {source}")]
    Parse {
        /// The board's file or built-in name.
        file: String,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// A board inherits itself, directly or through others.
    #[error("board {file}: inherit goes round in a circle: {chain}; remove one of these")]
    Cycle {
        /// The board that closes the circle.
        file: String,
        /// The boards in order.
        chain: String,
    },
    /// Too many boards inherit one another.
    #[error("board {file}: more than {limit} boards inherit one another; merge some")]
    TooDeep {
        /// The board that is one too many.
        file: String,
        /// How many may.
        limit: usize,
    },
    /// No board of the chain names a field.
    #[error("board {file}: {field} is missing; add it, or inherit = \"base\"")]
    Missing {
        /// The board that was asked for.
        file: String,
        /// The field.
        field: &'static str,
    },
    /// A field's value makes no sense.
    #[error("board {file}: {field} cannot be {value}; {fix}")]
    Wrong {
        /// The board that was asked for.
        file: String,
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// What to write instead.
        fix: &'static str,
    },
    /// The board has no TOML form.
    #[error("the board cannot be printed: {0}")]
    Unprintable(#[source] toml::ser::Error),
}

/// A field that no board of the chain names.
pub(super) fn missing(file: &str, field: &'static str) -> BoardError {
    BoardError::Missing { file: file.to_owned(), field }
}

/// A field whose value makes no sense.
pub(super) fn wrong(
    file: &str,
    field: &'static str,
    value: &impl std::fmt::Debug,
    fix: &'static str,
) -> BoardError {
    BoardError::Wrong { file: file.to_owned(), field, value: format!("{value:?}"), fix }
}
