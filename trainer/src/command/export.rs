//! `export`: a run becomes the files that are shipped.

use std::path::{Path, PathBuf};

use mien_shared::bundle::{Bundle, Precision};

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
    /// What is eight bits wide; `int8` and `weights-int8` need a run that was quantised so
    #[arg(long, value_enum, default_value_t = Stored::Int8)]
    precision: Stored,
}

/// What is eight bits wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Stored {
    /// Nothing: f32
    F32,
    /// Weights, from `mien-trainer quantise --precision weights-int8`
    WeightsInt8,
    /// Weights and values, from `mien-trainer quantise`
    Int8,
}

impl Stored {
    fn precision(self) -> Precision {
        match self {
            Self::F32 => Precision::F32,
            Self::WeightsInt8 => Precision::WeightsInt8,
            Self::Int8 => Precision::Int8,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the run cannot be used, a runtime disagrees, or a file cannot be written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let run = Run::open(&args.run)?;
    let wanted = args.precision.precision();
    let bundle = match wanted {
        Precision::F32 => f32_bundle(&run)?,
        Precision::WeightsInt8 | Precision::Int8 => quantised(&args.run, wanted)?,
    };
    verify(&bundle)?;
    package::write(&args.out, &bundle, &run.recipe)?;
    println!("{}: {}", bundle.manifest.name, args.out.display());
    Ok(())
}

/// What `quantise` left in a run folder, when it is of that precision.
fn quantised(folder: &Path, wanted: Precision) -> Result<Bundle, CommandError> {
    let absent = || CommandError::NotQuantised { folder: folder.into(), wanted: wanted.name() };
    let path = folder.join(QUANTISED);
    if !path.is_file() {
        return Err(absent());
    }
    let bundle = Bundle::read(&path)?;
    if bundle.manifest.precision == wanted { Ok(bundle) } else { Err(absent()) }
}
