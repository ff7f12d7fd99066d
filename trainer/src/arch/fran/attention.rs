//! Self-attention over regions: how much each region of a picture is to be believed.
//!
//! `e_i = w · tanh(W r_i)`, `alpha = softmax_i(e_i)`: the additive attention of Bahdanau et al. 2015
//! (arXiv 1409.0473) without a query, so that a region is weighed by what it shows.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{
        Device, Tensor,
        activation::{softmax, tanh},
    },
};

/// The two layers.
#[derive(Module, Debug)]
pub struct RegionAttention {
    hidden: Linear,
    score: Linear,
}

impl RegionAttention {
    /// Attention over features of `channels` through `hidden` units.
    pub fn new(channels: usize, hidden: usize, device: &Device) -> Self {
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).with_bias(false);
        Self {
            hidden: linear(channels, hidden).init(device),
            score: linear(hidden, 1).init(device),
        }
    }

    /// The weight of each region.
    ///
    /// # Shapes
    /// `[N, R, C] -> [N, R]`; rows sum to 1
    pub fn forward(&self, regions: Tensor<3>) -> Tensor<2> {
        let scores: Tensor<2> =
            self.score.forward(tanh(self.hidden.forward(regions))).squeeze_dim(2);
        softmax(scores, 1)
    }
}
