//! Mien's boards as data: which camera, panel and sinks each has, and what it can carry.
//!
//! A board is a TOML file. It may `inherit` another, of which it keeps every field it does not
//! name itself; lists are replaced as a whole. Built-in boards are part of the program, an
//! owner's own is a file that inherits a built-in board by name or a file beside it by file name:
//!
//! ```toml
//! inherit = "pi5"                    # or "common.toml", a file in the same folder
//! name = "lobby"                     # default: the file's name without .toml
//! description = "Pi 5 in the lobby"
//! camera = "v4l2:///dev/video2"      # where frames come from
//! panel = "png:///run/mien/panel.png"
//! events = ["tcp://host.local:9000"] # where readings go; [] is nowhere
//!
//! [picture]                          # what to ask the camera for
//! width = 640                        # pixels
//! height = 480
//! fps = 30
//!
//! [compute]
//! threads = 2                        # for inference
//! ```
//!
//! What stands behind `scheme://` in a specification is the firmware's business; a board only
//! checks that there is a scheme.

mod builtin;
mod raw;

use std::{io, path::PathBuf};

use serde::Serialize;

use raw::Raw;

/// A board, complete and checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board {
    name: String,
    description: String,
    camera: String,
    panel: String,
    events: Vec<String>,
    picture: Picture,
    compute: Compute,
}

/// The picture to ask the camera for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Picture {
    width: u32,
    height: u32,
    fps: f32,
}

/// What inference may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Compute {
    threads: usize,
}

impl Board {
    /// The built-in board of that name, or the one in that file.
    ///
    /// A file is anything with a `/` or ending in `.toml`.
    ///
    /// # Errors
    /// When there is no such board, or it or one it inherits is not as it should be; the message
    /// names the file, the field and the fix.
    pub fn load(name_or_file: &str) -> Result<Self, BoardError> {
        raw::resolve(name_or_file)?.into_board()
    }

    /// The names of the built-in boards.
    pub fn names() -> impl Iterator<Item = &'static str> {
        builtin::ALL.iter().map(|(name, _)| *name)
    }

    /// The board's short name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in a line.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Specification of its camera.
    pub fn camera(&self) -> &str {
        &self.camera
    }

    /// Specification of its panel.
    pub fn panel(&self) -> &str {
        &self.panel
    }

    /// Specifications of where its readings go.
    pub fn events(&self) -> &[String] {
        &self.events
    }

    /// The picture to ask the camera for.
    pub fn picture(&self) -> Picture {
        self.picture
    }

    /// What inference may use.
    pub fn compute(&self) -> Compute {
        self.compute
    }

    /// The whole board as TOML, nothing inherited any more; it loads as the same board.
    ///
    /// # Errors
    /// [`BoardError::Unprintable`] when a value has no TOML form.
    pub fn to_toml(&self) -> Result<String, BoardError> {
        toml::to_string(self).map_err(BoardError::Unprintable)
    }
}

impl Picture {
    /// Width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Frames per second.
    pub fn fps(self) -> f32 {
        self.fps
    }
}

impl Compute {
    /// Threads for inference, at least one.
    pub fn threads(self) -> usize {
        self.threads
    }
}

impl Raw {
    fn into_board(self) -> Result<Board, BoardError> {
        let file = self.file;
        let spec = |field, value: Option<String>| {
            let value = value.ok_or_else(|| missing(&file, field))?;
            let scheme = value.split_once("://").is_some_and(|(scheme, _)| !scheme.is_empty());
            let fix = "write it as scheme://target, for example v4l2://auto";
            if scheme { Ok(value) } else { Err(wrong(&file, field, &value, fix)) }
        };
        let camera = spec("camera", self.camera)?;
        let panel = spec("panel", self.panel)?;
        let events = self.events.ok_or_else(|| missing(&file, "events"))?;
        let events = events
            .into_iter()
            .map(|event| spec("events", Some(event)))
            .collect::<Result<_, _>>()?;
        let side = |field, value: Option<u32>| {
            let value = value.ok_or_else(|| missing(&file, field))?;
            let fits = (16..=8192).contains(&value);
            if fits {
                Ok(value)
            } else {
                Err(wrong(&file, field, &value, "choose 16 to 8192 pixels"))
            }
        };
        let width = side("picture.width", self.picture.width)?;
        let height = side("picture.height", self.picture.height)?;
        let fps = self.picture.fps.ok_or_else(|| missing(&file, "picture.fps"))?;
        if !(fps > 0.0 && fps <= 240.0) {
            return Err(wrong(&file, "picture.fps", &fps, "choose more than 0 and at most 240"));
        }
        let threads = self.compute.threads.ok_or_else(|| missing(&file, "compute.threads"))?;
        if !(1..=64).contains(&threads) {
            return Err(wrong(&file, "compute.threads", &threads, "choose 1 to 64"));
        }
        let description = self.description.ok_or_else(|| missing(&file, "description"))?;
        Ok(Board {
            name: self.name,
            description,
            camera,
            panel,
            events,
            picture: Picture { width, height, fps },
            compute: Compute { threads },
        })
    }
}

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

fn missing(file: &str, field: &'static str) -> BoardError {
    BoardError::Missing { file: file.to_owned(), field }
}

fn wrong(
    file: &str,
    field: &'static str,
    value: &impl std::fmt::Debug,
    fix: &'static str,
) -> BoardError {
    BoardError::Wrong { file: file.to_owned(), field, value: format!("{value:?}"), fix }
}

#[cfg(test)]
mod tests;
