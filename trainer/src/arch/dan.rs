//! DAN: several attention heads over one trunk, pulled to class centres and kept apart (Wen et al.
//! 2023, "Distract Your Attention", arXiv 2109.07270; details as in the authors' code).
//!
//! ```text
//! [N, 1 or 3, S, S]
//!   trunk                          [N, D, H, W]    512 × 7 × 7; slim 128 × 3 × 3
//!   K heads (head.rs)              [N, K, D]
//!   log_softmax over K, sum over K [N, D]
//!   linear, batch normalisation    [N, classes]
//! ```
//!
//! `L = cross-entropy + affinity · L_af + partition · L_pt` ([`affinity`], [`partition`]). With one
//! head there is nothing to compare: no log-softmax and no partition loss.

pub mod affinity;
pub mod head;
pub mod heads;
pub mod partition;

use burn::{
    module::Module,
    nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig},
    tensor::{Device, Tensor, activation::log_softmax},
};
use serde::{Deserialize, Serialize};

use self::heads::{Heads, HeadsConfig};
use super::{
    faces::Faces,
    trunk::{Trunk, TrunkName, TrunkOptions},
};
use crate::{ops::norm::batch_norm_rows, train::Loss};

/// What a recipe says of the network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DanConfig {
    /// What the heads look at.
    pub trunk: TrunkName,
    /// Whether the trunk's last stage keeps the size of its maps.
    pub wide_end: bool,
    /// Attention heads, 1 to 16.
    pub heads: usize,
    /// Weight of the affinity loss, 0 for none.
    pub affinity: f32,
    /// Weight of the partition loss, 0 for none.
    pub partition: f32,
}

impl Default for DanConfig {
    fn default() -> Self {
        Self {
            trunk: TrunkName::Resnet18S,
            wide_end: false,
            heads: 4,
            affinity: 1.0,
            partition: 1.0,
        }
    }
}

impl DanConfig {
    /// The network with fresh weights.
    pub fn init(&self, classes: usize, device: &Device) -> Dan {
        let options = TrunkOptions { wide_end: self.wide_end };
        let trunk = Trunk::headless(self.trunk, options, device);
        let width = trunk.width();
        Dan {
            trunk,
            heads: self.heads().init([width, classes], device),
            out: LinearConfig::new(width, classes).init(device),
            norm: BatchNormConfig::new(classes).init(device),
        }
    }

    /// The first setting out of range for pictures of `side` pixels, and its rule.
    pub fn fault(&self, side: u32) -> Option<(&'static str, &'static str)> {
        let rules = [
            (!fits(self.trunk, side), "task.side", "at least 32 pixels, 16 for a slim trunk"),
            (!(1..=16).contains(&self.heads), "task.arch.dan.heads", "1 to 16"),
            (!(0.0..=100.0).contains(&self.affinity), "task.arch.dan.affinity", "0 to 100"),
            (!(0.0..=100.0).contains(&self.partition), "task.arch.dan.partition", "0 to 100"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }

    fn heads(&self) -> HeadsConfig {
        HeadsConfig { count: self.heads, affinity: self.affinity, partition: self.partition }
    }
}

/// Whether a picture of `side` pixels leaves a trunk something to see.
pub(super) fn fits(trunk: TrunkName, side: u32) -> bool {
    side >= if trunk.is_slim() { 16 } else { 32 }
}

/// The network.
#[derive(Module, Debug)]
pub struct Dan {
    trunk: Trunk,
    heads: Heads,
    out: Linear,
    norm: BatchNorm,
}

impl Dan {
    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1 or 3, S, S] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.classify(fused(self.heads.forward(&self.features(x))))
    }

    /// The trunk's last maps.
    ///
    /// # Shapes
    /// `[N, 1 or 3, S, S] -> [N, D, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        self.trunk.last_map(x)
    }

    /// The loss of a batch.
    pub fn learn(&self, faces: &Faces) -> Loss {
        let maps = self.features(faces.pixels.clone());
        let fused = fused(self.heads.forward(&maps));
        let logits = self.classify(fused.clone());
        let loss = Loss::new("cross_entropy", faces.cross_entropy(logits));
        self.heads.learn(loss, maps, fused, faces)
    }

    /// `[N, K, D] -> [N, classes]`
    fn classify(&self, fused: Tensor<3>) -> Tensor<2> {
        let sum: Tensor<2> = fused.sum_dim(1).flatten(1, 2);
        batch_norm_rows(&self.norm, self.out.forward(sum))
    }
}

/// The heads' logarithmic share in each channel, `[N, K, D] -> [N, K, D]`; a lone head as it is.
fn fused(heads: Tensor<3>) -> Tensor<3> {
    let [_, count, _] = heads.dims();
    if count > 1 { log_softmax(heads, 1) } else { heads }
}

#[cfg(test)]
pub(super) mod tests;
