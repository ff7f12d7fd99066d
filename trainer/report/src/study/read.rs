//! Reading what studies found, from files that may hold anything.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::Study;

/// Where studies are, seen from the root of the repository.
pub const DEFAULT: &str = "trainer/results";

/// Largest file read.
const MOST_BYTES: u64 = 8 << 20;
/// Most files read.
const MOST_FILES: usize = 1000;

/// Why a study cannot be used.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file or the folder is too large.
    #[error("{path} is too large for results of studies")]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file is not the results of a study.
    #[error("{path}: {cause}; `mien-trainer study` writes it anew")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        cause: serde_json::Error,
    },
}

impl Study {
    /// Reads every `*.json` of a folder, in the order of their names; none where there is no
    /// folder.
    ///
    /// # Errors
    /// When a file cannot be read, is too large or no study.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, StudyError> {
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let failed = |cause| StudyError::Read { path: folder.to_owned(), cause };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            paths.extend(path.extension().is_some_and(|end| end == "json").then_some(path));
            if paths.len() > MOST_FILES {
                return Err(StudyError::TooLarge { path: folder.to_owned() });
            }
        }
        paths.sort_unstable();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is too large or no study.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let failed = |cause| StudyError::Read { path: path.to_owned(), cause };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > MOST_BYTES {
            return Err(StudyError::TooLarge { path: path.to_owned() });
        }
        serde_json::from_str(&text)
            .map_err(|cause| StudyError::Syntax { path: path.to_owned(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::sample, *};

    #[test]
    fn studies_of_a_folder_are_read_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for (file, name) in [("b.json", "second"), ("a.json", "first"), ("c.txt", "none")] {
            let study = Study { name: name.to_owned(), ..sample() };
            fs::write(folder.path().join(file), serde_json::to_string(&study).unwrap()).unwrap();
        }
        let read = Study::read_all(folder.path()).unwrap();
        assert_eq!(read.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["first", "second"]);
        assert_eq!(
            Study { name: String::new(), ..read[0].clone() },
            Study { name: String::new(), ..sample() }
        );
        assert!(Study::read_all(&folder.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_is_no_study_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("odd.json");
        let sound = serde_json::to_string(&sample()).unwrap();
        for text in ["", "[]", "{\"name\": 3}", &sound.replace("question", "frage")] {
            fs::write(&path, text).unwrap();
            let error = Study::read_all(folder.path()).unwrap_err().to_string();
            assert!(error.contains("odd.json") && error.contains("mien-trainer study"), "{error}");
        }
        fs::write(&path, vec![b' '; 8 << 20 | 1]).unwrap();
        assert!(matches!(Study::read(&path), Err(StudyError::TooLarge { .. })));
    }
}
