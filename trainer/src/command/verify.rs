//! `verify`: a bundle's goldens through burn and through the device's engine.

use std::path::PathBuf;

use burn::tensor::Device;
use mien_engine::Engine;
use mien_shared::{bundle::Bundle, frame::Grey};

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
        let [burn, engine] = verify(&bundle)?;
        println!(
            "{}: {} goldens, burn differs by {burn:.1e}, tract by {engine:.1e}",
            bundle.manifest.name,
            bundle.goldens.len()
        );
    }
    Ok(())
}

/// The largest difference to the goldens in burn and in the engine.
///
/// # Errors
/// When one is above [`TOLERANCE`].
pub fn verify(bundle: &Bundle) -> Result<[f32; 2], CommandError> {
    let burn = within("burn", burn_difference(bundle)?)?;
    let engine = within("the device's engine", Engine::verify(bundle)?)?;
    Ok([burn, engine])
}

fn burn_difference(bundle: &Bundle) -> Result<f32, CommandError> {
    let spec = bundle.manifest.input;
    let mut worst = 0.0_f32;
    for golden in &bundle.goldens {
        let picture = Grey { width: spec.width, height: spec.height, data: golden.input.clone() };
        let mut input = vec![0.0; picture.data.len()];
        spec.normalize(&picture, &mut input);
        let outputs = execute(&bundle.graph, &input, &Device::flex())?;
        let pairs = outputs.iter().flatten().zip(golden.outputs.iter().flatten());
        worst = pairs.fold(worst, |worst, (a, b)| worst.max((a - b).abs()));
    }
    Ok(worst)
}

fn within(what: &'static str, difference: f32) -> Result<f32, CommandError> {
    if difference <= TOLERANCE {
        Ok(difference)
    } else {
        Err(CommandError::Disagreement { what, difference, limit: TOLERANCE })
    }
}
