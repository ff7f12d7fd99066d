//! From a [`Model`] to the files that are shipped: bundle, ONNX and model card.
//!
//! ```text
//! <out>/<name>.mien   the bundle a device loads
//! <out>/<name>.onnx   the same network for other runtimes, goldens in its metadata
//! <out>/README.md     the model card
//! <out>/recipe.toml   the recipe that re-creates it
//! ```

use std::{fs, io, path::Path};

use burn::tensor::Device;
use mien_quant::run_coded;
use mien_shared::{
    bundle::{Bundle, BundleError, Golden, Manifest, Metric, Precision, Provenance},
    frame::Grey,
    graph::GraphError,
    store::{self, StoreError},
};
use thiserror::Error;

use super::{card, execute::execute, model::Model, onnx::to_onnx};
use crate::recipe::Recipe;

/// The bundle of `model`: its goldens are what burn computes for `pictures`, or the reference of
/// eight-bit arithmetic where values are coded.
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
    let goldens =
        pictures.iter().map(|picture| golden(&model, picture)).collect::<Result<_, _>>()?;
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
    let onnx = to_onnx(&bundle.graph, name, &metadata(bundle)?)?;
    store::write_atomically(&folder.join(format!("{name}.onnx")), &onnx)?;
    store::write_atomically(&folder.join("README.md"), card::card(bundle)?.as_bytes())?;
    store::write_atomically(&folder.join("recipe.toml"), recipe.to_toml()?.as_bytes())?;
    Ok(())
}

fn golden(model: &Model, picture: &Grey) -> Result<Golden, PackageError> {
    let mut input = vec![0.0; picture.data.len()];
    model.input.normalize(picture, &mut input);
    let outputs = if model.graph.codes.is_empty() {
        execute(&model.graph, &input, &Device::flex())?
    } else {
        run_coded(&model.graph, &input)?
    };
    Ok(Golden { input: picture.data.clone(), outputs })
}

fn metadata(bundle: &Bundle) -> Result<[(&'static str, String); 2], PackageError> {
    let manifest = serde_json::to_string(&bundle.manifest)?;
    Ok([("manifest", manifest), ("goldens", serde_json::to_string(&bundle.goldens)?)])
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
