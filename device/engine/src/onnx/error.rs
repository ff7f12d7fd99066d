//! Why an ONNX file is refused.

use std::path::PathBuf;

/// What is wrong with an ONNX file; messages name the node or tensor and the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// More of something than the limits allow.
    #[error("{what}: {count}, but the limit is {limit}; raise it if the file is trusted")]
    TooLarge {
        /// Of what, and where.
        what: String,
        /// How much there is.
        count: u64,
        /// How much there may be.
        limit: u64,
    },
    /// The bytes are no ONNX model: cut off, or of another format.
    #[error("not an ONNX model: {reason}")]
    Malformed {
        /// What does not fit.
        reason: String,
    },
    /// A node's operator is known neither to tract nor to the engine.
    #[error(
        "node {node:?} needs operator {operator:?}, which the engine does not know; export the model without it"
    )]
    Operator {
        /// The node.
        node: String,
        /// The operator, with its domain.
        operator: String,
    },
    /// A node that the engine knows is used in a way it does not.
    #[error("node {node:?} ({operator}): {reason}")]
    Node {
        /// The node.
        node: String,
        /// Its operator.
        operator: String,
        /// What is wrong.
        reason: String,
    },
    /// A node reads a value that no earlier node makes: the graph is cyclic, unsorted or cut.
    #[error("node {node:?} reads {value:?}, which nothing before it makes")]
    Order {
        /// The node.
        node: String,
        /// The value.
        value: String,
    },
    /// Two nodes, inputs or constants make one value.
    #[error("value {value:?} is made twice")]
    Twice {
        /// The value.
        value: String,
    },
    /// A constant is wrong.
    #[error("tensor {tensor:?}: {reason}")]
    Tensor {
        /// The constant, or the node that holds it.
        tensor: String,
        /// What is wrong.
        reason: String,
    },
    /// The model's input is not one f32 tensor of known shape.
    #[error("input {input:?}: {reason}")]
    Input {
        /// The input.
        input: String,
        /// What is wrong.
        reason: String,
    },
    /// An output is wrong.
    #[error("output {output:?}: {reason}")]
    Output {
        /// The output.
        output: String,
        /// What is wrong.
        reason: String,
    },
    /// A shape depends on what the network computes.
    #[error(
        "node {node:?}: its output's shape is not known before it runs; export the model with fixed shapes"
    )]
    Dynamic {
        /// The node.
        node: String,
    },
    /// tract met a case it does not handle.
    #[error("tract gave up on this model: {reason}")]
    GaveUp {
        /// Its last words.
        reason: String,
    },
}
