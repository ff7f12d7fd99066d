//! A board's TOML as it is written, and how one fills the gaps of another.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{BoardError, builtin};

/// How many boards may inherit one another.
const LIMIT: usize = 8;

/// The fields of one board and of all it inherits; what nobody names is `None`.
#[derive(Debug)]
pub(crate) struct Raw {
    /// The board that was asked for, as messages name it.
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) camera: Option<String>,
    pub(crate) panel: Option<String>,
    pub(crate) pins: Option<String>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) picture: RawPicture,
    pub(crate) compute: RawCompute,
    pub(crate) thermal: RawThermal,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBoard {
    inherit: Option<String>,
    name: Option<String>,
    description: Option<String>,
    camera: Option<String>,
    panel: Option<String>,
    pins: Option<String>,
    events: Option<Vec<String>>,
    #[serde(default)]
    picture: RawPicture,
    #[serde(default)]
    compute: RawCompute,
    #[serde(default)]
    thermal: RawThermal,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPicture {
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) fps: Option<f32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCompute {
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the suffix is the unit")]
pub(crate) struct RawThermal {
    pub(crate) half_c: Option<f32>,
    pub(crate) quarter_c: Option<f32>,
    pub(crate) sparse_c: Option<f32>,
    pub(crate) pause_c: Option<f32>,
}

/// Reads the board `name_or_file` and everything it inherits.
pub(crate) fn resolve(name_or_file: &str) -> Result<Raw, BoardError> {
    let first = Place::of(name_or_file, None)?;
    let mut board = first.read()?;
    let mut raw = Raw {
        file: first.to_string(),
        name: board.name.take().unwrap_or_else(|| first.stem()),
        description: None,
        camera: None,
        panel: None,
        pins: None,
        events: None,
        picture: RawPicture::default(),
        compute: RawCompute::default(),
        thermal: RawThermal::default(),
    };
    let mut chain = vec![first];
    while let Some(place) = raw.fill(board, &chain)? {
        board = place.read()?;
        chain.push(place);
    }
    Ok(raw)
}

impl Raw {
    /// Takes from `board`, the last of `chain`, what is still open; says what it inherits.
    fn fill(&mut self, board: RawBoard, chain: &[Place]) -> Result<Option<Place>, BoardError> {
        self.description = self.description.take().or(board.description);
        self.camera = self.camera.take().or(board.camera);
        self.panel = self.panel.take().or(board.panel);
        self.pins = self.pins.take().or(board.pins);
        self.events = self.events.take().or(board.events);
        self.picture.width = self.picture.width.or(board.picture.width);
        self.picture.height = self.picture.height.or(board.picture.height);
        self.picture.fps = self.picture.fps.or(board.picture.fps);
        self.compute.threads = self.compute.threads.or(board.compute.threads);
        let RawThermal { half_c, quarter_c, sparse_c, pause_c } = board.thermal;
        self.thermal.half_c = self.thermal.half_c.or(half_c);
        self.thermal.quarter_c = self.thermal.quarter_c.or(quarter_c);
        self.thermal.sparse_c = self.thermal.sparse_c.or(sparse_c);
        self.thermal.pause_c = self.thermal.pause_c.or(pause_c);
        board.inherit.map(|parent| next(&parent, chain)).transpose()
    }
}

/// Where the parent of the last of `chain` is.
fn next(parent: &str, chain: &[Place]) -> Result<Place, BoardError> {
    let place = Place::of(parent, chain.last())?;
    if chain.contains(&place) {
        let names = chain.iter().chain([&place]).map(Place::to_string).collect::<Vec<_>>();
        return Err(BoardError::Cycle { file: place.to_string(), chain: names.join(" -> ") });
    }
    if chain.len() >= LIMIT {
        return Err(BoardError::TooDeep { file: place.to_string(), limit: LIMIT });
    }
    Ok(place)
}

/// Where a board is written.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    BuiltIn(&'static str, &'static str),
    File(PathBuf),
}

impl Place {
    /// The place `name` means to a board at `child`.
    fn of(name: &str, child: Option<&Self>) -> Result<Self, BoardError> {
        if name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml") {
            let folder = match child {
                Some(Self::File(path)) => path.parent(),
                _ => None,
            };
            return Ok(Self::File(folder.map_or_else(|| PathBuf::from(name), |at| at.join(name))));
        }
        let found = builtin::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(name, toml)| Self::BuiltIn(name, toml)).ok_or_else(|| BoardError::Unknown {
            name: name.to_owned(),
            file: child.map(Self::to_string),
            known: builtin::ALL.map(|(known, _)| known).join(", "),
        })
    }

    fn read(&self) -> Result<RawBoard, BoardError> {
        let parse = |text: &str| {
            toml::from_str(text)
                .map_err(|source| BoardError::Parse { file: self.to_string(), source })
        };
        match self {
            Self::BuiltIn(_, toml) => parse(toml),
            Self::File(path) => parse(
                &fs::read_to_string(path)
                    .map_err(|source| BoardError::Read { path: path.clone(), source })?,
            ),
        }
    }

    /// The name of a board that does not name itself.
    fn stem(&self) -> String {
        match self {
            Self::BuiltIn(name, _) => (*name).to_owned(),
            Self::File(path) => path
                .file_stem()
                .map_or_else(|| self.to_string(), |stem| stem.to_string_lossy().into_owned()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name, _) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
