//! Runs a bundle's network a number of times on one set of instructions: what a counter of
//! instructions needs. Two runs counted less one run counted is the cost of a run.
//!
//! `run BUNDLE ISA RUNS [coded]`; `coded` makes up codings for an int8 bundle that has none, so
//! that its steps run in integers: what comes out then means nothing, but costs the same.

use std::{error::Error, path::Path};

use mien_kernels::{Input, Isa, Program};
use mien_shared::{
    bundle::Bundle,
    graph::{Affine, Graph, Op},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bundle, isa, runs, coded @ ..] = arguments.as_slice() else {
        return Err("usage: run BUNDLE ISA RUNS [coded]".into());
    };
    let mut graph = Bundle::read(Path::new(bundle))?.graph;
    if !coded.is_empty() {
        make_up_codings(&mut graph);
    }
    let named = |it: &Isa| it.name() == isa;
    let isa = Isa::ALL.into_iter().find(named).ok_or("no such instructions")?;
    let mut program = Program::new(&graph, isa)?;
    let elements = graph.input.iter().map(|&n| n as usize).product();
    let bytes = vec![77; elements];
    for _ in 0..runs.parse::<usize>()? {
        program.run(Input::Pixels { bytes: &bytes, mean: 128.0, std: 64.0 });
    }
    Ok(())
}

/// Codes for every value that an integer step may make.
fn make_up_codings(graph: &mut Graph) {
    let coding = Some(Affine { scale: 1.0 / 64.0, zero: 128 });
    graph.codes = vec![coding; graph.nodes.len() + 1];
    for (i, node) in graph.nodes.iter().enumerate() {
        if matches!(node.op, Op::Relu) {
            graph.codes[node.inputs[0] as usize] = None;
        }
        let leaves = graph.outputs.iter().any(|output| output.value as usize == i + 1);
        if leaves || matches!(node.op, Op::Softmax | Op::Sigmoid) {
            graph.codes[i + 1] = None;
        }
    }
}
