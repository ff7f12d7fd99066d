//! The layers of a graph, convolutions and linear ones, and who reads what.

use mien_shared::graph::{Conv, Graph, Op, Tensor, TensorData};

use crate::QuantError;

/// The names of all convolutions and linear layers, in execution order.
pub fn layer_names(graph: &Graph) -> impl Iterator<Item = &str> {
    graph.nodes.iter().filter(|node| parts(&node.op).is_some()).map(|node| node.name.as_str())
}

/// Refuses a name that is no layer's.
pub(crate) fn check_names(graph: &Graph, names: &[String]) -> Result<(), QuantError> {
    let known: Vec<&str> = layer_names(graph).collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(QuantError::UnknownLayer { name: name.clone(), known: known.join(", ") }),
        None => Ok(()),
    }
}

/// A layer's weight and bias.
pub type Parts<'a> = (&'a Tensor, &'a [f32]);

/// The weight and bias of a convolution or linear layer.
pub fn parts(op: &Op) -> Option<Parts<'_>> {
    match op {
        Op::Conv(Conv { weight, bias, .. }) | Op::Linear { weight, bias } => Some((weight, bias)),
        _ => None,
    }
}

/// The weight and bias of a convolution or linear layer, to be changed.
pub fn parts_mut(op: &mut Op) -> Option<(&mut Tensor, &mut Vec<f32>)> {
    match op {
        Op::Conv(Conv { weight, bias, .. }) | Op::Linear { weight, bias } => Some((weight, bias)),
        _ => None,
    }
}

/// Positions of the nodes that read `value`.
pub(crate) fn readers(graph: &Graph, value: usize) -> impl Iterator<Item = usize> {
    let reads = move |&(_, node): &(usize, &mien_shared::graph::Node)| {
        node.inputs.iter().any(|&input| input as usize == value)
    };
    graph.nodes.iter().enumerate().filter(reads).map(|(position, _)| position)
}

/// Whether `value` leaves the network.
pub(crate) fn leaves(graph: &Graph, value: usize) -> bool {
    graph.outputs.iter().any(|output| output.value as usize == value)
}

/// The graph with every weight in f32 and no codes.
pub(crate) fn widened(graph: &Graph) -> Graph {
    let mut graph = Graph { codes: Vec::new(), ..graph.clone() };
    for node in &mut graph.nodes {
        if let Some((weight, _)) = parts_mut(&mut node.op) {
            weight.data = TensorData::F32(weight.to_f32().into_owned());
        }
    }
    graph
}
