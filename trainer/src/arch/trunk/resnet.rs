//! ResNet-18 and ResNet-50 (He et al. 2016, arXiv 1512.03385).
//!
//! ```text
//! [N, 3, H, W]
//!   stem      7×7/2, 64; max 3×3/2   H/4
//!   stage 1   blocks of 64           H/4
//!   stage 2   blocks of 128, first /2  H/8
//!   stage 3   blocks of 256, first /2  H/16
//!   stage 4   blocks of 512, first /2  H/32
//!   mean over H, W; linear -> [N, classes]
//!
//! basic       3×3, 3×3                     2, 2, 2, 2 blocks: ResNet-18
//! bottleneck  1×1, 3×3, 1×1 fourfold wide  3, 4, 6, 3 blocks: ResNet-50
//! ```
//!
//! As torchvision has it, a bottleneck's stride is in its 3×3 convolution; [`ResNetConfig::CAFFE50`]
//! has it in the first 1×1, as the paper and Caffe have it, and a first pooling without padding that
//! rounds its size up, which together are the form of `VGGFace2`'s weights (Cao et al. 2018, arXiv
//! 1710.08092). The tensors are the same, so a file fits both: with the wrong form the answers are
//! wrong. A wide end leaves the stride of stage 4 out.

mod block;

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig, PaddingConfig2d,
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor},
};
use mien_shared::graph::Window;

use self::block::{Block, Kind, stage};
use super::{headed, pooled, present, shifted};
use crate::{
    arch::blocks::{ConvBn, ConvBnConfig},
    export::{Builder, Lower, Value},
};

/// torchvision's first pooling.
const POOL: Window = Window { kernel: [3, 3], stride: [2, 2], pads: [1; 4] };
/// Caffe's: one more column and row below and to the right do what rounding up does.
const CAFFE_POOL: Window = Window { pads: [0, 0, 1, 1], ..POOL };

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResNetConfig {
    kind: Kind,
    depths: [usize; 4],
    widths: [usize; 4],
    /// Channels of the picture.
    channels: usize,
    stem: Stem,
    wide_end: bool,
}

/// How a picture begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stem {
    /// The paper's: 7×7/2, then max 3×3/2 padded by one.
    Large,
    /// Caffe's: the pooling without padding, its size rounded up.
    Caffe,
    /// 3×3/2 alone, for pictures of few pixels.
    Small,
}

impl ResNetConfig {
    /// The paper's ResNet-18.
    pub const RESNET18: Self = Self {
        kind: Kind::Basic,
        depths: [2, 2, 2, 2],
        widths: [64, 128, 256, 512],
        channels: 3,
        stem: Stem::Large,
        wide_end: false,
    };
    /// The paper's ResNet-50.
    pub const RESNET50: Self =
        Self { kind: Kind::Bottleneck, depths: [3, 4, 6, 3], ..Self::RESNET18 };
    /// ResNet-50 as Caffe lays it out.
    pub const CAFFE50: Self =
        Self { kind: Kind::CaffeBottleneck, stem: Stem::Caffe, ..Self::RESNET50 };
    /// Slim: a block a stage, a quarter of the channels, one grey channel, half the stride.
    pub const RESNET18_S: Self = Self {
        depths: [1, 1, 1, 1],
        widths: [16, 32, 64, 128],
        channels: 1,
        stem: Stem::Small,
        ..Self::RESNET18
    };

    /// The same with a last stage that keeps the size of its maps, or halves it.
    #[must_use]
    pub fn with_wide_end(self, wide_end: bool) -> Self {
        Self { wide_end, ..self }
    }

    /// The network with fresh weights; `classes` of `None` leaves its head out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> ResNet {
        let width = self.widths[0];
        let inputs = |i: usize| if i == 0 { width } else { self.outputs(i - 1) };
        let stride = |i| if i == 0 || (i == 3 && self.wide_end) { 1 } else { 2 };
        let stages = [0, 1, 2, 3].map(|i| {
            stage(self.kind, [inputs(i), self.widths[i]], [self.depths[i], stride(i)], device)
        });
        let kernel = if self.stem == Stem::Small { 3 } else { 7 };
        ResNet {
            stem: ConvBnConfig::new(self.channels, width, kernel).with_stride(2).init(device),
            pool: self.stem.pool(),
            stages,
            head: classes.map(|classes| LinearConfig::new(self.outputs(3), classes).init(device)),
            widths: [0, 1, 2, 3].map(|i| self.outputs(i)),
            wide_end: self.wide_end,
        }
    }

    /// Channels of a stage's map.
    fn outputs(self, stage: usize) -> usize {
        self.widths[stage] * self.kind.expansion()
    }
}

impl Stem {
    fn pool(self) -> Option<MaxPool2d> {
        let pool = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]);
        match self {
            Self::Large => Some(pool.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init()),
            Self::Caffe => Some(pool.with_ceil_mode(true).init()),
            Self::Small => None,
        }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct ResNet {
    stem: ConvBn,
    pool: Option<MaxPool2d>,
    stages: [Vec<Block>; 4],
    head: Option<Linear>,
    widths: [usize; 4],
    wide_end: bool,
}

impl ResNet {
    /// ResNet-18 with fresh weights.
    pub fn resnet18(classes: usize, device: &Device) -> Self {
        ResNetConfig::RESNET18.init(Some(classes), device)
    }

    /// ResNet-50 with fresh weights.
    pub fn resnet50(classes: usize, device: &Device) -> Self {
        ResNetConfig::RESNET50.init(Some(classes), device)
    }

    /// Channels of the picture.
    pub fn channels(&self) -> usize {
        let [_, channels, _, _] = self.stem.conv.weight.dims();
        channels
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 4] {
        self.widths
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> [usize; 4] {
        let first = if self.pool.is_some() { 4 } else { 2 };
        let last = if self.wide_end { 4 } else { 8 };
        [first, 2 * first, 4 * first, last * first]
    }

    /// The map each of the four stages ends in.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`, from
    /// `⌊⌈H / 2⌉ / 2⌋` on where the stem is Caffe's
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 4] {
        let stem = self.stem.forward_relu(x);
        let mut x = match &self.pool {
            Some(pool) => pool.forward(stem),
            None => stem,
        };
        self.stages.each_ref().map(|blocks| {
            x = blocks.iter().fold(x.clone(), |x, block| block.forward(x));
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
        self.classify(x)
    }

    /// Logits from the last of [`Self::features`].
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes]`
    ///
    /// # Panics
    /// Without a head.
    pub fn classify(&self, last: Tensor<4>) -> Tensor<2> {
        headed(self.head.as_ref(), pooled(last))
    }

    /// Adds every stage to `graph`; yields what [`Self::features`] does.
    pub fn lower_features(&self, graph: &mut Builder, x: Value) -> [Value; 4] {
        let stem = self.stem.lower_relu(graph, "stem", x);
        let mut x = match &self.pool {
            Some(pool) if pool.ceil_mode => graph.max_pool("pool", CAFFE_POOL, stem),
            Some(_) => graph.max_pool("pool", POOL, stem),
            None => stem,
        };
        [0, 1, 2, 3].map(|s| {
            for (b, block) in self.stages[s].iter().enumerate() {
                x = block.lower(graph, &format!("stage{s}.block{b}"), x);
            }
            x
        })
    }
}

impl Lower for ResNet {
    fn lower(&self, graph: &mut Builder) {
        let [.., last] = self.lower_features(graph, Value::INPUT);
        let mean = graph.global_average_pool("mean", last);
        let logits = graph.linear("head", present(self.head.as_ref()), mean);
        graph.output("logits", logits);
    }
}

/// torchvision's name of the tensor at `path`.
pub fn torchvision_name(path: &str) -> String {
    match path.split('.').collect::<Vec<_>>()[..] {
        ["stem", layer, leaf] => format!("{layer}1.{leaf}"),
        ["stages", s, b, "convs", k, layer, leaf] => {
            format!("layer{}.{b}.{layer}{}.{leaf}", shifted(s, 1), shifted(k, 1))
        }
        ["stages", s, b, "shortcut", "conv", leaf] => {
            format!("layer{}.{b}.downsample.0.{leaf}", shifted(s, 1))
        }
        ["stages", s, b, "shortcut", "bn", leaf] => {
            format!("layer{}.{b}.downsample.1.{leaf}", shifted(s, 1))
        }
        ["head", leaf] => format!("fc.{leaf}"),
        _ => path.to_owned(),
    }
}
