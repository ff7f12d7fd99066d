//! The network as both sides exchange it: a small typed graph, independent of any runtime.
//!
//! The trainer lowers a trained module into a [`Graph`] (batch norms already folded); the same
//! graph becomes an ONNX file on the host and a tract model on the device, so there is one
//! definition of what the network computes. Values are `[N, C, H, W]` or `[N, C]` in f32 and
//! N = 1. Weights may be stored as per-output-channel symmetric int8.
//!
//! Value numbering: value 0 is the input, value `i + 1` is what node `i` yields; a node reads
//! earlier values only, so the node list is in execution order.
//!
//! A value may be coded in eight bits ([`Graph::codes`]). A step whose values are all coded is
//! computed in integers ([`Graph::is_integer`]); [`affine`] states the arithmetic and [`mod@reference`]
//! is its plain, slow, bit-exact definition. Every other step is computed in f32 from decoded
//! values.

pub mod affine;
mod infer;
mod op;
pub mod reference;
pub mod sample;
mod steps;
mod tensor;
mod validate;

use serde::{Deserialize, Serialize};

pub use self::{
    affine::Affine,
    infer::ShapeFault,
    op::{Activation, Binary, Conv, Norm, NormOver, Op, PadMode, Resample, Window},
    steps::Step,
    tensor::TensorFault,
    validate::GraphError,
};
use crate::bounded::at_most;

/// Most nodes a graph may have.
pub const MAX_NODES: usize = 4096;
/// Most values a graph may have: its input and what its nodes make.
const MAX_VALUES: usize = MAX_NODES + 1;
/// Most named values that may leave a graph.
pub const MAX_OUTPUTS: usize = 64;
/// Largest channel count, height or width of any value.
pub const MAX_EXTENT: u32 = 8192;
/// Most elements all of a graph's values may have together.
pub const MAX_ELEMENTS: u64 = 1 << 26;

/// A network: its input, its nodes in execution order, and which values leave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Input shape without the batch axis, `[C, H, W]`.
    pub input: [u32; 3],
    /// The operations in execution order, at most [`MAX_NODES`].
    #[serde(deserialize_with = "at_most::<_, _, MAX_NODES>")]
    pub nodes: Vec<Node>,
    /// The values that leave the network, by name, at most [`MAX_OUTPUTS`].
    #[serde(deserialize_with = "at_most::<_, _, MAX_OUTPUTS>")]
    pub outputs: Vec<Output>,
    /// How each value is coded in eight bits, by value number; empty when none is.
    #[serde(deserialize_with = "at_most::<_, _, MAX_VALUES>")]
    pub codes: Vec<Option<Affine>>,
}

impl Graph {
    /// Checks everything a runtime relies on and returns every value's shape, by value number.
    ///
    /// # Errors
    /// The first rule of this module the graph breaks, with the node that breaks it.
    pub fn validate(&self) -> Result<Shapes, GraphError> {
        validate::graph(self)
    }

    /// Multiply-accumulates of all convolutions, linear layers and matrix products for one input;
    /// zero for a graph that [`Graph::validate`] refuses.
    pub fn macs(&self) -> u64 {
        self.node_macs().into_iter().sum()
    }

    /// Multiply-accumulates of each node for one input; empty for a graph that [`Graph::validate`]
    /// refuses.
    pub fn node_macs(&self) -> Vec<u64> {
        let Ok(shapes) = self.validate() else { return Vec::new() };
        let nodes = self.nodes.iter().zip(shapes.iter().skip(1));
        nodes.map(|(node, made)| node.op.macs(shapes[node.inputs[0] as usize], *made)).collect()
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> u64 {
        self.nodes.iter().map(|node| node.op.parameters()).sum()
    }
}

/// The shape of every value of a graph, by value number.
pub type Shapes = Vec<Shape>;

/// A value's shape without the batch axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[C, H, W]`; also `[B, M, N]`, matrices, where an operation says so.
    Map([u32; 3]),
    /// `[C]`.
    Vector([u32; 1]),
}

impl Shape {
    /// The extents, `[C, H, W]` or `[C]`.
    pub fn dims(&self) -> &[u32] {
        match self {
            Self::Map(dims) => dims,
            Self::Vector(dims) => dims,
        }
    }

    /// Extent of the channel axis.
    pub fn channels(&self) -> u32 {
        self.dims()[0]
    }

    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.dims().iter().map(|&extent| u64::from(extent)).product()
    }
}

/// A named value that leaves the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Name, unique in the graph.
    pub name: String,
    /// The value's number.
    pub value: u32,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Name, unique in the graph.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// The values it reads.
    pub inputs: Vec<u32>,
}

/// A constant tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// Extent of each axis.
    pub shape: Vec<u32>,
    /// The elements, last axis fastest.
    pub data: TensorData,
}

/// A constant tensor's elements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TensorData {
    /// Plain values.
    F32(Vec<f32>),
    /// `value = scale[o] * code`, one scale per index `o` of the first axis, codes in -127..=127.
    I8 {
        /// One scale per output channel.
        scales: Vec<f32>,
        /// The codes.
        codes: Vec<i8>,
    },
}
