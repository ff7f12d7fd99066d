//! The commands of `mien-trainer`, one per file.

#![expect(clippy::print_stdout, reason = "a command's result goes to standard output")]

pub mod data;
pub mod data_synth;
pub mod eval;
pub mod export;
pub mod kfold;
mod points;
pub mod quantise;
pub mod quickstart;
pub mod report;
pub mod roots;
pub mod saliency;
pub mod study;
pub mod table;
pub mod teacher;
pub mod train;
pub mod verify;
pub mod vote;
pub mod weights;

use std::path::{Path, PathBuf};

use mien_engine::EngineError;
use mien_shared::{
    bundle::{Bundle, BundleError, Precision},
    frame::Grey,
    graph::GraphError,
    store::StoreError,
};
use thiserror::Error;

use mien_data::DataError;

use crate::{
    backend::BackendError,
    export::{
        model::Model,
        package::{self, PackageError},
    },
    judge::JudgeError,
    recipe::RecipeError,
    task::expression::{guide::GuideError, source::SourceError},
    teachers::TeacherError,
    train::{
        TrainError,
        checkpoint::CheckpointError,
        run::{Run, RunError},
    },
    weights::WeightsError,
};

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CommandError {
    /// The device is not in this build.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What a recipe learns from cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The run folder cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Training stopped.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bundle cannot be read or written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A graph is not valid.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A bundle cannot be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// A bundle cannot be packaged.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The engine refuses the network.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The comparison with the literature cannot be made.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// A teacher cannot be kept or used.
    #[error(transparent)]
    TeacherStore(#[from] TeacherError),
    /// A weights file cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A weights file is not exactly a network's.
    #[error(
        "weights {file} and {arch} differ in what is listed above; choose the architecture and \
         --classes the file was made for"
    )]
    OtherWeights {
        /// The file.
        file: PathBuf,
        /// The network.
        arch: String,
    },
    /// A result has no JSON form.
    #[error("cannot print JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A teacher is no expression network.
    #[error("task.teachers names `{name}`, which is no run of an expression recipe: name others")]
    Teacher {
        /// The run.
        name: String,
    },
    /// A guide is no expression network.
    #[error("task.guide names `{name}`, which is no run of an expression recipe: name another")]
    Guide {
        /// The run.
        name: String,
    },
    /// A guide's maps are of another shape.
    #[error(transparent)]
    GuideShape(#[from] GuideError),
    /// A run tested on a fold would take from one that has learned from it.
    #[error(
        "`{name}` has learned from pictures that {fold} is tested on: run `mien-trainer kfold` on \
         its recipe first, into {name}.kfold"
    )]
    WholeSet {
        /// The other run.
        name: String,
        /// The fold's folder.
        fold: String,
    },
    /// The data has another number of people than the recipe says.
    #[error("the data has {found} people to learn from, task.people says {given}: take it out")]
    People {
        /// What the recipe says.
        given: usize,
        /// How many there are.
        found: usize,
    },
    /// The run that is to find landmarks is another.
    #[error("task.points names `{name}`, which is no run of a landmark recipe: name another")]
    Points {
        /// The run.
        name: String,
    },
    /// No picture has landmarks to learn from.
    #[error(
        "no picture of `{data}` has landmarks, which task.arch learns from: set task.points to a \
         run of a landmark recipe"
    )]
    NoPoints {
        /// The data set.
        data: String,
    },
    /// The run's network is for training alone.
    #[error("`{name}` is a network for training alone: it has no bundle to quantise")]
    HostOnly {
        /// The run.
        name: String,
    },
    /// A member of a vote is no expression network.
    #[error("{folder} is no run of an expression recipe: only those vote")]
    Voter {
        /// The run folder.
        folder: PathBuf,
    },
    /// The data set needs a folder.
    #[error("data set '{name}' is read from a folder: add --root DIR, or --root {name}=DIR")]
    NoRoot {
        /// The data set.
        name: String,
    },
    /// A runtime disagrees with the reference.
    #[error("{what} differs by {difference:.2e}, more than {limit:.0e}: do not ship this bundle")]
    Disagreement {
        /// Which runtime.
        what: &'static str,
        /// Largest absolute difference.
        difference: f32,
        /// Largest allowed.
        limit: f32,
    },
    /// Quantisation costs too much.
    #[error(
        "eight bits lose {lost:.2} points ({before:.2} -> {after:.2}), more than --max-drop \
         {allowed}: nothing written; add --tune-epochs, keep layers in float with --keep-float, \
         or allow more"
    )]
    Gate {
        /// Points lost.
        lost: f64,
        /// Points before.
        before: f64,
        /// Points after.
        after: f64,
        /// Points allowed.
        allowed: f64,
    },
    /// The graph cannot be quantised.
    #[error(transparent)]
    Quant(#[from] mien_quant::QuantError),
    /// There is no folder for what is made of a bundle.
    #[error("{bundle} is a bundle: add --out DIR for what becomes of it")]
    NoOut {
        /// The bundle.
        bundle: PathBuf,
    },
    /// The bundle's values are coded already.
    #[error("{bundle} is int8 already: start from its run, or from an f32 or weights-int8 bundle")]
    Coded {
        /// The bundle.
        bundle: PathBuf,
    },
    /// A data set is not whole.
    #[error("{name} is not whole: what to put right is named above")]
    Unsound {
        /// The data set.
        name: &'static str,
    },
    /// A picture cannot be written.
    #[error("cannot write {path}: {source}; the name must end in .png, in a folder that is there")]
    Sheet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// The maps cannot be made.
    #[error(transparent)]
    Saliency(#[from] crate::saliency::SaliencyError),
    /// A heat map cannot be drawn.
    #[error(transparent)]
    Heat(#[from] mien_report::run::ReportError),
    /// The report cannot be made.
    #[error(transparent)]
    Report(#[from] report::WriteError),
    /// The folds cannot be run.
    #[error(transparent)]
    Kfold(#[from] kfold::KfoldError),
    /// A study cannot be made.
    #[error(transparent)]
    Study(#[from] study::StudyError),
    /// Heads cannot be read or rendered.
    #[error(transparent)]
    Heads(#[from] mien_heads::HeadError),
    /// The run was not quantised.
    #[error(
        "{folder} holds no {wanted} bundle: run `mien-trainer quantise` with that --precision on \
         it first"
    )]
    NotQuantised {
        /// The run folder.
        folder: PathBuf,
        /// The precision asked for.
        wanted: &'static str,
    },
}

/// The bundle in a run folder: its best weights in f32, without figures.
fn f32_bundle(run: &Run) -> Result<Bundle, CommandError> {
    let model = Model::new(&run.recipe, &run.best()?)?;
    let pictures = golden_pictures(&model);
    Ok(package::bundle(model, Precision::F32, &run.recipe, Vec::new(), &pictures)?)
}

/// The bundle at `path`: a bundle file as it is, a run folder's best weights in f32.
fn bundle_at(path: &Path) -> Result<Bundle, CommandError> {
    if path.is_dir() { f32_bundle(&Run::open(path)?) } else { Ok(Bundle::read(path)?) }
}

/// Number of goldens in a bundle.
const GOLDENS: u64 = 2;

/// Rendered faces of the size `model` wants: goldens show no person.
fn golden_pictures(model: &Model) -> Vec<Grey> {
    (0..GOLDENS).map(|seed| mien_data::synth::portrait(seed, &model.input)).collect()
}
