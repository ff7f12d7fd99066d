//! What a run takes from other runs: its first weights, and its guide.

use std::path::Path;

use burn::tensor::Device;

use super::super::CommandError;
use crate::{
    arch::{detector::Detector, expression::ExpressionNet, identity::IdentityNet},
    recipe::{ExpressionRecipe, TaskRecipe},
    task::expression::guide::Guide,
    train::{Task, Trainer, checkpoint::load_weights, run::Run},
    weights::Start,
};

/// `trainer` at the start that the recipe of `run` names.
///
/// # Errors
/// When that start cannot be used.
pub(super) fn started<'a, T: Task>(
    trainer: Trainer<'a, T>,
    run: &Run,
    device: &Device,
) -> Result<Trainer<'a, T>, CommandError> {
    let Some(name) = run.recipe.start() else { return Ok(trainer) };
    let parts = run.recipe.start_parts();
    if Path::new(name).extension().is_some_and(|ending| ending == "safetensors") {
        let from = Path::new(name);
        return Ok(trainer.start_from_safetensors(Start { from, parts })?);
    }
    let other = other(run, name)?;
    let (start, best) = (Start { from: other.folder(), parts }, other.best()?);
    Ok(match &other.recipe.task {
        TaskRecipe::Expression(task) => {
            trainer.start_from(&load_weights(task.init(device), &best)?, start)?
        }
        TaskRecipe::Identity(task) => {
            let people = task.people.unwrap_or_default();
            let net = IdentityNet::new(task.trunk, people, device);
            trainer.start_from(&load_weights(net, &best)?, start)?
        }
        TaskRecipe::Landmarks(task) => {
            trainer.start_from(&load_weights(task.init(device), &best)?, start)?
        }
        TaskRecipe::Detect { .. } => {
            trainer.start_from(&load_weights(Detector::new(device), &best)?, start)?
        }
    })
}

/// The guide that a recipe names; `None` where it names none.
///
/// # Errors
/// When that run is of no expression recipe, cannot be used, or has maps of another shape.
pub(in super::super) fn guide(
    recipe: &ExpressionRecipe,
    run: &Run,
    device: &Device,
) -> Result<Option<Guide>, CommandError> {
    let Some(guide) = &recipe.guide else { return Ok(None) };
    let other = other(run, &guide.run)?;
    let TaskRecipe::Expression(task) = &other.recipe.task else {
        return Err(CommandError::Guide { name: guide.run.clone() });
    };
    let net: ExpressionNet = load_weights(task.init(device), &other.best()?)?;
    let (own, side) = (recipe.init(device), recipe.side());
    Ok(Some(Guide::new(net, guide.reduction, &own, (side, device))?))
}

/// The run called `name` that belongs to `run`.
///
/// # Errors
/// When there is none, or `run` tests a fold of pictures that the other has learned from.
fn other(run: &Run, name: &str) -> Result<Run, CommandError> {
    let other = run.beside(name)?;
    let family = |data: &str| data.split('_').next().unwrap_or_default().to_owned();
    let shared = |data: &&str| run.recipe.data().iter().any(|own| family(own) == family(data));
    if run.is_fold() && !other.is_fold() && other.recipe.data().iter().any(shared) {
        return Err(CommandError::WholeSet { name: name.to_owned(), fold: run.name() });
    }
    Ok(other)
}
