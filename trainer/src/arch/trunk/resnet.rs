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
//! As torchvision has it, a bottleneck's stride is in its 3×3 convolution, not in the paper's 1×1.

use std::iter;

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig, PaddingConfig2d,
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};
use mien_shared::graph::Window;

use super::{pooled, shifted};
use crate::{
    arch::blocks::{ConvBn, ConvBnConfig},
    export::{Builder, Lower, Value},
};

const STEM: usize = 64;
const WIDTHS: [usize; 4] = [64, 128, 256, 512];
const POOL: Window = Window { kernel: [3, 3], stride: [2, 2], pads: [1; 4] };

/// The network.
#[derive(Module, Debug)]
pub struct ResNet {
    stem: ConvBn,
    pool: MaxPool2d,
    stages: [Vec<Block>; 4],
    head: Linear,
}

impl ResNet {
    /// Pixels of the picture a step in each map covers.
    pub const STRIDES: [usize; 4] = [4, 8, 16, 32];

    /// ResNet-18 with fresh weights.
    pub fn resnet18(classes: usize, device: &Device) -> Self {
        Self::new(Kind::Basic, [2, 2, 2, 2], classes, device)
    }

    /// ResNet-50 with fresh weights.
    pub fn resnet50(classes: usize, device: &Device) -> Self {
        Self::new(Kind::Bottleneck, [3, 4, 6, 3], classes, device)
    }

    fn new(kind: Kind, depths: [usize; 4], classes: usize, device: &Device) -> Self {
        let pool = MaxPool2dConfig::new([3, 3])
            .with_strides([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        let inputs = |i| if i == 0 { STEM } else { WIDTHS[i - 1] * kind.expansion() };
        let stride = |i| if i == 0 { 1 } else { 2 };
        let stages = [0, 1, 2, 3]
            .map(|i| stage(kind, [inputs(i), WIDTHS[i]], [depths[i], stride(i)], device));
        Self {
            stem: ConvBnConfig::new(3, STEM, 7).with_stride(2).init(device),
            pool: pool.init(),
            stages,
            head: LinearConfig::new(inputs(WIDTHS.len()), classes).init(device),
        }
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> [usize; 4] {
        let [coarsest, _classes] = self.head.weight.dims();
        [8, 4, 2, 1].map(|part| coarsest / part)
    }

    /// The map each of the four stages ends in.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 4] {
        let mut x = self.pool.forward(self.stem.forward_relu(x));
        self.stages.each_ref().map(|blocks| {
            x = blocks.iter().fold(x.clone(), |x, block| block.forward(x));
            x.clone()
        })
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let [.., x] = self.features(x);
        self.head.forward(pooled(x))
    }

    /// Adds every stage to `graph`; yields what [`Self::features`] does.
    pub fn lower_features(&self, graph: &mut Builder, x: Value) -> [Value; 4] {
        let stem = self.stem.lower_relu(graph, "stem", x);
        let mut x = graph.max_pool("pool", POOL, stem);
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
        let logits = graph.linear("head", &self.head, mean);
        graph.output("logits", logits);
    }
}

/// The two blocks of the paper's figure 5.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Basic,
    Bottleneck,
}

impl Kind {
    /// Channels a block yields for each of its width.
    fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }

    /// The block's convolutions, in order.
    fn convs(self, [inputs, width]: [usize; 2], stride: usize) -> Vec<ConvBnConfig> {
        let conv = ConvBnConfig::new;
        match self {
            Self::Basic => vec![conv(inputs, width, 3).with_stride(stride), conv(width, width, 3)],
            Self::Bottleneck => vec![
                conv(inputs, width, 1),
                conv(width, width, 3).with_stride(stride),
                conv(width, width * self.expansion(), 1),
            ],
        }
    }
}

/// `depth` blocks, the first with `stride`.
fn stage(
    kind: Kind,
    channels: [usize; 2],
    [depth, stride]: [usize; 2],
    device: &Device,
) -> Vec<Block> {
    let [_, width] = channels;
    let first = Block::new(kind, channels, stride, device);
    let same = [width * kind.expansion(), width];
    let rest = (1..depth).map(|_| Block::new(kind, same, 1, device));
    iter::once(first).chain(rest).collect()
}

/// `relu(shortcut(x) + f(x))`.
#[derive(Module, Debug)]
struct Block {
    convs: Vec<ConvBn>,
    shortcut: Option<ConvBn>,
}

impl Block {
    fn new(kind: Kind, channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let [inputs, width] = channels;
        let outputs = width * kind.expansion();
        let shortcut = ConvBnConfig::new(inputs, outputs, 1).with_stride(stride);
        let convs = kind.convs(channels, stride);
        Self {
            convs: convs.into_iter().map(|conv| conv.init(device)).collect(),
            shortcut: (stride > 1 || inputs != outputs).then(|| shortcut.init(device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let last = self.convs.len().saturating_sub(1);
        let layer = |y, (i, conv): (usize, &ConvBn)| {
            if i < last { conv.forward_relu(y) } else { conv.forward(y) }
        };
        let y = self.convs.iter().enumerate().fold(x.clone(), layer);
        let same = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        relu(y + same)
    }

    fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
        let last = self.convs.len().saturating_sub(1);
        let mut y = x;
        for (i, conv) in self.convs.iter().enumerate() {
            let name = format!("{name}.conv{i}");
            y = if i < last {
                conv.lower_relu(graph, &name, y)
            } else {
                conv.lower(graph, &name, y)
            };
        }
        let same = match &self.shortcut {
            Some(shortcut) => shortcut.lower(graph, &format!("{name}.shortcut"), x),
            None => x,
        };
        let sum = graph.add(&format!("{name}.add"), y, same);
        graph.relu(&format!("{name}.relu"), sum)
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
