//! `data synth`: faces of a rendered head as a folder of pictures with exact labels.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use mien_heads::{Environment, Faces, Maker, dataset, ict, makehuman};

use super::CommandError;

/// Arguments of `data synth`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The head
    #[arg(long, value_enum)]
    head: HeadName,
    /// Number of faces; any eight in a row show the eight expressions of one person
    #[arg(long, value_name = "COUNT", default_value_t = 4096)]
    n: u64,
    /// Folder to write: labels.csv and images/
    #[arg(long)]
    out: PathBuf,
    /// Decides everything drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Side of the square pictures in pixels
    #[arg(long, default_value_t = 96)]
    side: u32,
    /// Number of people
    #[arg(long, default_value_t = 500)]
    subjects: u64,
    /// Folder of the head's model: a packed folder, or a clone of ICT-FaceKit
    #[arg(long, value_name = "DIR", required_if_eq_any([("head", "ict"), ("head", "makehuman")]))]
    assets: Option<PathBuf>,
    /// Folder of environment maps (*.hdr) to light the faces with
    #[arg(long, value_name = "DIR")]
    hdri: Option<PathBuf>,
}

/// The heads there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HeadName {
    /// ICT-FaceKit Light
    Ict,
    #[value(help = "The MakeHuman project's")]
    Makehuman,
    /// Mien's own, which needs no model
    Procedural,
}

/// Runs the command.
///
/// # Errors
/// When the model or the maps cannot be read, or the folder cannot be written.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let mut faces = Faces::new(maker(args)?, args.seed, args.side, args.subjects);
    if let Some(folder) = &args.hdri {
        faces.maps = Environment::open_all(folder)?;
    }
    let bar = bar(args.n);
    dataset::write_dataset(&faces, args.n, &args.out, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    eprintln!("{} faces in {}", args.n, args.out.display());
    Ok(())
}

fn maker(args: &Args) -> Result<Maker, CommandError> {
    let assets = args.assets.as_deref().unwrap_or(Path::new("."));
    Ok(match args.head {
        HeadName::Ict => Maker::Head(Box::new(ict::open(assets)?)),
        HeadName::Makehuman => Maker::Head(Box::new(makehuman::open(assets)?)),
        HeadName::Procedural => Maker::Procedural,
    })
}

fn bar(count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} faces, {per_sec}, {eta} left");
    ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
