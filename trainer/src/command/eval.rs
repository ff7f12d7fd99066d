//! `eval`: a bundle's or a run's figures on a data set.

use std::path::PathBuf;

use super::{CommandError, bundle_at};
use crate::judge::Report;

/// Arguments of `eval`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A bundle (.mien) or a run folder
    target: PathBuf,
    /// Data set: ferplus, fer2013 or lfw
    #[arg(long)]
    data: String,
    /// Folder of the data set; for a detector, the folder that holds `lfw_expressions` and
    /// `polyhaven_hdri`
    #[arg(long)]
    root: PathBuf,
    /// Split of the data set
    #[arg(long, default_value = "valid")]
    split: String,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the target or the data cannot be used.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let bundle = bundle_at(&args.target)?;
    let report = Report::new(&bundle, &args.data, &args.root, &args.split)?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{}\n{report}", bundle.manifest.name);
    }
    Ok(())
}
