//! `export`: a run becomes the files that are shipped.

use std::path::PathBuf;

use mien_shared::bundle::Bundle;

use super::{CommandError, f32_bundle, quantise::QUANTISED, verify::verify};
use crate::{export::package, train::run::Run};

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run folder
    run: PathBuf,
    /// Folder for the bundle, the ONNX file, the model card and the recipe
    #[arg(long)]
    out: PathBuf,
    /// How weights are stored; `weights-int8` needs a run that was quantised
    #[arg(long, value_enum, default_value_t = Stored::WeightsInt8)]
    precision: Stored,
}

/// How weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stored {
    /// f32
    F32,
    /// int8, from `mien-trainer quantise`
    WeightsInt8,
}

/// Runs the command.
///
/// # Errors
/// When the run cannot be used, a runtime disagrees, or a file cannot be written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let run = Run::open(&args.run)?;
    let quantised = args.run.join(QUANTISED);
    let bundle = match args.precision {
        Stored::F32 => f32_bundle(&run)?,
        Stored::WeightsInt8 if quantised.is_file() => Bundle::read(&quantised)?,
        Stored::WeightsInt8 => {
            return Err(CommandError::NotQuantised { folder: args.run.clone() });
        }
    };
    verify(&bundle)?;
    package::write(&args.out, &bundle, &run.recipe)?;
    println!("{}: {}", bundle.manifest.name, args.out.display());
    Ok(())
}
