//! `audit`: whether a log is as it was written.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use mien_config::audit::verify;

use super::{CliError, write_json};

/// What to do with an audit log.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check the chain of records; exit code 1 where it is broken
    Verify {
        /// The log
        log: PathBuf,
        /// A record's hash that was noted elsewhere and must be in the log
        #[arg(long, value_name = "HASH")]
        noted: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Answers.
pub(super) fn execute(args: &AuditArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let What::Verify { log, noted, json } = &args.what;
    let verified = verify(log, noted.as_deref())?;
    if *json {
        write_json(out, &verified)?;
    } else {
        writeln!(out, "{verified}")?;
    }
    Ok(if verified.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
