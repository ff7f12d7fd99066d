//! The shipped bundles: whole, small, honest about themselves, and the same in every runtime.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use mien_engine::{Arithmetic, Choice, Engine, Isa, Limits};
use mien_shared::{
    bundle::{Bundle, Precision},
    frame::Grey,
};
use mien_trainer::{command::verify::verify, recipe::Recipe};

/// Largest bundle that is shipped, in bytes.
const MOST: u64 = 300_000;

/// The folders of shipped bundles.
fn folders() -> Vec<PathBuf> {
    let models = mien_tests::root().join("models");
    let entries = fs::read_dir(models).expect("models/ is there");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("models/ can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn the_catalogue_names_a_detector_and_an_expression_bundle_that_are_shipped() {
    let catalogue = mien_tests::root().join("models/catalog.toml");
    let text = fs::read_to_string(catalogue).expect("a catalogue");
    for role in ["detector", "expression"] {
        let line = text.lines().find(|line| line.starts_with(role)).expect("its role");
        let name = line.split('"').nth(1).expect("a name in quotes");
        assert!(folders().iter().any(|folder| folder.ends_with(name)), "{role}: no bundle {name}");
    }
}

#[test]
fn every_shipped_bundle_is_whole_small_and_the_same_in_the_reference_and_the_engine() {
    for folder in folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let path = folder.join(format!("{name}.mien"));
        let size = fs::metadata(&path).expect("the bundle is there").len();
        assert!(size <= MOST, "{name} has {size} bytes");
        let bundle = Bundle::read(&path).expect("it reads");
        assert_eq!(bundle.manifest.name, name);
        assert_eq!(bundle.manifest.precision, Precision::Int8);
        assert!(!bundle.goldens.is_empty() && !bundle.manifest.metrics.is_empty());
        verify(&bundle).expect("the reference and the engine agree with the goldens");
    }
}

#[test]
fn every_product_of_a_shipped_bundle_is_made_by_integer_kernels_of_ours() {
    for folder in folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let bundle = Bundle::read(&folder.join(format!("{name}.mien"))).expect("it reads");
        let nodes = Engine::load(&bundle).expect("it loads").explain(0);
        let products = nodes.iter().filter(|node| node.macs > 0);
        for node in products.clone() {
            assert_eq!(node.isa, Some(Isa::best()), "{name}: {node:?}");
            assert!(node.operator.contains("int8"), "{name}: {node:?}");
        }
        let macs: u64 = products.map(|node| node.macs).sum();
        assert_eq!(macs, bundle.graph.macs(), "{name}");
    }
}

/// The largest difference of the ONNX file at `path` to `bundle` in the arithmetic of `choice`, over
/// its goldens.
fn difference(path: &Path, bundle: &Bundle, choice: Choice) -> f32 {
    let spec = bundle.manifest.input;
    let limits = Limits::default();
    let mut file = Engine::read_onnx(path, &limits, Choice::default()).expect("the file is read");
    let mut engine = Engine::load_as(bundle, choice).expect("the bundle loads");
    let mut worst = 0.0_f32;
    for golden in &bundle.goldens {
        let data = golden.input.clone();
        let picture = Grey { width: spec.width, height: spec.height, data };
        let seen = file.run(|x| spec.normalize(&picture, x)).expect("the file runs");
        let wanted = engine.look(&picture, &spec).expect("the bundle runs");
        for ((name, wanted), (_, seen)) in wanted.iter().zip(seen.iter()) {
            assert_eq!(seen.len(), wanted.len(), "{name}");
            let pairs = seen.iter().zip(wanted);
            worst = pairs.fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
        }
    }
    worst
}

#[test]
fn the_onnx_files_of_every_shipped_bundle_compute_what_it_does() {
    for folder in folders() {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let bundle = Bundle::read(&folder.join(format!("{name}.mien"))).expect("it reads");
        let integers = folder.join(format!("{name}.onnx"));
        let worst = difference(&integers, &bundle, Choice::default());
        assert!(worst <= 1e-6, "{name}.onnx differs by {worst}");
        let f32 = Choice { arithmetic: Arithmetic::F32, ..Choice::default() };
        let worst = difference(&folder.join(format!("{name}.f32.onnx")), &bundle, f32);
        assert!(worst <= 1e-4, "{name}.f32.onnx differs by {worst}");
    }
}

#[test]
fn every_shipped_bundle_has_its_card_and_its_recipe() {
    for folder in folders() {
        let card = fs::read_to_string(folder.join("README.md")).expect("a model card");
        for heading in ["## Data and rights", "## Measured", "## Limits", "## Out of scope"] {
            assert!(card.contains(heading), "{} lacks {heading}", folder.display());
        }
        Recipe::read(&folder.join("recipe.toml")).expect("a recipe");
    }
}
