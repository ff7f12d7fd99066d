//! A cross-attention head: where to look, then which channels count.
//!
//! ```text
//! X [N, D, H, W]
//!   space    1×1, D/2; 3×3 + 1×3 + 3×1, each D, all normalised; ReLU; sum over channels
//!            -> a map [N, 1, H, W] that X is multiplied by, without a sigmoid
//!   channel  mean over H, W; linear D/16, normalised, ReLU; linear D, sigmoid
//!            -> a gate [N, D] that the mean is multiplied by
//! [N, D]
//! ```
//!
//! Convolutions are He-initialised by their fan-out, linear layers drawn from N(0, 0.001); both
//! have biases, which are 0 at first.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PaddingConfig2d,
        conv::Conv2dConfig,
    },
    tensor::{
        Device, Tensor,
        activation::{relu, sigmoid},
    },
};

use crate::{
    arch::{blocks::ConvBn, trunk::pooled},
    ops::norm::batch_norm_rows,
};

/// Fewest units of a gate: slim trunks have few channels.
const NARROWEST: usize = 4;

/// The head.
#[derive(Module, Debug)]
pub struct Head {
    reduce: ConvBn,
    square: ConvBn,
    wide: ConvBn,
    tall: ConvBn,
    gate: Gate,
}

impl Head {
    /// A head over maps of `width` channels with fresh weights.
    pub fn new(width: usize, device: &Device) -> Self {
        let half = (width / 2).max(1);
        Self {
            reduce: conv_bn([width, half], [1, 1], device),
            square: conv_bn([half, width], [3, 3], device),
            wide: conv_bn([half, width], [1, 3], device),
            tall: conv_bn([half, width], [3, 1], device),
            gate: Gate::new(width, device),
        }
    }

    /// What the head sees.
    ///
    /// # Shapes
    /// `[N, D, H, W] -> [N, D]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let y = self.reduce.forward(x.clone());
        let sum =
            self.square.forward(y.clone()) + self.wide.forward(y.clone()) + self.tall.forward(y);
        let map = relu(sum).sum_dim(1);
        self.gate.forward(pooled(x * map))
    }
}

/// Which channels count.
#[derive(Module, Debug)]
struct Gate {
    down: Linear,
    norm: BatchNorm,
    up: Linear,
}

impl Gate {
    fn new(width: usize, device: &Device) -> Self {
        let narrow = (width / 16).max(NARROWEST);
        Self {
            down: linear([width, narrow], device),
            norm: BatchNormConfig::new(narrow).init(device),
            up: linear([narrow, width], device),
        }
    }

    /// `[N, D] -> [N, D]`
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let narrow = relu(batch_norm_rows(&self.norm, self.down.forward(x.clone())));
        x * sigmoid(self.up.forward(narrow))
    }
}

/// A convolution with a bias that keeps the size of its maps, and its normalisation.
fn conv_bn(channels: [usize; 2], kernel: [usize; 2], device: &Device) -> ConvBn {
    let [tall, broad] = kernel.map(|size| size / 2);
    let mut conv = Conv2dConfig::new(channels, kernel)
        .with_padding(PaddingConfig2d::Explicit(tall, broad, tall, broad))
        .with_initializer(Initializer::KaimingNormal { gain: 2.0_f64.sqrt(), fan_out_only: true })
        .init(device);
    conv.bias = Some(Initializer::Zeros.init([channels[1]], device));
    ConvBn { conv, bn: BatchNormConfig::new(channels[1]).init(device) }
}

fn linear([inputs, outputs]: [usize; 2], device: &Device) -> Linear {
    let initializer = Initializer::Normal { mean: 0.0, std: 0.001 };
    let mut linear = LinearConfig::new(inputs, outputs).with_initializer(initializer).init(device);
    linear.bias = Some(Initializer::Zeros.init([outputs], device));
    linear
}
