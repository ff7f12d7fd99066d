//! Which values have codes, and which share one coding.
//!
//! - The input has codes: pixel bytes are.
//! - What leaves the network has none, nor has what a softmax or sigmoid reads.
//! - What a relu clips in the same step has none; the relu's value has.
//! - Any other value has codes where an integer step reads it: a layer that is not kept in float,
//!   or an operation whose own value has codes.
//! - The two sides of a max pool, an enlargement or a relu that stands alone share one coding, the
//!   earlier value's: codes pass through these as they are.
//!
//! So a layer kept in float has no codes: neither its weights nor a value that only it reads.

use mien_shared::graph::{Affine, Graph, Op};

use crate::layer::{leaves, readers};

/// For each value the number of the value whose coding it has, its own for most; `None` for a
/// value without codes. Layers called as in `keep` stay in float. The graph is valid.
pub fn places(graph: &Graph, keep: &[String]) -> Vec<Option<usize>> {
    let mut coded = vec![true; graph.nodes.len() + 1];
    for value in (1..coded.len()).rev() {
        coded[value] = has_codes(graph, value, keep, &coded);
    }
    let mut places: Vec<Option<usize>> = vec![Some(0)];
    for (node, &coded) in graph.nodes.iter().zip(&coded[1..]) {
        let own = places.len();
        let shared = match node.op {
            Op::MaxPool(_) | Op::Upsample2 | Op::Relu => places[node.inputs[0] as usize],
            _ => None,
        };
        places.push(coded.then(|| shared.unwrap_or(own)));
    }
    places
}

/// Whether `value` has codes, where that is known of all later ones.
fn has_codes(graph: &Graph, value: usize, keep: &[String], coded: &[bool]) -> bool {
    let reading: Vec<usize> = readers(graph, value).collect();
    let in_float = |&i: &usize| matches!(graph.nodes[i].op, Op::Softmax | Op::Sigmoid);
    if leaves(graph, value) || joined(graph, value).is_some() || reading.iter().any(in_float) {
        return false;
    }
    reading.iter().any(|&reader| match graph.nodes[reader].op {
        Op::Conv(_) | Op::Linear { .. } => !keep.contains(&graph.nodes[reader].name),
        _ => coded[joined(graph, reader + 1).unwrap_or(reader + 1)],
    })
}

/// The relu's value where a relu clips `value` in the same step.
fn joined(graph: &Graph, value: usize) -> Option<usize> {
    let maker = &graph.nodes[value - 1].op;
    let mut reading = readers(graph, value);
    let first = reading.next().filter(|_| reading.next().is_none())?;
    let joins = matches!(maker, Op::Conv(_) | Op::Linear { .. } | Op::Add);
    let clips = matches!(graph.nodes[first].op, Op::Relu) && !leaves(graph, value);
    (joins && clips).then_some(first + 1)
}

/// Each value's coding: `input` for value 0, what `coding` says of the value it shares one with
/// for the others.
pub fn codes(
    places: &[Option<usize>],
    input: Affine,
    coding: impl Fn(usize) -> Affine,
) -> Vec<Option<Affine>> {
    let of = |place: usize| if place == 0 { input } else { coding(place) };
    places.iter().map(|place| place.map(of)).collect()
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::Output;

    use super::*;
    use crate::fixture::{conv, graph, net, node};

    fn keep(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_residual_net_has_codes_where_steps_end() {
        let places = places(&net(), &[]);
        let wanted = [
            Some(0),
            None, // stem, clipped by its relu
            Some(2),
            None, // first
            Some(4),
            Some(5), // second, added to a coded value
            None,    // add, clipped by its relu
            Some(7),
            Some(7), // pool
            Some(7), // up
            None,
            Some(11),
            Some(12), // mean, read by the head
            None,     // head, which leaves
        ];
        assert_eq!(places, wanted);
    }

    #[test]
    fn a_value_that_only_float_layers_read_has_no_codes() {
        let places = places(&net(), &keep(&["second", "head"]));
        assert_eq!(places[4], None);
        // The mean, and with it the last relu, which only the mean reads.
        assert_eq!([places[11], places[12]], [None, None]);
        // What "second" makes is added to a coded value.
        assert_eq!(places[5], Some(5));
    }

    #[test]
    fn what_a_sigmoid_reads_has_no_codes() {
        let nodes = vec![
            node("a", conv([1, 1, 1, 1], &[1.0]), &[0]),
            node("s", Op::Sigmoid, &[1]),
            node("b", conv([1, 1, 1, 1], &[1.0]), &[1]),
        ];
        assert_eq!(places(&graph([1, 1, 1], nodes), &[]), [Some(0), None, None, None]);
    }

    #[test]
    fn what_leaves_has_no_codes_though_a_layer_reads_it() {
        let nodes = vec![
            node("a", conv([1, 1, 1, 1], &[1.0]), &[0]),
            node("b", conv([1, 1, 1, 1], &[1.0]), &[1]),
        ];
        let mut net = graph([1, 1, 1], nodes);
        net.outputs.push(Output { name: "a".into(), value: 1 });
        assert_eq!(places(&net, &[]), [Some(0), None, None]);
    }

    #[test]
    fn a_relu_beside_other_readers_shares_its_inputs_coding() {
        let nodes = vec![
            node("a", conv([1, 1, 1, 1], &[1.0]), &[0]),
            node("r", Op::Relu, &[1]),
            node("sum", Op::Add, &[1, 2]),
            node("b", conv([1, 1, 1, 1], &[1.0]), &[3]),
        ];
        assert_eq!(places(&graph([1, 1, 1], nodes), &[])[1..4], [Some(1), Some(1), Some(3)]);
    }
}
