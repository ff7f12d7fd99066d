//! The trainings of a study, each a recipe and a run folder, in the order in which they can be run.
//!
//! A run of variant `v` from seed `s` is in the folder `slug(v).s<s>`; a variant that names others
//! as `{name}` in what it sets is trained after their runs of the same seed.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    StudyError,
    file::{StudyFile, Variant},
    set,
};
use crate::recipe::Recipe;

/// One training.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// The variant.
    pub(super) variant: String,
    /// The seed.
    pub(super) seed: u64,
    /// Name of the run folder.
    pub(super) folder: String,
    /// What is trained.
    pub(super) recipe: Recipe,
    /// Positions in the plan of the runs this one needs; before its own.
    pub(super) needs: Vec<usize>,
}

/// The trainings of `study`, whose file is at `path`: of the variants that are named in `only` (all
/// where none is) from each of `seeds`, and of those they need.
///
/// # Errors
/// [`StudyError::Variant`] names the variant whose recipe cannot be used, or that needs itself.
pub(super) fn plan(
    study: &StudyFile,
    path: &Path,
    seeds: &[u64],
    only: &[String],
) -> Result<Vec<Planned>, StudyError> {
    let wanted = |variant: &&Variant| only.is_empty() || only.contains(&variant.name);
    let mut planner = Planner { study, path, planned: Vec::new(), at: BTreeMap::new() };
    for variant in study.variants.iter().filter(wanted) {
        for &seed in if variant.one_seed { &seeds[..1] } else { seeds } {
            planner.add(variant, seed, &mut Vec::new())?;
        }
    }
    Ok(planner.planned)
}

struct Planner<'a> {
    study: &'a StudyFile,
    path: &'a Path,
    planned: Vec<Planned>,
    /// Position of each folder in the plan.
    at: BTreeMap<String, usize>,
}

impl<'a> Planner<'a> {
    /// Plans the run of `variant` from `seed` behind those it needs; `above` are the variants that
    /// need it.
    fn add(
        &mut self,
        variant: &'a Variant,
        seed: u64,
        above: &mut Vec<&'a str>,
    ) -> Result<usize, StudyError> {
        // A variant with one run has the same one for every seed.
        let seed = if variant.one_seed { self.study.seeds[0] } else { seed };
        let folder = folder(variant, seed);
        if let Some(&at) = self.at.get(&folder) {
            return Ok(at);
        }
        let fault = |why| StudyError::Variant { variant: variant.name.clone(), why };
        if above.contains(&variant.name.as_str()) {
            return Err(fault(format!("it needs itself, by way of {}", above.join(", "))));
        }
        above.push(&variant.name);
        let mut needs = Vec::new();
        let set = self.filled(variant, seed, above, &mut needs)?;
        above.pop();
        let recipe = self.recipe(variant, &set, seed).map_err(fault)?;
        let at = self.planned.len();
        let run = Planned { variant: variant.name.clone(), seed, folder, recipe, needs };
        self.at.insert(run.folder.clone(), at);
        self.planned.push(run);
        Ok(at)
    }

    /// What `variant` sets, with the folders of the runs it names, whose positions go to `needs`.
    fn filled(
        &mut self,
        variant: &'a Variant,
        seed: u64,
        above: &mut Vec<&'a str>,
        needs: &mut Vec<usize>,
    ) -> Result<toml::Table, StudyError> {
        let fault = |why| StudyError::Variant { variant: variant.name.clone(), why };
        let mut named = Vec::new();
        let mut set = toml::Value::Table(variant.set.clone());
        let study = self.study;
        set::fill(&mut set, &mut |name| {
            let other = study.variant(name).ok_or_else(|| format!("set: no variant '{name}'"))?;
            if variant.one_seed && !other.one_seed {
                return Err(format!("set: '{name}' has a run a seed, but this variant one of all"));
            }
            named.push(other);
            Ok(folder(other, if other.one_seed { study.seeds[0] } else { seed }))
        })
        .map_err(fault)?;
        for other in named {
            needs.push(self.add(other, seed, above)?);
        }
        let toml::Value::Table(set) = set else { return Ok(toml::Table::new()) };
        Ok(set)
    }

    /// The recipe of `variant` with what is set in it, from `seed`.
    fn recipe(&self, variant: &Variant, set: &toml::Table, seed: u64) -> Result<Recipe, String> {
        let base = variant.recipe.as_ref().or(self.study.recipe.as_ref());
        let base = base.ok_or("there is no recipe: name one for it or for the study")?;
        let path = self.path.parent().unwrap_or(Path::new("")).join(base);
        let unread = |error| format!("cannot read recipe {}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(unread)?;
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
        set::apply(&mut table, set)?;
        let seed = i64::try_from(seed).map_err(|error| format!("seed {seed}: {error}"))?;
        table.insert("seed".to_owned(), seed.into());
        let name = format!("{}.{}", slug(&self.study.name), slug(&variant.name));
        table.insert("name".to_owned(), name.into());
        let text = toml::to_string(&table).map_err(|error| error.to_string())?;
        Recipe::parse(&text, &path).map_err(|error| error.to_string())
    }
}

/// Name of the folder of a run.
pub(super) fn folder(variant: &Variant, seed: u64) -> String {
    if variant.one_seed { slug(&variant.name) } else { format!("{}.s{seed}", slug(&variant.name)) }
}

/// A name as part of a file's: lower-case letters and digits, with one `_` for all between.
pub(super) fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let spaced: String = name.chars().map(plain).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plan of the variants that `text` adds to a study of the quickstart's recipe.
    fn planned(text: &str, seeds: &[u64], only: &[&str]) -> Result<Vec<Planned>, StudyError> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/test.toml");
        let head = "name = 'test'\nquestion = '?'\nseeds = [1, 2]\n\
                    recipe = 'quickstart.toml'\ntest = [{ name = 'clean' }]\n";
        let study = StudyFile::parse(&format!("{head}{text}"), &path)?;
        plan(&study, &path, seeds, &only.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    const CHAIN: &str = "[[variant]]\nname = 'tuned'\nset = { 'task.start' = '{face net}' }\n\
        [[variant]]\nname = 'face net'\nhidden = true\none_seed = true\n\
        [[variant]]\nname = 'taught'\n\
        set = { 'task.teachers' = ['{tuned}'], 'task.taught' = 0.5 }\n";

    #[test]
    fn a_run_comes_after_those_it_names() {
        let plan = planned(CHAIN, &[1, 2], &[]).unwrap();
        let folders: Vec<&str> = plan.iter().map(|run| run.folder.as_str()).collect();
        assert_eq!(folders, ["face_net", "tuned.s1", "tuned.s2", "taught.s1", "taught.s2"]);
        assert_eq!(plan[1].recipe.start(), Some("face_net"));
        let needs: Vec<&[usize]> = plan.iter().map(|run| run.needs.as_slice()).collect();
        assert_eq!(needs, [&[][..], &[0], &[0], &[1], &[2]]);
        assert_eq!((plan[4].seed, plan[4].recipe.seed), (2, 2));
        assert_eq!(plan[4].recipe.name, "test.taught");
        let text = plan[4].recipe.to_toml().unwrap();
        assert!(text.contains("teachers = [\"tuned.s2\"]"), "{text}");
    }

    #[test]
    fn one_variant_is_planned_with_what_it_needs() {
        let plan = planned(CHAIN, &[7], &["tuned"]).unwrap();
        let runs: Vec<_> = plan.iter().map(|run| (run.folder.as_str(), run.seed)).collect();
        // The one run of a variant is of the study's first seed, whatever seeds are asked for.
        assert_eq!(runs, [("face_net", 1), ("tuned.s7", 7)]);
    }

    #[test]
    fn variants_that_need_each_other_are_refused() {
        let circle = "[[variant]]\nname = 'a'\nset = { 'task.start' = '{b}' }\n\
                      [[variant]]\nname = 'b'\nset = { 'task.start' = '{a}' }\n";
        let error = planned(circle, &[1], &[]).unwrap_err().to_string();
        assert_eq!(error, "variant 'a': it needs itself, by way of a, b");
    }

    #[test]
    fn a_key_that_no_recipe_has_is_refused_with_the_variant() {
        let odd = "[[variant]]\nname = 'odd one'\nset = { 'task.archi' = 'resnet_s' }\n";
        let error = planned(odd, &[1], &[]).unwrap_err().to_string();
        assert!(error.starts_with("variant 'odd one': "), "{error}");
        assert!(error.contains("unknown field `archi`") && error.contains("`arch`"), "{error}");
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_variant() {
        let odd = "[[variant]]\nname = 'odd one'\nset = { 'train.epochs' = 0 }\n";
        let error = planned(odd, &[1], &[]).unwrap_err().to_string();
        assert!(error.contains("'odd one'") && error.contains("train.epochs"), "{error}");
    }

    #[test]
    fn a_name_in_braces_must_be_a_variants() {
        let odd = "[[variant]]\nname = 'a'\nset = { 'task.start' = '{b}' }\n";
        let error = planned(odd, &[1], &[]).unwrap_err().to_string();
        assert_eq!(error, "variant 'a': set: no variant 'b'");
    }

    #[test]
    fn one_run_cannot_need_a_run_of_every_seed() {
        let odd = "[[variant]]\nname = 'a'\none_seed = true\nset = { 'task.start' = '{b}' }\n\
                   [[variant]]\nname = 'b'\n";
        let error = planned(odd, &[1], &[]).unwrap_err().to_string();
        assert!(error.contains("'b' has a run a seed"), "{error}");
    }

    #[test]
    fn every_study_of_the_repository_can_be_planned() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/studies");
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let study = StudyFile::read(&path).unwrap();
            let plan = plan(&study, &path, &study.seeds, &[]).unwrap();
            assert!(plan.len() >= 2 * study.seeds.len(), "{}", path.display());
        }
    }

    #[test]
    fn names_become_folders() {
        assert_eq!(slug("Affinity + partition (T = 2)"), "affinity_partition_t_2");
        assert_eq!(slug("++"), "");
    }
}
