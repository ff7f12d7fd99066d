//! The blocks of residual networks (He et al. 2016, arXiv 1512.03385, figure 5).

use std::iter;

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::relu},
};

use crate::{
    arch::blocks::{ConvBn, ConvBnConfig},
    export::{Builder, Value},
};

/// The two blocks of the paper's figure 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Two 3×3 convolutions, the stride in the first.
    Basic,
    /// 1×1, 3×3, 1×1; torchvision's stride is in the 3×3.
    Bottleneck,
    /// The same; the paper's and Caffe's stride is in the first 1×1.
    CaffeBottleneck,
}

impl Kind {
    /// Channels a block yields for each of its width.
    pub(super) fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck | Self::CaffeBottleneck => 4,
        }
    }

    /// The block's convolutions, in order.
    fn convs(self, [inputs, width]: [usize; 2], stride: usize) -> Vec<ConvBnConfig> {
        let conv = ConvBnConfig::new;
        let (first, second) = if self == Self::CaffeBottleneck { (stride, 1) } else { (1, stride) };
        match self {
            Self::Basic => vec![conv(inputs, width, 3).with_stride(stride), conv(width, width, 3)],
            Self::Bottleneck | Self::CaffeBottleneck => vec![
                conv(inputs, width, 1).with_stride(first),
                conv(width, width, 3).with_stride(second),
                conv(width, width * self.expansion(), 1),
            ],
        }
    }
}

/// `depth` blocks, the first with `stride`.
pub(super) fn stage(
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
pub(super) struct Block {
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

    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
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

    pub(super) fn lower(&self, graph: &mut Builder, name: &str, x: Value) -> Value {
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
