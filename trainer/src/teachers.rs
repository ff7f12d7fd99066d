//! The catalogue of teachers: networks kept on the host for students to learn from.
//!
//! ```text
//! trainer/teachers/catalog.toml            what there is, with hashes
//! trainer/teachers/<name>.toml             the recipe that re-creates it
//! <store>/<name>.safetensors              its weights
//! ```
//!
//! The store is `trainer/teachers` itself for files of at most [`SMALL`] bytes; larger ones stay in
//! a folder outside the repository, and their hash tells whether a copy is the one meant. Nothing
//! is downloaded.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use mien_report::curve::CurveError;
use mien_shared::store::{self, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Largest weights file that belongs into the repository.
pub const SMALL: u64 = 10 << 20;
/// Largest catalogue read.
const MOST_BYTES: u64 = 1 << 20;

/// Everything kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// By name.
    #[serde(default)]
    pub teacher: Vec<Teacher>,
}

/// A network kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Teacher {
    /// Its name, and that of its files.
    pub name: String,
    /// The architecture's name.
    pub arch: String,
    /// The data set it learned from.
    pub data: String,
    /// Seed of its run.
    pub seed: u64,
    /// Epoch of the weights, chosen on the validation split.
    pub epoch: u32,
    /// Score on that split: accuracy, 0..=1.
    pub score: f64,
    /// Size of the weights file in bytes.
    pub bytes: u64,
    /// SHA-256 of the weights file, in hexadecimal digits.
    pub sha256: String,
}

impl Catalogue {
    /// Reads the catalogue in `folder`; a folder without one holds nothing.
    ///
    /// # Errors
    /// When the file is too large, cannot be read, or is no catalogue.
    pub fn read(folder: &Path) -> Result<Self, TeacherError> {
        let path = folder.join("catalog.toml");
        let fault = |source| TeacherError::Read { path: path.clone(), source };
        match fs::metadata(&path) {
            Ok(about) if about.len() > MOST_BYTES => {
                return Err(TeacherError::Large { path, most: MOST_BYTES });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(fault(error)),
        }
        let text = fs::read_to_string(&path).map_err(fault)?;
        toml::from_str(&text)
            .map_err(|source| TeacherError::Syntax { path, source: Box::new(source) })
    }

    /// Adds `teacher`, in place of one of its name, and writes the catalogue into `folder`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, teacher: Teacher, folder: &Path) -> Result<(), TeacherError> {
        self.teacher.retain(|kept| kept.name != teacher.name);
        self.teacher.push(teacher);
        self.teacher.sort_by(|a, b| a.name.cmp(&b.name));
        let path = folder.join("catalog.toml");
        let text = toml::to_string(self).map_err(|error| TeacherError::Read {
            path: path.clone(),
            source: io::Error::other(error),
        })?;
        Ok(store::write_atomically(&path, text.as_bytes())?)
    }
}

impl Teacher {
    /// Checks that the weights file in `store` is the one meant; its path.
    ///
    /// # Errors
    /// When it is missing or another one.
    pub fn check(&self, store: &Path) -> Result<PathBuf, TeacherError> {
        let path = store.join(format!("{}.safetensors", self.name));
        let bytes =
            fs::read(&path).map_err(|source| TeacherError::Read { path: path.clone(), source })?;
        if sha256(&bytes) == self.sha256 {
            return Ok(path);
        }
        Err(TeacherError::Other { path, name: self.name.clone() })
    }
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// Why a teacher cannot be used or kept.
#[derive(Debug, Error)]
pub enum TeacherError {
    /// A file cannot be read or written.
    #[error("{path}: {source}; make the teacher again by its recipe, or copy it into the store")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A catalogue is too large to be one.
    #[error("{path} is larger than {most} bytes: it is no catalogue of teachers")]
    Large {
        /// The file.
        path: PathBuf,
        /// The limit.
        most: u64,
    },
    /// A file is no catalogue.
    #[error("{path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// A weights file is not the one that was kept.
    #[error(
        "{path} is not the `{name}` of the catalogue (its SHA-256 differs): copy the right file \
         there, or keep this one under another name"
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The teacher.
        name: String,
    },
    /// A run has no epoch worth keeping.
    #[error("run {run} has no best epoch yet: train it first")]
    Untrained {
        /// The run folder.
        run: PathBuf,
    },
    /// A run recognises no expressions.
    #[error("run {run} is no expression run: only those teach")]
    Kind {
        /// The run folder.
        run: PathBuf,
    },
    /// A run's log cannot be used.
    #[error(transparent)]
    Log(#[from] CurveError),
    /// A file cannot be written whole.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teacher(name: &str, weights: &[u8]) -> Teacher {
        Teacher {
            name: name.to_owned(),
            arch: "resnet_s".to_owned(),
            data: "ferplus".to_owned(),
            seed: 1,
            epoch: 3,
            score: 0.5,
            bytes: weights.len() as u64,
            sha256: sha256(weights),
        }
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), wanted);
    }

    #[test]
    fn a_catalogue_is_sorted_replaces_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut catalogue = Catalogue::read(folder.path()).unwrap();
        assert_eq!(catalogue, Catalogue::default());
        for (name, weights) in [("b", b"1"), ("a", b"2"), ("b", b"3")] {
            catalogue.keep(teacher(name, weights), folder.path()).unwrap();
        }
        let read = Catalogue::read(folder.path()).unwrap();
        assert_eq!(read.teacher, [teacher("a", b"2"), teacher("b", b"3")]);
        fs::write(folder.path().join("catalog.toml"), "[[teachers]]").unwrap();
        let error = Catalogue::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("catalog.toml") && error.contains("teachers"), "{error}");
    }

    #[test]
    fn a_missing_and_a_wrong_weights_file_are_each_named() {
        let folder = tempfile::tempdir().unwrap();
        let kept = teacher("ann", b"weights");
        let error = kept.check(folder.path()).unwrap_err().to_string();
        assert!(error.contains("ann.safetensors") && error.contains("recipe"), "{error}");
        let path = folder.path().join("ann.safetensors");
        fs::write(&path, b"others").unwrap();
        let error = kept.check(folder.path()).unwrap_err().to_string();
        assert!(error.contains("SHA-256 differs"), "{error}");
        fs::write(&path, b"weights").unwrap();
        assert_eq!(kept.check(folder.path()).unwrap(), path);
    }
}
