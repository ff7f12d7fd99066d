//! What a run folder keeps of the tests its network took.
//!
//! ```text
//! <run>/
//!   judged.json                the weights that were judged and those that found landmarks for it,
//!                              and for each test what it was and the figures
//!   judged/TEST.predictions    see [`super::predictions`]
//! ```
//!
//! A test is taken again where it, or the weights, are others than those.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use mien_shared::store;
use serde::{Deserialize, Serialize};

use super::{
    StudyError,
    figures::Figures,
    file::{StudyFile, Test},
    plan::{self, slug},
    predictions::Predictions,
};
use crate::{recipe::TaskRecipe, train::run::Run};

const FILE: &str = "judged.json";

/// The tests that one network took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Judged {
    /// CRC-32 of the weights ([`stamp`]).
    weights: u32,
    tests: BTreeMap<String, Taken>,
}

/// A test that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {
    /// The test as the study file had it.
    test: serde_json::Value,
    figures: Figures,
}

impl Judged {
    /// What the folder of `run`, of `study`, keeps of its present weights.
    ///
    /// # Errors
    /// When there are no weights.
    pub(super) fn of(run: &Run, study: &StudyFile) -> Result<Self, StudyError> {
        let weights = stamp(run, study)?;
        let text = fs::read(run.folder().join(FILE)).unwrap_or_default();
        let kept: Self = serde_json::from_slice(&text).unwrap_or_default();
        Ok(if kept.weights == weights { kept } else { Self { weights, tests: BTreeMap::new() } })
    }

    /// Its figures on `test`; `None` where it did not take it.
    pub(super) fn figures(&self, test: &Test, data: &str) -> Option<&Figures> {
        let taken = self.tests.get(&test.name)?;
        (Some(&taken.test) == identity(test, data).as_ref()).then_some(&taken.figures)
    }

    /// Keeps in `folder` what the network makes of `test`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn keep(
        &mut self,
        (test, data): (&Test, &str),
        predictions: &Predictions,
        figures: Figures,
        folder: &Path,
    ) -> Result<(), StudyError> {
        let path = file(folder, test);
        let inside = path.parent().unwrap_or(folder);
        fs::create_dir_all(inside)
            .map_err(|source| StudyError::Folder { folder: inside.into(), source })?;
        predictions.write(&path)?;
        let taken = Taken { test: identity(test, data).unwrap_or_default(), figures };
        self.tests.insert(test.name.clone(), taken);
        let text = serde_json::to_vec_pretty(self).map_err(StudyError::Json)?;
        Ok(store::write_atomically(&folder.join(FILE), &text)?)
    }
}

/// What the figures of `run` depend on: its weights, and those, where they are there, of the runs that
/// find landmarks for it and for the tests.
fn stamp(run: &Run, study: &StudyFile) -> Result<u32, StudyError> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&run.best()?);
    let own = match &run.recipe.task {
        TaskRecipe::Expression(task) => task.points.clone(),
        _ => None,
    };
    let named = study.tests.iter().filter_map(|test| study.variant(test.points.as_ref()?));
    let finders = named.map(|variant| plan::folder(variant, study.seeds[0]));
    for finder in own.into_iter().chain(finders) {
        if let Ok(weights) = run.beside(&finder).and_then(|finder| finder.best()) {
            hasher.update(&weights);
        }
    }
    Ok(hasher.finalize())
}

/// Where the predictions of a network on `test` are.
pub(super) fn file(folder: &Path, test: &Test) -> PathBuf {
    folder.join("judged").join(format!("{}.predictions", slug(&test.name)))
}

/// What makes `test` the test it is.
fn identity(test: &Test, data: &str) -> Option<serde_json::Value> {
    let data = Some(test.data.clone().unwrap_or_else(|| data.to_owned()));
    serde_json::to_value(Test { data, ..test.clone() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    /// A run in `folder` of a recipe whose `[task]` is `task`, with these bytes as weights.
    fn run(folder: &Path, task: &str, weights: &[u8]) -> Run {
        let about = "[about]\ndata = 'd'\nrights = 'r'\n";
        let train = "[train]\nepochs = 1\nbatch = 8\nlearning_rate = 1e-3\npatience = 1\n";
        let text = format!("name = 'a'\nseed = 1\n{about}[task]\n{task}\n{train}");
        let run = Run::create(folder, &Recipe::parse(&text, folder).unwrap()).unwrap();
        fs::write(folder.join("best.burnpack"), weights).unwrap();
        run
    }

    #[test]
    fn figures_last_until_the_weights_or_those_of_a_finder_of_landmarks_are_others() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let study: StudyFile = toml::from_str(
            "name = 's'\nquestion = 'q'\nsource = 'p'\nnote = 'n'\nseeds = [1]\n\
             [[variant]]\nname = 'points'\none_seed = true\nrecipe = 'r.toml'\n\
             [[test]]\nname = 't'\ndata = 'ferplus'\nsplit = 'valid'\npoints = 'points'\n",
        )
        .unwrap();
        let task = "kind = 'expression'\narch = 'resnet_s'\ndata = 'ferplus'";
        let net = run(&at("net"), task, b"net");
        run(&at("points"), "kind = 'landmarks'\ndata = ['ict']", b"first");
        let (test, none) = (&study.tests[0], Predictions::default());
        let mut judged = Judged::of(&net, &study).unwrap();
        judged.keep((test, "ferplus"), &none, Figures::default(), net.folder()).unwrap();
        let kept = || Judged::of(&net, &study).unwrap().figures(test, "ferplus").is_some();
        assert!(kept());
        fs::write(at("points").join("best.burnpack"), b"second").unwrap();
        assert!(!kept());
        fs::write(at("points").join("best.burnpack"), b"first").unwrap();
        assert!(kept());
        fs::write(at("net").join("best.burnpack"), b"other").unwrap();
        assert!(!kept());
    }
}
