//! From an f32 network and training pictures to one whose values are coded.

use burn::tensor::Device;
use mien_quant::{Options, Quantiser};
use mien_shared::{bundle::Bundle, frame::Grey, graph::Graph};

use super::{super::CommandError, Args, Start, pictures, table};
use crate::{
    export::model::Model,
    quant::tune::{Pair, Tuning, tune},
};

/// Draws training pictures of a seed that no training run draws from.
const SEED: u64 = 0x71;

/// The network of `start` with coded values; prints what that does to each step.
pub(super) fn code(args: &Args, start: &Start) -> Result<Model, CommandError> {
    let (count, taught) = (args.code.calibration_pictures, args.code.tune_pictures);
    let most = if args.code.tune_epochs > 0 { count.max(taught) } else { count };
    let pictures = pictures::training(&start.recipe, &args.root, most as usize, SEED)?;
    let seen = &pictures[..pictures.len().min(count as usize)];
    let Bundle { manifest, graph, .. } = &start.bundle;
    let options = Options {
        calibration: args.code.calibration.into(),
        equalise: args.code.equalise,
        ..Options::default()
    };
    let quantiser = Quantiser::new(graph, manifest.input, seen, options)?;
    let mut keep = args.keep_float.clone();
    if let Some(target) = args.code.target_sqnr {
        let choice = quantiser.choose(keep, target)?;
        println!("{:.1} dB at the outputs with {:?} in float", choice.score, choice.keep);
        keep = choice.keep;
    }
    let mut coded = quantiser.coded(&keep)?;
    if args.code.tune_epochs > 0 {
        coded = tuned(args, &quantiser, &coded, &pictures);
    }
    table::print_steps(&quantiser.errors(&coded)?);
    Ok(Model { graph: coded, task: manifest.task.clone(), input: quantiser.input() })
}

/// `coded` after it learned its f32 graph's outputs.
fn tuned(args: &Args, quantiser: &Quantiser, coded: &Graph, pictures: &[Grey]) -> Graph {
    let pair = Pair { float: quantiser.float(), coded, input: quantiser.input() };
    let taught = &pictures[..pictures.len().min(args.code.tune_pictures as usize)];
    let tuning = Tuning { epochs: args.code.tune_epochs, ..Tuning::default() };
    let tuned = tune(pair, taught, tuning, &Device::flex());
    let losses: Vec<String> = tuned.losses.iter().map(|loss| format!("{loss:.6}")).collect();
    println!("held-out loss before tuning and after each epoch: {}", losses.join(", "));
    tuned.graph
}
