//! What `quantise` starts from, and where it leaves what it made.

use std::path::{Path, PathBuf};

use mien_shared::bundle::Bundle;

use super::{
    super::{CommandError, f32_bundle},
    QUANTISED,
    held::Held,
};
use crate::{export::package, recipe::Recipe, train::run::Run};

/// A network to quantise, with the recipe that made it.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) bundle: Bundle,
    pub(super) recipe: Recipe,
    place: Place,
}

/// Where the result goes.
#[derive(Debug)]
enum Place {
    /// Into the run folder.
    Run(PathBuf),
    /// As the files of a shipped bundle.
    Folder(PathBuf),
}

impl Start {
    /// The run folder, or the bundle, at `target`; a bundle's int8 weights count as f32 ones.
    ///
    /// # Errors
    /// When neither is there, or a bundle comes without `out` or is integer already.
    pub(super) fn open(target: &Path, out: Option<&Path>) -> Result<Self, CommandError> {
        if target.is_dir() {
            let run = Run::open(target)?;
            let place =
                out.map_or_else(|| Place::Run(target.into()), |out| Place::Folder(out.into()));
            return Ok(Self { bundle: f32_bundle(&run)?, recipe: run.recipe, place });
        }
        let Some(out) = out else { return Err(CommandError::NoOut { bundle: target.into() }) };
        let bundle = Bundle::read(target)?;
        if !bundle.graph.codes.is_empty() {
            return Err(CommandError::Coded { bundle: target.into() });
        }
        let recipe = Recipe::read(&target.with_file_name("recipe.toml"))?;
        Ok(Self { bundle, recipe, place: Place::Folder(out.into()) })
    }

    /// Sets what a fresh run's bundle needs beside weights; a bundle that was shipped has it.
    ///
    /// # Errors
    /// When the data cannot be used or the engine fails.
    pub(super) fn fit(&mut self, held: &Held, root: &Path) -> Result<(), CommandError> {
        if self.bundle.manifest.metrics.is_empty() {
            held.fit(&mut self.bundle, root)
        } else {
            Ok(())
        }
    }

    /// Leaves `bundle` where it belongs.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn write(&self, bundle: &Bundle) -> Result<(), CommandError> {
        match &self.place {
            Place::Run(folder) => Ok(bundle.write(&folder.join(QUANTISED))?),
            Place::Folder(folder) => Ok(package::write(folder, bundle, &self.recipe)?),
        }
    }
}
