//! `study`: systems trained on the same data, by the same budget, from the same seeds, and compared.
//!
//! ```text
//! study file ──plan──> recipes ──train──> run folders ──exam──> judged.json, predictions
//!                                                                   │ entrant: runs and votes
//! trainer/results/NAME.json <──summary── means, deviations, claims <─┘
//! ```
//!
//! Each training is an ordinary run folder: one that is stopped goes on, one that is finished is
//! left alone, one that holds another recipe is refused.

use std::{
    io,
    path::{Path, PathBuf},
};

use mien_shared::store::{self, StoreError};
use thiserror::Error;

use self::{entrant::Hall, file::StudyFile, plan::Planned};
use super::{
    CommandError,
    roots::{Root, Roots},
};
use crate::{backend, train::run::RunError};

mod check;
mod claim;
mod entrant;
mod exam;
mod figures;
mod file;
mod jobs;
mod judged;
mod plan;
mod predictions;
mod run;
mod set;
mod summary;
mod vote;

/// Arguments of `study`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The study, a TOML file (see trainer/recipes/studies)
    file: PathBuf,
    /// Folder of the data sets, or NAME=DIR for one of them
    #[arg(long, value_name = "DIR")]
    root: Vec<Root>,
    /// Folder of the runs [default: runs/studies/NAME]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Seeds to train from instead of those of the study
    #[arg(long, value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Train these variants only, and those they start from
    #[arg(long, value_name = "VARIANT", value_delimiter = ',')]
    only: Vec<String>,
    /// Runs to train at once, each in a process of its own
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Train and judge only: no results
    #[arg(long, hide = true)]
    quiet: bool,
    /// Where the results go [default: trainer/results/NAME.json]
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// Machine to compute on: cpu, or another backend compiled in
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// Runs the command.
///
/// # Errors
/// When the study, a recipe, the data or a run folder cannot be used, or training stops.
pub fn run(args: &Args) -> Result<(), CommandError> {
    let device = backend::device(&args.device)?;
    let study = StudyFile::read(&args.file)?;
    let seeds = if args.seeds.is_empty() { study.seeds.clone() } else { args.seeds.clone() };
    known(args, &study, &seeds)?;
    let out = args.out.clone().unwrap_or_else(|| Path::new("runs/studies").join(&study.name));
    let place = run::Place { out, roots: Roots::new(&args.root), device };
    let chosen = plan::plan(&study, &args.file, &seeds, &wanted(args, &study))?;
    let all = plan::plan(&study, &args.file, &seeds, &[])?;
    let data = run::data(&study, &all)?;
    run::check(&study, &chosen, &data, &place)?;
    if args.jobs > 1 {
        jobs::train(&chosen, args, &place.out)?;
    }
    let mut exams = run::Exams::new(&study, &data, &place);
    for (number, planned) in chosen.iter().enumerate() {
        eprintln!("{} of {}: {}", number + 1, chosen.len(), planned.folder);
        run::train(planned, &place)?;
        if entrant::enters(&study, planned) {
            exams.judge(planned)?;
        }
    }
    let hall = Hall { study: &study, all: &all, data: &data, out: &place.out };
    if args.quiet {
        return Ok(());
    }
    conclude(args, &summary::summary(&hall, &seeds, command(args))?)
}

/// What makes the study anew elsewhere: without this machine's folders.
fn command(args: &Args) -> String {
    let name = args.file.file_name().map_or(Path::new(""), Path::new);
    let file = if args.file.is_relative() { &args.file } else { name };
    let roots = args.root.iter().map(|root| format!(" --root {}", root.elsewhere()));
    format!("mien-trainer study {}{}", file.display(), roots.collect::<String>())
}

/// Refuses seeds and variants that cannot be.
fn known(args: &Args, study: &StudyFile, seeds: &[u64]) -> Result<(), StudyError> {
    let names: Vec<&str> = study.variants.iter().map(|variant| variant.name.as_str()).collect();
    check::seeds(seeds)
        .and_then(|()| args.only.iter().try_for_each(|name| check::among("--only", name, &names)))
        .map_err(|why| StudyError::File { path: args.file.clone(), why })
}

/// The variants to train, with those that tests find landmarks by; all where none.
fn wanted(args: &Args, study: &StudyFile) -> Vec<String> {
    if args.only.is_empty() {
        return Vec::new();
    }
    let points = study.tests.iter().filter_map(|test| test.points.clone());
    points.chain(args.only.clone()).collect()
}

/// Whether a run is one of those that are compared.
fn compared(study: &StudyFile, planned: &Planned) -> bool {
    study.variant(&planned.variant).is_some_and(|variant| !variant.hidden)
}

/// Writes the results and prints them.
fn conclude(args: &Args, results: &mien_report::study::Study) -> Result<(), CommandError> {
    let file = format!("{}.json", results.name);
    let path = args.results.clone().unwrap_or_else(|| Path::new("trainer/results").join(file));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|source| StudyError::Folder { folder: folder.into(), source })?;
    }
    let text = serde_json::to_string_pretty(results)? + "\n";
    store::write_atomically(&path, text.as_bytes())?;
    print!("{results}");
    eprintln!("results: {}", path.display());
    Ok(())
}

/// Why a study cannot be made.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The study file cannot be read.
    #[error("cannot read study {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The study file is no study.
    #[error("study {path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// Something in the study file cannot be.
    #[error("study {path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What, and what to do.
        why: String,
    },
    /// The recipe of a variant cannot be used.
    #[error("variant '{variant}': {why}")]
    Variant {
        /// The variant.
        variant: String,
        /// What, and what to do.
        why: String,
    },
    /// A test cannot be taken.
    #[error("test '{test}': {why}")]
    Test {
        /// The test.
        test: String,
        /// Why.
        why: String,
    },
    /// A run folder holds a run of another recipe.
    #[error(
        "{folder} holds a run of another recipe ({field} differs): remove it and the runs that \
         start from it, or choose another --out"
    )]
    Changed {
        /// The folder.
        folder: PathBuf,
        /// The first part of the recipe that differs.
        field: String,
    },
    /// What networks said is not there or damaged.
    #[error("{path}: {why}; remove judged.json beside its folder to judge the run again")]
    Predictions {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A folder cannot be made.
    #[error("cannot make {folder}: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Figures have no JSON form.
    #[error("cannot write JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// A run folder cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser as _;
    use image::ExtendedColorType;
    use mien_data::{SIDE, synth};
    use mien_report::study::{Study, Verdict};

    use super::*;
    use crate::export::model::TEMPLATE;

    const RECIPE: &str = "name = 'base'\nseed = 9\nabout = { data = '', rights = '' }\n\
        [task]\nkind = 'expression'\narch = 'mini_xception'\ndata = 'folder'\n\
        [train]\nepochs = 1\nbatch = 8\nlearning_rate = 1e-3\npatience = 1\n";

    const STUDY: &str = "name = 'tiny'\nquestion = 'Does it run?'\nseeds = [1, 2]\n\
        recipe = 'base.toml'\n\
        [[variant]]\nname = 'plain'\n\
        [[variant]]\nname = 'tuned'\nset = { 'task.start' = '{plain}' }\n\
        [[vote]]\nname = 'both'\nof = ['plain', 'tuned']\n\
        [[vote]]\nname = 'best'\nof = 'tuned'\nsize = 2\nby = 'best'\n\
        [[test]]\nname = 'clean'\n\
        [[test]]\nname = 'noisy'\naugment = { noise = 1.0, noise_level = 60.0 }\n\
        [[test]]\nname = 'drop'\nof = ['clean', 'noisy']\n\
        [[claim]]\nmetric = 'accuracy'\ntest = 'clean'\norder = ['tuned', 'plain']\n\
        [[claim]]\nmetric = 'macro_f1'\ntest = 'drop'\norder = ['both', 'plain']\n";

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    /// A folder with a study, its recipe and its faces.
    struct Bench(tempfile::TempDir);

    impl Bench {
        fn new() -> Self {
            let bench = Self(tempfile::tempdir().unwrap());
            bench.faces("train", 1);
            bench.faces("valid", 2);
            fs::write(bench.path("base.toml"), RECIPE).unwrap();
            fs::write(bench.path("tiny.toml"), STUDY).unwrap();
            bench
        }

        /// Sixteen rendered faces, in a folder a class.
        fn faces(&self, part: &str, seed: u64) {
            for sample in synth::dataset(seed, 16, &TEMPLATE, SIDE).samples {
                let folder = self.path("faces").join(part).join(sample.label.unwrap().name());
                fs::create_dir_all(&folder).unwrap();
                let file = folder.join(format!("{}.png", sample.id));
                let grey = ExtendedColorType::L8;
                image::save_buffer(file, &sample.image.data, SIDE, SIDE, grey).unwrap();
            }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn study(&self, more: &[&str]) -> Result<Study, CommandError> {
            let root = format!("folder={}", self.path("faces").display());
            let [file, out, results] = ["tiny.toml", "runs", "results/tiny.json"]
                .map(|name| self.path(name).display().to_string());
            let given = ["study", &file, "--root", &root, "--out", &out, "--results", &results];
            run(&Cli::parse_from(given.iter().chain(more)).args)?;
            Ok(serde_json::from_slice(&fs::read(results).unwrap()).unwrap())
        }

        fn written(&self, run: &str) -> std::time::SystemTime {
            let weights = self.path("runs").join(run).join("best.burnpack");
            fs::metadata(weights).unwrap().modified().unwrap()
        }
    }

    #[test]
    fn a_study_trains_judges_and_sums_up_and_does_nothing_twice() {
        let bench = Bench::new();
        let half = bench.study(&["--only", "plain", "--seeds", "1"]).unwrap();
        assert_eq!(half.claims[0].verdict, Verdict::Missing);
        assert_eq!(half.claims[0].pairs[0].missing, ["tuned"]);
        let early = bench.written("plain.s1");

        let whole = bench.study(&[]).unwrap();
        assert_eq!(bench.written("plain.s1"), early, "a finished run is left alone");
        let names: Vec<&str> = whole.variants.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["plain", "tuned", "both", "best"]);
        assert_eq!(whole.tests.iter().map(|t| t.n).collect::<Vec<_>>(), [Some(16); 3]);
        let seeds = |at: usize| -> Vec<Vec<u64>> {
            whole.variants[at].figures[0].values.iter().map(|value| value.seeds.clone()).collect()
        };
        assert_eq!(seeds(1), [[1], [2]]);
        assert_eq!(seeds(2), [[1], [2]]);
        assert_eq!(seeds(3), [[1, 2]]);
        assert!(whole.claims.iter().all(|claim| claim.pairs[0].differences.len() == 2));
        assert_eq!(bench.study(&[]).unwrap(), whole);
    }

    #[test]
    fn a_changed_recipe_in_an_old_folder_is_refused_by_its_field() {
        let bench = Bench::new();
        bench.study(&["--only", "plain", "--seeds", "1"]).unwrap();
        let changed = RECIPE.replace("batch = 8", "batch = 4");
        fs::write(bench.path("base.toml"), changed).unwrap();
        let error = bench.study(&["--only", "plain", "--seeds", "1"]).unwrap_err().to_string();
        assert!(error.contains("plain.s1") && error.contains("train.batch"), "{error}");
    }

    #[test]
    fn data_without_a_folder_stops_the_study_before_it_trains() {
        let bench = Bench::new();
        let with_test = format!("{STUDY}[[test]]\nname = 'other'\ndata = 'ferplus'\n");
        fs::write(bench.path("tiny.toml"), with_test).unwrap();
        let error = bench.study(&[]).unwrap_err().to_string();
        assert!(error.contains("'ferplus'"), "{error}");
        assert!(!bench.path("runs").exists());
    }
}
