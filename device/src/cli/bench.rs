//! `bench`: what a frame costs on this machine.

use std::{io::Write, process::ExitCode};

use clap::Args;

use super::{CliError, ModelsFrom, write_json};
use crate::{bench, stage::Counter};

/// How long to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Frames to measure
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=4000))]
    frames: u32,
    /// One JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    models: ModelsFrom,
}

/// Measures and reports.
pub(super) fn execute(
    args: &BenchArgs,
    out: &mut dyn Write,
    allocations: Counter,
) -> Result<ExitCode, CliError> {
    let report = bench::measure(|| Ok(args.models.load()?), args.frames, allocations)?;
    if args.json {
        write_json(out, &report)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(ExitCode::SUCCESS)
}
