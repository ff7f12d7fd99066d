//! A recipe: the TOML file that, with its data, re-creates a trained network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use mien_data::augment::{Augment, AugmentError};

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
    Expression {
        /// Architecture, one of [`crate::arch::expression::NAMES`].
        arch: String,
        /// Data set, one of [`mien_data::ADAPTERS`].
        data: String,
        /// Share of FER2013's own label in what is learned, the votes having the rest; above 0
        /// the run is judged by that label too.
        #[serde(default)]
        fer7: f32,
        /// Rendered faces learned from beside those of the data set.
        #[serde(default)]
        rendered: u64,
        /// Name of the run, in the same folder of runs, whose best weights are the start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<String>,
        /// Random changes of the training pictures.
        #[serde(default)]
        augment: Augment,
    },
    /// Face detection on composed scenes.
    Detect {
        /// Composed scenes per epoch.
        scenes: usize,
        /// Composed scenes validated after each epoch.
        valid_scenes: usize,
    },
}

/// How it is learned: `AdamW`, linear warm-up, then a cosine down to zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainRecipe {
    /// Epochs of the whole schedule.
    pub epochs: u32,
    /// Samples per step.
    pub batch: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Epochs of linear warm-up, may be a fraction.
    pub warmup: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Decay of the moving average of the weights, which is then what is judged and kept; 0 for
    /// none.
    #[serde(default)]
    pub average: f64,
    /// Stop after this many epochs without a better validation score.
    pub patience: u32,
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
        let recipe: Self = toml::from_str(text)
            .map_err(|source| RecipeError::Syntax { path: path.into(), source: source.into() })?;
        if let Some((field, rule)) = recipe.fault() {
            return Err(RecipeError::Field { path: path.into(), field, rule });
        }
        if let TaskRecipe::Expression { augment, .. } = &recipe.task {
            augment.check().map_err(|source| RecipeError::Augment { path: path.into(), source })?;
        }
        Ok(recipe)
    }

    /// The recipe as TOML.
    ///
    /// # Errors
    /// When a value has no TOML form.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn share(&self) -> Option<f32> {
        match self.task {
            TaskRecipe::Expression { fer7, .. } => Some(fer7),
            TaskRecipe::Detect { .. } => None,
        }
    }

    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let t = &self.train;
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let rules = [
            (
                self.name.is_empty() || !self.name.chars().all(plain),
                "name",
                "letters, digits, . _ -",
            ),
            (self.name.starts_with('.'), "name", "no leading dot"),
            (!(1..=10_000).contains(&t.epochs), "train.epochs", "1 to 10000"),
            (!(2..=65_536).contains(&t.batch), "train.batch", "2 to 65536"),
            (!(t.learning_rate > 0.0 && t.learning_rate <= 10.0), "train.learning_rate", "0 to 10"),
            (!(0.0..=f64::from(t.epochs)).contains(&t.warmup), "train.warmup", "0 to epochs"),
            (!(0.0..=1.0).contains(&t.weight_decay), "train.weight_decay", "0 to 1"),
            (!(0.0..1.0).contains(&t.average), "train.average", "0 to below 1"),
            (!self.share().is_none_or(|s| (0.0..=1.0).contains(&s)), "task.fer7", "0 to 1"),
            (t.patience == 0, "train.patience", "at least 1"),
        ];
        rules.into_iter().find(|r| r.0).map(|(_, field, rule)| (field, rule))
    }
}

impl TrainRecipe {
    /// Learning rate at `step` of `steps_per_epoch` per epoch, counted from the run's start.
    pub fn rate_at(&self, step: u64, steps_per_epoch: u64) -> f64 {
        let epoch = step as f64 / steps_per_epoch.max(1) as f64;
        if epoch < self.warmup {
            return self.learning_rate * (epoch + 1.0 / steps_per_epoch.max(1) as f64)
                / self.warmup.max(1e-9);
        }
        let progress = (epoch - self.warmup) / (f64::from(self.epochs) - self.warmup).max(1e-9);
        self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos())
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
    #[error("recipe {path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
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

    const TRAIN: TrainRecipe = TrainRecipe {
        epochs: 10,
        batch: 64,
        learning_rate: 1e-3,
        warmup: 1.0,
        weight_decay: 0.01,
        average: 0.0,
        patience: 5,
    };

    #[test]
    fn the_rate_warms_up_then_falls_to_zero() {
        assert!((TRAIN.rate_at(0, 100) - 1e-5).abs() < 1e-9);
        assert!((TRAIN.rate_at(100, 100) - 1e-3).abs() < 1e-9);
        assert!((TRAIN.rate_at(550, 100) - 5e-4).abs() < 1e-9);
        assert!(TRAIN.rate_at(1000, 100) < 1e-9);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = Recipe::parse("nme = 'x'", Path::new("r.toml")).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("nme"), "{error}");
    }
}
