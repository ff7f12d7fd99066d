//! The run folder: all that is needed to resume, judge and export a training run.
//!
//! ```text
//! <runs>/<name>/
//!   recipe.toml     the recipe as run
//!   metrics.jsonl, environment.json, events.*  see [`super::journal`]
//!   best.burnpack   weights of the best epoch on the validation split
//!   last.checkpoint progress, weights and optimiser state after the last epoch
//!   previous.checkpoint  the same after the epoch before, should the last be damaged
//!   diverged/       the samples of a step whose loss was not a number
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use burn::store::ModuleRecord;
use mien_shared::store::{self, StoreError};
use thiserror::Error;

use super::{
    EpochLog,
    checkpoint::{Checkpoint, CheckpointError},
};
use crate::recipe::{Recipe, RecipeError};

/// How the folder of a run in folds ends.
pub const FOLDS: &str = ".kfold";

/// An open run folder.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    /// The recipe as run.
    pub recipe: Recipe,
}

impl Run {
    /// Makes the folder for a fresh run of `recipe`.
    ///
    /// # Errors
    /// When the folder already holds a run, or cannot be written.
    pub fn create(folder: &Path, recipe: &Recipe) -> Result<Self, RunError> {
        if folder.join("last.checkpoint").exists() {
            return Err(RunError::Exists { folder: folder.into() });
        }
        let run = Self { folder: folder.into(), recipe: recipe.clone() };
        fs::create_dir_all(folder).map_err(|source| run.io(source))?;
        let toml = recipe.to_toml().map_err(|e| run.io(io::Error::other(e)))?;
        store::write_atomically(&folder.join("recipe.toml"), toml.as_bytes())?;
        store::write_atomically(&folder.join("metrics.jsonl"), b"")?;
        Ok(run)
    }

    /// Opens a folder that holds a run.
    ///
    /// # Errors
    /// When it does not.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let recipe = Recipe::read(&folder.join("recipe.toml"))?;
        Ok(Self { folder: folder.into(), recipe })
    }

    /// The run of that name in the same folder of runs; of a fold, the same fold of the other run
    /// or, where that was not run in folds, the other run.
    ///
    /// # Errors
    /// When there is none.
    pub fn beside(&self, name: &str) -> Result<Self, RunError> {
        let Some(folds) = self.folds() else {
            return Self::open(&self.folder.with_file_name(name));
        };
        let fold = folds.with_file_name(format!("{name}{FOLDS}")).join(self.name());
        if fold.exists() { Self::open(&fold) } else { Self::open(&folds.with_file_name(name)) }
    }

    /// Whether it is one fold of a run in folds.
    pub fn is_fold(&self) -> bool {
        self.folds().is_some()
    }

    /// The folder of all folds, which is called `NAME.kfold`.
    fn folds(&self) -> Option<&Path> {
        let folds = self.folder.parent()?;
        folds.file_name()?.to_string_lossy().ends_with(FOLDS).then_some(folds)
    }

    /// The folder's name.
    pub fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stores the weights of the best epoch.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_best(&self, record: ModuleRecord) -> Result<(), RunError> {
        let bytes = record.into_bytes().map_err(|e| self.io(io::Error::other(e)))?;
        Ok(store::write_atomically(&self.folder.join("best.burnpack"), &bytes)?)
    }

    /// The weights of the best epoch.
    ///
    /// # Errors
    /// When there are none yet.
    pub fn best(&self) -> Result<Vec<u8>, RunError> {
        let path = self.folder.join("best.burnpack");
        fs::read(&path).map_err(|source| RunError::Folder { folder: path, source })
    }

    /// Drops what the log says of epochs after `epoch`: a run killed between its log and its
    /// checkpoint repeats that epoch.
    ///
    /// # Errors
    /// When the log cannot be read or written.
    pub fn forget_after(&self, epoch: u32) -> Result<(), RunError> {
        let path = self.folder.join("metrics.jsonl");
        let log = fs::read_to_string(&path).map_err(|source| self.io(source))?;
        let of_past = |line: &&str| {
            serde_json::from_str::<EpochLog>(line).is_ok_and(|log| log.epoch <= epoch)
        };
        let kept: String = log.lines().filter(of_past).flat_map(|line| [line, "\n"]).collect();
        if kept != log {
            store::write_atomically(&path, kept.as_bytes())?;
        }
        Ok(())
    }

    /// Where the samples of a step go whose loss is not a number.
    pub fn diverged(&self, step: u64) -> PathBuf {
        self.folder.join("diverged").join(format!("step_{step:08}"))
    }

    /// Stores the state after an epoch; the one before is kept.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_last(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let [last, previous] = self.checkpoints();
        if last.exists() {
            // A copy, not a move: at no moment is there no last checkpoint.
            fs::copy(&last, &previous)
                .map_err(|source| CheckpointError::Keep { path: previous, source })?;
        }
        checkpoint.write(&last)
    }

    /// The state after the last finished epoch, or after the one before when that file is damaged:
    /// then with the reason.
    ///
    /// # Errors
    /// When there is none or both are damaged.
    pub fn last(&self) -> Result<(Checkpoint, Option<CheckpointError>), CheckpointError> {
        let [last, previous] = self.checkpoints();
        match Checkpoint::read(&last) {
            Ok(checkpoint) => Ok((checkpoint, None)),
            Err(error) => match Checkpoint::read(&previous) {
                Ok(checkpoint) => Ok((checkpoint, Some(error))),
                Err(_) => Err(error),
            },
        }
    }

    fn checkpoints(&self) -> [PathBuf; 2] {
        ["last.checkpoint", "previous.checkpoint"].map(|name| self.folder.join(name))
    }

    fn io(&self, source: io::Error) -> RunError {
        RunError::Folder { folder: self.folder.clone(), source }
    }
}

/// Why a run folder cannot be used.
#[derive(Debug, Error)]
pub enum RunError {
    /// It holds a run already.
    #[error("{folder} already holds a run: add --resume to go on, or choose another --out")]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be read or written.
    #[error("run folder {folder}: {source}")]
    Folder {
        /// The folder or file.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Its recipe cannot be read.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A file in it cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_takes_from_the_same_fold_and_else_from_the_whole_run() {
        let root = tempfile::tempdir().unwrap();
        let recipe = Path::new("quickstart.toml");
        let recipe = Recipe::parse(include_str!("../../recipes/quickstart.toml"), recipe).unwrap();
        let at = |path: &str| Run::create(&root.path().join(path), &recipe).unwrap();
        let (fold, match_fold) = (at("refine.kfold/fold_1"), at("match.kfold/fold_1"));
        let (whole, face) = (at("match"), at("face"));
        assert_eq!(fold.beside("match").unwrap().folder(), match_fold.folder());
        assert_eq!(fold.beside("face").unwrap().folder(), face.folder());
        assert_eq!(face.beside("match").unwrap().folder(), whole.folder());
        assert!(fold.is_fold() && !whole.is_fold());
        assert!(fold.beside("none").is_err());
    }
}
