//! VGG-16 (Simonyan & Zisserman 2015, arXiv 1409.1556, configuration D), with and without batch
//! normalisation.
//!
//! ```text
//! [N, 3, H, W]
//!   block 1   2 × 3×3, 64;  max 2×2/2   H/2
//!   block 2   2 × 3×3, 128; max 2×2/2   H/4
//!   block 3   3 × 3×3, 256; max 2×2/2   H/8
//!   block 4   3 × 3×3, 512; max 2×2/2   H/16
//!   block 5   3 × 3×3, 512; max 2×2/2   H/32
//!   mean to 7×7; linear 4096, 4096 with ReLU and dropout; linear -> [N, classes]
//! ```
//!
//! Nearly all parameters are in the first linear layer; [`Vgg16::with_hidden`] makes it narrower.

use burn::{
    module::Module,
    nn::{
        BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Initializer, Linear, LinearConfig,
        PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, activation::relu, module::adaptive_avg_pool2d},
};

use crate::ops::{conv::conv2d, norm::batch_norm};

const DEPTHS: [usize; 5] = [2, 2, 3, 3, 3];
/// Side of the map the linear layers read.
const SIDE: usize = 7;

/// The network.
#[derive(Module, Debug)]
pub struct Vgg16 {
    blocks: [Vec<Layer>; 5],
    pool: MaxPool2d,
    hidden: Vec<Linear>,
    dropout: Dropout,
    head: Linear,
}

impl Vgg16 {
    /// Channels of each map of [`Self::features`].
    pub const WIDTHS: [usize; 5] = [64, 128, 256, 512, 512];
    /// Pixels of the picture a step in each map covers.
    pub const STRIDES: [usize; 5] = [2, 4, 8, 16, 32];
    /// Width of the two hidden linear layers in the paper.
    pub const HIDDEN: usize = 4096;

    /// The paper's network with fresh weights.
    pub fn plain(classes: usize, device: &Device) -> Self {
        Self::with_hidden(false, [Self::HIDDEN, classes], device)
    }

    /// The same with batch normalisation after every convolution.
    pub fn normalised(classes: usize, device: &Device) -> Self {
        Self::with_hidden(true, [Self::HIDDEN, classes], device)
    }

    /// Either, with `hidden` units in each of its two hidden linear layers.
    pub fn with_hidden(normalised: bool, [hidden, classes]: [usize; 2], device: &Device) -> Self {
        let mut inputs = 3;
        let mut layer = |width| {
            let channels = [inputs, width];
            inputs = width;
            Layer::new(channels, normalised, device)
        };
        let blocks =
            [0, 1, 2, 3, 4].map(|b| (0..DEPTHS[b]).map(|_| layer(Self::WIDTHS[b])).collect());
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(device);
        Self {
            blocks,
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            hidden: vec![linear(inputs * SIDE * SIDE, hidden), linear(hidden, hidden)],
            dropout: DropoutConfig::new(0.5).init(),
            head: linear(hidden, classes),
        }
    }

    /// Whether its convolutions are batch normalised.
    pub fn is_normalised(&self) -> bool {
        self.blocks.iter().flatten().any(|layer| layer.bn.is_some())
    }

    /// The map each of the five blocks ends in, pooled.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, WIDTHS[i], ⌊H / STRIDES[i]⌋, ⌊W / STRIDES[i]⌋]`
    pub fn features(&self, mut x: Tensor<4>) -> [Tensor<4>; 5] {
        self.blocks.each_ref().map(|layers| {
            let y = layers.iter().fold(x.clone(), |x, layer| layer.forward(x));
            x = self.pool.forward(y);
            x.clone()
        })
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [.., x] = self.features(x);
        let x: Tensor<2> = adaptive_avg_pool2d(x, [SIDE, SIDE]).flatten(1, 3);
        let hidden = |x, layer: &Linear| self.dropout.forward(relu(layer.forward(x)));
        self.head.forward(self.hidden.iter().fold(x, hidden))
    }
}

/// A 3×3 convolution, normalised or not, and a ReLU.
#[derive(Module, Debug)]
struct Layer {
    conv: Conv2d,
    bn: Option<BatchNorm>,
}

impl Layer {
    /// He-initialised (arXiv 1502.01852): thirteen convolutions without normalisation do not learn
    /// from smaller weights.
    fn new(channels: [usize; 2], normalised: bool, device: &Device) -> Self {
        let he = Initializer::KaimingNormal { gain: 2.0_f64.sqrt(), fan_out_only: true };
        let mut conv = Conv2dConfig::new(channels, [3, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_initializer(he)
            .init(device);
        conv.bias = Some(Initializer::Zeros.init([channels[1]], device));
        let bn = normalised.then(|| BatchNormConfig::new(channels[1]).init(device));
        Self { conv, bn }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = conv2d(&self.conv, x);
        match &self.bn {
            Some(bn) => batch_norm(bn, y, true),
            None => relu(y),
        }
    }
}

/// torchvision's name of the tensor at `path` of a plain network.
pub fn torchvision_name(path: &str) -> String {
    // A convolution and its ReLU.
    name(path, 2)
}

/// torchvision's name of the tensor at `path` of a network with batch normalisation.
pub fn torchvision_name_normalised(path: &str) -> String {
    // A convolution, its normalisation and its ReLU.
    name(path, 3)
}

/// torchvision numbers all layers in one row: `steps` for each of ours and one for each pool.
fn name(path: &str, steps: usize) -> String {
    let place = |block: &str, layer: &str| {
        let block: usize = block.parse().ok()?;
        let before: usize = DEPTHS.iter().take(block).sum();
        Some((before + layer.parse::<usize>().ok()?) * steps + block)
    };
    match path.split('.').collect::<Vec<_>>()[..] {
        ["blocks", b, l, layer, leaf] => match (place(b, l), layer) {
            (Some(n), "conv") => format!("features.{n}.{leaf}"),
            (Some(n), _) => format!("features.{}.{leaf}", n + 1),
            (None, _) => path.to_owned(),
        },
        ["hidden", "0", leaf] => format!("classifier.0.{leaf}"),
        ["hidden", _, leaf] => format!("classifier.3.{leaf}"),
        ["head", leaf] => format!("classifier.6.{leaf}"),
        _ => path.to_owned(),
    }
}
