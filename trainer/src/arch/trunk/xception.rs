//! Xception (Chollet 2017, arXiv 1610.02357, figure 5), made for pictures of 299 × 299 pixels.
//!
//! ```text
//! [N, 3, H, W]
//!   stem     3×3/2, 32; 3×3, 64, both without padding     H/2
//!   entry    blocks of 128, 256, 728, each /2             H/4, H/8, H/16
//!   middle   8 blocks of three separables of 728          H/16
//!   exit     a block of 728, 1024, /2                     H/32
//!   last     separable 1536; separable 2048               H/32
//!   mean over H, W; linear -> [N, classes]
//! ```
//!
//! A block is separables beside a strided 1×1 shortcut. Padding and the variance floor are those of
//! the PyTorch port of Keras' weights (timm's `legacy_xception`), whose file fits; it pads every 3×3
//! behind the stem by one on each side, where Keras pads an even picture's below and right only. A
//! wide end leaves the exit's stride out. The slim variant (own choice) reads grey, has a padded stem
//! of 8 and 16, blocks of 32, 64 and, without stride, 128, four in the middle, and ends in 192, 256,
//! 320.

mod block;

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use self::block::{Block, Separable};
use super::{headed, pooled, shifted};
use crate::arch::blocks::{ConvBn, ConvBnConfig};

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XceptionConfig {
    /// Channels of the picture.
    channels: usize,
    stem: [usize; 2],
    stem_padding: usize,
    entry: [usize; 3],
    entry_strides: [usize; 3],
    /// Blocks of the middle.
    middle: usize,
    /// Channels of the exit's block and of the last two separables.
    exit: [usize; 3],
    wide_end: bool,
}

impl XceptionConfig {
    /// The paper's network.
    pub const PUBLISHED: Self = Self {
        channels: 3,
        stem: [32, 64],
        stem_padding: 0,
        entry: [128, 256, 728],
        entry_strides: [2, 2, 2],
        middle: 8,
        exit: [1024, 1536, 2048],
        wide_end: false,
    };
    /// Slim: a quarter of the channels and less, one grey channel, half the stride and the middle.
    pub const SLIM: Self = Self {
        channels: 1,
        stem: [8, 16],
        stem_padding: 1,
        entry: [32, 64, 128],
        entry_strides: [2, 2, 1],
        middle: 4,
        exit: [192, 256, 320],
        wide_end: false,
    };

    /// The same with an exit that keeps the size of its maps, or halves it.
    #[must_use]
    pub fn with_wide_end(self, wide_end: bool) -> Self {
        Self { wide_end, ..self }
    }

    /// The network with fresh weights; `classes` of `None` leaves its head out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> Xception {
        let [first, second] = self.stem;
        let [near, middle, wide] = self.entry;
        let [exit, last, widest] = self.exit;
        let [first_stride, second_stride, third_stride] = self.entry_strides;
        let stem = |[i, o]: [usize; 2], stride| {
            let conv = ConvBnConfig::new(i, o, 3).with_padding(self.stem_padding);
            conv.with_stride(stride).init(device)
        };
        let block = |widths: &[usize], stride| Block::new(widths, stride, device);
        Xception {
            stem: [stem([self.channels, first], 2), stem([first, second], 1)],
            entry: [
                block(&[second, near, near], first_stride).after_relu(),
                block(&[near, middle, middle], second_stride),
                block(&[middle, wide, wide], third_stride),
            ],
            middle: (0..self.middle).map(|_| block(&[wide; 4], 1)).collect(),
            exit: block(&[wide, wide, exit], if self.wide_end { 1 } else { 2 }),
            last: [[exit, last], [last, widest]].map(|widths| Separable::new(widths, device)),
            head: classes.map(|classes| LinearConfig::new(widest, classes).init(device)),
            strides: self.strides(),
        }
    }

    fn strides(self) -> [usize; 5] {
        let [first, second, third] = self.entry_strides;
        let mut stride = 2;
        [1, first, second, third, if self.wide_end { 1 } else { 2 }].map(|by| {
            stride *= by;
            stride
        })
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct Xception {
    stem: [ConvBn; 2],
    entry: [Block; 3],
    middle: Vec<Block>,
    exit: Block,
    last: [Separable; 2],
    head: Option<Linear>,
    strides: [usize; 5],
}

impl Xception {
    /// Channels of the picture.
    pub fn channels(&self) -> usize {
        let [first, _] = &self.stem;
        let [_, channels, _, _] = first.conv.weight.dims();
        channels
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 5] {
        let [_, stem] = &self.stem;
        let [stem, ..] = stem.conv.weight.dims();
        let [near, middle, wide] = self.entry.each_ref().map(Block::width);
        let [_, last] = self.last.each_ref().map(Separable::width);
        [stem, near, middle, wide, last]
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> [usize; 5] {
        self.strides
    }

    /// The last map of each size.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, widths[i], ⌈H' / strides[i]⌉, ⌈W' / strides[i]⌉]`, where a stem
    /// without padding costs its pixels: `H' = 2⌊(H - 5) / 2⌋`, the same of `W`
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 5] {
        let finest = self.stem.iter().fold(x, |x, layer| layer.forward_relu(x));
        let [near, middle, wide] = &self.entry;
        let near = near.forward(finest.clone());
        let middle = middle.forward(near.clone());
        let wide = wide.forward(middle.clone());
        let wide = self.middle.iter().fold(wide, |x, block| block.forward(x));
        let exit = self.exit.forward(wide.clone());
        let coarsest = self.last.iter().fold(exit, |x, layer| layer.forward_relu(x));
        [finest, near, middle, wide, coarsest]
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
        headed(self.head.as_ref(), pooled(x))
    }
}

/// The name of the tensor at `path` in timm's `legacy_xception`.
pub fn timm_name(path: &str) -> String {
    match path.split('.').collect::<Vec<_>>()[..] {
        ["stem", i, layer, leaf] => format!("{layer}{}.{leaf}", shifted(i, 1)),
        ["entry", b, ref rest @ ..] => block::timm_name(&shifted(b, 1), rest, path),
        ["middle", b, ref rest @ ..] => block::timm_name(&shifted(b, 4), rest, path),
        ["exit", ref rest @ ..] => block::timm_name("12", rest, path),
        ["last", i, "depthwise", leaf] => format!("conv{}.conv1.{leaf}", shifted(i, 3)),
        ["last", i, "pointwise", "conv", leaf] => format!("conv{}.pointwise.{leaf}", shifted(i, 3)),
        ["last", i, "pointwise", "bn", leaf] => format!("bn{}.{leaf}", shifted(i, 3)),
        ["head", leaf] => format!("fc.{leaf}"),
        _ => path.to_owned(),
    }
}
