//! `kfold`: a recipe trained and tested on every fold of a data set, subjects kept apart.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mien_data::{
    DataError, Sample, sampler::SubsetError, split::fold::FoldError, split::leak::LeakError,
};
use mien_metric::{
    folds::{Fold, FoldSummary},
    input::MetricError,
};
use mien_shared::store;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Serialize;
use thiserror::Error;

use super::{
    CommandError,
    train::{fit, guide},
};
use crate::{
    backend,
    recipe::{CropName, ExpressionRecipe, Recipe, TaskRecipe},
    task::expression::{ExpressionTask, argmax, pool::Pool, predict, protocol},
    train::{
        checkpoint::load_weights,
        run::{FOLDS, Run},
    },
};

mod plan;

use plan::{Plan, Turn};

/// Arguments of `kfold`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recipe, a TOML file; its data set is dealt into folds whole
    recipe: PathBuf,
    /// Folder of the data set
    #[arg(long)]
    root: PathBuf,
    /// Number of folds; the set's own where it has some
    #[arg(long, default_value_t = 10)]
    folds: usize,
    /// Deal subjects in turn instead of in neighbouring groups
    #[arg(long)]
    round_robin: bool,
    /// Print the folds and stop
    #[arg(long)]
    plan: bool,
    /// Folder of the runs, one a fold [default: runs/NAME.kfold]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Go on where an earlier call was stopped
    #[arg(long)]
    resume: bool,
    /// Machine to compute on: cpu, or another backend compiled in
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Runs the command.
///
/// # Errors
/// When the recipe or the data cannot be used, parts of a fold share a subject, or training stops.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let device = backend::device(&args.device)?;
    let recipe = Recipe::read(&args.recipe)?;
    let TaskRecipe::Expression(task) = &recipe.task else {
        return Err(KfoldError::Task { path: args.recipe.clone() }.into());
    };
    if let Some(field) = unused(task) {
        return Err(KfoldError::Unused { path: args.recipe.clone(), field }.into());
    }
    let plan = Plan::new(args, task)?;
    println!("{}", plan.table);
    if args.plan {
        return Ok(());
    }
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| Path::new("runs").join(format!("{}{FOLDS}", recipe.name)));
    fs::create_dir_all(&out)
        .map_err(|source| KfoldError::Folder { folder: out.clone(), source })?;
    let samples = samples(&plan, task, &args.root)?;
    let mut folds = Vec::new();
    for turn in &plan.turns {
        let run = open(&out, &recipe, turn.number, args.resume)?;
        let Some(fold) = test(&run, task, turn, &samples, &device)? else { continue };
        eprintln!("fold {}: {} of {} right", turn.number, fold.correct, fold.total);
        folds.push(fold);
    }
    if task.guide.is_some() {
        println!("no fold was tested: networks that follow a guide have seen no label");
        return Ok(());
    }
    conclude(&out, &recipe, &folds)
}

/// The first field of a recipe that has no meaning where a data set is dealt whole.
fn unused(recipe: &ExpressionRecipe) -> Option<&'static str> {
    let fields = [
        (recipe.fer7 > 0.0, "fer7"),
        (recipe.rendered > 0, "rendered"),
        (!recipe.teachers.is_empty(), "teachers"),
        (recipe.stream, "stream"),
        (recipe.points.is_some(), "points"),
        (recipe.bag.is_some(), "bag"),
        (recipe.protocol.is_some(), "protocol"),
    ];
    fields.into_iter().find(|(set, _)| *set).map(|(_, field)| field)
}

/// Every picture of the plan, its face aligned where the set knows its landmarks and the recipe does
/// not say otherwise.
fn samples(plan: &Plan, recipe: &ExpressionRecipe, root: &Path) -> Result<Vec<Sample>, DataError> {
    let cut = recipe.cut(CropName::Aligned);
    if recipe.crop.is_some() {
        cut.check(&plan.manifest.entries, root)?;
    }
    plan.manifest.entries.par_iter().map(|entry| entry.cut(&cut)).collect()
}

fn open(out: &Path, recipe: &Recipe, number: usize, resume: bool) -> Result<Run, CommandError> {
    let folder = out.join(format!("fold_{number}"));
    if resume && folder.join("recipe.toml").exists() {
        return Ok(Run::open(&folder)?);
    }
    Ok(Run::create(&folder, recipe)?)
}

/// Trains on a fold's other folds and tests the best epoch on it; `None` where it followed a guide
/// and has seen no label.
fn test(
    run: &Run,
    recipe: &ExpressionRecipe,
    turn: &Turn,
    samples: &[Sample],
    device: &Device,
) -> Result<Option<Fold>, CommandError> {
    let of = |part: &[usize]| part.iter().map(|&at| samples[at].clone()).collect::<Vec<_>>();
    let mut train = of(&turn.roles.train);
    train.retain(Sample::usable_for_training);
    let mut train = Pool::Memory(train);
    if let Some(count) = recipe.pictures {
        train.draw(count, run.recipe.seed).map_err(KfoldError::from)?;
    }
    let task = ExpressionTask::new(recipe, run.recipe.seed, train, of(&turn.roles.valid))
        .guided_by(guide(recipe, run, device)?);
    fit(&task, run, run.last().is_ok(), device)?;
    if recipe.guide.is_some() {
        return Ok(None);
    }
    let net = load_weights(recipe.init(device), &run.best()?)?;
    let tested = of(&turn.roles.test);
    let cases = protocol(recipe).cases(&tested, &predict(&net, &tested, device));
    let right = cases.iter().filter(|case| case.truth.index() == argmax(&case.probabilities));
    Ok(Some(Fold { correct: right.count() as u64, total: cases.len() as u64 }))
}

/// What `kfold.json` says.
#[derive(Debug, Serialize)]
struct Conclusion<'a> {
    name: &'a str,
    seed: u64,
    folds: &'a [Fold],
    summary: FoldSummary,
}

fn conclude(out: &Path, recipe: &Recipe, folds: &[Fold]) -> Result<(), CommandError> {
    let summary = FoldSummary::new(folds).map_err(KfoldError::from)?;
    let deviation = summary.deviation.map_or_else(String::new, |d| format!(" ± {:.2}", 100.0 * d));
    println!("mean of folds {:.2} %{deviation} (standard deviation)", 100.0 * summary.mean);
    println!(
        "pooled {:.2} % (95 %: {:.2} to {:.2}), n = {}",
        100.0 * summary.pooled.value,
        100.0 * summary.pooled.low,
        100.0 * summary.pooled.high,
        summary.samples
    );
    let conclusion = Conclusion { name: &recipe.name, seed: recipe.seed, folds, summary };
    Ok(store::write_atomically(&out.join("kfold.json"), &serde_json::to_vec_pretty(&conclusion)?)?)
}

/// Why folds cannot be run.
#[derive(Debug, Error)]
pub enum KfoldError {
    /// The recipe is no expression recipe.
    #[error("recipe {path}: task.kind must be `expression` for folds")]
    Task {
        /// The recipe.
        path: PathBuf,
    },
    /// The recipe asks for what folds do not do.
    #[error("recipe {path}: task.{field} has no meaning for folds: take it out")]
    Unused {
        /// The recipe.
        path: PathBuf,
        /// The field.
        field: &'static str,
    },
    /// The folder of the runs cannot be made.
    #[error("cannot make {folder}: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The data set cannot be dealt.
    #[error(transparent)]
    Folds(#[from] FoldError),
    /// A fold has not as many pictures as the recipe asks for.
    #[error(transparent)]
    Subset(#[from] SubsetError),
    /// Parts of a fold are not apart.
    #[error(transparent)]
    Leak(#[from] LeakError),
    /// The folds have no figures.
    #[error(transparent)]
    Metric(#[from] MetricError),
}
