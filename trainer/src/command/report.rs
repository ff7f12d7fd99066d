//! `report`: a run folder becomes one page to read, and the data it is made of.
//!
//! What the folder itself holds is always told: the log, the recipe, what int8 weights did to each
//! layer. With the data at hand the run's network is judged through the device's engine (the
//! quantised bundle where there is one, else the best weights in f32), and its worst mistakes, the
//! places it looks at and its feature space are shown. Rendered faces need no data.

mod inside;
mod judged;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use mien_data::{self as data, DataError, Sample, synth};
use mien_metric::input::MetricError;
use mien_report::{
    curve::{self, CurveError},
    embed::EmbedError,
    page,
    run::{Data, Layer, Origin, ReportError, RunReport},
};
use mien_shared::{
    bundle::Bundle,
    store::{self, StoreError},
};
use thiserror::Error;

use super::{CommandError, f32_bundle, quantise::QUANTISED};
use crate::{
    export::model::TEMPLATE,
    judge::{JudgeError, detect},
    quant::quantize_weights,
    recipe::TaskRecipe,
    train::{
        checkpoint::CheckpointError,
        journal::Environment,
        run::{Run, RunError},
    },
};

/// Name of the data set that is rendered, not read.
const RENDERED: &str = "synth";

/// Rendered faces judged.
const FACES: u64 = 1024;

/// Side of a rendered crop in pixels, that of every expression network.
const SIDE: u32 = 48;

/// Ratio that stands for "no error at all", in decibels; f32 has room for no more.
const EXACT_DB: f64 = 150.0;

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run folder, or a report's JSON file
    run: PathBuf,
    /// Data set to judge on [default: the recipe's]; synth renders faces no run has learned from
    #[arg(long)]
    data: Option<String>,
    /// Folder of the data set; without it, and but for synth, nothing is judged
    #[arg(long)]
    root: Option<PathBuf>,
    /// Split of the data set [default: valid; test for a detector]
    #[arg(long)]
    split: Option<String>,
    /// The page [default: report.html in the run folder]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write the report's data beside the page as well, as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the run or its data cannot be used, or a file cannot be written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    Ok(write(args)?)
}

fn write(args: &Args) -> Result<(), WriteError> {
    let read = args.run.extension() == Some(OsStr::new("json"));
    let report = if read { RunReport::read(&args.run)? } else { gather(args)? };
    let page = match &args.out {
        Some(out) => out.clone(),
        None if read => args.run.with_extension("html"),
        None => args.run.join("report.html"),
    };
    store::write_atomically(&page, page::html(&report)?.as_bytes())?;
    println!("{}", page.display());
    if args.json && !read {
        let file = page.with_extension("json");
        report.write(&file)?;
        println!("{}", file.display());
    }
    Ok(())
}

/// All that can be said of the run with what is at hand.
fn gather(args: &Args) -> Result<RunReport, WriteError> {
    let run = Run::open(&args.run)?;
    let mut report = folder(&run, &args.run)?;
    let bundle = || bundle(&run, &args.run);
    match &run.recipe.task {
        TaskRecipe::Expression(recipe) if recipe.guide.is_none() => {
            let name = args.data.as_deref().unwrap_or(&recipe.data);
            if let Some(held) = held(args, name, run.recipe.seed)? {
                report.data.judged_on = held.name;
                if name == RENDERED {
                    report.data.origin = Origin::Synthetic;
                }
                let bundle = recipe.arch.can_be_lowered().then(bundle).transpose()?;
                judged::add(&mut report, &run, bundle.as_ref(), held.samples)?;
            }
        }
        // What there is to judge them by is in the log: neither names expressions.
        TaskRecipe::Expression(_) | TaskRecipe::Identity(_) | TaskRecipe::Landmarks(_) => {
            return Ok(report);
        }
        TaskRecipe::Detect { .. } => {
            let (name, split) = (args.data.as_deref().unwrap_or("lfw"), args.split.as_deref());
            if let Some(root) = &args.root {
                let found = detect::judge(&bundle()?, name, root, split.unwrap_or("test"))?;
                report.figures = judged::detector_figures(&found);
                report.data.judged_on = found.data;
            }
        }
    }
    if report.figures.is_empty() {
        eprintln!("not judged: add --root DIR, the folder of the data set, for more than the log");
    }
    Ok(report)
}

/// What the folder itself says.
fn folder(run: &Run, path: &Path) -> Result<RunReport, WriteError> {
    let recipe = path.join("recipe.toml");
    let calls = Environment::read(path);
    let origin = match &run.recipe.task {
        TaskRecipe::Expression(recipe) if recipe.rendered > 0 => Origin::PartlyRendered,
        TaskRecipe::Expression(recipe) if recipe.start.is_some() => Origin::Unstated,
        TaskRecipe::Identity(recipe) if recipe.start.is_some() => Origin::Unstated,
        TaskRecipe::Identity(recipe)
            if recipe.data.iter().any(|set| set.starts_with("synth_folder")) =>
        {
            Origin::PartlyRendered
        }
        TaskRecipe::Expression(_) | TaskRecipe::Identity(_) => Origin::Recorded,
        TaskRecipe::Landmarks(_) => Origin::Unstated,
        TaskRecipe::Detect { .. } => Origin::PartlyRendered,
    };
    Ok(RunReport {
        name: run.recipe.name.clone(),
        recipe: fs::read_to_string(&recipe)
            .map_err(|source| RunError::Folder { folder: recipe, source })?,
        seed: run.recipe.seed,
        revision: calls.last().map(|call| call.revision.clone()),
        environment: environment(&calls),
        data: Data {
            statement: run.recipe.about.data.clone(),
            rights: run.recipe.about.rights.clone(),
            judged_on: String::new(),
            origin,
        },
        epochs: curve::read(&path.join("metrics.jsonl"))?,
        layers: layers(run, path)?,
        ..RunReport::default()
    })
}

/// Where the run was trained, call by call, and where it is reported on.
fn environment(calls: &[Environment]) -> Vec<(String, String)> {
    let told = |call: &Environment| {
        let processor = call.processor.as_deref().unwrap_or("unnamed processor");
        format!("{} {}, {processor}, {} threads", call.version, call.machine, call.threads)
    };
    let mut lines: Vec<_> =
        calls.iter().map(|call| ("trained by mien-trainer".to_owned(), told(call))).collect();
    let machine = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    lines.push(("reported by mien-trainer".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    lines.push(("reported on".to_owned(), machine));
    lines
}

/// What int8 did to each layer; nothing of a run that was not quantised.
fn layers(run: &Run, path: &Path) -> Result<Vec<Layer>, WriteError> {
    if !path.join(QUANTISED).is_file() {
        return Ok(Vec::new());
    }
    let (_, layers) = quantize_weights(&f32_bundle(run).map_err(Box::new)?.graph);
    let layer = |layer: crate::quant::LayerError| Layer {
        name: layer.name,
        weights: layer.weights as u64,
        sqnr_db: layer.sqnr_db.min(EXACT_DB),
    };
    Ok(layers.into_iter().map(layer).collect())
}

/// The bundle judged: what `quantise` left, else the best weights in f32.
fn bundle(run: &Run, path: &Path) -> Result<Bundle, WriteError> {
    let quantised = path.join(QUANTISED);
    if quantised.is_file() {
        return Ok(Bundle::read(&quantised).map_err(CommandError::from).map_err(Box::new)?);
    }
    Ok(f32_bundle(run).map_err(Box::new)?)
}

/// Pictures the run is judged on.
struct Held {
    /// `set.split`.
    name: String,
    samples: Vec<Sample>,
}

/// The pictures called `name`, where they are at hand.
fn held(args: &Args, name: &str, seed: u64) -> Result<Option<Held>, DataError> {
    if name == RENDERED {
        return Ok(Some(rendered(seed)));
    }
    let Some(root) = &args.root else { return Ok(None) };
    let split = args.split.as_deref().unwrap_or("valid");
    let data::Dataset { name, samples, .. } = data::open(name, root, split)?;
    Ok(Some(Held { name, samples }))
}

/// Rendered faces of seeds beyond those `train` and `quickstart` learn from.
fn rendered(seed: u64) -> Held {
    let faces = synth::dataset(seed.wrapping_add(2 << 32), FACES, &TEMPLATE, SIDE);
    Held { name: "rendered faces, unseen".to_owned(), samples: faces.samples }
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The run folder cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The log cannot be used.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The bundle cannot be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// A figure cannot be taken.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The features have no embedding.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The weights are of another network.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The run has no bundle.
    #[error(transparent)]
    Bundle(#[from] Box<CommandError>),
    /// The parts do not fit each other.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}
