//! What can go wrong while a graph is quantised.

use mien_engine::EngineError;
use mien_shared::graph::GraphError;

/// Why a graph cannot be quantised.
#[derive(Debug, thiserror::Error)]
pub enum QuantError {
    /// The graph breaks a rule.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The f32 graph does not run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is nothing to learn ranges from.
    #[error("no calibration inputs; give some tens at least")]
    NoInputs,
    /// An input has another size than the graph's.
    #[error("calibration input {index} holds {given} values where the graph reads {wanted}")]
    Input {
        /// Position among the inputs.
        index: usize,
        /// Values given.
        given: usize,
        /// Values the graph reads.
        wanted: u64,
    },
    /// A picture has another size than the network's.
    #[error("calibration picture {index} is {given:?} where the network wants {wanted:?} pixels")]
    Picture {
        /// Position among the pictures.
        index: usize,
        /// Width and height given.
        given: [u32; 2],
        /// Width and height wanted.
        wanted: [u32; 2],
    },
    /// A value is not a number.
    #[error("value {value} is not finite for calibration input {index}; look at its weights")]
    NotFinite {
        /// The value's number.
        value: usize,
        /// Position among the inputs.
        index: usize,
    },
    /// A layer to keep in float is not in the graph.
    #[error("no layer '{name}' to keep in float; there are: {known}")]
    UnknownLayer {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The input's mean or deviation has no coding.
    #[error(
        "an input of mean {mean} and std {std} has no codes; mean lies in 0..=255, std above 0"
    )]
    InputSpec {
        /// Stated mean.
        mean: f32,
        /// Stated standard deviation.
        std: f32,
    },
    /// The difference to an integer mean has no bias to go to.
    #[error(
        "node {node:?} reads the input and is no convolution, so the mean {mean} cannot move to an \
         integer; train with an integer mean"
    )]
    InputReader {
        /// The node.
        node: String,
        /// The mean.
        mean: f32,
    },
}
