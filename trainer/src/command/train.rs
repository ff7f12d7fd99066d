//! `train`: a recipe and its data become a run folder.

mod start;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use mien_data::Sample;

pub(super) use self::start::guide;
use super::{
    CommandError, points,
    roots::{Root, Roots},
};
use crate::{
    arch::expression::ExpressionNet,
    backend,
    recipe::{ExpressionRecipe, IdentityRecipe, Recipe, TaskRecipe},
    task::{
        detect::DetectTask,
        expression::{ExpressionTask, pool::Pool, protocol, source, teach::teach},
        identity::{IdentityTask, people::People},
        landmarks::LandmarkTask,
    },
    train::{Task, Trainer, checkpoint::load_weights, run::Run},
};

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recipe, a TOML file (see trainer/recipes)
    recipe: PathBuf,
    /// Folder of the data set, or NAME=DIR for one of several
    #[arg(long, value_name = "DIR")]
    root: Vec<Root>,
    /// Run folder [default: runs/NAME]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Go on from the last finished epoch of the run folder
    #[arg(long)]
    resume: bool,
    /// Machine to compute on: cpu, or another backend compiled in
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Runs the command.
///
/// # Errors
/// When the recipe, the data, the device or the run folder cannot be used.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let device = backend::device(&args.device)?;
    let recipe = Recipe::read(&args.recipe)?;
    let folder = args.out.clone().unwrap_or_else(|| Path::new("runs").join(&recipe.name));
    train_run(&recipe, &Roots::new(&args.root), &folder, args.resume, &device)?;
    eprintln!("run folder: {}", folder.display());
    Ok(())
}

/// Trains `recipe` into the run folder `folder`: a new one, or on from its last finished epoch when
/// `resume`.
///
/// # Errors
/// When the data or the run folder cannot be used, or training stops.
pub fn train_run(
    recipe: &Recipe,
    roots: &Roots,
    folder: &Path,
    resume: bool,
    device: &Device,
) -> Result<(), CommandError> {
    let open = |recipe: &Recipe| {
        if resume { Run::open(folder) } else { Run::create(folder, recipe) }
    };
    match &recipe.task {
        TaskRecipe::Expression(task) => {
            let (mut train, mut valid) = sources(task, recipe.seed, roots)?;
            let run = open(recipe)?;
            points::give(task, &run, (&mut train, &mut valid), device)?;
            if let Pool::Memory(samples) = &mut train {
                let known = (task.taught, protocol(task));
                teach(samples, &teachers(task, &run, device)?, known, device);
            }
            let guide = guide(task, &run, device)?;
            let task = ExpressionTask::new(task, recipe.seed, train, valid).guided_by(guide);
            fit(&task, &run, resume, device)
        }
        TaskRecipe::Identity(task) => {
            let people = people(task, recipe.seed, roots)?;
            let counted = IdentityRecipe { people: Some(people.count), ..(**task).clone() };
            let recipe = Recipe { task: TaskRecipe::Identity(counted.into()), ..recipe.clone() };
            let task = IdentityTask::new(task, recipe.seed, people);
            fit(&task, &open(&recipe)?, resume, device)
        }
        TaskRecipe::Landmarks(task) => {
            let folders =
                task.data.iter().map(|data| roots.of(data)).collect::<Result<Vec<_>, _>>()?;
            let task = LandmarkTask::open(task, recipe.seed, &folders)?;
            let [learned, judged] = task.counts();
            eprintln!("{learned} faces to learn from, {judged} to judge on");
            fit(&task, &open(recipe)?, resume, device)
        }
        TaskRecipe::Detect { .. } => {
            let task = DetectTask::open(recipe, roots.of("lfw_expressions")?)?;
            fit(&task, &open(recipe)?, resume, device)
        }
    }
}

/// Trains `task` into `run`, from its last checkpoint when `resume`.
///
/// # Errors
/// When training stops or the run folder cannot be used.
pub fn fit<T: Task>(
    task: &T,
    run: &Run,
    resume: bool,
    device: &Device,
) -> Result<(), CommandError> {
    let recipe = &run.recipe;
    let mut trainer = Trainer::new(task, recipe.train.clone(), recipe.seed, device);
    if resume {
        let (checkpoint, damage) = run.last()?;
        if let Some(damage) = damage {
            let epoch = checkpoint.progress.epoch;
            eprintln!("{damage}; going on from the one before, after epoch {epoch}");
        }
        trainer = trainer.resume(&checkpoint)?;
    } else {
        trainer = start::started(trainer, run, device)?;
    }
    let progress = trainer.fit(run)?;
    if let Some((score, epoch)) = progress.best {
        eprintln!("best: epoch {epoch}, validation score {score:.4}");
    }
    Ok(())
}

/// The pictures a recipe learns from and is judged on.
fn sources(
    recipe: &ExpressionRecipe,
    seed: u64,
    roots: &Roots,
) -> Result<(Pool, Vec<Sample>), CommandError> {
    let (train, valid) = source::open(recipe, seed, roots.of(&recipe.data)?)?;
    let (data, learned, judged) = (&recipe.data, train.len(), valid.len());
    eprintln!("{data}: {learned} pictures to learn from, {judged} to judge on");
    Ok((train, valid))
}

/// The people an identity recipe learns to tell apart.
fn people(recipe: &IdentityRecipe, seed: u64, roots: &Roots) -> Result<People, CommandError> {
    let folder = |data: &String| Ok((data.clone(), roots.of(data)?.to_path_buf()));
    let folders = recipe.data.iter().map(folder).collect::<Result<Vec<_>, CommandError>>()?;
    let people = People::open(recipe, seed, &folders)?;
    let (train, valid, strangers) =
        (people.train.len(), people.valid.len(), people.strangers.len());
    eprintln!(
        "{} people: {train} pictures to learn from, {valid} to judge on, {strangers} of strangers",
        people.count
    );
    match recipe.people {
        Some(given) if given != people.count => {
            Err(CommandError::People { given, found: people.count })
        }
        _ => Ok(people),
    }
}

/// The best networks of the runs a recipe names as teachers.
fn teachers(
    recipe: &ExpressionRecipe,
    run: &Run,
    device: &Device,
) -> Result<Vec<ExpressionNet>, CommandError> {
    let load = |name: &String| {
        let teacher = run.beside(name)?;
        let TaskRecipe::Expression(task) = &teacher.recipe.task else {
            return Err(CommandError::Teacher { name: name.clone() });
        };
        Ok(load_weights(task.init(device), &teacher.best()?)?)
    };
    recipe.teachers.iter().map(load).collect()
}
