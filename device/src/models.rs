//! Which networks the device runs: those it was shipped with, or others given by its owner.
//!
//! The shipped bundles are part of the program, so that it runs from anywhere. A folder with a
//! `catalog.toml` replaces those that it names,
//!
//! ```toml
//! detector = "cells_s.lfw_int8"        # in cells_s.lfw_int8/cells_s.lfw_int8.mien
//! expression = "plain_s.ferplus_int8"
//! ```
//!
//! and a bundle file replaces the one of its own task.

mod check;
#[cfg(test)]
pub(crate) mod fixture;
mod shipped;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mien_shared::bundle::{Bundle, BundleError, Task};
use serde::Deserialize;

pub use self::check::{Check, Entry};
use crate::precision::Precisions;

/// File that names the bundles of a folder.
pub const CATALOG: &str = "catalog.toml";

/// The networks of one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Models {
    /// Finds faces.
    pub detector: Bundle,
    /// Reads expressions.
    pub expression: Bundle,
    /// In which arithmetic they run.
    pub precisions: Precisions,
}

impl Models {
    /// The bundles this program was built with.
    ///
    /// # Errors
    /// [`ModelError::NoneShipped`] when it was built without, [`ModelError::Shipped`] when one is
    /// damaged.
    pub fn shipped() -> Result<Self, ModelError> {
        Ok(Self::of(
            shipped::bundle("detector", shipped::DETECTOR)?,
            shipped::bundle("expression", shipped::EXPRESSION)?,
        ))
    }

    /// The bundles that `paths` name: one folder with a catalog, or bundle files. A role no file
    /// fills is taken by the shipped bundle; no path at all means the shipped ones.
    ///
    /// # Errors
    /// As [`Models::shipped`]; else the file concerned and what is wrong with it.
    pub fn load(paths: &[PathBuf]) -> Result<Self, ModelError> {
        match paths {
            [] => Self::shipped(),
            [folder] if folder.is_dir() => Self::from_folder(folder),
            files => Self::from_files(files),
        }
    }

    /// These bundles, run as they were made.
    pub fn of(detector: Bundle, expression: Bundle) -> Self {
        Self { detector, expression, precisions: Precisions::default() }
    }

    /// Both bundles, the detector first.
    pub fn bundles(&self) -> [&Bundle; 2] {
        [&self.detector, &self.expression]
    }

    fn from_folder(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join(CATALOG);
        let unreadable = |source| ModelError::Catalog { path: path.clone(), source };
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let malformed = |source| ModelError::CatalogSyntax { path: path.clone(), source };
        let catalog: Catalog = toml::from_str(&text).map_err(malformed)?;
        let read = |name: String| Bundle::read(&folder.join(&name).join(format!("{name}.mien")));
        Self::completed(
            catalog.detector.map(read).transpose()?,
            catalog.expression.map(read).transpose()?,
        )
    }

    fn from_files(files: &[PathBuf]) -> Result<Self, ModelError> {
        let (mut detector, mut expression) = (None, None);
        for path in files {
            let bundle = Bundle::read(path)?;
            let role = match bundle.manifest.task {
                Task::Detect { .. } => &mut detector,
                Task::Expression { .. } => &mut expression,
            };
            if role.replace(bundle).is_some() {
                return Err(ModelError::Twice { path: path.clone() });
            }
        }
        Self::completed(detector, expression)
    }

    /// The given bundles, with the shipped ones where there is none.
    fn completed(detector: Option<Bundle>, expression: Option<Bundle>) -> Result<Self, ModelError> {
        let shipped = |role, bytes| move || shipped::bundle(role, bytes);
        Ok(Self::of(
            detector.map_or_else(shipped("detector", shipped::DETECTOR), Ok)?,
            expression.map_or_else(shipped("expression", shipped::EXPRESSION), Ok)?,
        ))
    }
}

/// Why there are no networks to run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The program was built before there were bundles to ship.
    #[error("this program was built without a {role} bundle; give one with --models")]
    NoneShipped {
        /// What it should do.
        role: &'static str,
    },
    /// A bundle inside the program is damaged.
    #[error("the built-in {role} bundle: {source}; install the program again")]
    Shipped {
        /// What it should do.
        role: &'static str,
        /// What is wrong with it.
        #[source]
        source: BundleError,
    },
    /// A bundle file cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A folder's catalog cannot be read.
    #[error(
        "{path}: {source}; give --models a folder with a {CATALOG}, or bundle files",
        path = path.display()
    )]
    Catalog {
        /// The catalog's path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A catalog does not name a detector and an expression bundle.
    #[error(
        "{path}: {source}write detector = \"NAME\" and expression = \"NAME\"",
        path = path.display()
    )]
    CatalogSyntax {
        /// The catalog's path.
        path: PathBuf,
        /// What is wrong, with its line.
        #[source]
        source: toml::de::Error,
    },
    /// Two files for one role.
    #[error("{path}: a second bundle of its task; give one of each", path = path.display())]
    Twice {
        /// The second file.
        path: PathBuf,
    },
}

/// The default bundle of each role, by folder name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    detector: Option<String>,
    expression: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(paths: &[PathBuf]) -> String {
        Models::load(paths).unwrap_err().to_string()
    }

    #[test]
    fn files_take_the_roles_of_their_tasks() {
        let folder = tempfile::tempdir().unwrap();
        let (detector, expression) = fixture::write(folder.path()).unwrap();
        let models = Models::load(&[expression.clone(), detector]).unwrap();
        assert_eq!(models.bundles().map(|b| b.manifest.name.as_str()), ["spot", "brightness"]);
        assert!(refusal(&[expression.clone(), expression]).ends_with("give one of each"));
    }

    #[test]
    fn a_folder_is_read_through_its_catalog() {
        let folder = tempfile::tempdir().unwrap();
        assert!(refusal(&[folder.path().into()]).contains("catalog.toml: "));
        fixture::write_catalogued(folder.path()).unwrap();
        let models = Models::load(&[folder.path().into()]).unwrap();
        assert_eq!(models.expression, fixture::expression());
    }

    #[test]
    fn a_catalog_with_an_unknown_key_or_an_absent_bundle_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (text, word) in [("age = \"c\"", "write detector = "), ("detector = \"a\"", "a.mien")] {
            fs::write(folder.path().join(CATALOG), text).unwrap();
            assert!(refusal(&[folder.path().into()]).contains(word));
        }
    }

    #[test]
    fn a_missing_a_cut_off_and_a_foreign_file_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (detector, _) = fixture::write(folder.path()).unwrap();
        let bytes = fs::read(&detector).unwrap();
        for (name, content) in [("cut.mien", &bytes[..bytes.len() / 2]), ("text.mien", b"hello")] {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            assert!(refusal(&[path]).contains(name));
        }
        assert!(refusal(&[folder.path().join("absent.mien")]).contains("absent.mien"));
    }
}
