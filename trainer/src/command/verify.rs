//! `verify`: a bundle's goldens through the device's engine and through burn, or, where values are
//! coded, through the reference of eight-bit arithmetic.

use std::path::PathBuf;

use burn::tensor::Device;
use mien_engine::Engine;
use mien_shared::{
    bundle::Bundle,
    frame::Grey,
    graph::{Graph, GraphError, reference},
};

use super::CommandError;
use crate::export::execute::execute;

/// Largest absolute difference allowed between two runtimes.
pub const TOLERANCE: f32 = 1e-4;

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Bundles (.mien)
    #[arg(required = true)]
    bundles: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When a bundle is damaged or a runtime disagrees with its goldens.
pub fn run(args: &Args) -> Result<(), CommandError> {
    for path in &args.bundles {
        let bundle = Bundle::read(path)?;
        let name = &bundle.manifest.name;
        println!("{name}: {} goldens, {}", bundle.goldens.len(), sentence(&verify(&bundle)?));
    }
    Ok(())
}

/// A runtime and its largest difference to a bundle's goldens.
pub type Difference = (&'static str, f32);

/// The largest difference to the goldens in the device's engine and on the host: in burn, or in the
/// reference where values are coded.
///
/// # Errors
/// When one is above [`TOLERANCE`].
pub fn verify(bundle: &Bundle) -> Result<Vec<Difference>, CommandError> {
    let (host, difference) = if bundle.graph.codes.is_empty() {
        let burn = |graph: &_, x: &[f32]| execute(graph, x, &Device::flex());
        ("burn", host_difference(bundle, burn)?)
    } else {
        ("the reference", host_difference(bundle, reference::outputs)?)
    };
    let engine = Engine::verify(bundle)?;
    Ok(vec![within(host, difference)?, within("the device's engine", engine)?])
}

/// What was found, in words: `burn differs by 1.0e-7, the device's engine differs by 2.0e-7`.
pub fn sentence(differences: &[Difference]) -> String {
    let one = |(runtime, difference): &Difference| format!("{runtime} differs by {difference:.1e}");
    differences.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn host_difference(
    bundle: &Bundle,
    run: impl Fn(&Graph, &[f32]) -> Result<Vec<Vec<f32>>, GraphError>,
) -> Result<f32, CommandError> {
    let spec = bundle.manifest.input;
    let mut worst = 0.0_f32;
    for golden in &bundle.goldens {
        let picture = Grey { width: spec.width, height: spec.height, data: golden.input.clone() };
        let mut input = vec![0.0; picture.data.len()];
        spec.normalize(&picture, &mut input);
        let outputs = run(&bundle.graph, &input)?;
        let pairs = outputs.iter().flatten().zip(golden.outputs.iter().flatten());
        worst = pairs.fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
    }
    Ok(worst)
}

fn within(what: &'static str, difference: f32) -> Result<Difference, CommandError> {
    if difference <= TOLERANCE {
        Ok((what, difference))
    } else {
        Err(CommandError::Disagreement { what, difference, limit: TOLERANCE })
    }
}
