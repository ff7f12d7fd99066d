//! The multi-task network of the LSD ensemble: expression, and beside it landmarks, through the
//! same linear layers (`IXLab` at ABAW 2022; details as in the team's released code).
//!
//! ```text
//! emotion      crop    trunk -> 1×1 F', 1×1 F (ReLU) -> DAN heads, summed     [N, F]  ─┐
//! appearance   upright trunk -> 1×1 F (ReLU) -> mean over H, W                [M, F]  ─┤
//!                                                                                      │
//!   shared     linear F/2, normalised; linear F/4, normalised                  F/4  <──┘
//!   emotion    linear, normalised                                             [N, classes]
//!   landmarks  two linear layers, x and y in units of the side                [M, 68] each
//! ```
//!
//! F is 512, or the trunk's width where that is less; F' is half that width, at least F. Only the
//! emotion path runs on a device; a landmark weight of 0 leaves the other out in training too.
//!
//! `L = cross-entropy + affinity · L_af + partition · L_pt + landmarks · MSE`. The heads are summed
//! as they are, without DAN's log-softmax. Two things differ from the code: each branch normalises
//! by its own statistics (shared ones run into a mixture that neither branch shows, and inference
//! reads that), and there may be a ReLU between the shared layers, which without one are a single
//! affine map.

pub mod appearance;
pub mod shared;

use burn::{
    module::Module,
    nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig},
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use self::{
    appearance::Appearance,
    shared::{Norms, Shared},
};
use super::{
    blocks::{ConvBn, ConvBnConfig},
    dan::{
        fits,
        heads::{Heads, HeadsConfig},
    },
    faces::Faces,
    trunk::{Trunk, TrunkName, TrunkOptions},
};
use crate::{ops::norm::batch_norm_rows, train::Loss};

/// Width of what the heads see in the paper.
const WIDTH: usize = 512;

/// What a recipe says of the network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LsdConfig {
    /// The emotion branch's trunk.
    pub trunk: TrunkName,
    /// Whether its last stage keeps the size of its maps.
    pub wide_end: bool,
    /// Attention heads, 1 to 16.
    pub heads: usize,
    /// Weight of the affinity loss, 0 for none.
    pub affinity: f32,
    /// Weight of the partition loss, 0 for none.
    pub partition: f32,
    /// Weight of the mean squared error of the landmarks, 0 for the emotion branch alone.
    pub landmarks: f32,
    /// The appearance branch's trunk.
    pub appearance: TrunkName,
    /// Whether a ReLU follows each shared layer.
    pub relu: bool,
}

impl Default for LsdConfig {
    fn default() -> Self {
        Self {
            trunk: TrunkName::Resnet18S,
            wide_end: false,
            heads: 4,
            affinity: 1.0,
            partition: 1.0,
            landmarks: 1.0,
            appearance: TrunkName::Resnet18S,
            relu: false,
        }
    }
}

impl LsdConfig {
    /// The network with fresh weights.
    pub fn init(&self, classes: usize, device: &Device) -> Lsd {
        let options = TrunkOptions { wide_end: self.wide_end };
        let trunk = Trunk::headless(self.trunk, options, device);
        let whole = trunk.width();
        let width = whole.min(WIDTH);
        let shared = Shared::new(width, self.relu, device);
        Lsd {
            trunk,
            reduce: reduce([whole, (whole / 2).max(width), width], device),
            heads: self.heads().init([width, classes], device),
            norms: Norms::new(width, device),
            out: LinearConfig::new(shared.width(), classes).init(device),
            norm: BatchNormConfig::new(classes).init(device),
            appearance: (self.landmarks > 0.0)
                .then(|| Appearance::new(self.appearance, width, device)),
            landmarks: self.landmarks,
            shared,
        }
    }

    /// The first setting out of range for pictures of `side` pixels, and its rule.
    pub fn fault(&self, side: u32) -> Option<(&'static str, &'static str)> {
        let small = !fits(self.trunk, side) || !fits(self.appearance, side);
        let rules = [
            (small, "task.side", "at least 32 pixels, 16 for slim trunks"),
            (!(1..=16).contains(&self.heads), "task.arch.lsd.heads", "1 to 16"),
            (!(0.0..=100.0).contains(&self.affinity), "task.arch.lsd.affinity", "0 to 100"),
            (!(0.0..=100.0).contains(&self.partition), "task.arch.lsd.partition", "0 to 100"),
            (!(0.0..=1e4).contains(&self.landmarks), "task.arch.lsd.landmarks", "0 to 10000"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }

    fn heads(&self) -> HeadsConfig {
        HeadsConfig { count: self.heads, affinity: self.affinity, partition: self.partition }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Lsd {
    trunk: Trunk,
    reduce: Vec<ConvBn>,
    heads: Heads,
    shared: Shared,
    norms: Norms,
    out: Linear,
    norm: BatchNorm,
    appearance: Option<Appearance>,
    landmarks: f32,
}

impl Lsd {
    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1 or 3, S, S] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.classify(self.heads.forward(&self.features(x)))
    }

    /// The maps the heads look at.
    ///
    /// # Shapes
    /// `[N, 1 or 3, S, S] -> [N, F, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        let maps = self.trunk.last_map(x);
        self.reduce.iter().fold(maps, |x, layer| layer.forward_relu(x))
    }

    /// The loss of a batch; that of the landmarks where they are learned and the batch has
    /// upright copies.
    pub fn learn(&self, faces: &Faces) -> Loss {
        let maps = self.features(faces.pixels.clone());
        let heads = self.heads.forward(&maps);
        let logits = self.classify(heads.clone());
        let loss = Loss::new("cross_entropy", faces.cross_entropy(logits));
        let loss = self.heads.learn(loss, maps, heads, faces);
        match (&self.appearance, &faces.upright) {
            (Some(appearance), Some(upright)) => {
                loss.and("landmarks", self.landmarks, appearance.loss(&self.shared, upright))
            }
            _ => loss,
        }
    }

    /// `[N, K, F] -> [N, classes]`
    fn classify(&self, heads: Tensor<3>) -> Tensor<2> {
        let sum: Tensor<2> = heads.sum_dim(1).flatten(1, 2);
        let shared = self.shared.forward(sum, &self.norms);
        batch_norm_rows(&self.norm, self.out.forward(shared))
    }
}

/// 1×1 convolutions from each of `widths` to the next.
fn reduce(widths: [usize; 3], device: &Device) -> Vec<ConvBn> {
    widths
        .windows(2)
        .map(|pair| ConvBnConfig::new(pair[0], pair[1], 1).with_bias(true).init(device))
        .collect()
}

#[cfg(test)]
mod tests;
