//! `models`: what the bundles are, and whether they still compute what they should.

use std::{io::Write, process::ExitCode};

use clap::{Args, Subcommand};

use super::{CliError, ModelsFrom, write_json};
use crate::models::{Check, Entry};

/// What to do with the bundles.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show each bundle: task, size, cost, hash and what was measured
    List(Options),
    /// Run each bundle's golden inputs on this machine and compare
    Verify(Options),
}

#[derive(Debug, Args)]
struct Options {
    /// One JSON object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    models: ModelsFrom,
}

/// Lists or verifies; fails when a bundle does not compute what it should.
pub(super) fn execute(args: &ModelsArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    match &args.action {
        Action::List(options) => list(options, out),
        Action::Verify(options) => verify(options, out),
    }
}

fn list(options: &Options, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    for bundle in options.models.load()?.bundles() {
        let entry = Entry::of(bundle)?;
        if options.json {
            write_json(out, &entry)?;
        } else {
            writeln!(out, "{entry}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(options: &Options, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let mut all_pass = true;
    for bundle in options.models.load()?.bundles() {
        let name = || bundle.manifest.name.clone();
        let check =
            Check::of(bundle).map_err(|source| CliError::Engine { name: name(), source })?;
        all_pass &= check.pass;
        if options.json {
            write_json(out, &check)?;
        } else {
            writeln!(out, "{check}")?;
        }
    }
    Ok(if all_pass { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
