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
//! nothing and has no first 1×1. A wide end leaves the last stride out. The slim variant (own
//! choice) reads grey, has half the channels, at most two blocks a group, and no stride in group 4.

use burn::{
    module::Module,
    nn::{Dropout, DropoutConfig, Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::{headed, pooled, shifted};
use crate::arch::blocks::{ConvBn, ConvBnConfig};

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MobileNetV2Config {
    /// Channels of the picture.
    channels: usize,
    stem: usize,
    /// Table 2 of the paper: expansion, channels, blocks, stride of the first.
    groups: [[usize; 4]; 7],
    /// Channels of the last convolution.
    last: usize,
}

impl MobileNetV2Config {
    /// The paper's network.
    pub const PUBLISHED: Self = Self {
        channels: 3,
        stem: 32,
        groups: [
            [1, 16, 1, 1],
            [6, 24, 2, 2],
            [6, 32, 3, 2],
            [6, 64, 4, 2],
            [6, 96, 3, 1],
            [6, 160, 3, 2],
            [6, 320, 1, 1],
        ],
        last: 1280,
    };
    /// Slim: half the channels, fewer blocks, one grey channel, half the stride.
    pub const SLIM: Self = Self {
        channels: 1,
        stem: 16,
        groups: [
            [1, 8, 1, 1],
            [6, 16, 2, 2],
            [6, 24, 2, 2],
            [6, 32, 2, 1],
            [6, 48, 2, 1],
            [6, 80, 2, 2],
            [6, 160, 1, 1],
        ],
        last: 640,
    };

    /// The same without its last stride, or with it.
    #[must_use]
    pub fn with_wide_end(mut self, wide_end: bool) -> Self {
        if wide_end {
            self.groups[5][3] = 1;
        }
        self
    }

    /// The network with fresh weights; `classes` of `None` leaves its head out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> MobileNetV2 {
        let mut inputs = self.stem;
        let block = |[expansion, width, stride]: [usize; 3]| {
            let block = Block::new([inputs, width], expansion, stride, device);
            inputs = width;
            block
        };
        let blocks = self.blocks().map(block).collect();
        MobileNetV2 {
            stem: ConvBnConfig::new(self.channels, self.stem, 3).with_stride(2).init(device),
            blocks,
            last: ConvBnConfig::new(inputs, self.last, 1).init(device),
            dropout: DropoutConfig::new(0.2).init(),
            head: classes.map(|classes| LinearConfig::new(self.last, classes).init(device)),
            widths: self.widths(),
            strides: self.strides(),
            ends: self.ends(),
        }
    }

    /// Expansion, channels and stride of every block.
    fn blocks(self) -> impl Iterator<Item = [usize; 3]> {
        self.groups.into_iter().flat_map(|[expansion, width, count, first]| {
            (0..count).map(move |i| [expansion, width, if i == 0 { first } else { 1 }])
        })
    }

    fn widths(self) -> [usize; 5] {
        let [half, quarter, eighth, _, sixteenth, ..] = self.groups.map(|[_, width, ..]| width);
        [half, quarter, eighth, sixteenth, self.last]
    }

    /// Groups 4 and 5 have maps of one size, as have 6 and 7: the later one's counts.
    fn ends(self) -> [usize; 4] {
        let mut blocks = 0;
        let [half, quarter, eighth, _, sixteenth, ..] = self.groups.map(|[_, _, count, _]| {
            blocks += count;
            blocks
        });
        [half, quarter, eighth, sixteenth]
    }

    fn strides(self) -> [usize; 5] {
        let mut stride = 2;
        let [half, quarter, eighth, _, sixteenth, _, last] = self.groups.map(|[.., by]| {
            stride *= by;
            stride
        });
        [half, quarter, eighth, sixteenth, last]
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    stem: ConvBn,
    blocks: Vec<Block>,
    last: ConvBn,
    dropout: Dropout,
    head: Option<Linear>,
    widths: [usize; 5],
    strides: [usize; 5],
    /// Blocks before the end of each map but the last.
    ends: [usize; 4],
}

impl MobileNetV2 {
    /// Channels of the picture.
    pub fn channels(&self) -> usize {
        let [_, channels, _, _] = self.stem.conv.weight.dims();
        channels
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 5] {
        self.widths
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> [usize; 5] {
        self.strides
    }

    /// The last map of each size.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 5] {
        let mut x = relu6(&self.stem, x);
        let mut start = 0;
        let mut blocks = |end| {
            let blocks = self.blocks.iter().take(end).skip(start);
            start = end;
            x = blocks.fold(x.clone(), |x, block| block.forward(x));
            x.clone()
        };
        let [half, quarter, eighth, sixteenth] = self.ends.map(&mut blocks);
        let coarsest = relu6(&self.last, blocks(self.blocks.len()));
        [half, quarter, eighth, sixteenth, coarsest]
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
        headed(self.head.as_ref(), self.dropout.forward(pooled(x)))
    }
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
