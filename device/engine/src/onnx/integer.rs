//! Quantised ONNX models as graphs with codes.
//!
//! ONNX's operator-oriented form names every scale and zero point, so a model reads straight into
//! a [`Graph`] whose steps are exact integers ([`affine`](mien_shared::graph::affine)):
//!
//! ```text
//! QuantizeLinear of the input, QLinearConv, QLinearMatMul, MaxPool, Resize (×2), DequantizeLinear
//! com.microsoft: QLinearAdd, QLinearConcat, QLinearGlobalAveragePool, QGemm,
//!     QLinearAveragePool of the whole map, QLinearSoftmax, QLinearSigmoid
//! ConvInteger or MatMulInteger, then Cast, Mul with a scale and perhaps Add of a bias: exact sums
//! Conv, Gemm, Relu, Add, Softmax, Sigmoid on f32 values
//! Flatten, Reshape, Squeeze of a vector; Reshape, Transpose that leave the input in order
//! ```
//!
//! Codes are u8; a model with i8 codes is shifted by 128, which changes no difference from zero.
//! Weights are i8, or u8 around 128. The input is f32 `[1, C, H, W]`. Pairs of `QuantizeLinear`
//! and `DequantizeLinear` around float operators (the tensor-oriented form) are left to tract.

mod read;
mod rules;

use std::collections::HashMap;

use mien_shared::graph::{Affine, Graph, Node, Op, Output};
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use super::OnnxError;
use super::check::{is_standard, node_fault};

/// The operators that make a model one of this form.
const SIGNS: [&str; 8] = [
    "QLinearConv",
    "QLinearMatMul",
    "QLinearAdd",
    "QLinearConcat",
    "QLinearGlobalAveragePool",
    "QGemm",
    "ConvInteger",
    "MatMulInteger",
];

/// Whether a model is of this form.
pub(super) fn is_integer(graph: &GraphProto) -> bool {
    graph.node.iter().any(|node| SIGNS.contains(&node.op_type.as_str()))
}

/// Whether this module reads the operator of a node.
pub(super) fn knows(node: &NodeProto) -> bool {
    let microsoft = node.op_type.starts_with('Q') && node.domain == "com.microsoft";
    (microsoft || is_standard(node)) && rules::of(&node.op_type).is_some()
}

/// Reads a checked model.
///
/// # Errors
/// [`OnnxError::Node`] for a node this form does not allow, [`OnnxError::Input`] and
/// [`OnnxError::Output`] for ends that are not f32.
pub(super) fn read(proto: &GraphProto) -> Result<Graph, OnnxError> {
    let mut reader = Reader::new(proto)?;
    for node in &proto.node {
        let rule = rules::of(&node.op_type).ok_or_else(|| node_fault(node, "it is unknown"))?;
        let seen = rule(&mut reader, node)?;
        if let Some(name) = node.output.first() {
            reader.names.insert(name, seen);
        }
    }
    for output in &proto.output {
        let fault = |reason: &str| OnnxError::Output {
            output: output.name.clone(),
            reason: reason.to_owned(),
        };
        let seen = reader.names.get(output.name.as_str()).ok_or_else(|| fault("it is constant"))?;
        if seen.form != Form::Floats {
            return Err(fault("it is quantised; end the model with DequantizeLinear"));
        }
        let value = seen.value;
        reader.graph.outputs.push(Output { name: output.name.clone(), value });
    }
    Ok(reader.graph)
}

/// What a name of the model stands for.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The graph's value.
    value: u32,
    /// In what form it is read under this name.
    form: Form,
    /// `[C, H, W]`; a vector has one pixel.
    dims: [u32; 3],
    /// Whether the graph's value is a vector.
    vector: bool,
}

/// In what form a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Eight-bit codes.
    Codes,
    /// Exact sums whose scale is still to come.
    Sums,
    /// Numbers.
    Floats,
}

/// A graph under construction.
struct Reader<'a> {
    graph: Graph,
    names: HashMap<&'a str, Seen>,
    constants: HashMap<&'a str, &'a TensorProto>,
    /// How many nodes read each name; an output counts as one.
    readers: HashMap<&'a str, usize>,
}

impl<'a> Reader<'a> {
    fn new(proto: &'a GraphProto) -> Result<Self, OnnxError> {
        let constants = proto.initializer.iter().map(|t| (t.name.as_str(), t)).collect();
        let mut readers = HashMap::new();
        let read = proto.node.iter().flat_map(|node| &node.input);
        for name in read.chain(proto.output.iter().map(|output| &output.name)) {
            *readers.entry(name.as_str()).or_insert(0) += 1;
        }
        let input = proto.input.first().ok_or_else(|| super::malformed("there is no input"))?;
        let dims = read::input_dims(input).ok_or_else(|| OnnxError::Input {
            input: input.name.clone(),
            reason: "a quantised model needs an input of [1, C, H, W]".to_owned(),
        })?;
        let seen = Seen { value: 0, form: Form::Floats, dims, vector: false };
        let names = HashMap::from([(input.name.as_str(), seen)]);
        let graph = Graph { input: dims, nodes: vec![], outputs: vec![], codes: vec![None] };
        Ok(Self { graph, names, constants, readers })
    }

    /// What a node reads as its input of that number.
    fn input(&self, node: &NodeProto, number: usize) -> Result<Seen, OnnxError> {
        let seen = node.input.get(number).and_then(|name| self.names.get(name.as_str()));
        seen.copied().ok_or_else(|| node_fault(node, format!("input {number} is no value")))
    }

    /// An input that must be in `form`.
    fn input_as(&self, node: &NodeProto, number: usize, form: Form) -> Result<Seen, OnnxError> {
        let seen = self.input(node, number)?;
        if seen.form == form {
            return Ok(seen);
        }
        Err(node_fault(node, format!("input {number} is read as {form:?} but is {:?}", seen.form)))
    }

    /// A coded input whose scale and zero point follow it.
    fn coded(&self, node: &NodeProto, number: usize) -> Result<(Seen, Affine), OnnxError> {
        let seen = self.input_as(node, number, Form::Codes)?;
        let stated = self.affine(node, number + 1)?;
        if self.graph.coding(seen.value) != Some(stated) {
            let reason = format!("input {number} is coded otherwise than the node says");
            return Err(node_fault(node, reason));
        }
        Ok((seen, stated))
    }

    /// Adds a node to the graph; a value of `codes`, or of numbers.
    fn push(
        &mut self,
        node: &NodeProto,
        op: Op,
        inputs: &[Seen],
        made: Made,
    ) -> Result<Seen, OnnxError> {
        let inputs = inputs.iter().map(|seen| seen.value).collect();
        self.graph.nodes.push(Node { name: node.name.clone(), op, inputs });
        self.graph.codes.push(made.codes);
        let value = u32::try_from(self.graph.nodes.len()).ok();
        let value = value.ok_or_else(|| node_fault(node, "there are too many nodes"))?;
        let form = if made.codes.is_some() { Form::Codes } else { Form::Floats };
        Ok(Seen { value, form, dims: made.dims, vector: made.vector })
    }

    /// The operation that makes a value.
    fn maker(&mut self, seen: Seen) -> Option<&mut Op> {
        let node = (seen.value as usize).checked_sub(1)?;
        self.graph.nodes.get_mut(node).map(|node| &mut node.op)
    }

    /// Whether a node alone reads its input of that number.
    fn reads_alone(&self, node: &NodeProto, number: usize) -> bool {
        let name = node.input.get(number);
        name.is_some_and(|name| self.readers.get(name.as_str()) == Some(&1))
    }
}

/// What a new value is like.
#[derive(Debug, Clone, Copy)]
struct Made {
    codes: Option<Affine>,
    dims: [u32; 3],
    vector: bool,
}

#[cfg(test)]
pub(super) mod tests;
