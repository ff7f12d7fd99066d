//! Landmarks for pictures that have none: found by the run that a recipe names as `points`.

use std::borrow::Cow;

use burn::tensor::Device;
use mien_data::Sample;

use super::CommandError;
use crate::{
    arch::{expression::ExpressionNet, landmarks::LandmarkNet},
    recipe::{ExpressionRecipe, TaskRecipe},
    task::{expression::pool::Pool, landmarks::find},
    train::{checkpoint::load_weights, run::Run},
};

/// Gives the pictures in memory that `recipe` learns from and is judged on the landmarks that its
/// run finds, where it names one.
///
/// # Errors
/// When that run cannot be used, or the architecture learns from landmarks and no picture has any.
pub(super) fn give(
    recipe: &ExpressionRecipe,
    run: &Run,
    (train, valid): (&mut Pool, &mut [Sample]),
    device: &Device,
) -> Result<(), CommandError> {
    if let (Pool::Memory(train), Some(net)) = (&mut *train, finder(recipe, run, device)?) {
        let [learned, judged] =
            [train.as_mut_slice(), valid].map(|faces| find::give(faces, &net, device));
        eprintln!("landmarks: mean confidence {learned:.2}, {judged:.2} when judging");
    }
    if recipe.arch.reads_points() && !train.has_points() {
        return Err(CommandError::NoPoints { data: recipe.data.clone() });
    }
    Ok(())
}

/// `samples` as `net`, of `run`, reads them: with the landmarks found in them by the run that its
/// recipe names, where it names one and the network looks at landmarks.
///
/// # Errors
/// When that run cannot be used.
pub(super) fn as_read_by<'a>(
    net: &ExpressionNet,
    (recipe, run): (&ExpressionRecipe, &Run),
    samples: &'a [Sample],
    device: &Device,
) -> Result<Cow<'a, [Sample]>, CommandError> {
    if !net.reads_points() {
        return Ok(Cow::Borrowed(samples));
    }
    let Some(finder) = finder(recipe, run, device)? else { return Ok(Cow::Borrowed(samples)) };
    let mut samples = samples.to_vec();
    find::give(&mut samples, &finder, device);
    Ok(Cow::Owned(samples))
}

/// The best network of the run a recipe names to find landmarks.
fn finder(
    recipe: &ExpressionRecipe,
    run: &Run,
    device: &Device,
) -> Result<Option<LandmarkNet>, CommandError> {
    recipe.points.as_ref().map(|name| pointer(name, run, device)).transpose()
}

/// The best network of the run called `name` beside `run`, which finds landmarks.
///
/// # Errors
/// When there is none, or it is of another recipe.
pub(super) fn pointer(name: &str, run: &Run, device: &Device) -> Result<LandmarkNet, CommandError> {
    let found = run.beside(name)?;
    let TaskRecipe::Landmarks(task) = &found.recipe.task else {
        return Err(CommandError::Points { name: name.to_owned() });
    };
    Ok(load_weights(task.init(device), &found.best()?)?)
}
