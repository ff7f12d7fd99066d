//! Steps: the units of execution, a node with the relu that clips it.

use super::{Affine, Conv, Graph, Node, Op, Shapes, Tensor, TensorData, affine::MAX_TERMS};

/// A node as it is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Position of the node.
    pub node: usize,
    /// Whether a relu clips what the node makes.
    pub relu: bool,
    /// The value that leaves the step: the node's, or the relu's.
    pub output: u32,
}

impl Graph {
    /// The graph as steps in execution order; the graph is valid.
    ///
    /// A relu joins the convolution, linear layer or sum before it when nothing else reads that
    /// value and it has no codes of its own.
    pub fn steps(&self) -> Vec<Step> {
        let mut joined = vec![false; self.nodes.len()];
        let mut steps = Vec::new();
        for node in 0..self.nodes.len() {
            if joined[node] {
                continue;
            }
            let relu = self.joinable_relu(node);
            if let Some(relu) = relu {
                joined[relu] = true;
            }
            let output = value_of(relu.unwrap_or(node));
            steps.push(Step { node, relu: relu.is_some(), output });
        }
        steps
    }

    /// How `value` is coded, if it is.
    pub fn coding(&self, value: u32) -> Option<Affine> {
        self.codes.get(value as usize).copied().flatten()
    }

    /// Whether `step` is computed in integers: all it reads is coded, its weights are int8, and
    /// what it makes is coded or, for a convolution or linear layer, the exact sums in f32.
    pub fn is_integer(&self, step: Step, shapes: &Shapes) -> bool {
        let node = &self.nodes[step.node];
        let Some(inputs) = node.inputs.iter().map(|&v| self.coding(v)).collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        let output = self.coding(step.output);
        match &node.op {
            Op::Conv(Conv { weight, .. }) | Op::Linear { weight, .. } => is_integer(weight),
            Op::Add | Op::Concat => output.is_some(),
            Op::GlobalAveragePool => {
                let read = shapes[node.inputs[0] as usize];
                output.is_some() && read.elements() / u64::from(read.channels()) <= MAX_TERMS as u64
            }
            Op::MaxPool(_) | Op::Upsample2 | Op::Relu => output == Some(inputs[0]),
            // What no integer rule is stated for runs on decoded values.
            _ => false,
        }
    }

    /// The node of the relu that joins `node`.
    fn joinable_relu(&self, node: usize) -> Option<usize> {
        let joins = matches!(self.nodes[node].op, Op::Conv(_) | Op::Linear { .. } | Op::Add);
        let value = value_of(node);
        let leaves = self.outputs.iter().any(|output| output.value == value);
        if !joins || leaves || self.coding(value).is_some() {
            return None;
        }
        let mut readers = (node + 1..self.nodes.len()).filter(|&i| reads(&self.nodes[i], value));
        let first = readers.next()?;
        let alone = readers.next().is_none();
        (alone && matches!(self.nodes[first].op, Op::Relu)).then_some(first)
    }
}

/// The number of the value that the node at `position` makes.
#[expect(clippy::cast_possible_truncation, reason = "a valid graph has at most 4096 nodes")]
fn value_of(position: usize) -> u32 {
    position as u32 + 1
}

fn reads(node: &Node, value: u32) -> bool {
    node.inputs.contains(&value)
}

/// int8 weights with no more products per output than a sum can hold.
fn is_integer(weight: &Tensor) -> bool {
    match &weight.data {
        TensorData::I8 { scales, codes } => codes.len() / scales.len().max(1) <= MAX_TERMS,
        TensorData::F32(_) => false,
    }
}
