//! A trained run as the network a bundle holds, with what its outputs mean.

use burn::tensor::Device;
use mien_shared::{
    bundle::Task,
    geometry::{FivePoints, Point},
    graph::Graph,
    input::InputSpec,
    label::Expression,
};

use super::{Lower, lower};
use crate::{
    arch::detector::Detector,
    recipe::{Recipe, TaskRecipe},
    task::{detect, expression},
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
                let net = load_weights(recipe.init(&device), weights)?;
                let arch = recipe.arch.name();
                let lowering = net.lowering().ok_or(CheckpointError::HostOnly { arch })?;
                let input = expression::input_spec(recipe.side());
                let labels = Expression::ALL.to_vec();
                let task = Task::Expression { labels, template: TEMPLATE, temperature: 1.0 };
                Ok(Self::of(lowering, task, input))
            }
            TaskRecipe::Identity(_) | TaskRecipe::Landmarks(_) => Err(CheckpointError::Mismatch {
                reason: "its network is for training alone".to_owned(),
            }),
            TaskRecipe::Detect { .. } => {
                let task = Task::Detect {
                    stride: Detector::STRIDE,
                    min_score: MIN_SCORE,
                    max_overlap: detect::MAX_OVERLAP,
                };
                let net = load_weights(Detector::new(&device), weights)?;
                Ok(Self::of(&net, task, Detector::INPUT))
            }
        }
    }

    fn of(net: &dyn Lower, task: Task, input: InputSpec) -> Self {
        Self { graph: lower(net, [1, input.height, input.width]), task, input }
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
