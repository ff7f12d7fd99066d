//! `quantise`: a run's or a bundle's network in int8, if that costs no more than allowed.

mod code;
mod held;
mod pictures;
mod start;
mod table;

use std::path::PathBuf;

use mien_quant::{Calibration, calibrate::PERCENTILE, weights::quantize_weights_but};
use mien_shared::bundle::{Bundle, Precision};

use self::{held::Held, start::Start};
use super::{CommandError, golden_pictures};
use crate::{
    export::{model::Model, package},
    judge::Report,
};

/// Name of the bundle that `quantise` leaves in a run folder.
pub const QUANTISED: &str = "quantised.mien";

/// Arguments of `quantise`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run folder; or a bundle (.mien) with its recipe.toml beside it
    target: PathBuf,
    /// Folder of the recipe's data set
    #[arg(long)]
    root: PathBuf,
    /// Folder for the files of a bundle that was given; a run keeps its own
    #[arg(long)]
    out: Option<PathBuf>,
    /// What becomes eight bits wide
    #[arg(long, value_enum, default_value_t = Stored::Int8)]
    precision: Stored,
    /// Points of accuracy (expression) or recall (detector) that eight bits may cost
    #[arg(long, default_value_t = 0.5)]
    max_drop: f64,
    /// Layers that stay in float, by name
    #[arg(long, value_delimiter = ',')]
    keep_float: Vec<String>,
    #[command(flatten)]
    code: CodeArgs,
}

/// What becomes eight bits wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stored {
    /// Weights and values: integer arithmetic
    Int8,
    /// Weights alone: small files, f32 arithmetic
    WeightsInt8,
}

/// How values are coded.
#[derive(Debug, Clone, clap::Args)]
struct CodeArgs {
    /// How a value's range is chosen
    #[arg(long, value_enum, default_value_t = Method::Mse)]
    calibration: Method,
    /// Training pictures that ranges are learned from
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    calibration_pictures: u32,
    /// Equalise the channels between convolutions first
    #[arg(long)]
    equalise: bool,
    /// Keep more layers in float, the most useful first, until the outputs reach this SQNR in dB
    #[arg(long)]
    target_sqnr: Option<f64>,
    /// Passes over training pictures that teach the coded network the f32 network's outputs; 0 for
    /// none
    #[arg(long, default_value_t = 0)]
    tune_epochs: u32,
    /// Training pictures it is taught on
    #[arg(long, default_value_t = 8192, value_parser = clap::value_parser!(u32).range(64..=1_048_576))]
    tune_pictures: u32,
}

/// How a value's range is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    /// Least mean squared error
    Mse,
    /// All but one element in ten thousand at each end
    Percentile,
    /// Everything
    Minmax,
    /// Least loss of information
    Entropy,
}

impl From<Method> for Calibration {
    fn from(method: Method) -> Self {
        match method {
            Method::Mse => Self::Mse,
            Method::Percentile => Self::Percentile(PERCENTILE),
            Method::Minmax => Self::MinMax,
            Method::Entropy => Self::Entropy,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the run, bundle or data cannot be used, or the gate refuses.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let mut start = Start::open(&args.target, args.out.as_deref())?;
    let held = Held::of(&start.recipe)?;
    start.fit(&held, &args.root)?;
    let before = Report::new(&start.bundle, &held.name, &args.root, held.split)?;
    let mut bundle = eight_bits(args, &start)?;
    let after = Report::new(&bundle, &held.name, &args.root, held.split)?;
    let scores = [&before, &after].map(|report| report.score(held.protocol));
    println!("{after}\nf32 {:.4}, {} {:.4}", scores[0], bundle.manifest.name, scores[1]);
    held::gate(scores, args.max_drop)?;
    bundle.manifest.metrics = after.metrics();
    start.write(&bundle)
}

/// The bundle of `start` as `args` want it, without figures.
fn eight_bits(args: &Args, start: &Start) -> Result<Bundle, CommandError> {
    let Bundle { manifest, graph, .. } = &start.bundle;
    let (model, precision) = match args.precision {
        Stored::WeightsInt8 => {
            let (graph, layers) = quantize_weights_but(graph, &args.keep_float);
            table::print_weights(&layers);
            let model = Model { graph, task: manifest.task.clone(), input: manifest.input };
            (model, Precision::WeightsInt8)
        }
        Stored::Int8 => (code::code(args, start)?, Precision::Int8),
    };
    let pictures = golden_pictures(&model);
    Ok(package::bundle(model, precision, &start.recipe, Vec::new(), &pictures)?)
}
