//! In which arithmetic each network runs on this unit: as it was made, as its owner says, or as a
//! measurement on this unit has shown to be faster.
//!
//! ```toml
//! # written by `mien-device bench --precision`
//! [[network]]
//! digest = "0ebcb55416ba…"
//! isa = "avx512-vnni"
//! f32_ms = 0.246
//! int8_ms = 0.075
//! arithmetic = "int8"
//! ```
//!
//! A record counts only for the bundle and the instructions it was measured with.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use mien_engine::{Arithmetic, Choice, Isa};
use mien_shared::{
    bundle::{Bundle, BundleError},
    store::{self, StoreError},
};
use serde::{Deserialize, Serialize};

/// Largest record that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What an owner may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Wanted {
    /// What was measured to be faster here, else as the network was made
    #[default]
    Auto,
    /// f32
    F32,
    /// int8, for networks made for it
    Int8,
}

/// The arithmetic of each network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Precisions {
    wanted: Wanted,
    record: Record,
}

impl Precisions {
    /// What `wanted` says, by the record at `path` where it says nothing; no such file is an empty
    /// record.
    ///
    /// # Errors
    /// [`PrecisionError`] when the record is there but cannot be used.
    pub fn load(wanted: Wanted, path: &Path) -> Result<Self, PrecisionError> {
        let record = if wanted == Wanted::Auto { Record::read(path)? } else { Record::default() };
        Ok(Self { wanted, record })
    }

    /// How `bundle` is to run on this processor.
    ///
    /// # Errors
    /// [`BundleError`] when the bundle has no digest.
    pub fn choice(&self, bundle: &Bundle) -> Result<Choice, BundleError> {
        let isa = Isa::best();
        let arithmetic = match self.wanted {
            Wanted::F32 => Arithmetic::F32,
            Wanted::Int8 => Arithmetic::Int8,
            Wanted::Auto => {
                let digest = bundle.digest()?.to_string();
                let seen = self.record.network.iter();
                let mut seen = seen.filter(|seen| seen.digest == digest && seen.isa == isa.name());
                seen.next().map_or(Arithmetic::AsMade, |seen| seen.arithmetic.into())
            }
        };
        Ok(Choice { arithmetic, isa: Some(isa) })
    }
}

/// What was measured on this unit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// One entry for each network.
    #[serde(default)]
    pub network: Vec<Measured>,
}

/// One network in both arithmetics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The bundle's digest, hexadecimal.
    pub digest: String,
    /// The instructions.
    pub isa: String,
    /// Milliseconds an inference in f32, half of the runs.
    pub f32_ms: f64,
    /// Milliseconds an inference in int8, half of the runs.
    pub int8_ms: f64,
    /// The faster one.
    pub arithmetic: Faster,
}

/// Which arithmetic was faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Faster {
    /// f32.
    F32,
    /// int8.
    Int8,
}

impl From<Faster> for Arithmetic {
    fn from(faster: Faster) -> Self {
        match faster {
            Faster::F32 => Self::F32,
            Faster::Int8 => Self::Int8,
        }
    }
}

impl Record {
    /// The record at `path`; empty when there is none.
    ///
    /// # Errors
    /// [`PrecisionError`] when it cannot be read or makes no sense.
    pub fn read(path: &Path) -> Result<Self, PrecisionError> {
        let at = |source| PrecisionError::Read { path: path.to_owned(), source };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(at(error)),
            Ok(found) if found.len() > MAX_BYTES => {
                return Err(at(io::Error::from(io::ErrorKind::FileTooLarge)));
            }
            Ok(_) => {}
        }
        let text = fs::read_to_string(path).map_err(at)?;
        toml::from_str(&text)
            .map_err(|source| PrecisionError::Syntax { path: path.to_owned(), source })
    }

    /// Replaces what was known of each network and writes the record to `path`.
    ///
    /// # Errors
    /// [`PrecisionError`] when it cannot be written.
    pub fn update(mut self, seen: Vec<Measured>, path: &Path) -> Result<Self, PrecisionError> {
        self.network.retain(|old| {
            seen.iter().all(|new| (&new.digest, &new.isa) != (&old.digest, &old.isa))
        });
        self.network.extend(seen);
        let text =
            format!("# written by `mien-device bench --precision`\n{}", toml::to_string(&self)?);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| PrecisionError::Folder { folder: folder.to_owned(), source })?;
        }
        store::write_atomically(path, text.as_bytes())?;
        Ok(self)
    }
}

/// Where the record lies: `mien/precision.toml` in the service's state folder, else in the user's.
pub fn record_path() -> PathBuf {
    let user = || env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
    let folder = match env::var_os("STATE_DIRECTORY") {
        Some(folder) => PathBuf::from(folder),
        None => user().or_else(home).unwrap_or_else(|| PathBuf::from("/var/lib")).join("mien"),
    };
    folder.join("precision.toml")
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrecisionError {
    /// It cannot be read.
    #[error("{path}: {source}; delete it, or measure again with `bench --precision`", path = path.display())]
    Read {
        /// The record.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It makes no sense.
    #[error("{path}: {source}; delete it, or measure again with `bench --precision`", path = path.display())]
    Syntax {
        /// The record.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: toml::de::Error,
    },
    /// Its folder cannot be made.
    #[error("{folder}: {source}; name another file with --record", folder = folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It cannot be written as TOML.
    #[error("cannot write the record: {0}")]
    Form(#[from] toml::ser::Error),
    /// It cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    fn measured(bundle: &Bundle, arithmetic: Faster) -> Measured {
        Measured {
            digest: bundle.digest().unwrap().to_string(),
            isa: Isa::best().name().to_owned(),
            f32_ms: 1.0,
            int8_ms: 0.5,
            arithmetic,
        }
    }

    #[test]
    fn a_record_decides_for_its_own_bundle_and_instructions_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/precision.toml");
        let (one, other) = (fixture::expression(), fixture::detector());
        let mut strange = measured(&other, Faster::F32);
        strange.isa = "abacus".to_owned();
        let seen = vec![measured(&one, Faster::Int8), strange];
        Record::default().update(seen, &path).unwrap();
        let auto = Precisions::load(Wanted::Auto, &path).unwrap();
        assert_eq!(auto.choice(&one).unwrap().arithmetic, Arithmetic::Int8);
        assert_eq!(auto.choice(&other).unwrap().arithmetic, Arithmetic::AsMade);
        let forced = Precisions::load(Wanted::F32, &path).unwrap();
        assert_eq!(forced.choice(&one).unwrap().arithmetic, Arithmetic::F32);
    }

    #[test]
    fn a_new_measurement_replaces_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precision.toml");
        let bundle = fixture::expression();
        let first = vec![measured(&bundle, Faster::Int8)];
        let record = Record::default().update(first, &path).unwrap();
        record.update(vec![measured(&bundle, Faster::F32)], &path).unwrap();
        let read = Record::read(&path).unwrap();
        assert_eq!(read.network, [measured(&bundle, Faster::F32)]);
    }

    #[test]
    fn no_record_is_empty_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precision.toml");
        assert_eq!(Record::read(&path).unwrap(), Record::default());
        fs::write(&path, "network = 3").unwrap();
        let error = Record::read(&path).unwrap_err().to_string();
        assert!(error.contains("precision.toml") && error.contains("delete it"), "{error}");
    }
}
