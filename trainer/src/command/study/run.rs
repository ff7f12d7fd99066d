//! Training and judging one run of a study.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mien_data::manifest::Cut;

use super::{
    StudyError,
    entrant::enters,
    exam::{self, Exam, Pointer},
    figures::Figures,
    file::{StudyFile, Test},
    judged::Judged,
    plan::{self, Planned},
};
use crate::{
    command::{CommandError, points::pointer, roots::Roots, train::train_run},
    recipe::{ExpressionRecipe, Recipe, TaskRecipe},
    train::{checkpoint::load_weights, run::Run},
};

/// Where runs are and what they learn from.
pub(super) struct Place {
    /// Folder of the runs.
    pub(super) out: PathBuf,
    /// Folders of the data sets.
    pub(super) roots: Roots,
    /// What is computed on.
    pub(super) device: Device,
}

/// The data set of tests that name none: that of the first variant that is compared.
///
/// # Errors
/// When a variant that is compared does not read expressions, or there is none.
pub(super) fn data(study: &StudyFile, all: &[Planned]) -> Result<String, StudyError> {
    let mut first = None;
    for planned in all.iter().filter(|planned| enters(study, planned)) {
        let TaskRecipe::Expression(task) = &planned.recipe.task else {
            let why = "only networks of task.kind `expression` are compared: hide it";
            return Err(StudyError::Variant { variant: planned.variant.clone(), why: why.into() });
        };
        first.get_or_insert(&task.data);
    }
    first.cloned().ok_or_else(|| StudyError::Variant {
        variant: study.name.clone(),
        why: "every variant is hidden: there is nothing to compare".to_owned(),
    })
}

/// Refuses, before anything is trained, data without a folder and folders of other recipes.
pub(super) fn check(
    study: &StudyFile,
    chosen: &[Planned],
    data: &str,
    place: &Place,
) -> Result<(), CommandError> {
    for planned in chosen {
        if let TaskRecipe::Expression(task) = &planned.recipe.task {
            place.roots.of(&task.data)?;
        }
        present(planned, &place.out)?;
    }
    for test in study.tests.iter().filter(|test| test.of.is_none()) {
        place.roots.of(test.data.as_deref().unwrap_or(data))?;
    }
    Ok(())
}

/// The run of `planned` if its folder holds one.
///
/// # Errors
/// [`StudyError::Changed`] when that is of another recipe.
pub(super) fn present(planned: &Planned, out: &Path) -> Result<Option<Run>, StudyError> {
    let folder = out.join(&planned.folder);
    if !folder.join("recipe.toml").exists() {
        return Ok(None);
    }
    let run = Run::open(&folder)?;
    match difference(&run.recipe, &planned.recipe) {
        Some(field) => Err(StudyError::Changed { folder, field }),
        None => Ok(Some(run)),
    }
}

/// Whether a run was trained to its end.
pub(super) fn finished(run: &Run) -> bool {
    run.last().is_ok_and(|(checkpoint, damage)| {
        let (progress, recipe) = (checkpoint.progress, &run.recipe.train);
        let over = progress.epoch >= recipe.epochs || progress.stale >= recipe.patience;
        damage.is_none() && over
    })
}

/// Trains a run to its end, on from where it is.
///
/// # Errors
/// When the data or the folder cannot be used, or training stops.
pub(super) fn train(planned: &Planned, place: &Place) -> Result<(), CommandError> {
    let run = present(planned, &place.out)?;
    if run.as_ref().is_some_and(finished) {
        return Ok(());
    }
    let resume = run.is_some_and(|run| run.last().is_ok());
    let folder = place.out.join(&planned.folder);
    train_run(&planned.recipe, &place.roots, &folder, resume, &place.device)
}

/// What a training writes into its recipe: no difference where a planned recipe leaves it open.
const FOUND: &str = "task.people";

/// The first part of a run's recipe that differs from the planned one, as a dotted key.
fn difference(run: &Recipe, planned: &Recipe) -> Option<String> {
    let value = |recipe| toml::Value::try_from(recipe).unwrap_or(false.into());
    differs(&value(run), &value(planned), "")
}

fn differs(run: &toml::Value, planned: &toml::Value, path: &str) -> Option<String> {
    let (Some(run), Some(planned)) = (run.as_table(), planned.as_table()) else {
        return (run != planned).then(|| path.to_owned());
    };
    let keys: BTreeSet<&String> = run.keys().chain(planned.keys()).collect();
    keys.into_iter().find_map(|key| {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (run.get(key), planned.get(key)) {
            (Some(run), Some(planned)) => differs(run, planned, &path),
            (_, None) if path == FOUND => None,
            _ => Some(path),
        }
    })
}

/// The tests of a study, each opened when it is first needed.
pub(super) struct Exams<'a> {
    study: &'a StudyFile,
    data: &'a str,
    place: &'a Place,
    /// With the tests and the cuts they are of.
    opened: Vec<(&'a str, Cut, Exam)>,
}

impl<'a> Exams<'a> {
    /// The tests of `study`; `data` is the set of those that name none.
    pub(super) fn new(study: &'a StudyFile, data: &'a str, place: &'a Place) -> Self {
        Self { study, data, place, opened: Vec::new() }
    }

    /// Lets the network of a finished run take every test it has not taken.
    ///
    /// # Errors
    /// When the data or the run folder cannot be used.
    pub(super) fn judge(&mut self, planned: &Planned) -> Result<(), CommandError> {
        let TaskRecipe::Expression(task) = &planned.recipe.task else { return Ok(()) };
        let run = Run::open(&self.place.out.join(&planned.folder))?;
        let (mut judged, device) = (Judged::of(&run, self.study)?, &self.place.device);
        let tests = self.study.tests.iter().filter(|test| test.of.is_none());
        let due = tests.filter(|test| judged.figures(test, self.data).is_none());
        let due: Vec<&Test> = due.collect();
        if due.is_empty() {
            return Ok(());
        }
        let net = load_weights(task.init(device), &run.best()?)?;
        let pointer = self.pointer(task.points.as_deref(), &run)?;
        for test in due {
            let predictions = self.exam(test, task, &run)?.take(&net, pointer.as_ref(), device);
            let figures = Figures::of(&predictions, exam::labels(test));
            let accuracy = 100.0 * figures.accuracy;
            eprintln!("{}: accuracy {accuracy:.2} %, n = {}", test.name, figures.n);
            judged.keep((test, self.data), &predictions, figures, run.folder())?;
        }
        Ok(())
    }

    /// The pictures of `test` as `task` cuts them; `run` is any in the folder of runs.
    fn exam(
        &mut self,
        test: &'a Test,
        task: &ExpressionRecipe,
        run: &Run,
    ) -> Result<&Exam, CommandError> {
        let cut = exam::cut(test, task);
        let same = |(name, of, _): &(&str, Cut, Exam)| *name == test.name && *of == cut;
        if let Some(at) = self.opened.iter().position(same) {
            return Ok(&self.opened[at].2);
        }
        let variant = test.points.as_ref().and_then(|name| self.study.variant(name));
        let folder = variant.map(|variant| plan::folder(variant, self.study.seeds[0]));
        let pointer = self.pointer(folder.as_deref(), run)?;
        let data = test.data.as_deref().unwrap_or(self.data);
        let root = self.place.roots.of(data)?;
        let exam = Exam::open(test, (data, root), task, pointer.as_ref())?;
        self.opened.push((&test.name, cut, exam));
        Ok(&self.opened[self.opened.len() - 1].2)
    }

    /// The network that finds landmarks in the run called `name` beside `run`.
    fn pointer(&self, name: Option<&str>, run: &Run) -> Result<Option<Pointer<'a>>, CommandError> {
        let device = &self.place.device;
        let load = |name| {
            let net = pointer(name, run, device)?;
            Ok(Pointer { net, device })
        };
        name.map(load).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(run: &str, planned: &str) -> Option<String> {
        let [run, planned] = [run, planned].map(|text| toml::from_str(text).unwrap());
        differs(&run, &planned, "")
    }

    #[test]
    fn the_first_difference_is_named_by_its_dotted_key() {
        let of = |more: &str| format!("[task]\narch = 'a'\n[train]\nepochs = 3\n{more}");
        assert_eq!(differ(&of(""), &of("")), None);
        assert_eq!(differ(&of("batch = 1"), &of("batch = 2")).unwrap(), "train.batch");
        assert_eq!(differ(&of("batch = 1"), &of("")).unwrap(), "train.batch");
        let other = of("").replace("arch = 'a'", "arch = { dan = {} }");
        assert_eq!(differ(&of(""), &other).unwrap(), "task.arch");
    }

    #[test]
    fn what_a_training_counted_is_no_difference() {
        assert_eq!(differ("[task]\npeople = 40\n", "[task]\n"), None);
        assert!(differ("[task]\n", "[task]\npeople = 40\n").is_some());
        assert!(differ("[task]\npeople = 40\n", "[task]\npeople = 41\n").is_some());
    }
}
