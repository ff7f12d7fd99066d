//! MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381, table 2), width 1.
//!
//! ```text
//! [N, 3, H, W]
//!   stem    3×3/2, 32                                      H/2
//!   blocks  1×1 sixfold, depthwise 3×3, 1×1; beside it an identity where the shape stays
//!           16 · 24 24 /2 · 32 32 32 /2 · 64 ×4 /2 · 96 ×3 · 160 ×3 /2 · 320
//!   last    1×1, 1280                                      H/32
//!   mean over H, W; dropout; linear -> [N, classes]
//! ```
//!
//! Activations are `min(relu(x), 6)`; the last 1×1 of a block has none. The first block widens
//! nothing and has no first 1×1.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::{pooled, shifted};
use crate::arch::blocks::{ConvBn, ConvBnConfig};

const STEM: usize = 32;
/// Channels of the last block.
const WIDEST: usize = 320;
/// Channels of the convolution behind it.
const LAST: usize = 1280;
/// Table 2 of the paper: expansion, channels, blocks, stride of the first.
const GROUPS: [[usize; 4]; 7] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
];
/// Blocks up to which the map keeps a size, the last size apart.
const ENDS: [usize; 4] = [1, 3, 6, 13];

/// The network.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    stem: ConvBn,
    blocks: Vec<Block>,
    last: ConvBn,
    dropout: Dropout,
    head: Linear,
}

impl MobileNetV2 {
    /// Channels of each map of [`Self::features`].
    pub const WIDTHS: [usize; 5] = [16, 24, 32, 96, LAST];
    /// Pixels of the picture a step in each map covers.
    pub const STRIDES: [usize; 5] = [2, 4, 8, 16, 32];

    /// The network with fresh weights.
    pub fn new(classes: usize, device: &Device) -> Self {
        let mut inputs = STEM;
        let block = |[expansion, width, stride]: [usize; 3]| {
            let block = Block::new([inputs, width], expansion, stride, device);
            inputs = width;
            block
        };
        let blocks = plan().map(block).collect();
        Self {
            stem: ConvBnConfig::new(3, STEM, 3).with_stride(2).init(device),
            blocks,
            last: ConvBnConfig::new(WIDEST, LAST, 1).init(device),
            dropout: DropoutConfig::new(0.2).init(),
            head: LinearConfig::new(LAST, classes).init(device),
        }
    }

    /// The last map of each size.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, WIDTHS[i], ⌈H / STRIDES[i]⌉, ⌈W / STRIDES[i]⌉]`
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 5] {
        let mut x = relu6(&self.stem, x);
        let mut start = 0;
        let mut blocks = |end| {
            let blocks = self.blocks.iter().take(end).skip(start);
            start = end;
            x = blocks.fold(x.clone(), |x, block| block.forward(x));
            x.clone()
        };
        let [half, quarter, eighth, sixteenth] = ENDS.map(&mut blocks);
        let coarsest = relu6(&self.last, blocks(self.blocks.len()));
        [half, quarter, eighth, sixteenth, coarsest]
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [.., x] = self.features(x);
        self.head.forward(self.dropout.forward(pooled(x)))
    }
}

/// Expansion, channels and stride of every block.
fn plan() -> impl Iterator<Item = [usize; 3]> {
    GROUPS.into_iter().flat_map(|[expansion, width, count, first]| {
        (0..count).map(move |i| [expansion, width, if i == 0 { first } else { 1 }])
    })
}

/// An inverted residual: wide inside, narrow at both ends.
#[derive(Module, Debug)]
struct Block {
    wide: Vec<ConvBn>,
    narrow: ConvBn,
    identity: bool,
}

impl Block {
    fn new(channels: [usize; 2], expansion: usize, stride: usize, device: &Device) -> Self {
        let [inputs, outputs] = channels;
        let width = inputs * expansion;
        let widen = (expansion > 1).then(|| ConvBnConfig::new(inputs, width, 1));
        let depthwise = ConvBnConfig::new(width, width, 3).with_stride(stride).with_groups(width);
        Self {
            wide: widen.into_iter().chain([depthwise]).map(|layer| layer.init(device)).collect(),
            narrow: ConvBnConfig::new(width, outputs, 1).init(device),
            identity: stride == 1 && inputs == outputs,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.wide.iter().fold(x.clone(), |y, layer| relu6(layer, y));
        let y = self.narrow.forward(y);
        if self.identity { x + y } else { y }
    }
}

/// Convolution, normalisation, `min(max(x, 0), 6)`.
fn relu6(layer: &ConvBn, x: Tensor<4>) -> Tensor<4> {
    layer.forward_relu(x).clamp_max(6.0)
}

/// torchvision's name of the tensor at `path`.
pub fn torchvision_name(path: &str) -> String {
    let step = |layer: &str| usize::from(layer != "conv");
    match path.split('.').collect::<Vec<_>>()[..] {
        ["stem", layer, leaf] => format!("features.0.{}.{leaf}", step(layer)),
        ["last", layer, leaf] => format!("features.18.{}.{leaf}", step(layer)),
        ["blocks", b, "wide", l, layer, leaf] => {
            format!("features.{}.conv.{l}.{}.{leaf}", shifted(b, 1), step(layer))
        }
        ["blocks", b, "narrow", layer, leaf] => {
            let wide = if b == "0" { 1 } else { 2 };
            format!("features.{}.conv.{}.{leaf}", shifted(b, 1), wide + step(layer))
        }
        ["head", leaf] => format!("classifier.1.{leaf}"),
        _ => path.to_owned(),
    }
}
