//! `table`: the literature's figures, and beside each what was measured, or what that would take;
//! then what studies found of the literature's claims.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use mien_report::{
    headline::{Format, Ledger, LedgerError, PrintError, Table, ledger, table},
    study::{Study, StudyError, print, read},
};
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
    /// One published table only, by its name (for example FERS-CK), OWN, or a study as STUDY:dan
    #[arg(long, value_name = "BLOCK")]
    only: Option<String>,
    /// Studies only
    #[arg(long, conflicts_with = "only")]
    studies: bool,
    /// Folder of what studies found
    #[arg(long, value_name = "DIR", default_value = read::DEFAULT)]
    studies_from: PathBuf,
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
    /// What a study found cannot be used.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// There is no such study.
    #[error("--only STUDY:{found}: no such study; there are: {known}")]
    UnknownStudy {
        /// The name given.
        found: String,
        /// The names there are.
        known: String,
    },
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
    if let Some(name) = args.only.as_deref().and_then(study_name) {
        return Ok(print::print(&[study(args, name)?], args.format)?);
    }
    if args.studies {
        return Ok(print::print(&Study::read_all(&args.studies_from)?, args.format)?);
    }
    let table = table(&Ledger::read(&args.ledger)?);
    if let Some(id) = &args.only {
        let unknown = |nearest| TableError::UnknownBlock { found: id.clone(), nearest };
        return Ok(table.only(id).map_err(unknown)?.print(args.format)?);
    }
    with_studies(&table, &Study::read_all(&args.studies_from)?, args.format)
}

/// The literature's table with the studies behind it; CSV has other columns for them and leaves
/// them to `--studies`.
fn with_studies(table: &Table, studies: &[Study], format: Format) -> Result<String, TableError> {
    let printed = table.print(format)?;
    if studies.is_empty() || format == Format::Csv {
        return Ok(printed);
    }
    if format == Format::Json {
        let whole = serde_json::json!({ "sections": table.sections, "studies": studies });
        return Ok(serde_json::to_string_pretty(&whole).map_err(PrintError::from)? + "\n");
    }
    Ok(printed + "\n" + &print::print(studies, format)?)
}

/// The name in `STUDY:name`, in any letter case of the first part.
fn study_name(only: &str) -> Option<&str> {
    let (kind, name) = only.split_once(':')?;
    kind.eq_ignore_ascii_case("study").then_some(name)
}

fn study(args: &Args, name: &str) -> Result<Study, TableError> {
    let studies = Study::read_all(&args.studies_from)?;
    let known = studies.iter().map(|study| study.name.clone()).collect::<Vec<_>>().join(", ");
    let found = studies.into_iter().find(|study| study.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| TableError::UnknownStudy { found: name.to_owned(), known })
}
