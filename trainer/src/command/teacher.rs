//! `teacher`: keep a run's best network for students to learn from, and check those kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mien_report::curve;
use mien_shared::store;

use super::CommandError;
use crate::{
    recipe::TaskRecipe,
    teachers::{Catalogue, SMALL, Teacher, TeacherError, sha256},
    train::{EpochLog, checkpoint::load_weights, run::Run},
    weights::{self, Layout},
};

/// Arguments of `teacher`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// Folder of the catalogue and the recipes
    #[arg(long, global = true, default_value = "trainer/teachers")]
    catalogue: PathBuf,
    /// Folder of the weights files [default: that of the catalogue]
    #[arg(long, global = true)]
    store: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write a run's best weights into the store and its recipe and hash into the catalogue
    Keep {
        /// The run folder
        run: PathBuf,
    },
    /// Check that every weights file is the one the catalogue means
    Check,
}

/// Runs the command.
///
/// # Errors
/// When the run, the catalogue or a weights file cannot be used.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let store = args.store.as_ref().unwrap_or(&args.catalogue);
    let mut catalogue = Catalogue::read(&args.catalogue)?;
    match &args.action {
        Action::Keep { run } => {
            for folder in [store, &args.catalogue] {
                fs::create_dir_all(folder)
                    .map_err(|source| TeacherError::Read { path: folder.clone(), source })?;
            }
            let run = Run::open(run)?;
            let teacher = keep(&run, store)?;
            let recipe = args.catalogue.join(format!("{}.toml", teacher.name));
            let text = fs::read(run.folder().join("recipe.toml"))
                .map_err(|source| TeacherError::Read { path: run.folder().into(), source })?;
            store::write_atomically(&recipe, &text)?;
            println!("{}", line(&teacher));
            Ok(catalogue.keep(teacher, &args.catalogue)?)
        }
        Action::Check => check(&catalogue, store),
    }
}

/// Writes the best weights of `run` into `store`.
fn keep(run: &Run, store: &Path) -> Result<Teacher, CommandError> {
    let folder = || run.folder().to_owned();
    let TaskRecipe::Expression(recipe) = &run.recipe.task else {
        return Err(TeacherError::Kind { run: folder() }.into());
    };
    let epochs = curve::read(&run.folder().join("metrics.jsonl")).map_err(TeacherError::from)?;
    let (score, epoch) = best(&epochs).ok_or_else(|| TeacherError::Untrained { run: folder() })?;
    let name = run.recipe.name.clone();
    let path = store.join(format!("{name}.safetensors"));
    weights::save(&load_weights(recipe.init(&Device::flex()), &run.best()?)?, &path, Layout::Own)?;
    let bytes =
        fs::read(&path).map_err(|source| TeacherError::Read { path: path.clone(), source })?;
    Ok(Teacher {
        name,
        arch: recipe.arch.name().to_owned(),
        data: recipe.data.clone(),
        seed: run.recipe.seed,
        epoch,
        score,
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
    })
}

/// Score and number of the first of the best epochs in a run's log.
fn best(epochs: &[EpochLog]) -> Option<(f64, u32)> {
    let scores = epochs.iter().map(|epoch| (epoch.validation.score, epoch.epoch));
    scores.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// Checks every teacher; says each one's state before the first fault ends the command.
fn check(catalogue: &Catalogue, store: &Path) -> Result<(), CommandError> {
    let mut first = None;
    for teacher in &catalogue.teacher {
        match teacher.check(store) {
            Ok(_) => println!("{}", line(teacher)),
            Err(error) => {
                eprintln!("{error}");
                first.get_or_insert(error);
            }
        }
    }
    first.map_or(Ok(()), |error| Err(error.into()))
}

fn line(teacher: &Teacher) -> String {
    let Teacher { name, arch, data, epoch, score, bytes, sha256, .. } = teacher;
    let short = sha256.get(..12).unwrap_or(sha256);
    let large = if *bytes > SMALL { ", too large for the repository" } else { "" };
    format!("{name}: {arch} on {data}, epoch {epoch}, {score:.4}, {bytes} bytes{large}, {short}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_best_epochs_is_kept() {
        let line = |epoch: u32, score: f64| {
            format!(
                r#"{{"epoch":{epoch},"loss":1.0,"rate":0.1,"samples_per_s":1.0,"validation":{{"score":{score},"values":[]}}}}"#
            )
        };
        let log = [line(1, 0.25), line(2, 0.75), line(3, 0.75)].join("\n");
        assert_eq!(best(&curve::parse(&log, Path::new("log")).unwrap()), Some((0.75, 2)));
        assert_eq!(best(&[]), None);
    }
}
