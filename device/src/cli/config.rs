//! `config`: a deployment's file, checked, completed or begun.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use mien_config::{Config, Overrides, check, example_for};

use super::{CliError, write_json};

/// What to do with a configuration.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConfigArgs {
    #[command(subcommand)]
    what: What,
}

const EXAMPLES: &str = "\
Examples:
  mien-device config example > mien.toml     every field with its meaning, to be changed
  mien-device config check mien.toml         every fault, with its line and its fix
  mien-device config show mien.toml          what the device will go by, secrets hidden
  mien-device run --config mien.toml         it is read again when it changes";

#[derive(Debug, Subcommand)]
enum What {
    /// Say everything that is wrong with a file
    Check {
        /// The file
        file: PathBuf,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// Print the whole configuration that a file, or nothing, amounts to
    Show {
        /// The file; without one, the defaults
        file: Option<PathBuf>,
    },
    /// Print a file with every field, its meaning and its default
    Example {
        /// The board whose defaults are shown
        #[arg(long, value_name = "NAME|FILE", default_value = "auto")]
        board: String,
    },
}

/// Answers.
pub(super) fn execute(args: &ConfigArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    match &args.what {
        What::Check { file, json } => {
            let report = check::check(file);
            if *json {
                write_json(out, &report)?;
            } else {
                write!(out, "{report}")?;
            }
            let code = if report.valid { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            return Ok(code);
        }
        What::Show { file } => {
            let overrides = Overrides::default();
            let config = match file {
                Some(file) => Config::load(file, &overrides)?,
                None => Config::without_file(&overrides)?,
            };
            write!(out, "{}", config.to_toml())?;
        }
        What::Example { board } => write!(out, "{}", example_for(board)?)?,
    }
    Ok(ExitCode::SUCCESS)
}
