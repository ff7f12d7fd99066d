//! The layer of the plain networks: a 3×3 convolution, normalised or not, and a ReLU.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, Initializer, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};

use crate::ops::{conv::conv2d, norm::batch_norm};

/// What a [`Layer`] has beside its convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A bias.
    Plain,
    /// A bias and a normalisation, as torchvision's weights have it.
    Normalised,
    /// A normalisation.
    Unbiased,
}

/// A 3×3 convolution that keeps the size.
#[derive(Module, Debug)]
pub(super) struct Layer {
    conv: Conv2d,
    bn: Option<BatchNorm>,
}

impl Layer {
    /// He-initialised (arXiv 1502.01852): ten and more convolutions without normalisation do not
    /// learn from smaller weights.
    pub(super) fn new(channels: [usize; 2], form: Form, device: &Device) -> Self {
        let he = Initializer::KaimingNormal { gain: 2.0_f64.sqrt(), fan_out_only: true };
        let mut conv = Conv2dConfig::new(channels, [3, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_initializer(he)
            .with_bias(false)
            .init(device);
        let biased = form != Form::Unbiased;
        conv.bias = biased.then(|| Initializer::Zeros.init([channels[1]], device));
        let normalised = form != Form::Plain;
        let bn = normalised.then(|| BatchNormConfig::new(channels[1]).init(device));
        Self { conv, bn }
    }

    /// Channels it reads.
    pub(super) fn inputs(&self) -> usize {
        let [_, inputs, _, _] = self.conv.weight.dims();
        inputs
    }

    pub(super) fn is_normalised(&self) -> bool {
        self.bn.is_some()
    }

    /// Convolution, normalisation and ReLU.
    ///
    /// # Shapes
    /// `[N, I, H, W] -> [N, O, H, W]`
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = conv2d(&self.conv, x);
        match &self.bn {
            Some(bn) => batch_norm(bn, y, true),
            None => relu(y),
        }
    }

    /// [`Self::forward`] without its ReLU.
    pub(super) fn forward_linear(&self, x: Tensor<4>) -> Tensor<4> {
        let y = conv2d(&self.conv, x);
        match &self.bn {
            Some(bn) => batch_norm(bn, y, false),
            None => y,
        }
    }
}
