//! Attributes that tract takes on trust: windows and axes.
//!
//! A window's lists have one length, hold nothing zero that is divided by, and nothing so large
//! that an index wraps. A permutation is one. An axis is one of the input's; its rank is known
//! only once shapes are inferred, so what a node needs of it is written down here and held then.

use std::collections::HashMap;

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::OnnxError;
use super::check::node_fault;
use super::tensor::integers_of;

/// Largest kernel, stride, dilation, padding or number of groups.
const LARGEST: i64 = 8192;

/// The operators with a window.
const SLIDING: [&str; 7] =
    ["Conv", "ConvInteger", "ConvTranspose", "QLinearConv", "AveragePool", "LpPool", "MaxPool"];

/// The operators whose second input may state axes.
const AXES_INPUT: [&str; 12] = [
    "Squeeze",
    "Unsqueeze",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
];

/// How many axes a node's first input must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    /// At least so many.
    pub(super) least: i64,
    /// At most so many.
    pub(super) most: i64,
}

/// What nodes need of their first input, by the node's name.
pub(super) type Ranks = HashMap<String, Rank>;

/// Checks every node's attributes.
///
/// # Errors
/// [`OnnxError::Node`] naming the node and the attribute.
pub(super) fn check(graph: &GraphProto) -> Result<Ranks, OnnxError> {
    let rank = |node: &NodeProto| Ok((node.name.clone(), check_node(graph, node)?));
    graph.node.iter().map(rank).collect()
}

fn check_node(graph: &GraphProto, node: &NodeProto) -> Result<Rank, OnnxError> {
    let operator = node.op_type.as_str();
    let mut rank = Rank { least: 0, most: i64::MAX };
    if SLIDING.contains(&operator) {
        let axes = check_window(graph, node)?;
        rank = Rank { least: axes + 2, most: axes + 2 };
    }
    if operator == "Transpose"
        && let Some(perm) = ints(node, "perm")
    {
        let axes = check_permutation(node, perm)?;
        rank = Rank { least: axes, most: axes };
    }
    let added = if operator == "Unsqueeze" { axes(graph, node).len() } else { 0 };
    let beyond = i64::from(operator == "Flatten") + count(added);
    for axis in axes(graph, node) {
        let needed = if axis < 0 { axis.checked_neg() } else { axis.checked_add(1) };
        let needed = needed.filter(|n| *n <= LARGEST);
        let needed = needed.ok_or_else(|| node_fault(node, format!("axis {axis} is none")))?;
        rank.least = rank.least.max(needed - beyond);
    }
    Ok(rank)
}

/// Every axis that a node's attributes or constant inputs name.
fn axes(graph: &GraphProto, node: &NodeProto) -> Vec<i64> {
    let mut axes = ints(node, "axes").map(<[i64]>::to_vec).unwrap_or_default();
    axes.extend(node.attribute.iter().filter(|a| a.name == "axis").map(|a| a.i));
    if AXES_INPUT.contains(&node.op_type.as_str()) {
        axes.extend(constant(graph, node, 1).map(integers_of).unwrap_or_default());
    }
    axes
}

/// The number of axes a window slides over.
fn check_window(graph: &GraphProto, node: &NodeProto) -> Result<i64, OnnxError> {
    let position = if node.op_type == "QLinearConv" { 3 } else { 1 };
    let weight = constant(graph, node, position).map(|t| t.dims.len().saturating_sub(2));
    let Some(axes) = ints(node, "kernel_shape").map(<[i64]>::len).or(weight) else {
        return Err(node_fault(node, "its kernel is neither constant nor stated"));
    };
    let lists = [("kernel_shape", axes, 1), ("strides", axes, 1), ("dilations", axes, 1)];
    for (name, length, least) in lists.into_iter().chain([("pads", 2 * axes, 0)]) {
        let Some(values) = ints(node, name) else { continue };
        if values.len() != length || values.iter().any(|v| !(least..=LARGEST).contains(v)) {
            let reason =
                format!("{name} {values:?} should be {length} numbers in {least}..={LARGEST}");
            return Err(node_fault(node, reason));
        }
    }
    let groups = node.attribute.iter().find(|a| a.name == "group").map_or(1, |a| a.i);
    if !(1..=LARGEST).contains(&groups) {
        return Err(node_fault(node, format!("group {groups} lies outside 1..={LARGEST}")));
    }
    Ok(count(axes))
}

/// The number of axes a permutation exchanges.
fn check_permutation(node: &NodeProto, perm: &[i64]) -> Result<i64, OnnxError> {
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    if !sorted.iter().copied().eq(0..count(perm.len())) {
        return Err(node_fault(node, format!("perm {perm:?} is no permutation")));
    }
    Ok(count(perm.len()))
}

fn ints<'a>(node: &'a NodeProto, name: &str) -> Option<&'a [i64]> {
    node.attribute.iter().find(|a| a.name == name).map(|a| a.ints.as_slice())
}

fn constant<'a>(graph: &'a GraphProto, node: &NodeProto, input: usize) -> Option<&'a TensorProto> {
    let name = node.input.get(input)?;
    graph.initializer.iter().find(|constant| constant.name == *name)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
