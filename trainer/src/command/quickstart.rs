//! `quickstart`: from nothing to a bundle that runs, on rendered faces, in minutes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mien_data::{Sample, synth};
use mien_metric::{protocol::Protocol, report::ClassReport};
use mien_quant::{Options, Quantiser};
use mien_shared::{
    bundle::{Metric, Precision},
    frame::Grey,
    store,
};

use super::{
    CommandError, golden_pictures,
    train::fit,
    verify::{sentence, verify},
};
use crate::{
    export::{
        model::{Model, TEMPLATE},
        package::{self, PackageError},
    },
    judge::expression::probabilities,
    recipe::{Recipe, TaskRecipe},
    task::expression::{ExpressionTask, pool::Pool},
    train::run::Run,
};

/// Training faces that the ranges of eight-bit values are learned from.
const CALIBRATION: usize = 512;

const RECIPE: &str = include_str!("../../recipes/quickstart.toml");

/// Arguments of `quickstart`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for the run and the bundle
    #[arg(long, default_value = "runs/quickstart")]
    out: PathBuf,
    /// Rendered faces to learn from; an eighth and a fourth as many are judged and tested on
    #[arg(long, default_value_t = 4096, value_parser = clap::value_parser!(u64).range(64..=1_000_000))]
    faces: u64,
}

/// Runs the command.
///
/// # Errors
/// When the folder cannot be written or a runtime disagrees.
pub fn run(args: &Args) -> Result<(), CommandError> {
    quickstart(&args.out, args.faces)
}

/// Learns from `count` rendered faces and leaves `run/` and `models/` in `out`.
///
/// # Errors
/// As [`run`].
pub fn quickstart(out: &Path, count: u64) -> Result<(), CommandError> {
    let recipe = Recipe::parse(RECIPE, "trainer/recipes/quickstart.toml".as_ref())?;
    let folder = out.join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .map_err(|source| PackageError::Folder { folder: folder.clone(), source })?;
    }
    let run = Run::create(&folder, &recipe)?;
    eprintln!("1/5 rendering faces");
    let [train, valid, test] = faces(&recipe, count);
    let seen: Vec<Grey> = train.iter().take(CALIBRATION).map(|face| face.image.clone()).collect();
    eprintln!("2/5 training {} on {} faces", recipe.name, train.len());
    fit(&task(&recipe, train, valid), &run, false, &Device::flex())?;
    eprintln!("3/5 quantising to int8");
    let Model { graph, task, input } = Model::new(&recipe, &run.best()?)?;
    let quantiser = Quantiser::new(&graph, input, &seen, Options::default())?;
    let model = Model { graph: quantiser.coded(&[])?, task, input: quantiser.input() };
    let pictures = golden_pictures(&model);
    let mut bundle = package::bundle(model, Precision::Int8, &recipe, Vec::new(), &pictures)?;
    eprintln!("4/5 testing it in the device's engine on unseen faces");
    let cases = Protocol::Ferplus8.cases(&test, &probabilities(&bundle, &test)?);
    let report = ClassReport::new(Protocol::Ferplus8.labels(), &cases, recipe.seed);
    bundle.manifest.metrics = vec![metric(&report)];
    eprintln!("5/5 exporting");
    let differences = verify(&bundle)?;
    let models = out.join("models");
    let name = &bundle.manifest.name;
    package::write(&models.join(name), &bundle, &recipe)?;
    let catalog = format!("expression = \"{name}\"\n");
    store::write_atomically(&models.join("catalog.toml"), catalog.as_bytes())?;
    println!("{report}\ngoldens: {}", sentence(&differences));
    println!("bundle: {}", models.join(name).join(format!("{name}.mien")).display());
    println!("try it: mien-device run --camera performer://?fps=0 --models {}", models.display());
    Ok(())
}

/// Three sets of faces that share no seed, hence no identity.
fn faces(recipe: &Recipe, learned: u64) -> [Vec<Sample>; 3] {
    let side = 48;
    [learned, learned / 8, learned / 4]
        .into_iter()
        .zip(0..)
        .map(|(count, part)| {
            let seed = recipe.seed.wrapping_add(part << 32);
            synth::dataset(seed, count, &TEMPLATE, side).samples
        })
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_default()
}

fn task(recipe: &Recipe, train: Vec<Sample>, valid: Vec<Sample>) -> ExpressionTask {
    let TaskRecipe::Expression(task) = &recipe.task else {
        unreachable!("the quickstart's recipe is an expression recipe")
    };
    ExpressionTask::new(task, recipe.seed, Pool::Memory(train), valid)
}

fn metric(report: &ClassReport) -> Metric {
    Metric {
        name: "accuracy".to_owned(),
        value: report.accuracy.value,
        data: "rendered faces (synthetic)".to_owned(),
        split: "test".to_owned(),
        n: report.samples,
    }
}
