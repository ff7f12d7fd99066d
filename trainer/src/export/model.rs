//! A trained run as the network a bundle holds, with what its outputs mean.

use burn::{module::Module, tensor::Device};
use mien_shared::{
    bundle::Task,
    geometry::{FivePoints, Point},
    graph::Graph,
    input::InputSpec,
    label::Expression,
};

use super::{Lower, lower};
use crate::{
    arch::{detector::Detector, expression::ExpressionNet},
    recipe::{Recipe, TaskRecipe},
    task::{
        detect,
        expression::{self, CLASSES},
    },
    train::checkpoint::{CheckpointError, load_weights},
};

/// A network with what a bundle says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The network, batch norms folded.
    pub graph: Graph,
    /// What its outputs mean.
    pub task: Task,
    /// How it wants its picture.
    pub input: InputSpec,
}

/// Lowest detector score worth reporting, until `quantise` chooses one on validation pictures.
const MIN_SCORE: f32 = 0.5;

impl Model {
    /// The network of `recipe` with `weights`, the bytes a run keeps as its best.
    ///
    /// # Errors
    /// When the weights are of another network.
    pub fn new(recipe: &Recipe, weights: &[u8]) -> Result<Self, CheckpointError> {
        let device = Device::flex();
        match &recipe.task {
            TaskRecipe::Expression(recipe) => {
                let arch = &recipe.arch;
                let net = ExpressionNet::new(arch, CLASSES, &device)
                    .ok_or_else(|| CheckpointError::Mismatch { reason: format!("no {arch}") })?;
                let input = expression::input_spec(net.side());
                let labels = Expression::ALL.to_vec();
                let task = Task::Expression { labels, template: TEMPLATE, temperature: 1.0 };
                Self::lowered(net, weights, task, input)
            }
            TaskRecipe::Detect { .. } => {
                let task = Task::Detect {
                    stride: Detector::STRIDE,
                    min_score: MIN_SCORE,
                    max_overlap: detect::MAX_OVERLAP,
                };
                Self::lowered(Detector::new(&device), weights, task, Detector::INPUT)
            }
        }
    }

    fn lowered<M: Module + Lower>(
        net: M,
        weights: &[u8],
        task: Task,
        input: InputSpec,
    ) -> Result<Self, CheckpointError> {
        let net = load_weights(net, weights)?;
        Ok(Self { graph: lower(&net, [1, input.height, input.width]), task, input })
    }
}

/// Where the five points lie in an expression crop, in units of its side: the mean place at which
/// Mien's detector finds them in FER2013's training pictures and their mirror images
/// (`examples/template.rs`), so that a device cuts faces out the way the network saw them.
pub const TEMPLATE: FivePoints = FivePoints {
    left_eye: Point { x: 0.323, y: 0.381 },
    right_eye: Point { x: 0.677, y: 0.381 },
    nose: Point { x: 0.500, y: 0.575 },
    mouth_left: Point { x: 0.348, y: 0.767 },
    mouth_right: Point { x: 0.652, y: 0.767 },
};
