//! `quantise`: a run's best weights in int8, if that costs no more than allowed.

use std::path::{Path, PathBuf};

use mien_data as data;
use mien_metric::protocol::Protocol;
use mien_shared::bundle::{Bundle, Precision, Task};

use super::{CommandError, f32_bundle, golden_pictures};
use crate::{
    export::{model::Model, package},
    judge::{Report, detect, expression},
    quant::{LayerError, quantize_weights},
    recipe::{Recipe, TaskRecipe},
    task::{detect::Judge, expression::protocol},
    train::run::Run,
};

/// Name of the bundle that `quantise` leaves in a run folder.
pub const QUANTISED: &str = "quantised.mien";

/// Arguments of `quantise`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run folder
    run: PathBuf,
    /// Folder of the recipe's data set
    #[arg(long)]
    root: PathBuf,
    /// Points of accuracy (expression) or recall (detector) that int8 weights may cost
    #[arg(long, default_value_t = 0.5)]
    max_drop: f64,
}

/// Runs the command.
///
/// # Errors
/// When the run or its data cannot be used, or the gate refuses.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let run = Run::open(&args.run)?;
    let data = Held::of(&run.recipe);
    let mut bundle = f32_bundle(&run)?;
    calibrate(&mut bundle, &data, &args.root)?;
    let before = Report::new(&bundle, &data.name, &args.root, data.split)?;
    let (graph, layers) = quantize_weights(&bundle.graph);
    print_layers(&layers);
    let Bundle { manifest, .. } = bundle;
    let model = Model { graph, task: manifest.task, input: manifest.input };
    let pictures = golden_pictures(&model);
    let mut bundle =
        package::bundle(model, Precision::WeightsInt8, &run.recipe, Vec::new(), &pictures)?;
    let after = Report::new(&bundle, &data.name, &args.root, data.split)?;
    let [f32_score, int8_score] = [&before, &after].map(|report| report.score(data.protocol));
    gate(f32_score, int8_score, args.max_drop)?;
    bundle.manifest.metrics = after.metrics();
    bundle.write(&args.run.join(QUANTISED))?;
    println!("{after}\nf32 {f32_score:.4}, int8 weights {int8_score:.4}");
    Ok(())
}

/// The held-out data a recipe's bundle is judged on.
struct Held {
    name: String,
    split: &'static str,
    /// What is right there; a detector has no use for it.
    protocol: Protocol,
}

impl Held {
    fn of(recipe: &Recipe) -> Self {
        match &recipe.task {
            TaskRecipe::Expression(recipe) => {
                Self { name: recipe.data.clone(), split: "valid", protocol: protocol(recipe) }
            }
            TaskRecipe::Detect { .. } => {
                Self { name: "lfw".to_owned(), split: "test", protocol: Protocol::Ferplus8 }
            }
        }
    }
}

/// False boxes per 100 face-free pictures that the detector's lowest score aims at.
const FALSE_PER_100: f64 = 0.5;

/// Composed scenes of the validation part, half of which are face-free and set that score.
const CALIBRATION_SCENES: usize = 4000;

/// Sets what a bundle needs beside weights: a classifier's temperature, from every second
/// validation picture; a detector's lowest score, from face-free validation scenes.
fn calibrate(bundle: &mut Bundle, held: &Held, root: &Path) -> Result<(), CommandError> {
    match &bundle.manifest.task {
        Task::Expression { .. } => {
            let mut samples = data::open(&held.name, root, held.split)?.samples;
            samples.retain(|sample| sample.id % 2 == 0 && !sample.leaks);
            let fitted = expression::temperature(bundle, &samples, held.protocol)?;
            if let Task::Expression { temperature, .. } = &mut bundle.manifest.task {
                *temperature = fitted;
            }
        }
        Task::Detect { .. } => {
            let judge = Judge::open(root, data::split::Part::Valid, CALIBRATION_SCENES)?;
            let empty = detect::judged(bundle, &judge.empty)?;
            let lowest = empty.at_false_per_100(FALSE_PER_100).min_score;
            if let Task::Detect { min_score, .. } = &mut bundle.manifest.task {
                *min_score = lowest;
            }
        }
    }
    Ok(())
}

fn gate(before: f64, after: f64, allowed: f64) -> Result<(), CommandError> {
    let [before, after] = [before, after].map(|score| 100.0 * score);
    let lost = before - after;
    if lost > allowed {
        return Err(CommandError::Gate { lost, before, after, allowed });
    }
    Ok(())
}

fn print_layers(layers: &[LayerError]) {
    println!("{:<24}{:>10}{:>10}", "layer", "weights", "SQNR dB");
    for layer in layers {
        println!("{:<24}{:>10}{:>10.1}", layer.name, layer.weights, layer.sqnr_db);
    }
}
