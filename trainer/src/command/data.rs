//! `data`: which data sets there are, what a copy of one holds, and whether it is whole.

use std::path::{Path, PathBuf};

use mien_data::{
    DataError, LISTS,
    check::{self, Report},
    detect::detect,
    known, list_adapter,
    manifest::ListAdapter,
};

use super::CommandError;

/// Pictures of each class on a contact sheet.
const COLUMNS: usize = 16;
/// Their side in pixels.
const SIDE: u32 = 64;

/// Arguments of `data`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Name every data set and the files it consists of
    List,
    /// Name everything that is wrong with a copy of a data set; decodes every picture
    Check {
        #[command(flatten)]
        set: Set,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
        /// Write a contact sheet of every class, a PNG file
        #[arg(long, value_name = "FILE")]
        sheet: Option<PathBuf>,
    },
    /// Render labelled faces from 3D heads into a folder
    Synth(super::data_synth::Args),
    /// Count a copy's pictures, subjects and classes from its lists
    Stats {
        #[command(flatten)]
        set: Set,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// A copy of a data set.
#[derive(Debug, clap::Args)]
struct Set {
    /// The data set (see `data list`); or its folder, where the files in it tell which it is
    #[arg(value_name = "NAME|ROOT")]
    name: PathBuf,
    /// The folder of the data set that was named
    root: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When the data set is not known or not whole, or a file cannot be written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    match &args.action {
        Action::List => {
            list();
            Ok(())
        }
        Action::Synth(args) => super::data_synth::run(args),
        Action::Check { set, json, sheet } => check(set, *json, sheet.as_deref()),
        Action::Stats { set, json } => {
            let (adapter, root) = set.find()?;
            print(&check::stats(adapter, root), *json)
        }
    }
}

fn list() {
    let width = LISTS.iter().map(|adapter| adapter.name.len()).max().unwrap_or(0);
    for adapter in LISTS {
        println!("{:width$}  {}", adapter.name, adapter.layout);
    }
}

fn check(set: &Set, json: bool, sheet: Option<&Path>) -> Result<(), CommandError> {
    let (adapter, root) = set.find()?;
    let (report, manifest) = check::checked(adapter, root);
    print(&report, json)?;
    if let Some(path) = sheet {
        let save = check::contact_sheet(&manifest, COLUMNS, SIDE).save(path);
        save.map_err(|source| CommandError::Sheet { path: path.to_owned(), source })?;
    }
    if report.problems() > 0 {
        return Err(CommandError::Unsound { name: report.name });
    }
    Ok(())
}

impl Set {
    /// The adapter that was named, or the one the folder's files tell, with the folder.
    fn find(&self) -> Result<(&'static ListAdapter, &Path), DataError> {
        if let Some(root) = &self.root {
            return Ok((list_adapter(&self.name.to_string_lossy())?, root));
        }
        let root = &self.name;
        let adapter = detect(root)
            .ok_or_else(|| DataError::Unrecognised { root: root.clone(), known: known() })?;
        Ok((adapter, root))
    }
}

fn print(report: &Report, json: bool) -> Result<(), CommandError> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        println!("{report}");
    }
    Ok(())
}
