//! What is wrong with a configuration: every flaw of it, each with its place and its fix.

use std::{fmt, io, path::PathBuf};

use serde::Serialize;

/// One flaw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Flaw {
    /// Line of the file, from 1; `None` where it is missing there or comes from the command line.
    pub line: Option<usize>,
    /// What is wrong.
    #[serde(flatten)]
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Problem {
    /// The text is no TOML.
    Syntax {
        /// What the parser says.
        text: String,
    },
    /// There is no such section or field.
    Unknown {
        /// What was written, `section` or `section.field`.
        field: String,
        /// What there is.
        known: Vec<String>,
        /// What was probably meant.
        like: Option<String>,
    },
    /// A field that must be there is not.
    Missing {
        /// The field, `section.field`.
        field: String,
        /// What to write.
        fix: String,
    },
    /// A field's value makes no sense.
    Wrong {
        /// The field, `section.field`.
        field: String,
        /// Its value, without secrets.
        value: String,
        /// What to write instead.
        fix: String,
    },
}

impl Problem {
    /// The field at fault; `None` where the text is no TOML.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Syntax { .. } => None,
            Self::Unknown { field, .. }
            | Self::Missing { field, .. }
            | Self::Wrong { field, .. } => Some(field),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { text } => f.write_str(text),
            Self::Unknown { field, like: Some(like), .. } => {
                write!(f, "{field}: there is no such field; did you mean {like}?")
            }
            Self::Unknown { field, known, like: None } => {
                write!(f, "{field}: there is no such field; there are {}", known.join(", "))
            }
            Self::Missing { field, fix } => write!(f, "{field} is missing; {fix}"),
            Self::Wrong { field, value, fix } => write!(f, "{field} cannot be {value}; {fix}"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        self.problem.fmt(f)
    }
}

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot read the configuration: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is larger than any configuration.
    #[error("{}: {length} bytes are too many for a configuration; at most {limit}", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The most there may be.
        limit: u64,
    },
    /// It has flaws.
    #[error("{file}: {}", list(flaws))]
    Flaws {
        /// The file, or "command line".
        file: String,
        /// All of them, in the order of the file.
        flaws: Vec<Flaw>,
    },
}

impl ConfigError {
    /// The flaws, where the file could be read.
    pub fn flaws(&self) -> &[Flaw] {
        match self {
            Self::Flaws { flaws, .. } => flaws,
            _ => &[],
        }
    }
}

/// One flaw in the same line, several each in its own.
fn list(flaws: &[Flaw]) -> String {
    if let [flaw] = flaws {
        return flaw.to_string();
    }
    let lines = flaws.iter().map(Flaw::to_string).collect::<Vec<_>>();
    format!("{} faults\n  {}", flaws.len(), lines.join("\n  "))
}
