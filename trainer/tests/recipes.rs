//! Every recipe in `trainer/recipes` can be trained: a step of each stage, on a tiny copy of its
//! data set.
//!
//! A recipe whose fields name other runs (`start`, `teachers`, `points` …) has those trained first,
//! from the recipes of those names; weights from elsewhere (`*.safetensors`) are left out. Of
//! full-size recipes that differ in their data alone one is trained, over the slim form of its trunk,
//! and the others read theirs: that full trunks learn is a test of their own. The
//! studies in `recipes/studies` compare runs and are no recipes; the quickstart's recipe has no data
//! set, and a test of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "says how long each recipe takes")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use mien_data::fixture::{self, Fixture};
use mien_trainer::{
    command::{roots::Roots, train::train_run},
    recipe::{Recipe, TaskRecipe},
    task::expression::source,
    train::EpochLog,
};
use toml::{Table, Value};

/// Side in pixels that is given to networks for larger pictures.
const SIDE: u32 = 64;
/// Trunks that take seconds a step, and what stands for each.
const SLIM: [(&str, &str); 5] = [
    ("vgg16", "vgg16_s"),
    ("resnet18", "resnet18_s"),
    ("resnet50", "resnet18_s"),
    ("resnet50_caffe", "resnet18_s"),
    ("xception", "xception_s"),
];
/// Pictures learned from, in one step.
const PICTURES: i64 = 8;

#[test]
fn every_recipe_trains() {
    let mut bench = Bench {
        recipes: recipes(),
        runs: tempfile::tempdir().unwrap(),
        sets: BTreeMap::new(),
        trained: BTreeSet::new(),
    };
    let names: Vec<String> = bench.recipes.keys().cloned().collect();
    let mut ways = BTreeSet::new();
    for name in names.iter().filter(|name| *name != "resnet_s.synthetic") {
        if bench.is_large(name) && !ways.insert(bench.way(name)) {
            bench.read(name);
        } else {
            bench.train(name);
        }
    }
}

/// Where recipes are trained.
struct Bench {
    /// By name, as their files have them.
    recipes: BTreeMap<String, Table>,
    runs: tempfile::TempDir,
    sets: BTreeMap<String, Fixture>,
    trained: BTreeSet<String>,
}

impl Bench {
    /// Trains the recipe called `name`, after those whose runs it names.
    fn train(&mut self, name: &str) {
        if !self.trained.insert(name.to_owned()) {
            return;
        }
        let table = self.recipes[name].clone();
        let mut named = Vec::new();
        texts(&table["task"], &mut named);
        named.retain(|text| self.recipes.contains_key(text));
        for other in &named {
            self.train(other);
        }
        let began = std::time::Instant::now();
        let recipe = small(name, &table);
        let roots = self.roots(&recipe);
        let folder = self.runs.path().join(name);
        train_run(&recipe, &roots, &folder, false, &Device::flex())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("{name}: {:.1} s", began.elapsed().as_secs_f32());
        let log = fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
        let epochs: Vec<EpochLog> =
            log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(epochs.len(), recipe.train.epochs as usize, "{name}");
        assert!(epochs.iter().all(|epoch| epoch.loss.is_finite()), "{name}: {log}");
        assert!(folder.join("best.burnpack").is_file(), "{name}: no epoch was kept");
        // Nothing is resumed, and those of full-size networks are large.
        fs::remove_file(folder.join("last.checkpoint")).unwrap();
    }

    /// Reads what the expression recipe called `name` learns from and is judged on.
    fn read(&mut self, name: &str) {
        let recipe = small(name, &self.recipes[name]);
        let TaskRecipe::Expression(task) = &recipe.task else { return self.train(name) };
        let roots = self.roots(&recipe);
        let root = roots.of(&task.data).unwrap();
        let (train, valid) =
            source::open(task, recipe.seed, root).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!train.is_empty() && !valid.is_empty(), "{name}");
    }

    /// Whether a recipe is for larger pictures than are made here.
    fn is_large(&self, name: &str) -> bool {
        side(&parsed(name, &self.recipes[name])) > SIDE
    }

    /// What a recipe does, whatever its data and the names of the runs it needs.
    fn way(&self, name: &str) -> String {
        let mut table = self.recipes[name].clone();
        table.retain(|field, _| matches!(field, "task" | "train"));
        let task = table["task"].as_table_mut().unwrap();
        task.remove("data");
        let mut named = Vec::new();
        texts(&table["task"], &mut named);
        named.retain(|text| self.recipes.contains_key(text));
        named.iter().fold(table.to_string(), |way, run| way.replace(run.as_str(), "RUN"))
    }

    /// The folders of a recipe's data sets, made where they are not there yet.
    fn roots(&mut self, recipe: &Recipe) -> Roots {
        let names = match &recipe.task {
            TaskRecipe::Expression(task) => vec![task.data.clone()],
            TaskRecipe::Identity(task) => task.data.clone(),
            TaskRecipe::Landmarks(task) => task.data.clone(),
            TaskRecipe::Detect { .. } => return self.scenes(),
        };
        let root = |name: &String| {
            let set = name.split('@').next().unwrap_or(name);
            let made = self.sets.entry(set.to_owned()).or_insert_with(|| fixture::make(set));
            format!("{name}={}", made.root().display()).parse().unwrap()
        };
        Roots::new(&names.iter().map(root).collect::<Vec<_>>())
    }

    /// A folder of what scenes are composed from.
    fn scenes(&mut self) -> Roots {
        let folder = self.runs.path().join("scenes");
        fs::create_dir_all(folder.join("polyhaven_hdri")).unwrap();
        let people = self
            .sets
            .entry("portraits".to_owned())
            .or_insert_with(|| fixture::make("lfw_expressions"));
        std::os::unix::fs::symlink(people.root(), folder.join("lfw_expressions")).unwrap();
        Roots::new(&[folder.to_str().unwrap().parse().unwrap()])
    }
}

/// Every recipe below `trainer/recipes`; each can be read, and no two have the same name.
fn recipes() -> BTreeMap<String, Table> {
    let mut recipes = BTreeMap::new();
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes")) {
        let recipe = Recipe::read(&path).unwrap_or_else(|error| panic!("{error}"));
        let table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let twin = recipes.insert(recipe.name.clone(), table);
        assert!(twin.is_none(), "two recipes are called {}", recipe.name);
    }
    recipes
}

/// The recipes in a folder and those below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("studies") {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    found
}

/// Every text in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Table(table) => table.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// The recipe with an epoch for each stage, of a step on small pictures.
fn small(name: &str, table: &Table) -> Recipe {
    let mut table = table.clone();
    let side = side(&parsed(name, &table));
    let task = table["task"].as_table_mut().unwrap();
    if side > SIDE {
        task.insert("side".to_owned(), Value::from(SIDE));
    }
    if task.get("start").and_then(Value::as_str).is_some_and(|path| path.ends_with(".safetensors"))
    {
        task.remove("start");
        task.remove("start_parts");
    }
    task.iter_mut().for_each(|(_, value)| slim(value));
    if task["kind"].as_str() == Some("expression") {
        task.insert("pictures".to_owned(), Value::from(PICTURES));
    }
    for (field, few) in [("rendered", 8), ("scenes", 8), ("valid_scenes", 4)] {
        if let Some(value) = task.get_mut(field) {
            *value = Value::from(few);
        }
    }
    let train = table["train"].as_table_mut().unwrap();
    let stages = train.get_mut("stage").and_then(Value::as_array_mut);
    let epochs = stages.map_or(1, |stages| {
        for stage in stages.iter_mut() {
            stage["epochs"] = Value::from(1);
        }
        i64::try_from(stages.len()).unwrap()
    });
    for (field, value) in [("epochs", epochs), ("patience", epochs), ("batch", PICTURES)] {
        train.insert(field.to_owned(), Value::from(value));
    }
    parsed(name, &table)
}

/// Puts slim trunks in the place of full ones, and `FaceNet2ExpNet`'s slim layers in that of its full
/// ones, which follow such a trunk.
fn slim(value: &mut Value) {
    match value {
        Value::String(name) => {
            if let Some((_, slim)) = SLIM.iter().find(|(full, _)| full == name) {
                *name = (*slim).to_owned();
            }
        }
        Value::Table(table) => {
            if let Some(Value::Table(layers)) = table.get_mut("fn2en") {
                layers.retain(|field, _| field == "batch_norm");
            }
            table.iter_mut().for_each(|(_, value)| slim(value));
        }
        _ => {}
    }
}

/// Side in pixels of the pictures of a recipe; 0 for scenes.
fn side(recipe: &Recipe) -> u32 {
    match &recipe.task {
        TaskRecipe::Expression(task) => task.side(),
        TaskRecipe::Identity(task) => task.side(),
        TaskRecipe::Landmarks(task) => task.side(),
        TaskRecipe::Detect { .. } => 0,
    }
}

fn parsed(name: &str, table: &Table) -> Recipe {
    Recipe::parse(&table.to_string(), name.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}
