//! A recipe: the TOML file that, with its data, re-creates a trained network.

mod expression;
mod identity;
mod landmarks;
mod nearest;
mod sampling;
mod schedule;
mod train;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use mien_data::augment::{Augment, AugmentError};

pub use self::{
    expression::{CropName, ExpressionRecipe, GuideRecipe, Reduction, Score},
    identity::IdentityRecipe,
    landmarks::LandmarkRecipe,
    sampling::{Mixup, Sampling},
    schedule::Schedule,
    train::{Optimizer, Stage, TrainRecipe},
};

/// A validated recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the run and of the bundle family, `family_size.data`.
    pub name: String,
    /// Every random choice of the run derives from it.
    pub seed: u64,
    /// What the model card says of the data.
    pub about: About,
    /// What is learned.
    pub task: TaskRecipe,
    /// How it is learned.
    pub train: TrainRecipe,
}

/// What the model card says of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The training data.
    pub data: String,
    /// Its rights.
    pub rights: String,
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum TaskRecipe {
    /// Expression classification of face crops.
    Expression(Box<ExpressionRecipe>),
    /// Telling people apart.
    Identity(Box<IdentityRecipe>),
    /// Landmark detection in face crops.
    Landmarks(Box<LandmarkRecipe>),
    /// Face detection on composed scenes.
    Detect {
        /// Composed scenes per epoch.
        scenes: usize,
        /// Composed scenes validated after each epoch.
        valid_scenes: usize,
    },
}

impl Recipe {
    /// Reads and validates the recipe at `path`.
    ///
    /// # Errors
    /// When the file cannot be read, is not a recipe, or a field is out of range.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let text = fs::read_to_string(path)
            .map_err(|source| RecipeError::Read { path: path.into(), source })?;
        Self::parse(&text, path)
    }

    /// Parses a recipe's text; `path` names it in errors.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|source: toml::de::Error| {
            let hint =
                nearest::hint(source.message()).map_or_else(String::new, |h| format!(" {h}"));
            RecipeError::Syntax { path: path.into(), hint, source: source.into() }
        })?;
        if let Some((field, rule)) = recipe.fault() {
            return Err(RecipeError::Field { path: path.into(), field, rule });
        }
        if let Some(augment) = recipe.augment() {
            augment.check().map_err(|source| RecipeError::Augment { path: path.into(), source })?;
        }
        Ok(recipe)
    }

    /// Name of the run whose best weights are the start.
    pub fn start(&self) -> Option<&str> {
        match &self.task {
            TaskRecipe::Expression(recipe) => recipe.start.as_deref(),
            TaskRecipe::Identity(recipe) => recipe.start.as_deref(),
            TaskRecipe::Landmarks(_) | TaskRecipe::Detect { .. } => None,
        }
    }

    /// How training pictures are changed, where the recipe says so.
    fn augment(&self) -> Option<&Augment> {
        match &self.task {
            TaskRecipe::Expression(recipe) => Some(&recipe.augment),
            TaskRecipe::Identity(recipe) => Some(&recipe.augment),
            TaskRecipe::Landmarks(recipe) => Some(&recipe.augment),
            TaskRecipe::Detect { .. } => None,
        }
    }

    /// The parts of the network that are taken from there, as the paths of their tensors begin; none
    /// for all.
    pub fn start_parts(&self) -> &[String] {
        match &self.task {
            TaskRecipe::Expression(recipe) => &recipe.start_parts,
            TaskRecipe::Identity(recipe) => &recipe.start_parts,
            TaskRecipe::Landmarks(_) | TaskRecipe::Detect { .. } => &[],
        }
    }

    /// The data sets learned from.
    pub fn data(&self) -> Vec<&str> {
        match &self.task {
            TaskRecipe::Expression(recipe) => vec![&recipe.data],
            TaskRecipe::Identity(recipe) => recipe.data.iter().map(String::as_str).collect(),
            TaskRecipe::Landmarks(recipe) => recipe.data.iter().map(String::as_str).collect(),
            TaskRecipe::Detect { .. } => vec!["lfw_expressions"],
        }
    }

    /// The recipe as TOML.
    ///
    /// # Errors
    /// When a value has no TOML form.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.name.is_empty() || !self.name.chars().all(plain) || self.name.starts_with('.') {
            return Some(("name", "letters, digits, . _ - without a leading dot"));
        }
        let task = match &self.task {
            TaskRecipe::Expression(expression) => expression.fault(),
            TaskRecipe::Identity(identity) => identity.fault(),
            TaskRecipe::Landmarks(landmarks) => landmarks.fault(),
            TaskRecipe::Detect { .. } => None,
        };
        task.or_else(|| self.train.fault())
    }
}

/// Why a recipe cannot be used.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// The file cannot be read.
    #[error("cannot read recipe {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a recipe.
    #[error("recipe {path}: {source}{hint}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The known key nearest to an unknown one, where that is the matter.
        hint: String,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// An augmentation is out of range.
    #[error("recipe {path}: task.{source}")]
    Augment {
        /// The file.
        path: PathBuf,
        /// The field and its range.
        source: AugmentError,
    },
    /// A field is out of range.
    #[error("recipe {path}: {field} must be {rule}")]
    Field {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = Recipe::parse("nme = 'x'", Path::new("r.toml")).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("nme"), "{error}");
        assert!(error.to_string().contains("did you mean `name`?"), "{error}");
    }
}
