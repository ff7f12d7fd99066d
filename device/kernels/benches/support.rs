//! What the benchmarks and the example share.
#![allow(dead_code, reason = "each of them uses a part")]

use mien_kernels::Isa;
use mien_shared::graph::{Affine, Graph, Op};

/// The sets of instructions of this processor.
pub(crate) fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

/// Bytes for the input of a graph.
pub(crate) fn pixels(graph: &Graph) -> Vec<u8> {
    (0..graph.input.iter().product::<u32>()).map(|i| i.to_le_bytes()[0].wrapping_mul(37)).collect()
}

/// The graph with codings that make its steps integer, where it has none: what a run costs does not
/// depend on them.
pub(crate) fn coded(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    if graph.codes.is_empty() {
        graph.codes = vec![Some(Affine { scale: 0.05, zero: 0 }); graph.nodes.len() + 1];
        let joined = graph.nodes.iter().filter(|node| matches!(node.op, Op::Relu));
        let floats = joined.map(|node| node.inputs[0]);
        let floats: Vec<u32> = floats.chain(graph.outputs.iter().map(|o| o.value)).collect();
        for value in floats {
            graph.codes[value as usize] = None;
        }
    }
    graph
}
