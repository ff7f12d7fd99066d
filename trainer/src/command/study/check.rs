//! Whether the names in a study file hold together.

use std::collections::BTreeSet;

use super::{
    figures::Metric,
    file::{Claim, Members, StudyFile, Test, VoteOf},
    plan::slug,
};

/// Largest number of seeds: each is a whole training.
const MOST_SEEDS: usize = 100;

/// The first thing in `study` that cannot be, and what to do about it.
pub(super) fn check(study: &StudyFile) -> Result<(), String> {
    seeds(&study.seeds)?;
    let variants = study.variants.iter().map(|variant| variant.name.as_str());
    let votes = study.votes.iter().map(|vote| vote.name.as_str());
    unique("variant or vote", variants.clone().chain(votes.clone()))?;
    unique("test", study.tests.iter().map(|test| test.name.as_str()))?;
    unique("study", [study.name.as_str()].into_iter())?;
    let known: Vec<&str> = variants.collect();
    study.votes.iter().try_for_each(|vote| of_runs(vote, &known))?;
    study.tests.iter().try_for_each(|test| sound(test, study))?;
    let shown = study.variants.iter().filter(|variant| !variant.hidden);
    let entrants: Vec<&str> = shown.map(|variant| variant.name.as_str()).chain(votes).collect();
    study.claims.iter().try_for_each(|claim| of_entrants(claim, study, &entrants))
}

/// Refuses seeds that are none, too many, or there twice.
pub(super) fn seeds(seeds: &[u64]) -> Result<(), String> {
    let different: BTreeSet<_> = seeds.iter().collect();
    if seeds.is_empty() || different.len() < seeds.len() || seeds.len() > MOST_SEEDS {
        return Err(format!("seeds: name 1 to {MOST_SEEDS}, each once"));
    }
    Ok(())
}

/// Refuses names that are none, or whose folders would be the same.
fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        let folder = slug(name);
        if folder.is_empty() || name.contains(['{', '}']) {
            return Err(format!("{what} '{name}': a name has letters or digits, and no braces"));
        }
        if !seen.insert(folder) {
            return Err(format!("{what} '{name}': another has that name; choose a different one"));
        }
    }
    Ok(())
}

/// `name` is among `known`; else says which is nearest.
pub(super) fn among(what: &str, name: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&name) {
        return Ok(());
    }
    let near = |known: &&&str| strsim::jaro_winkler(name, known);
    let nearest = known.iter().max_by(|a, b| near(a).total_cmp(&near(b)));
    Err(format!("{what}: there is no '{name}'; the nearest is '{}'", nearest.unwrap_or(&"")))
}

fn of_runs(vote: &VoteOf, known: &[&str]) -> Result<(), String> {
    let what = format!("vote '{}'", vote.name);
    vote.of.variants().iter().try_for_each(|name| among(&what, name, known))?;
    match (&vote.of, vote.size) {
        (Members::Seeds(_), Some(2..)) => Ok(()),
        (Members::Seeds(_), _) => {
            Err(format!("{what}: add size, the seeds of a group, at least 2"))
        }
        (Members::Variants(variants), None) if variants.len() > 1 => Ok(()),
        (Members::Variants(_), None) => Err(format!("{what}: name at least two variants")),
        (Members::Variants(_), Some(_)) => {
            Err(format!("{what}: size is for `of` a single variant"))
        }
    }?;
    let alike = vote.of.variants().iter().collect::<BTreeSet<_>>().len();
    if alike < vote.of.variants().len() {
        return Err(format!("{what}: a variant votes once"));
    }
    Ok(())
}

fn sound(test: &Test, study: &StudyFile) -> Result<(), String> {
    let what = format!("test '{}'", test.name);
    if let Some(of) = &test.of {
        let plain = study.tests.iter().filter(|test| test.of.is_none());
        let plain: Vec<&str> = plain.map(|test| test.name.as_str()).collect();
        return of.iter().try_for_each(|name| among(&what, name, &plain));
    }
    if let Some(points) = &test.points {
        let single = study.variants.iter().filter(|variant| variant.one_seed);
        let single: Vec<&str> = single.map(|variant| variant.name.as_str()).collect();
        among(&format!("{what}, points, a variant with one_seed"), points, &single)?;
    }
    test.augment().map(drop)
}

fn of_entrants(claim: &Claim, study: &StudyFile, entrants: &[&str]) -> Result<(), String> {
    let what = format!("claim of {}", claim.metric);
    claim.metric.parse::<Metric>()?;
    let tests: Vec<&str> = study.tests.iter().map(|test| test.name.as_str()).collect();
    among(&format!("{what}, test"), &claim.test, &tests)?;
    if claim.order.len() < 2 {
        return Err(format!("{what}, order: name at least two, the one claimed better first"));
    }
    claim.order.iter().try_for_each(|name| among(&format!("{what}, order"), name, entrants))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const STUDY: &str = "name = 'test'\nquestion = '?'\nseeds = [1, 2]\n\
        [[variant]]\nname = 'new'\n[[variant]]\nname = 'old'\n\
        [[variant]]\nname = 'step'\nhidden = true\n\
        [[vote]]\nname = 'ensemble'\nof = 'step'\nsize = 2\n\
        [[test]]\nname = 'clean'\n[[test]]\nname = 'dark'\n\
        [[test]]\nname = 'drop'\nof = ['clean', 'dark']\n\
        [[claim]]\nmetric = 'recall:fear'\ntest = 'drop'\norder = ['ensemble', 'new', 'old']\n";

    /// What is said of the study with `from` replaced by `to`.
    fn said(from: &str, to: &str) -> String {
        assert!(STUDY.contains(from), "{from}");
        let text = STUDY.replacen(from, to, 1);
        let parsed = StudyFile::parse(&text, Path::new("test.toml"));
        parsed.map_or_else(|error| error.to_string(), |_| "sound".to_owned())
    }

    #[test]
    fn a_study_whose_names_hold_together_is_sound() {
        assert_eq!(said("test", "test"), "sound");
    }

    #[test]
    fn names_that_are_not_there_are_answered_with_the_nearest() {
        let wrong = [
            ("'new', 'old'", "'new', 'odl'", "the nearest is 'old'"),
            ("'new', 'old'", "'new', 'step'", "there is no 'step'"),
            ("test = 'drop'", "test = 'drops'", "the nearest is 'drop'"),
            ("'clean', 'dark'", "'clean', 'drop'", "there is no 'drop'"),
            ("of = 'step'", "of = 'steps'", "vote 'ensemble': there is no 'steps'"),
            ("recall:fear", "recall:fears", "use accuracy"),
        ];
        for (from, to, expected) in wrong {
            assert!(said(from, to).contains(expected), "{}", said(from, to));
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let wrong = [
            ("seeds = [1, 2]", "seeds = [1, 1]", "each once"),
            ("seeds = [1, 2]", "seeds = []", "each once"),
            ("name = 'old'", "name = 'New'", "choose a different one"),
            ("name = 'old'", "name = '{old}'", "no braces"),
            ("size = 2", "size = 1", "at least 2"),
            ("of = 'step'\nsize = 2", "of = ['step']", "at least two variants"),
            ("of = 'step'\nsize = 2", "of = ['step', 'step']", "votes once"),
            ("'ensemble', 'new', 'old'", "'new'", "name at least two"),
            ("name = 'dark'", "name = 'dark'\naugment = { blur = 7.0 }", "augment"),
            ("name = 'dark'", "name = 'dark'\nprotocol = 'fer8'", "`fer8`"),
            ("name = 'dark'", "name = 'dark'\npoints = 'step'", "a variant with one_seed"),
            ("name = 'dark'", "name = 'dark'\nclases = []", "unknown field `clases`"),
        ];
        for (from, to, expected) in wrong {
            assert!(said(from, to).contains(expected), "{to}: {}", said(from, to));
        }
    }
}
