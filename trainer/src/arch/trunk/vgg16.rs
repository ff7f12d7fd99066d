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
//! Nearly all parameters are in the first linear layer; [`Vgg16Config::with_hidden`] makes it
//! narrower. With a wide end the last pooling is left out. The slim variant (own choice) reads grey,
//! has 16, 32, 64, 128, 128 channels in 1, 1, 1, 2, 2 normalised convolutions and pools after the
//! first four blocks only, so that 48 × 48 pixels end in 3 × 3; its head is linear in the mean.

use burn::{
    module::Module,
    nn::{
        Dropout, DropoutConfig, Linear, LinearConfig,
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, activation::relu, module::adaptive_avg_pool2d},
};

use super::{
    headed,
    layer::{Form, Layer},
    pooled,
};

const DEPTHS: [usize; 5] = [2, 2, 3, 3, 3];
/// Side of the map the linear layers read.
const SIDE: usize = 7;

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vgg16Config {
    depths: [usize; 5],
    widths: [usize; 5],
    /// Channels of the picture.
    channels: usize,
    form: Form,
    /// Blocks with a pooling behind them.
    pools: usize,
    /// Width of the two hidden linear layers, 0 for a head that is linear in the mean.
    hidden: usize,
}

impl Vgg16Config {
    /// The paper's network.
    pub const PLAIN: Self = Self {
        depths: DEPTHS,
        widths: [64, 128, 256, 512, 512],
        channels: 3,
        form: Form::Plain,
        pools: 5,
        hidden: 4096,
    };
    /// The same with batch normalisation after every convolution.
    pub const NORMALISED: Self = Self { form: Form::Normalised, ..Self::PLAIN };
    /// Slim: a quarter of the channels, one grey channel, seven convolutions, four poolings.
    pub const SLIM: Self = Self {
        depths: [1, 1, 1, 2, 2],
        widths: [16, 32, 64, 128, 128],
        channels: 1,
        form: Form::Unbiased,
        pools: 4,
        hidden: 0,
    };

    /// The same with `hidden` units in each of its two hidden linear layers.
    #[must_use]
    pub fn with_hidden(self, hidden: usize) -> Self {
        Self { hidden, ..self }
    }

    /// The same without its last pooling, or with it.
    #[must_use]
    pub fn with_wide_end(self, wide_end: bool) -> Self {
        Self { pools: self.pools - usize::from(wide_end), ..self }
    }

    /// The network with fresh weights; `classes` of `None` leaves all linear layers out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> Vgg16 {
        let mut inputs = self.channels;
        let mut layer = |width| {
            let channels = [inputs, width];
            inputs = width;
            Layer::new(channels, self.form, device)
        };
        let blocks =
            [0, 1, 2, 3, 4].map(|b| (0..self.depths[b]).map(|_| layer(self.widths[b])).collect());
        let linear =
            |[inputs, outputs]: [usize; 2]| LinearConfig::new(inputs, outputs).init(device);
        let hidden = if classes.is_some() { self.hidden_sizes() } else { Vec::new() };
        let width = hidden.last().map_or(self.widths[4], |[_, width]| *width);
        Vgg16 {
            blocks,
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            hidden: hidden.into_iter().map(linear).collect(),
            dropout: DropoutConfig::new(0.5).init(),
            head: classes.map(|classes| linear([width, classes])),
            widths: self.widths,
            pools: self.pools,
        }
    }

    fn hidden_sizes(self) -> Vec<[usize; 2]> {
        match self.hidden {
            0 => Vec::new(),
            hidden => vec![[self.widths[4] * SIDE * SIDE, hidden], [hidden, hidden]],
        }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Vgg16 {
    blocks: [Vec<Layer>; 5],
    pool: MaxPool2d,
    hidden: Vec<Linear>,
    dropout: Dropout,
    head: Option<Linear>,
    widths: [usize; 5],
    pools: usize,
}

impl Vgg16 {
    /// Whether its convolutions are batch normalised.
    pub fn is_normalised(&self) -> bool {
        self.blocks.iter().flatten().any(Layer::is_normalised)
    }

    /// Channels of the picture.
    pub fn channels(&self) -> usize {
        let first = self.blocks.iter().flatten().next();
        first.map_or(0, Layer::inputs)
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 5] {
        self.widths
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> [usize; 5] {
        [1, 2, 3, 4, 5].map(|block| 1 << self.pools.min(block))
    }

    /// The map each of the five blocks ends in, pooled.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, widths[i], ⌊H / strides[i]⌋, ⌊W / strides[i]⌋]`
    pub fn features(&self, mut x: Tensor<4>) -> [Tensor<4>; 5] {
        [0, 1, 2, 3, 4].map(|b| {
            let y = self.blocks[b].iter().fold(x.clone(), |x, layer| layer.forward(x));
            x = if b < self.pools { self.pool.forward(y) } else { y };
            x.clone()
        })
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, classes]`
    ///
    /// # Panics
    /// Without a head.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [.., x] = self.features(x);
        let x: Tensor<2> = if self.hidden.is_empty() {
            pooled(x)
        } else {
            adaptive_avg_pool2d(x, [SIDE, SIDE]).flatten(1, 3)
        };
        let hidden = |x, layer: &Linear| self.dropout.forward(relu(layer.forward(x)));
        headed(self.head.as_ref(), self.hidden.iter().fold(x, hidden))
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
