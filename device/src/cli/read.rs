//! `read`: still images in, one record per face out.

use std::{
    io::{self, BufRead as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};

use super::{CliError, NetworksFrom};
use crate::read::{CsvRecords, StillReader};

/// Exit code when an image could not be read.
const SOME_UNREADABLE: u8 = 2;

/// What to read and how to write it.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The pictures are face crops already: read them whole, without looking for faces
    #[arg(long)]
    aligned: bool,
    /// Form of the records
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Image files; - takes their paths from standard input, one per line
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    models: NetworksFrom,
}

/// Form of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object per line
    Jsonl,
    /// A table with a head
    Csv,
}

/// Reads the images; exit code 2 when one of them could not be read.
pub(super) fn execute(args: &ReadArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let mut reader = StillReader::new(&args.models.load()?, args.aligned)?;
    let mut unreadable = false;
    let mut table = CsvRecords::new();
    let mut read = |path: &Path| -> Result<(), CliError> {
        let records = reader.read(path)?;
        unreadable |= records.iter().any(|record| record.error.is_some());
        for record in &records {
            match args.format {
                Format::Jsonl => super::write_json(out, record)?,
                Format::Csv => table.write(record, out)?,
            }
        }
        // Whoever reads a pipe gets each picture's records at once.
        Ok(out.flush()?)
    };
    for path in &args.images {
        if path.as_os_str() == "-" {
            for line in io::stdin().lock().lines() {
                read(Path::new(&line.map_err(CliError::Input)?))?;
            }
        } else {
            read(path)?;
        }
    }
    Ok(if unreadable { ExitCode::from(SOME_UNREADABLE) } else { ExitCode::SUCCESS })
}
