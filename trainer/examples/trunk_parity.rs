//! A trunk with weights from PyTorch against what PyTorch computed with them; called by
//! `scripts/trunk_parity.py`, which makes both files.
//!
//! `trunk_parity NAME WEIGHTS.safetensors CASES.safetensors BACK.safetensors`
//!
//! CASES holds `x<i>` `[N, 3, H, W]`, `logits<i>` `[N, 1000]` and `map<i>.<stage>`. Prints the
//! largest difference of the logits and their largest value, and that of the maps as a share of
//! each one's largest value; writes the weights back for PyTorch to compare.

#![expect(clippy::print_stdout, reason = "an example's result goes to standard output")]

use std::{env, error::Error, path::Path};

use burn::{
    store::{ModuleStore as _, SafetensorsStore, bridge},
    tensor::{Device, Tensor},
};
use mien_trainer::{
    arch::trunk::{Trunk, TrunkName},
    weights,
};

const CLASSES: usize = 1000;
const TOLERANCE: f32 = 1e-3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, stored, cases, back] = &arguments[..] else {
        return Err("usage: trunk_parity NAME WEIGHTS CASES BACK".into());
    };
    let device = Device::flex();
    let mut trunk =
        Trunk::with_head(TrunkName::from_name(name).ok_or("no such trunk")?, CLASSES, &device);
    let layout = trunk.layout();
    let report = weights::load(&mut trunk, Path::new(stored), layout)?;
    if !report.is_exact() {
        return Err(format!("{name}: {report}").into());
    }
    let mut cases = Cases(SafetensorsStore::from_file(cases));
    let mut case = 0;
    while let Some(x) = cases.tensor(&format!("x{case}"))? {
        let logits = cases.tensor(&format!("logits{case}"))?.ok_or("no logits")?;
        let scale = largest(&logits);
        let worst = difference(trunk.forward(x.clone()), logits);
        let mut shares = Vec::new();
        for (stage, map) in trunk.features(x.clone()).into_iter().enumerate() {
            let wanted = cases.tensor(&format!("map{case}.{stage}"))?.ok_or("no map")?;
            let scale = largest(&wanted);
            shares.push(difference(map, wanted) / scale);
        }
        let share = shares.iter().copied().fold(0.0, f32::max);
        println!(
            "{name} {:?}: {} tensors, logits {worst:.1e} of {scale:.2}, maps {share:.1e}",
            x.dims(),
            report.loaded
        );
        if !(worst <= TOLERANCE && share <= TOLERANCE) {
            return Err(format!("{name} differs: {worst}, {shares:?}").into());
        }
        case += 1;
    }
    weights::save(&trunk, Path::new(back), layout)?;
    if case == 0 { Err("no cases".into()) } else { Ok(()) }
}

struct Cases(SafetensorsStore);

impl Cases {
    fn tensor<const D: usize>(&mut self, name: &str) -> Result<Option<Tensor<D>>, Box<dyn Error>> {
        let Some(tensor) = self.0.get_tensor(name)? else { return Ok(None) };
        Ok(Some(Tensor::from_data(bridge::to_data(tensor)?, &Device::flex())))
    }
}

fn largest<const D: usize>(x: &Tensor<D>) -> f32 {
    x.clone().abs().max().into_scalar()
}

/// The largest absolute difference; infinite where the shapes or a value's kind differ.
fn difference<const D: usize>(seen: Tensor<D>, wanted: Tensor<D>) -> f32 {
    if seen.dims() != wanted.dims() {
        return f32::INFINITY;
    }
    let worst: f32 = (seen - wanted).abs().max().into_scalar();
    if worst.is_finite() { worst } else { f32::INFINITY }
}
