//! `train`: a recipe and its data become a run folder.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::CommandError;
use mien_data::{CLASSES, Dataset, Sample, synth};
use mien_metric::protocol::Protocol;

use crate::{
    arch, backend,
    export::model::TEMPLATE,
    recipe::{Recipe, TaskRecipe},
    task::{detect::DetectTask, expression::ExpressionTask},
    train::{Task, Trainer, run::Run},
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
        TaskRecipe::Expression { .. } => {
            let task = expression(&recipe, &args.recipe, args.root.as_deref())?;
            fit(&task, &open()?, args.resume, &device)?;
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
    } else if let TaskRecipe::Expression { start: Some(name), .. } = &recipe.task {
        trainer = trainer.start_from(&run.beside(name)?.best()?)?;
    }
    let progress = trainer.fit(run)?;
    if let Some((score, epoch)) = progress.best {
        eprintln!("best: epoch {epoch}, validation score {score:.4}");
    }
    Ok(())
}

fn expression(
    recipe: &Recipe,
    path: &Path,
    root: Option<&Path>,
) -> Result<ExpressionTask, CommandError> {
    let TaskRecipe::Expression { arch, data, fer7, rendered, augment, .. } = &recipe.task else {
        unreachable!("called for expression recipes")
    };
    if !arch::expression::NAMES.contains(&arch.as_str()) {
        let known = arch::expression::NAMES.join(", ");
        return Err(CommandError::Architecture { path: path.into(), name: arch.clone(), known });
    }
    let root = root.ok_or_else(|| no_root(data))?;
    let mut train = mien_data::open(data, root, "train")?;
    let mut valid = mien_data::open(data, root, "valid")?;
    let protocol = if *fer7 > 0.0 { Protocol::Fer7 } else { Protocol::Ferplus8 };
    train.samples.iter_mut().for_each(|sample| learn_by(*fer7, sample));
    train.samples.retain(|s| s.usable_for_training() && !s.leaks);
    valid.samples.retain(|s| protocol.truth(s).is_some());
    train.samples.extend(rendered_faces(recipe.seed, *rendered));
    report("train", &train);
    report("valid", &valid);
    Ok(ExpressionTask {
        arch: arch.clone(),
        augment: *augment,
        seed: recipe.seed,
        protocol,
        train: train.samples,
        valid: valid.samples,
    })
}

/// Mixes FER2013's own label into what is learned of a sample, with weight `share`; a sample
/// without votes has that label alone, one without that label none.
fn learn_by(share: f32, sample: &mut Sample) {
    if share <= 0.0 {
        return;
    }
    let Some(label) = sample.fer7 else {
        sample.target = [0.0; CLASSES];
        return;
    };
    let share = if sample.usable_for_training() { share } else { 1.0 };
    for (class, target) in sample.target.iter_mut().enumerate() {
        *target = (1.0 - share) * *target + if class == label.index() { share } else { 0.0 };
    }
}

/// Rendered faces, with ids that no data set's pictures have.
fn rendered_faces(seed: u64, count: u64) -> Vec<Sample> {
    let mut faces = synth::dataset(seed, count, &TEMPLATE, 48).samples;
    for face in &mut faces {
        face.id |= 1 << 48;
    }
    faces
}

fn no_root(name: &str) -> CommandError {
    CommandError::NoRoot { name: name.to_owned() }
}

fn report(split: &str, data: &Dataset) {
    eprintln!("{split}: {} pictures of {}", data.samples.len(), data.name);
}
