//! The sliding windows of convolutions and pools, checked for what tract takes on trust: lists of
//! one length, nothing zero that is divided by, nothing so large that an index wraps.

use std::collections::HashMap;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::OnnxError;
use super::check::node_fault;

/// Largest kernel, stride, dilation, padding or number of groups.
const LARGEST: i64 = 8192;

/// The operators with a window.
const SLIDING: [&str; 7] = [
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "QLinearConv",
    "AveragePool",
    "LpPool",
    "MaxPool",
];

/// The number of axes over which each node's window slides, by the node's name.
pub(super) type Windows = HashMap<String, usize>;

/// Checks every window of a graph.
///
/// # Errors
/// [`OnnxError::Node`] naming the node and the attribute.
pub(super) fn check(graph: &GraphProto) -> Result<Windows, OnnxError> {
    let sliding = |node: &&NodeProto| SLIDING.contains(&node.op_type.as_str());
    let axes = |node: &NodeProto| Ok((node.name.clone(), check_node(graph, node)?));
    graph.node.iter().filter(sliding).map(axes).collect()
}

fn check_node(graph: &GraphProto, node: &NodeProto) -> Result<usize, OnnxError> {
    let list = |name: &str| node.attribute.iter().find(|a| a.name == name).map(|a| &a.ints);
    let weight = |t: &&tract_onnx::pb::TensorProto| node.input.get(1).is_some_and(|n| *n == t.name);
    let weight = graph.initializer.iter().find(weight).map(|t| t.dims.len().saturating_sub(2));
    let stated = list("kernel_shape").map(Vec::len);
    let Some(axes) = stated.or(weight) else {
        return Err(node_fault(node, "its kernel is neither constant nor stated"));
    };
    let fits = [("kernel_shape", axes, 1), ("strides", axes, 1), ("dilations", axes, 1)];
    for (name, length, least) in fits.into_iter().chain([("pads", 2 * axes, 0)]) {
        if let Some(values) = list(name)
            && (values.len() != length || values.iter().any(|v| !(least..=LARGEST).contains(v)))
        {
            let reason = format!(
                "{name} {values:?} should be {length} numbers in {least}..={LARGEST}"
            );
            return Err(node_fault(node, reason));
        }
    }
    let groups = node.attribute.iter().find(|a| a.name == "group").map_or(1, |a| a.i);
    if !(1..=LARGEST).contains(&groups) {
        return Err(node_fault(node, format!("group {groups} lies outside 1..={LARGEST}")));
    }
    Ok(axes)
}
