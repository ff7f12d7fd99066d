//! Runs a bundle's network a number of times on one set of instructions: what a counter of
//! instructions needs (`tests/arm.sh count`). Two runs counted less one run counted is a run.
//!
//! `run BUNDLE ISA RUNS [f32]`; `f32` drops the codings of an int8 network.

use std::{error::Error, path::Path};

use mien_kernels::{Input, Isa, Program};
use mien_shared::bundle::Bundle;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bundle, isa, runs, form @ ..] = arguments.as_slice() else {
        return Err("usage: run BUNDLE ISA RUNS [f32]".into());
    };
    let mut graph = Bundle::read(Path::new(bundle))?.graph;
    match form {
        [] => {}
        [form] if form == "f32" => graph.codes.clear(),
        _ => return Err(format!("{form:?} is neither nothing nor f32").into()),
    }
    let named = |it: &Isa| it.name() == isa;
    let isa = Isa::ALL.into_iter().find(named).ok_or("no such instructions")?;
    let mut program = Program::new(&graph, isa)?;
    let bytes = vec![77; graph.input.iter().map(|&n| n as usize).product()];
    for _ in 0..runs.parse::<usize>()? {
        program.run(Input::Pixels { bytes: &bytes, mean: 128.0, std: 64.0 });
    }
    Ok(())
}
