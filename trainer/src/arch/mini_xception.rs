//! The course's mini-Xception: 56,951 parameters for seven classes at 48×48.
//!
//! Two valid 3×3 convolutions of 8 channels, four separable residual blocks (16, 32, 64, 128), a
//! 3×3 convolution to the classes, mean over the map. After Arriaga et al. 2017 (arXiv
//! 1710.07557); sizes from the ECE1512 project B handout. Batch norms use Keras' epsilon 1e-3 and
//! momentum 0.99, which is 0.01 as the weight of new statistics.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor},
};
use mien_shared::graph::Window;

use super::blocks::{ConvBn, ConvBnConfig};
use crate::{
    export::{Builder, Lower, Value},
    ops::{conv::conv2d, norm::batch_norm},
};

const EPSILON: f64 = 1e-3;
const MOMENTUM: f64 = 0.01;
const WIDTHS: [usize; 5] = [8, 16, 32, 64, 128];
const POOL: Window = Window { kernel: [3, 3], stride: [2, 2], pads: [1; 4] };

/// The network.
#[derive(Module, Debug)]
pub struct MiniXception {
    stem: Vec<ConvBn>,
    blocks: Vec<Block>,
    head: Conv2d,
}

impl MiniXception {
    /// Side of the square input in pixels.
    pub const SIDE: u32 = 48;
    /// The pixel that the field of the first cell of [`Self::features`] is centred on: two
    /// convolutions have no padding.
    pub const FIRST_FIELD: usize = 2;

    /// The network with fresh weights.
    pub fn new(classes: usize, device: &Device) -> Self {
        let stem = [[1, WIDTHS[0]], [WIDTHS[0], WIDTHS[0]]]
            .map(|[i, o]| norm(ConvBnConfig::new(i, o, 3).with_padding(0)).init(device));
        Self {
            stem: stem.into(),
            blocks: WIDTHS.windows(2).map(|w| Block::new([w[0], w[1]], device)).collect(),
            head: conv([WIDTHS[4], classes], 1).with_bias(true).init(device),
        }
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
    /// `[N, 128, 3, 3] -> [N, classes]`
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        self.class_maps(features).mean_dim(3).mean_dim(2).flatten(1, 3)
    }

    /// The maps before the convolution to the classes.
    ///
    /// # Shapes
    /// `[N, 1, 48, 48] -> [N, 128, 3, 3]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.stem.iter().fold(x, |x, layer| layer.forward_relu(x));
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }

    /// The maps whose means are the logits.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes, H, W]`
    pub fn class_maps(&self, features: Tensor<4>) -> Tensor<4> {
        conv2d(&self.head, features)
    }
}

impl Lower for MiniXception {
    fn lower(&self, graph: &mut Builder) {
        let mut x = Value::INPUT;
        for (i, layer) in self.stem.iter().enumerate() {
            x = layer.lower_relu(graph, &format!("stem{i}"), x);
        }
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.lower(graph, &format!("block{i}"), x);
        }
        let maps = graph.conv("head", &self.head, x);
        let logits = graph.global_average_pool("pool", maps);
        graph.output("logits", logits);
    }
}

/// Two separable convolutions and a max-pool beside a strided 1×1 shortcut.
#[derive(Module, Debug)]
struct Block {
    shortcut: ConvBn,
    first: Separable,
    second: Separable,
    pool: MaxPool2d,
}

impl Block {
    fn new([inputs, outputs]: [usize; 2], device: &Device) -> Self {
        let pool = MaxPool2dConfig::new([3, 3])
            .with_strides([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        Self {
            shortcut: norm(ConvBnConfig::new(inputs, outputs, 1).with_stride(2)).init(device),
            first: Separable::new([inputs, outputs], device),
            second: Separable::new([outputs, outputs], device),
            pool: pool.init(),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let main = self.second.forward(self.first.forward(x.clone(), true), false);
        self.shortcut.forward(x) + self.pool.forward(main)
    }

    fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        let y = self.first.lower(graph, &format!("{name}.first"), x);
        let y = graph.relu(&format!("{name}.relu"), y);
        let y = self.second.lower(graph, &format!("{name}.second"), y);
        let y = graph.max_pool(&format!("{name}.pool"), POOL, y);
        let shortcut = self.shortcut.lower(graph, &format!("{name}.shortcut"), x);
        graph.add(&format!("{name}.add"), shortcut, y)
    }
}

/// Depthwise 3×3, pointwise 1×1, batch norm; no activation between.
#[derive(Module, Debug)]
struct Separable {
    depthwise: Conv2d,
    pointwise: Conv2d,
    bn: BatchNorm,
}

impl Separable {
    fn new([inputs, outputs]: [usize; 2], device: &Device) -> Self {
        Self {
            depthwise: conv([inputs, inputs], inputs).init(device),
            pointwise: Conv2dConfig::new([inputs, outputs], [1, 1]).with_bias(false).init(device),
            bn: BatchNormConfig::new(outputs)
                .with_epsilon(EPSILON)
                .with_momentum(MOMENTUM)
                .init(device),
        }
    }

    fn forward(&self, x: Tensor<4>, relu: bool) -> Tensor<4> {
        batch_norm(&self.bn, conv2d(&self.pointwise, conv2d(&self.depthwise, x)), relu)
    }

    fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        let y = graph.conv(&format!("{name}.depthwise"), &self.depthwise, x);
        graph.conv_bn(&format!("{name}.pointwise"), &self.pointwise, &self.bn, y)
    }
}

fn norm(config: ConvBnConfig) -> ConvBnConfig {
    config.with_norm(EPSILON, MOMENTUM)
}

fn conv(channels: [usize; 2], groups: usize) -> Conv2dConfig {
    Conv2dConfig::new(channels, [3, 3])
        .with_groups(groups)
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_network_has_56_951_parameters_for_seven_classes() {
        let net = MiniXception::new(7, &Device::flex());
        // burn counts the running mean and variance of the 736 normalised channels as well.
        assert_eq!(net.num_params(), 56_951 + 2 * 736);
    }
}
