//! The `mien-trainer` command.

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};
use mien_trainer::command::{self, CommandError};
use mimalloc::MiMalloc;

/// A step asks for and returns the same large buffers over and over: an allocator that keeps them
/// saves the system a third of the step in page faults.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Trains, quantises, exports and evaluates the networks a Mien device runs.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  mien-trainer quickstart
  mien-trainer train trainer/recipes/resnet_s.ferplus.toml --root DATA/fer2013_ferplus
  mien-trainer train trainer/recipes/resnet_s.ferplus.toml --root DATA/fer2013_ferplus --resume
  mien-trainer kfold trainer/recipes/resnet_s.lfw.toml --root DATA/lfw_expressions --plan
  mien-trainer study trainer/recipes/studies/dan.toml --root ferplus=DATA/fer2013_ferplus
  mien-trainer quantise runs/resnet_s.ferplus --root DATA/fer2013_ferplus
  mien-trainer quantise models/mine/mine.mien --root DATA/fer2013_ferplus --out models/int8
  mien-trainer export runs/resnet_s.ferplus --out models/mine
  mien-trainer verify models/mine/*.mien
  mien-trainer eval models/mine/*.mien --data ferplus --root DATA/fer2013_ferplus
  mien-trainer vote runs/a runs/b runs/c --data ferplus --root DATA/fer2013_ferplus
  mien-trainer data check DATA/fer2013_ferplus --sheet faces.png
  mien-trainer report runs/resnet_s.ferplus --root DATA/fer2013_ferplus
  mien-trainer saliency runs/resnet_s.ferplus --data ferplus --root DATA/fer2013_ferplus --out s.png
  mien-trainer table --only FERS-CK
  mien-trainer teacher keep runs/resnet_s.ferplus
  mien-trainer weights save runs/resnet_s.ferplus --out resnet_s.safetensors
  mien-trainer weights load resnet18.safetensors --arch resnet18 --check";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a first bundle from rendered faces: no data needed
    Quickstart(command::quickstart::Args),
    /// Train a network by a recipe into a run folder
    Train(command::train::Args),
    /// Train and test a recipe on every fold of a data set, subjects kept apart
    Kfold(command::kfold::Args),
    /// Train systems from several seeds and compare them on the same tests
    Study(command::study::Args),
    /// Store a run's best weights in int8, if that costs no more than allowed
    Quantise(command::quantise::Args),
    /// Write a run's bundle, ONNX file, model card and recipe
    Export(command::export::Args),
    /// Hold burn and the device's engine against a bundle's goldens
    Verify(command::verify::Args),
    /// List the data sets there are, and check a copy of one
    Data(command::data::Args),
    /// Measure a bundle or a run on a data set
    Eval(command::eval::Args),
    /// Measure runs and their soft vote on a data set
    Vote(command::vote::Args),
    /// Write a run's page: curves, confusion, calibration, mistakes, heat maps, embedding
    Report(command::report::Args),
    /// Draw what a run's readings rest on: each class's surest, with heat maps
    Saliency(command::saliency::Args),
    /// Show the literature's figures with what was measured beside each
    Table(command::table::Args),
    /// Keep a run's network as a teacher, or check those kept
    Teacher(command::teacher::Args),
    /// Write or check weights in safetensors files
    Weights(command::weights::Args),
}

fn main() -> ExitCode {
    // A reader that has seen enough, `| head` for one, ends the program instead of failing it.
    sigpipe::reset();
    match run(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mien-trainer: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), CommandError> {
    match command {
        Command::Quickstart(args) => command::quickstart::run(args),
        Command::Train(args) => command::train::run(args),
        Command::Kfold(args) => command::kfold::run(args),
        Command::Study(args) => command::study::run(args),
        Command::Quantise(args) => command::quantise::run(args),
        Command::Export(args) => command::export::run(args),
        Command::Verify(args) => command::verify::run(args),
        Command::Data(args) => command::data::run(args),
        Command::Eval(args) => command::eval::run(args),
        Command::Vote(args) => command::vote::run(args),
        Command::Report(args) => command::report::run(args),
        Command::Saliency(args) => command::saliency::run(args),
        Command::Table(args) => command::table::run(args),
        Command::Teacher(args) => command::teacher::run(args),
        Command::Weights(args) => command::weights::run(args),
    }
}

/// An error and what caused it, as one line.
fn sentence(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}
