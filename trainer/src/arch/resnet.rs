//! `resnet_s`: Mien's small expression student, a residual network of dense convolutions.
//!
//! ```text
//! [N, 1, 48, 48]
//!   stem      3×3, 16            48×48
//!   stage 1   3×3/2, 32 + block  24×24
//!   stage 2   3×3/2, 64 + block  12×12
//!   stage 3   3×3/2, 80 + block   6×6
//!   mean over H, W; dropout; linear -> [N, classes]
//! ```
//!
//! About 280 k parameters and 33 M multiply-accumulates. Dense convolutions because matrix
//! products are what the device's engine does best; depthwise ones cost it more time than they
//! save arithmetic.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::blocks::{ConvBn, ConvBnConfig, Residual};
use crate::export::{Builder, Lower, Value};

/// Channels after the stem and after each stage.
const WIDTHS: [usize; 4] = [16, 32, 64, 80];

/// The network.
#[derive(Module, Debug)]
pub struct ResNetS {
    stem: ConvBn,
    down: Vec<ConvBn>,
    blocks: Vec<Residual>,
    dropout: Dropout,
    head: Linear,
}

impl ResNetS {
    /// Side of the square input in pixels.
    pub const SIDE: u32 = 48;

    /// The network with fresh weights.
    pub fn new(classes: usize, device: &Device) -> Self {
        let down = WIDTHS
            .windows(2)
            .map(|w| ConvBnConfig::new(w[0], w[1], 3).with_stride(2).init(device))
            .collect();
        Self {
            stem: ConvBnConfig::new(1, WIDTHS[0], 3).init(device),
            down,
            blocks: WIDTHS[1..].iter().map(|&width| Residual::new(width, device)).collect(),
            dropout: DropoutConfig::new(0.2).init(),
            head: LinearConfig::new(WIDTHS[3], classes).init(device),
        }
    }

    /// Whether the first and the last layer learn.
    #[cfg(test)]
    pub(crate) fn ends(&self) -> [bool; 2] {
        [self.stem.conv.weight.is_require_grad(), self.head.weight.is_require_grad()]
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, 48, 48] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.classify(self.features(x))
    }

    /// Logits from `features`.
    ///
    /// # Shapes
    /// `[N, 80, 6, 6] -> [N, classes]`
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        let pooled: Tensor<2> = features.mean_dim(3).mean_dim(2).flatten(1, 3);
        self.head.forward(self.dropout.forward(pooled))
    }

    /// The maps before the mean.
    ///
    /// # Shapes
    /// `[N, 1, 48, 48] -> [N, 80, 6, 6]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        let mut x = self.stem.forward_relu(x);
        for (down, block) in self.down.iter().zip(&self.blocks) {
            x = block.forward(down.forward_relu(x));
        }
        x
    }

    /// The linear layer at each place of `features` instead of at their mean.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes, H, W]`
    pub fn class_maps(&self, features: Tensor<4>) -> Tensor<4> {
        let [n, channels, rows, columns] = features.dims();
        let places: Tensor<3> = features.reshape([n, channels, rows * columns]).swap_dims(1, 2);
        let logits = self.head.forward(places);
        let [_, _, classes] = logits.dims();
        logits.swap_dims(1, 2).reshape([n, classes, rows, columns])
    }
}

impl Lower for ResNetS {
    fn lower(&self, graph: &mut Builder) {
        let mut x = self.stem.lower_relu(graph, "stem", Value::INPUT);
        for (i, (down, block)) in self.down.iter().zip(&self.blocks).enumerate() {
            x = down.lower_relu(graph, &format!("down{i}"), x);
            x = block.lower(graph, &format!("block{i}"), x);
        }
        let pooled = graph.global_average_pool("pool", x);
        let logits = graph.linear("head", &self.head, pooled);
        graph.output("logits", logits);
    }
}
