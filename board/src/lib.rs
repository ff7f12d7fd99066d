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
//! pins = "none://"                   # lamps and buttons
//! events = ["tcp://host.local:9000"] # where readings go; [] is nowhere
//!
//! [picture]                          # what to ask the camera for
//! width = 640                        # pixels
//! height = 480
//! fps = 30
//!
//! [compute]
//! threads = 2                        # for inference
//!
//! [thermal]                          # °C from which less is computed, each above the one before
//! half_c = 75.0                      # half of the frames
//! quarter_c = 80.0                   # a quarter
//! sparse_c = 85.0                    # fewer expressions, too
//! pause_c = 90.0                     # nothing
//! ```
//!
//! What stands behind `scheme://` in a specification is the firmware's business; a board only
//! checks that there is a scheme.

mod builtin;
mod detect;
mod error;
mod raw;

use std::path::Path;

use serde::Serialize;

pub use error::BoardError;
use error::{missing, wrong};
use raw::{Raw, RawThermal};

/// Names the board that this machine is.
pub const AUTO: &str = "auto";

/// A board, complete and checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board {
    name: String,
    description: String,
    camera: String,
    panel: String,
    pins: String,
    events: Vec<String>,
    picture: Picture,
    compute: Compute,
    thermal: Thermal,
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

/// From which temperatures on less is computed, in degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the suffix is the unit")]
pub struct Thermal {
    half_c: f32,
    quarter_c: f32,
    sparse_c: f32,
    pause_c: f32,
}

impl Board {
    /// The built-in board of that name, or the one in that file.
    ///
    /// A file is anything with a `/` or ending in `.toml`. [`AUTO`] is the built-in board that
    /// this machine is, by its device tree, and `base` where it is none of them.
    ///
    /// # Errors
    /// When there is no such board, or it or one it inherits is not as it should be; the message
    /// names the file, the field and the fix.
    pub fn load(name_or_file: &str) -> Result<Self, BoardError> {
        let detected = || detect::detect(Path::new("/")).unwrap_or("base");
        let name = if name_or_file == AUTO { detected() } else { name_or_file };
        raw::resolve(name)?.into_board()
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

    /// Specification of its lamps and buttons.
    pub fn pins(&self) -> &str {
        &self.pins
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

    /// From which temperatures on less is computed.
    pub fn thermal(&self) -> Thermal {
        self.thermal
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

impl Thermal {
    /// From here on half of the frames.
    pub fn half_c(self) -> f32 {
        self.half_c
    }

    /// From here on a quarter.
    pub fn quarter_c(self) -> f32 {
        self.quarter_c
    }

    /// From here on fewer expressions, too.
    pub fn sparse_c(self) -> f32 {
        self.sparse_c
    }

    /// From here on nothing.
    pub fn pause_c(self) -> f32 {
        self.pause_c
    }
}

impl RawThermal {
    fn complete(&self, file: &str) -> Result<Thermal, BoardError> {
        let limit = |field, value: Option<f32>, above: f32| {
            let value = value.ok_or_else(|| missing(file, field))?;
            let fits = value > above && value <= 120.0;
            let fix = "choose 30 to 120 °C, each limit above the one before";
            if fits { Ok(value) } else { Err(wrong(file, field, &value, fix)) }
        };
        let half_c = limit("thermal.half_c", self.half_c, 29.9)?;
        let quarter_c = limit("thermal.quarter_c", self.quarter_c, half_c)?;
        let sparse_c = limit("thermal.sparse_c", self.sparse_c, quarter_c)?;
        let pause_c = limit("thermal.pause_c", self.pause_c, sparse_c)?;
        Ok(Thermal { half_c, quarter_c, sparse_c, pause_c })
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
        let pins = spec("pins", self.pins)?;
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
        let thermal = self.thermal.complete(&file)?;
        let description = self.description.ok_or_else(|| missing(&file, "description"))?;
        Ok(Board {
            name: self.name,
            description,
            camera,
            panel,
            pins,
            events,
            picture: Picture { width, height, fps },
            compute: Compute { threads },
            thermal,
        })
    }
}

#[cfg(test)]
mod tests;
