//! From a [`Model`] to the files that are shipped: bundle, ONNX and model card.
//!
//! ```text
//! <out>/<name>.mien       the bundle a device loads
//! <out>/<name>.onnx       the same network for other runtimes, goldens in its metadata
//! <out>/<name>.f32.onnx   of an int8 network: its int8 weights with f32 arithmetic
//! <out>/README.md         the model card
//! <out>/recipe.toml       the recipe that re-creates it
//! ```
//!
//! The integer file needs operators of onnxruntime's own; the f32 file runs wherever ONNX does.

use std::{fs, io, path::Path};

use burn::tensor::Device;
use mien_shared::{
    bundle::{Bundle, BundleError, Golden, Manifest, Metric, Precision, Provenance, Task},
    frame::Grey,
    graph::{Graph, GraphError, reference},
    input::InputSpec,
    store::{self, StoreError},
};
use thiserror::Error;

use super::{card, execute::execute, model::Model, onnx::to_onnx};
use crate::recipe::Recipe;

/// The bundle of `model`: its goldens are what burn computes for `pictures`, or, of a network with
/// coded values, what the bit-exact reference does.
///
/// # Errors
/// When the graph is not valid or a picture is not of the network's size.
pub fn bundle(
    model: Model,
    precision: Precision,
    recipe: &Recipe,
    metrics: Vec<Metric>,
    pictures: &[Grey],
) -> Result<Bundle, PackageError> {
    let golden = |picture: &Grey| golden(&model.graph, &model.input, &picture.data);
    let goldens = pictures.iter().map(golden).collect::<Result<_, _>>()?;
    let manifest = Manifest {
        name: format!("{}_{}", recipe.name, precision.name()),
        task: model.task,
        precision,
        input: model.input,
        provenance: Provenance {
            recipe: format!("{}.toml", recipe.name),
            data: recipe.about.data.clone(),
            seed: recipe.seed,
            trainer: format!("mien-trainer {}", env!("CARGO_PKG_VERSION")),
            rights: recipe.about.rights.clone(),
        },
        metrics,
    };
    let bundle = Bundle { manifest, graph: model.graph, goldens, signature: None };
    bundle.validate()?;
    Ok(bundle)
}

/// Writes the bundle and what belongs beside it into `folder`.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, bundle: &Bundle, recipe: &Recipe) -> Result<(), PackageError> {
    fs::create_dir_all(folder)
        .map_err(|source| PackageError::Folder { folder: folder.into(), source })?;
    let name = &bundle.manifest.name;
    bundle.write(&folder.join(format!("{name}.mien")))?;
    let written = |file: &str, bundle: &Bundle| -> Result<(), PackageError> {
        let onnx = to_onnx(&bundle.graph, name, &metadata(bundle)?)?;
        Ok(store::write_atomically(&folder.join(file), &onnx)?)
    };
    written(&format!("{name}.onnx"), bundle)?;
    if bundle.manifest.precision == Precision::Int8 {
        written(&format!("{name}.f32.onnx"), &in_f32(bundle)?)?;
    }
    store::write_atomically(&folder.join("README.md"), card::card(bundle)?.as_bytes())?;
    store::write_atomically(&folder.join("recipe.toml"), recipe.to_toml()?.as_bytes())?;
    Ok(())
}

/// What a network of these codes and weights computes for one picture.
fn golden(graph: &Graph, spec: &InputSpec, pixels: &[u8]) -> Result<Golden, PackageError> {
    let picture = Grey { width: spec.width, height: spec.height, data: pixels.to_vec() };
    let mut input = vec![0.0; pixels.len()];
    spec.normalize(&picture, &mut input);
    let outputs = if graph.codes.is_empty() {
        execute(graph, &input, &Device::flex())?
    } else {
        reference::outputs(graph, &input)?
    };
    Ok(Golden { input: picture.data, outputs })
}

/// An int8 bundle's network in f32 arithmetic, with goldens of its own.
fn in_f32(bundle: &Bundle) -> Result<Bundle, PackageError> {
    let mut plain = bundle.clone();
    plain.graph.codes.clear();
    plain.manifest.precision = Precision::WeightsInt8;
    for golden_of in &mut plain.goldens {
        *golden_of = golden(&plain.graph, &plain.manifest.input, &golden_of.input)?;
    }
    Ok(plain)
}

/// What travels in an ONNX file: the whole manifest and the goldens as JSON, and in words what a
/// reader asks first.
fn metadata(bundle: &Bundle) -> Result<Vec<(&'static str, String)>, PackageError> {
    let manifest = &bundle.manifest;
    let InputSpec { width, height, mean, std, .. } = manifest.input;
    let from = &manifest.provenance;
    let mut entries = vec![
        ("manifest", serde_json::to_string(manifest)?),
        ("goldens", serde_json::to_string(&bundle.goldens)?),
        ("input", format!("grey, {width} × {height}, (byte - {mean}) / {std}")),
        ("precision", manifest.precision.name().to_owned()),
        ("provenance", format!("{}, seed {}, {}", from.recipe, from.seed, from.trainer)),
        ("data", from.data.clone()),
        ("rights", from.rights.clone()),
    ];
    if let Task::Expression { labels, .. } = &manifest.task {
        let names: Vec<_> = labels.iter().map(|label| label.name()).collect();
        entries.push(("labels", names.join(", ")));
    }
    Ok(entries)
}

/// Why a model cannot be packaged.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The graph is not valid.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The bundle contradicts itself or cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value has no JSON form.
    #[error("cannot write metadata: {0}")]
    Json(#[from] serde_json::Error),
    /// The recipe has no TOML form.
    #[error("cannot write the recipe: {0}")]
    Toml(#[from] toml::ser::Error),
    /// The folder cannot be made.
    #[error("cannot make {folder}: {source}; choose another --out")]
    Folder {
        /// The folder.
        folder: std::path::PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        geometry::FivePoints,
        graph::sample::{self, Sample},
        input::Color,
        label::Expression,
    };

    use super::*;
    use crate::export::model::TEMPLATE;

    const RECIPE: &str = include_str!("../../recipes/quickstart.toml");

    /// The net of integer steps as an expression bundle.
    fn packed(change: impl FnOnce(&mut Graph), precision: Precision) -> (Bundle, Recipe) {
        let Sample { mut graph, .. } = sample::coded();
        change(&mut graph);
        let recipe = Recipe::parse(RECIPE, Path::new("quickstart.toml")).unwrap();
        let labels = Expression::ALL[..4].to_vec();
        let template: FivePoints = TEMPLATE;
        let task = Task::Expression { labels, template, temperature: 1.0 };
        let input = InputSpec { width: 10, height: 12, color: Color::Grey, mean: 128.0, std: 64.0 };
        let picture = Grey { width: 10, height: 12, data: (0..120).map(|i| 2 * i).collect() };
        let model = Model { graph, task, input };
        (bundle(model, precision, &recipe, Vec::new(), &[picture]).unwrap(), recipe)
    }

    fn files(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn an_int8_bundle_leaves_an_integer_and_an_f32_file() {
        let folder = tempfile::tempdir().unwrap();
        let (bundle, recipe) = packed(|_| (), Precision::Int8);
        write(folder.path(), &bundle, &recipe).unwrap();
        let name = &bundle.manifest.name;
        let mut wanted = ["f32.onnx", "mien", "onnx"].map(|kind| format!("{name}.{kind}")).to_vec();
        wanted.extend(["README.md", "recipe.toml"].map(str::to_owned));
        wanted.sort_unstable();
        assert_eq!(files(folder.path()), wanted);
        let has = |file: &str, what: &[u8]| {
            let bytes = fs::read(folder.path().join(format!("{name}{file}"))).unwrap();
            bytes.windows(what.len()).any(|window| window == what)
        };
        assert!(has(".onnx", b"QLinearConv") && !has(".f32.onnx", b"QLinearConv"));
        assert!(has(".f32.onnx", b"DequantizeLinear"));
        let card = fs::read_to_string(folder.path().join("README.md")).unwrap();
        assert!(card.contains("`.onnx` with integer arithmetic"), "{card}");
    }

    #[test]
    fn other_bundles_leave_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let (bundle, recipe) = packed(|graph| graph.codes.clear(), Precision::WeightsInt8);
        write(folder.path(), &bundle, &recipe).unwrap();
        let onnx = files(folder.path()).into_iter().filter(|name| name.contains(".onnx"));
        assert_eq!(onnx.collect::<Vec<_>>(), [format!("{}.onnx", bundle.manifest.name)]);
    }

    #[test]
    fn each_file_has_the_goldens_of_its_own_arithmetic() {
        let (bundle, _) = packed(|_| (), Precision::Int8);
        let plain = in_f32(&bundle).unwrap();
        let input: Vec<f32> =
            bundle.goldens[0].input.iter().map(|&b| (f32::from(b) - 128.0) / 64.0).collect();
        let [coded, float] = [&bundle, &plain].map(|bundle| &bundle.goldens[0].outputs);
        assert_eq!(coded, &reference::outputs(&bundle.graph, &input).unwrap());
        assert_eq!(float, &execute(&plain.graph, &input, &Device::flex()).unwrap());
        assert_ne!(coded, float);
        let labels = metadata(&bundle).unwrap().into_iter().find(|(key, _)| *key == "labels");
        assert_eq!(labels.unwrap().1, "neutral, anger, contempt, disgust");
    }
}
