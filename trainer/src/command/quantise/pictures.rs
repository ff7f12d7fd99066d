//! Pictures of a recipe's training part, for calibration and tuning: nobody is judged on them.

use std::path::Path;

use mien_data::augment;
use mien_shared::frame::Grey;
use rand::seq::SliceRandom as _;

use super::super::CommandError;
use crate::{
    recipe::{ExpressionRecipe, Recipe, TaskRecipe},
    task::{detect::training_scenes, expression::source},
};

/// At most `count` training pictures of `recipe`, drawn by `seed`: unchanged photographs of faces, or
/// composed scenes.
///
/// # Errors
/// When the data cannot be used.
pub(super) fn training(
    recipe: &Recipe,
    root: &Path,
    count: usize,
    seed: u64,
) -> Result<Vec<Grey>, CommandError> {
    match &recipe.task {
        TaskRecipe::Expression(expression) => {
            let photographs = ExpressionRecipe { rendered: 0, ..(**expression).clone() };
            let (pool, _) = source::open(&photographs, recipe.seed, root)?;
            let mut order: Vec<usize> = (0..pool.len()).collect();
            order.shuffle(&mut augment::rng(seed, 0, 0));
            order.truncate(count);
            let picture = |index: usize| Ok(pool.get(index)?.image.clone());
            order.into_iter().map(picture).collect()
        }
        TaskRecipe::Identity(_) | TaskRecipe::Landmarks(_) => {
            Err(CommandError::HostOnly { name: recipe.name.clone() })
        }
        TaskRecipe::Detect { .. } => Ok(training_scenes(root, count, seed)?),
    }
}
