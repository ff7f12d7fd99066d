//! `MobileViTv2` (Mehta & Rastegari 2022, "Separable self-attention for mobile vision transformers",
//! arXiv 2206.02680), width 2 unless said otherwise.
//!
//! ```text
//! [N, 3, H, W]
//!   stem      3×3/2, 64                                      H/2
//!   stage 1   inverted residual of 128                       H/2
//!   stage 2   inverted residuals of 256, 256, first /2       H/4
//!   stage 3   inverted residual of 512, /2; attention × 2    H/8
//!   stage 4   inverted residual of 768, /2; attention × 4    H/16
//!   stage 5   inverted residual of 1024, /2; attention × 3   H/32
//!   mean over H, W; linear -> [N, classes]
//! ```
//!
//! An inverted residual is that of `MobileNetV2` with twofold width and `SiLU`. Stages are timm's,
//! whose files fit (`mobilevitv2_200`). A wide end leaves the last stride out. The slim variant (own
//! choice) reads grey, has 16, 32, 64, 96, 128 channels and attention × 1, 2, 1, and ends in H/8,
//! because attention wants maps of an even size.

mod attention;

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor, activation::silu},
};

use self::attention::AttentionBlock;
use super::{headed, pooled};
use crate::arch::blocks::{ConvBn, ConvBnConfig};

/// Layers and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MobileViTv2Config {
    /// Channels of the picture.
    channels: usize,
    stem: usize,
    widths: [usize; 5],
    strides: [usize; 5],
    /// Attention units of each stage.
    depths: [usize; 5],
}

/// Inverted residuals of a stage.
const RESIDUALS: [usize; 5] = [1, 2, 1, 1, 1];

impl MobileViTv2Config {
    /// The paper's network of width 2.
    pub const WIDTH_200: Self = Self::published(8);
    /// The paper's network of width 1.
    pub const WIDTH_100: Self = Self::published(4);
    /// The paper's network of width 0.5.
    pub const WIDTH_050: Self = Self::published(2);
    /// Slim: a quarter of width 1, half its attention, one grey channel, a quarter of the stride.
    pub const SLIM: Self = Self {
        channels: 1,
        stem: 16,
        widths: [16, 32, 64, 96, 128],
        strides: [1, 2, 1, 2, 1],
        depths: [0, 0, 1, 2, 1],
    };

    const fn published(quarters: usize) -> Self {
        Self {
            channels: 3,
            stem: 8 * quarters,
            widths: [16 * quarters, 32 * quarters, 64 * quarters, 96 * quarters, 128 * quarters],
            strides: [1, 2, 2, 2, 2],
            depths: [0, 0, 2, 4, 3],
        }
    }

    /// The same without its last stride, or with it.
    #[must_use]
    pub fn with_wide_end(mut self, wide_end: bool) -> Self {
        let last = self.strides.iter_mut().rfind(|stride| **stride > 1);
        if let (true, Some(last)) = (wide_end, last) {
            *last = 1;
        }
        self
    }

    /// The network with fresh weights; `classes` of `None` leaves its head out.
    pub fn init(self, classes: Option<usize>, device: &Device) -> MobileViTv2 {
        let mut inputs = self.stem;
        let stages = [0, 1, 2, 3, 4].map(|i| {
            let shape = [inputs, self.widths[i], self.strides[i]];
            let stage = Stage::new(shape, [RESIDUALS[i], self.depths[i]], device);
            inputs = self.widths[i];
            stage
        });
        let mut stride = 2;
        MobileViTv2 {
            stem: ConvBnConfig::new(self.channels, self.stem, 3).with_stride(2).init(device),
            stages,
            head: classes.map(|classes| LinearConfig::new(inputs, classes).init(device)),
            widths: self.widths,
            strides: self.strides.map(|by| {
                stride *= by;
                stride
            }),
        }
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct MobileViTv2 {
    stem: ConvBn,
    stages: [Stage; 5],
    head: Option<Linear>,
    widths: [usize; 5],
    strides: [usize; 5],
}

impl MobileViTv2 {
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

    /// The map each stage ends in.
    ///
    /// # Shapes
    /// `[N, channels, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`; from stage 3 on
    /// an odd height or width is resized to the next even one, as in the published network
    pub fn features(&self, x: Tensor<4>) -> [Tensor<4>; 5] {
        let mut x = silu(self.stem.forward(x));
        self.stages.each_ref().map(|stage| {
            x = stage.forward(x.clone());
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
        headed(self.head.as_ref(), pooled(x))
    }
}

/// Inverted residuals, then attention in the later stages.
#[derive(Module, Debug)]
struct Stage {
    residuals: Vec<InvertedResidual>,
    attention: Option<AttentionBlock>,
}

impl Stage {
    fn new(
        [inputs, width, stride]: [usize; 3],
        [residuals, depth]: [usize; 2],
        device: &Device,
    ) -> Self {
        let residual = |i| match i {
            0 => InvertedResidual::new([inputs, width], stride, device),
            _ => InvertedResidual::new([width, width], 1, device),
        };
        Self {
            residuals: (0..residuals).map(residual).collect(),
            attention: (depth > 0).then(|| AttentionBlock::new(width, depth, device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.residuals.iter().fold(x, |x, residual| residual.forward(x));
        match &self.attention {
            Some(attention) => attention.forward(x),
            None => x,
        }
    }
}

/// 1×1 twofold, depthwise 3×3, 1×1; beside it an identity where the shape stays.
#[derive(Module, Debug)]
struct InvertedResidual {
    wide: ConvBn,
    depthwise: ConvBn,
    narrow: ConvBn,
    identity: bool,
}

impl InvertedResidual {
    fn new([inputs, outputs]: [usize; 2], stride: usize, device: &Device) -> Self {
        let width = 2 * inputs;
        let depthwise = ConvBnConfig::new(width, width, 3).with_stride(stride).with_groups(width);
        Self {
            wide: ConvBnConfig::new(inputs, width, 1).init(device),
            depthwise: depthwise.init(device),
            narrow: ConvBnConfig::new(width, outputs, 1).init(device),
            identity: stride == 1 && inputs == outputs,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = silu(self.wide.forward(x.clone()));
        let y = self.narrow.forward(silu(self.depthwise.forward(y)));
        if self.identity { x + y } else { y }
    }
}

/// timm's name of the tensor at `path`.
pub fn timm_name(path: &str) -> String {
    match path.split('.').collect::<Vec<_>>()[..] {
        ["stages", s, "residuals", r, layer, part, leaf] => {
            let layer = match layer {
                "wide" => "conv1_1x1",
                "depthwise" => "conv2_kxk",
                _ => "conv3_1x1",
            };
            format!("stages.{s}.{r}.{layer}.{part}.{leaf}")
        }
        ["stages", s, "attention", ref rest @ ..] => {
            format!("stages.{s}.1.{}", attention::timm_name(rest))
        }
        ["head", leaf] => format!("head.fc.{leaf}"),
        _ => path.to_owned(),
    }
}
