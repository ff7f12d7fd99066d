//! `table`: the literature's figures, and beside each what was measured, or what that would take.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use mien_report::headline::{Format, Ledger, LedgerError, PrintError, ledger, table};
use thiserror::Error;

use super::CommandError;

/// Arguments of `table`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What was measured
    #[arg(long, value_name = "FILE", default_value = ledger::DEFAULT)]
    ledger: PathBuf,
    /// How to write it: text, markdown, csv, json or html
    #[arg(long, default_value = "text")]
    format: Format,
    /// One published table only, by its name (for example FERS-CK), or OWN
    #[arg(long, value_name = "BLOCK")]
    only: Option<String>,
}

/// Why there is no table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The table cannot be written.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// Standard output takes nothing.
    #[error("cannot write to standard output: {0}")]
    Output(#[source] io::Error),
    /// There is no such block.
    #[error("--only {found}: no such block; the nearest is '{nearest}'")]
    UnknownBlock {
        /// The name given.
        found: String,
        /// The known name most like it.
        nearest: String,
    },
}

/// Runs the command.
///
/// # Errors
/// When the ledger cannot be used or there is no such block.
pub fn run(args: &Args) -> Result<(), CommandError> {
    Ok(show(&printed(args)?)?)
}

/// Writes to standard output; a reader that has seen enough is no fault.
fn show(text: &str) -> Result<(), TableError> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(TableError::Output(error)),
        _ => Ok(()),
    }
}

fn printed(args: &Args) -> Result<String, TableError> {
    let mut table = table(&Ledger::read(&args.ledger)?);
    if let Some(id) = &args.only {
        let unknown = |nearest| TableError::UnknownBlock { found: id.clone(), nearest };
        table = table.only(id).map_err(unknown)?;
    }
    Ok(table.print(args.format)?)
}
