//! What must hold of a model before tract sees it.
//!
//! Nodes are sorted and make each value once, so there is no cycle; operators are known and hold no
//! subgraphs; constants are sound; there is one f32 input of known shape, whose first axis, if it
//! is open, becomes a batch of one. Values are measured later, as their shapes are inferred.

use std::collections::HashSet;

use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::{GraphProto, NodeProto, ValueInfoProto, type_proto};

use super::tensor::{self, elements};
use super::{Limits, OnnxError};

/// Checks a graph whose operators must be `known` and settles what it leaves open.
///
/// # Errors
/// The first rule it breaks.
pub(super) fn check(
    graph: &mut GraphProto,
    limits: &Limits,
    known: &dyn Fn(&NodeProto) -> bool,
) -> Result<(), OnnxError> {
    too_many("nodes", graph.node.len() as u64, limits.nodes)?;
    name_nodes(graph);
    let mut weights = Weights { limit: limits.weights, total: 0 };
    let mut made: HashSet<&str> = HashSet::new();
    for constant in &graph.initializer {
        weights.add(constant, &constant.name)?;
        once(&mut made, &constant.name)?;
    }
    if let Some(sparse) = graph.sparse_initializer.first() {
        let name = sparse.values.as_ref().map_or_else(String::new, |values| values.name.clone());
        let reason = "it is sparse; save it dense".to_owned();
        return Err(OnnxError::Tensor { tensor: name, reason });
    }
    for input in graph.input.iter().filter(|input| !is_constant(graph, &input.name)) {
        once(&mut made, &input.name)?;
    }
    for node in &graph.node {
        check_node(node, known, &mut weights)?;
        read(&made, node)?;
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            once(&mut made, output)?;
        }
    }
    check_outputs(graph, &made)?;
    settle_input(graph, limits)
}

/// The node's name in messages: tract's, which is its own or that of what it makes.
pub(super) fn name_of(node: &NodeProto) -> String {
    node.name.clone()
}

/// A fault of a node.
pub(super) fn node_fault(node: &NodeProto, reason: impl Into<String>) -> OnnxError {
    OnnxError::Node { node: name_of(node), operator: node.op_type.clone(), reason: reason.into() }
}

/// Gives every node a name of its own.
fn name_nodes(graph: &mut GraphProto) {
    let mut taken = HashSet::new();
    for (index, node) in graph.node.iter_mut().enumerate() {
        if node.name.is_empty() {
            node.name = node.output.first().cloned().unwrap_or_default();
        }
        if node.name.is_empty() || !taken.insert(node.name.clone()) {
            node.name = format!("{}#{index}", node.name);
            taken.insert(node.name.clone());
        }
    }
}

/// Counts the elements of all constants.
struct Weights {
    limit: u64,
    total: u64,
}

impl Weights {
    fn add(&mut self, constant: &tract_onnx::pb::TensorProto, name: &str) -> Result<(), OnnxError> {
        self.total += tensor::check(constant, name, self.limit)?;
        too_many("elements of all constants", self.total, self.limit)
    }
}

fn check_node(
    node: &NodeProto,
    known: &dyn Fn(&NodeProto) -> bool,
    weights: &mut Weights,
) -> Result<(), OnnxError> {
    if !known(node) {
        let domain = if is_standard(node) { String::new() } else { format!("{}.", node.domain) };
        let operator = format!("{domain}{}", node.op_type);
        return Err(OnnxError::Operator { node: name_of(node), operator });
    }
    if node.input.len() > MAX_PORTS || node.output.len() > MAX_PORTS {
        return Err(node_fault(node, format!("more than {MAX_PORTS} inputs or outputs")));
    }
    for attribute in &node.attribute {
        if attribute.g.is_some() || !attribute.graphs.is_empty() {
            return Err(node_fault(node, "control flow is not supported"));
        }
        if attribute.sparse_tensor.is_some() || !attribute.sparse_tensors.is_empty() {
            return Err(node_fault(node, "sparse constants are not supported"));
        }
        for constant in attribute.t.iter().chain(&attribute.tensors) {
            weights.add(constant, &node.name)?;
        }
    }
    Ok(())
}

/// Whether a node's operator is of ONNX's own domain.
pub(super) fn is_standard(node: &NodeProto) -> bool {
    matches!(node.domain.as_str(), "" | "ai.onnx")
}

/// Most inputs or outputs of a node.
const MAX_PORTS: usize = 1024;

/// Every input of a node is made before it.
fn read(made: &HashSet<&str>, node: &NodeProto) -> Result<(), OnnxError> {
    let unknown = |name: &&String| !name.is_empty() && !made.contains(name.as_str());
    match node.input.iter().find(unknown) {
        Some(value) => Err(OnnxError::Order { node: name_of(node), value: value.clone() }),
        None => Ok(()),
    }
}

fn once<'a>(made: &mut HashSet<&'a str>, value: &'a str) -> Result<(), OnnxError> {
    if made.insert(value) { Ok(()) } else { Err(OnnxError::Twice { value: value.to_owned() }) }
}

fn check_outputs(graph: &GraphProto, made: &HashSet<&str>) -> Result<(), OnnxError> {
    too_many("outputs", graph.output.len() as u64, MAX_PORTS as u64)?;
    let mut names = HashSet::new();
    for output in &graph.output {
        let fault = |reason: &str| {
            Err(OnnxError::Output { output: output.name.clone(), reason: reason.to_owned() })
        };
        if !made.contains(output.name.as_str()) {
            return fault("nothing makes it");
        }
        if !names.insert(&output.name) {
            return fault("it is named twice");
        }
    }
    if graph.output.is_empty() {
        return Err(OnnxError::Malformed { reason: "the model has no output".to_owned() });
    }
    Ok(())
}

/// Makes the batch one and checks that everything else about the only input is known.
fn settle_input(graph: &mut GraphProto, limits: &Limits) -> Result<(), OnnxError> {
    let constants: HashSet<String> = graph.initializer.iter().map(|t| t.name.clone()).collect();
    graph.input.retain(|input| !constants.contains(&input.name));
    let [input] = graph.input.as_mut_slice() else {
        let reason = format!("the model has {} inputs; the engine feeds one", graph.input.len());
        return Err(OnnxError::Malformed { reason });
    };
    let name = input.name.clone();
    let fault = |reason: String| OnnxError::Input { input: name.clone(), reason };
    let kind = tensor_type(input).ok_or_else(|| fault("it is no tensor of a shape".to_owned()))?;
    if kind.elem_type != DataType::Float as i32 {
        return Err(fault(format!("its data type is {}; the engine feeds f32", kind.elem_type)));
    }
    let dims = kind.shape.as_mut().map(|shape| &mut shape.dim).filter(|dims| !dims.is_empty());
    let dims = dims.ok_or_else(|| fault("its shape is not stated".to_owned()))?;
    let mut extents = Vec::with_capacity(dims.len());
    for (axis, dim) in dims.iter_mut().enumerate() {
        let stated = match dim.value {
            Some(Extent::DimValue(extent)) if extent > 0 => Some(extent),
            _ => (axis == 0).then_some(1),
        };
        let extent = stated.ok_or_else(|| {
            fault(format!("axis {axis} is open; export the model with a fixed shape"))
        })?;
        dim.value = Some(Extent::DimValue(extent));
        extents.push(extent);
    }
    let size = elements(&extents).unwrap_or(u64::MAX);
    too_many(&format!("elements of input {name:?}"), size, limits.values)
}

fn tensor_type(input: &mut ValueInfoProto) -> Option<&mut type_proto::Tensor> {
    let type_proto::Value::TensorType(kind) = input.r#type.as_mut()?.value.as_mut()?;
    Some(kind)
}

fn is_constant(graph: &GraphProto, name: &str) -> bool {
    graph.initializer.iter().any(|constant| constant.name == name)
}

/// Refuses more than `limit` of something.
pub(super) fn too_many(what: &str, count: u64, limit: u64) -> Result<(), OnnxError> {
    if count > limit {
        return Err(OnnxError::TooLarge { what: what.to_owned(), count, limit });
    }
    Ok(())
}
