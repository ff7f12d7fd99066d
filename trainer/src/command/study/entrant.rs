//! What is compared: the runs of a variant seed by seed, and votes of runs.

use std::{collections::BTreeMap, path::Path};

use mien_report::study::Value;

use super::{
    StudyError, compared,
    figures::{Figures, Metric},
    file::{Members, StudyFile, Test, Variant, VoteOf},
    judged::{self, Judged},
    plan::Planned,
    run, vote,
};

/// A variant or a vote.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entrant {
    pub(super) name: String,
    /// How it differs from the others, in words.
    pub(super) about: String,
    /// Its runs, in the order of the seeds.
    pub(super) units: Vec<Unit>,
}

/// A run, or a vote of runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Unit {
    /// Its seed, or those of its members.
    pub(super) seeds: Vec<u64>,
    /// Folders of the runs.
    folders: Vec<String>,
    /// By test.
    figures: BTreeMap<String, Figures>,
}

impl Unit {
    /// Its figure on `test`: for a drop the difference of those on two others.
    fn get(&self, test: &Test, metric: Metric) -> Option<f64> {
        let on = |name: &String| self.figures.get(name)?.get(metric);
        match &test.of {
            Some([first, second]) => Some(on(first)? - on(second)?),
            None => on(&test.name),
        }
    }

    /// Pictures of `test`; of a drop, those of its second.
    pub(super) fn pictures(&self, test: &Test) -> Option<u64> {
        let name = test.of.as_ref().map_or(&test.name, |[_, second]| second);
        self.figures.get(name).map(|figures| figures.n)
    }
}

impl Entrant {
    /// Its values of one figure; not of units that lack it.
    pub(super) fn values(&self, test: &Test, metric: Metric) -> Vec<Value> {
        let value =
            |unit: &Unit| Some(Value { seeds: unit.seeds.clone(), value: unit.get(test, metric)? });
        self.units.iter().filter_map(value).collect()
    }
}

/// Gathers entrants from the runs in a folder.
pub(super) struct Hall<'a> {
    pub(super) study: &'a StudyFile,
    /// Every run of the study.
    pub(super) all: &'a [Planned],
    /// Data set of tests that name none.
    pub(super) data: &'a str,
    /// Folder of the runs.
    pub(super) out: &'a Path,
}

impl Hall<'_> {
    /// Every variant that is compared, then every vote; those that were not trained without units.
    ///
    /// # Errors
    /// When what is kept of a run is damaged.
    pub(super) fn entrants(&self) -> Result<Vec<Entrant>, StudyError> {
        let shown = self.study.variants.iter().filter(|variant| !variant.hidden);
        let variants = shown.map(|variant| self.variant(variant));
        let votes = self.study.votes.iter().map(|vote| self.vote(vote));
        variants.chain(votes).collect()
    }

    fn variant(&self, variant: &Variant) -> Result<Entrant, StudyError> {
        let set = variant.set.iter().map(|(key, value)| format!("{key} = {value}"));
        let about = set.collect::<Vec<_>>().join("; ").replace('\n', " ");
        let units = self.units(&variant.name)?;
        Ok(Entrant { name: variant.name.clone(), about, units })
    }

    /// The finished runs of a variant.
    fn units(&self, variant: &str) -> Result<Vec<Unit>, StudyError> {
        let runs = self.all.iter().filter(|planned| planned.variant == variant);
        runs.filter_map(|planned| self.unit(planned).transpose()).collect()
    }

    /// The figures of a run; `None` where it is not finished or of another recipe.
    fn unit(&self, planned: &Planned) -> Result<Option<Unit>, StudyError> {
        let run = match run::present(planned, self.out) {
            Ok(run) => run.filter(run::finished),
            Err(error @ StudyError::Changed { .. }) => {
                eprintln!("left out: {error}");
                None
            }
            Err(error) => return Err(error),
        };
        let Some(run) = run else { return Ok(None) };
        let judged = Judged::of(&run, self.study)?;
        let taken =
            |test: &Test| Some((test.name.clone(), judged.figures(test, self.data)?.clone()));
        let figures = self.study.tests.iter().filter_map(taken).collect();
        let folders = vec![planned.folder.clone()];
        Ok(Some(Unit { seeds: vec![planned.seed], folders, figures }))
    }

    fn vote(&self, rule: &VoteOf) -> Result<Entrant, StudyError> {
        let groups = match &rule.of {
            Members::Seeds(variant) => {
                let units = self.units(variant)?;
                units.chunks_exact(rule.size.unwrap_or(2).max(1)).map(<[Unit]>::to_vec).collect()
            }
            Members::Variants(variants) => self.by_seed(variants)?,
        };
        let units = groups.iter().map(|group| self.voted(rule, group));
        let units = units.collect::<Result<_, _>>()?;
        let about = format!("{} of {}", rule.by.words(), rule.of.variants().join(", "));
        Ok(Entrant { name: rule.name.clone(), about, units })
    }

    /// For each seed the runs of all of several variants; no seed that one of them lacks.
    fn by_seed(&self, variants: &[String]) -> Result<Vec<Vec<Unit>>, StudyError> {
        let of: Vec<Vec<Unit>> =
            variants.iter().map(|name| self.units(name)).collect::<Result<_, _>>()?;
        let Some((first, others)) = of.split_first() else { return Ok(Vec::new()) };
        let group = |unit: &Unit| {
            let same = |units: &Vec<Unit>| units.iter().find(|u| u.seeds == unit.seeds).cloned();
            let rest: Option<Vec<Unit>> = others.iter().map(same).collect();
            Some([vec![unit.clone()], rest?].concat())
        };
        Ok(first.iter().filter_map(group).collect())
    }

    /// What a group of runs comes to.
    fn voted(&self, rule: &VoteOf, group: &[Unit]) -> Result<Unit, StudyError> {
        let mut unit = Unit::default();
        for member in group {
            unit.seeds.extend(&member.seeds);
            unit.folders.extend(member.folders.iter().cloned());
        }
        unit.seeds.dedup();
        for test in self.study.tests.iter().filter(|test| test.of.is_none()) {
            let figures: Option<Vec<&Figures>> =
                group.iter().map(|member| member.figures.get(&test.name)).collect();
            let Some(figures) = figures else { continue };
            let files =
                unit.folders.iter().map(|folder| judged::file(&self.out.join(folder), test));
            let voted = vote::figures(rule.by, &figures, files, test)?;
            unit.figures.insert(test.name.clone(), voted);
        }
        Ok(unit)
    }
}

/// Whether `planned` is a run of an entrant.
pub(super) fn enters(study: &StudyFile, planned: &Planned) -> bool {
    let votes = || study.votes.iter().flat_map(|vote| vote.of.variants());
    compared(study, planned) || votes().any(|name| *name == planned.variant)
}
