//! `train`: a recipe and its data become a run folder.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use mien_data::Sample;

use super::CommandError;
use crate::{
    arch::{self, expression::ExpressionNet},
    backend,
    recipe::{ExpressionRecipe, Recipe, TaskRecipe},
    task::{
        detect::DetectTask,
        expression::{CLASSES, ExpressionTask, pool::Pool, source, teach::teach},
    },
    train::{Task, Trainer, checkpoint::load_weights, run::Run},
};

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recipe, a TOML file (see trainer/recipes)
    recipe: PathBuf,
    /// Folder of the data set
    #[arg(long)]
    root: Option<PathBuf>,
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
    let open = || if args.resume { Run::open(&folder) } else { Run::create(&folder, &recipe) };
    match &recipe.task {
        TaskRecipe::Expression(task) => {
            let (mut train, valid) =
                sources(task, recipe.seed, &args.recipe, args.root.as_deref())?;
            let run = open()?;
            if let Pool::Memory(samples) = &mut train {
                teach(samples, &teachers(task, &run, &device)?, task.taught, &device);
            }
            fit(&ExpressionTask::new(task, recipe.seed, train, valid), &run, args.resume, &device)?;
        }
        TaskRecipe::Detect { .. } => {
            let root = args.root.as_deref().ok_or_else(|| no_root("lfw_expressions"))?;
            let task = DetectTask::open(&recipe, root)?;
            fit(&task, &open()?, args.resume, &device)?;
        }
    }
    eprintln!("run folder: {}", folder.display());
    Ok(())
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
    } else if let Some(start) = recipe.start() {
        trainer = match Path::new(start).extension() {
            Some(ending) if ending == "safetensors" => {
                trainer.start_from_safetensors(Path::new(start))?
            }
            _ => trainer.start_from(&run.beside(start)?.best()?)?,
        };
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
    path: &Path,
    root: Option<&Path>,
) -> Result<(Pool, Vec<Sample>), CommandError> {
    known_arch(recipe, path)?;
    let root = root.ok_or_else(|| no_root(&recipe.data))?;
    let (train, valid) = source::open(recipe, seed, root)?;
    let (data, learned, judged) = (&recipe.data, train.len(), valid.len());
    eprintln!("{data}: {learned} pictures to learn from, {judged} to judge on");
    Ok((train, valid))
}

/// Refuses an architecture that is not in the table; `path` is the recipe's.
pub(super) fn known_arch(recipe: &ExpressionRecipe, path: &Path) -> Result<(), CommandError> {
    let name = &recipe.arch;
    if arch::expression::NAMES.contains(&name.as_str()) {
        return Ok(());
    }
    let known = arch::expression::NAMES.join(", ");
    Err(CommandError::Architecture { path: path.into(), name: name.clone(), known })
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
        let net = ExpressionNet::new(&task.arch, CLASSES, device)
            .ok_or_else(|| CommandError::Teacher { name: name.clone() })?;
        Ok(load_weights(net, &teacher.best()?)?)
    };
    recipe.teachers.iter().map(load).collect()
}

fn no_root(name: &str) -> CommandError {
    CommandError::NoRoot { name: name.to_owned() }
}
