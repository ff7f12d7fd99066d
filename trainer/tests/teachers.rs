//! Every teacher of the catalogue has its recipe, and its weights where they are in the repository are
//! the ones meant and fit to the last tensor.

use std::path::Path;

use burn::tensor::Device;
use mien_trainer::{
    recipe::{Recipe, TaskRecipe},
    teachers::{Catalogue, SMALL},
    weights::{self, Layout},
};

#[test]
fn every_teacher_is_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("teachers");
    let catalogue = Catalogue::read(&folder).unwrap();
    assert!(!catalogue.teacher.is_empty());
    for teacher in &catalogue.teacher {
        let recipe = Recipe::read(&folder.join(format!("{}.toml", teacher.name))).unwrap();
        let TaskRecipe::Expression(task) = &recipe.task else {
            panic!("{} reads none", teacher.name)
        };
        let told = (task.arch.name(), task.data.as_str(), recipe.seed);
        assert_eq!(told, (&*teacher.arch, &*teacher.data, teacher.seed), "{}", teacher.name);
        if teacher.bytes > SMALL {
            eprintln!("SKIPPED: {} is kept outside the repository", teacher.name);
            continue;
        }
        let path = teacher.check(&folder).unwrap();
        let report = weights::load(&mut task.init(&Device::flex()), &path, Layout::Own).unwrap();
        assert!(report.is_exact(), "{}: {report}", teacher.name);
    }
}
