//! Layers that several architectures share.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};

use crate::{
    export::{Builder, Value},
    ops::{conv::conv2d, norm::batch_norm},
};

/// A convolution, usually without bias, then batch normalisation.
#[derive(Module, Debug)]
pub struct ConvBn {
    /// The convolution.
    pub conv: Conv2d,
    /// The normalisation; folded into the convolution on export.
    pub bn: BatchNorm,
}

/// Shape of a [`ConvBn`].
#[derive(Debug, Clone, Copy)]
pub struct ConvBnConfig {
    /// Channels in and out.
    pub channels: [usize; 2],
    /// Side of the square kernel.
    pub kernel: usize,
    /// Step along both axes.
    pub stride: usize,
    /// Zero padding on every side.
    pub padding: usize,
    /// Groups of channels that do not mix; the number of channels makes the layer depthwise.
    pub groups: usize,
    /// Whether the convolution has a bias, which the normalisation undoes; published layers do.
    pub bias: bool,
    /// Variance floor of the batch normalisation.
    pub epsilon: f64,
    /// Weight of the new statistics in the running ones.
    pub momentum: f64,
}

impl ConvBnConfig {
    /// A `kernel` × `kernel` convolution, stride 1, padded to keep the size.
    pub fn new(inputs: usize, outputs: usize, kernel: usize) -> Self {
        Self {
            channels: [inputs, outputs],
            kernel,
            stride: 1,
            padding: kernel / 2,
            groups: 1,
            bias: false,
            epsilon: 1e-5,
            momentum: 0.1,
        }
    }

    /// The same with another stride.
    #[must_use]
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// The same with another padding.
    #[must_use]
    pub fn with_padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// The same with its channels in groups.
    #[must_use]
    pub fn with_groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// The same with a bias, or without.
    #[must_use]
    pub fn with_bias(self, bias: bool) -> Self {
        Self { bias, ..self }
    }

    /// The same with another batch-norm variance floor and momentum (weight of the new statistics).
    #[must_use]
    pub fn with_norm(self, epsilon: f64, momentum: f64) -> Self {
        Self { epsilon, momentum, ..self }
    }

    /// The layer with fresh weights.
    pub fn init(self, device: &Device) -> ConvBn {
        let p = self.padding;
        let conv = Conv2dConfig::new(self.channels, [self.kernel; 2])
            .with_stride([self.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(p, p, p, p))
            .with_groups(self.groups)
            .with_bias(self.bias)
            .init(device);
        let bn = BatchNormConfig::new(self.channels[1])
            .with_epsilon(self.epsilon)
            .with_momentum(self.momentum)
            .init(device);
        ConvBn { conv, bn }
    }
}

impl ConvBn {
    /// Convolution and normalisation.
    ///
    /// # Shapes
    /// `[N, I, H, W] -> [N, O, H', W']`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        batch_norm(&self.bn, conv2d(&self.conv, x), false)
    }

    /// [`Self::forward`], then ReLU.
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        batch_norm(&self.bn, conv2d(&self.conv, x), true)
    }

    /// Adds the folded layer to `graph`.
    pub fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        graph.conv_bn(name, &self.conv, &self.bn, x)
    }

    /// Adds the folded layer and a ReLU to `graph`.
    pub fn lower_relu(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        let y = self.lower(graph, name, x);
        graph.relu(&format!("{name}.relu"), y)
    }
}

/// Two 3×3 convolutions beside an identity: `relu(x + f(x))` (He et al. 2016, arXiv 1512.03385).
#[derive(Module, Debug)]
pub struct Residual {
    first: ConvBn,
    second: ConvBn,
}

impl Residual {
    /// A block over `channels` channels with fresh weights.
    pub fn new(channels: usize, device: &Device) -> Self {
        let conv = ConvBnConfig::new(channels, channels, 3);
        Self { first: conv.init(device), second: conv.init(device) }
    }

    /// # Shapes
    /// `[N, C, H, W] -> [N, C, H, W]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.second.forward(self.first.forward_relu(x.clone()));
        relu(x + y)
    }

    /// Adds the block to `graph`.
    pub fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        let y = self.first.lower_relu(graph, &format!("{name}.first"), x);
        let y = self.second.lower(graph, &format!("{name}.second"), y);
        let sum = graph.add(&format!("{name}.add"), x, y);
        graph.relu(&format!("{name}.relu"), sum)
    }
}
