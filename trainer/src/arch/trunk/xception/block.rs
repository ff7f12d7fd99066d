//! Xception's block: separable convolutions beside a shortcut.
//!
//! ```text
//! x ─ relu ─ separable ─ relu ─ separable ─ max 3×3/2 ─ + ─
//!  └─────────────────── 1×1/2 ────────────────────────┘
//! ```
//!
//! Without stride there is no pooling, and the shortcut is the identity where the channels stay.

use burn::{
    module::Module,
    nn::{
        PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};

use crate::{
    arch::blocks::{ConvBn, ConvBnConfig},
    ops::conv::conv2d,
};

/// The block.
#[derive(Module, Debug)]
pub(super) struct Block {
    shortcut: Option<ConvBn>,
    layers: Vec<Separable>,
    pool: Option<MaxPool2d>,
    after_relu: bool,
}

impl Block {
    /// A block whose separables lead from each of `widths` to the next, with fresh weights.
    pub(super) fn new(widths: &[usize], stride: usize, device: &Device) -> Self {
        let pairs = widths.windows(2).map(|w| [w[0], w[1]]);
        let layers: Vec<_> = pairs.map(|pair| Separable::new(pair, device)).collect();
        let outputs = layers.last().map_or(0, Separable::width);
        let inputs = widths.first().copied().unwrap_or(outputs);
        let shortcut = ConvBnConfig::new(inputs, outputs, 1).with_stride(stride);
        let pool = MaxPool2dConfig::new([3, 3])
            .with_strides([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        Self {
            shortcut: (stride > 1 || inputs != outputs).then(|| shortcut.init(device)),
            layers,
            pool: (stride > 1).then(|| pool.init()),
            after_relu: false,
        }
    }

    /// The same for an input that a ReLU has seen.
    pub(super) fn after_relu(self) -> Self {
        Self { after_relu: true, ..self }
    }

    /// Channels it yields.
    pub(super) fn width(&self) -> usize {
        self.layers.last().map_or(0, Separable::width)
    }

    /// # Shapes
    /// `[N, I, H, W] -> [N, width, ⌈H / stride⌉, ⌈W / stride⌉]`
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let last = self.layers.len().saturating_sub(1);
        let layer = |y, (i, layer): (usize, &Separable)| {
            if i < last { layer.forward_relu(y) } else { layer.forward(y) }
        };
        let y = if self.after_relu { x.clone() } else { relu(x.clone()) };
        let y = self.layers.iter().enumerate().fold(y, layer);
        let y = match &self.pool {
            Some(pool) => pool.forward(y),
            None => y,
        };
        match &self.shortcut {
            Some(shortcut) => shortcut.forward(x) + y,
            None => x + y,
        }
    }
}

/// Depthwise 3×3, pointwise 1×1, normalisation; no activation between.
#[derive(Module, Debug)]
pub(super) struct Separable {
    depthwise: Conv2d,
    pointwise: ConvBn,
}

impl Separable {
    pub(super) fn new([inputs, outputs]: [usize; 2], device: &Device) -> Self {
        let depthwise = Conv2dConfig::new([inputs, inputs], [3, 3])
            .with_groups(inputs)
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false);
        Self {
            depthwise: depthwise.init(device),
            pointwise: ConvBnConfig::new(inputs, outputs, 1).init(device),
        }
    }

    /// Channels it yields.
    pub(super) fn width(&self) -> usize {
        let [outputs, ..] = self.pointwise.conv.weight.dims();
        outputs
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.pointwise.forward(conv2d(&self.depthwise, x))
    }

    /// # Shapes
    /// `[N, I, H, W] -> [N, width, H, W]`
    pub(super) fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        self.pointwise.forward_relu(conv2d(&self.depthwise, x))
    }
}

/// timm's name of the tensor at `rest` in its block `number`; `path` is all of it.
///
/// timm numbers ReLU, separable and normalisation in one row; its first block has no first ReLU.
pub(super) fn timm_name(number: &str, rest: &[&str], path: &str) -> String {
    let place = |layer: &str, step: usize| {
        let layer = layer.parse::<usize>().unwrap_or_default();
        3 * layer + step + usize::from(number != "1")
    };
    match *rest {
        ["shortcut", "conv", leaf] => format!("block{number}.skip.{leaf}"),
        ["shortcut", "bn", leaf] => format!("block{number}.skipbn.{leaf}"),
        ["layers", l, "depthwise", leaf] => {
            format!("block{number}.rep.{}.conv1.{leaf}", place(l, 0))
        }
        ["layers", l, "pointwise", "conv", leaf] => {
            format!("block{number}.rep.{}.pointwise.{leaf}", place(l, 0))
        }
        ["layers", l, "pointwise", "bn", leaf] => {
            format!("block{number}.rep.{}.{leaf}", place(l, 1))
        }
        _ => path.to_owned(),
    }
}
