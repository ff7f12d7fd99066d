//! Trunks: published image networks that other networks build on, layer for layer as torchvision
//! or timm lays them out, so that public weights fit ([`crate::weights`]), each with a slim form.
//!
//! ```text
//! [N, 1 or 3, H, W] -> features: four or five maps, finest first -> head -> [N, classes]
//! ```
//!
//! | name | parameters | multiply-adds | side | channels of the coarsest map |
//! |---|---|---|---|---|
//! | `resnet18` | 11.18 M | 1.81 G | 224 | 512 |
//! | `resnet50` | 23.51 M | 4.09 G | 224 | 2048 |
//! | `resnet50_caffe` | 23.51 M | 3.86 G | 224 | 2048 |
//! | `vgg16`, `vgg16_bn` | 14.71 M | 15.35 G | 224 | 512 |
//! | `mobilenet_v2` | 2.22 M | 0.30 G | 224 | 1280 |
//! | `mobilevit_v2_050` | 1.11 M | 0.46 G | 256 | 256 |
//! | `mobilevit_v2_100` | 4.39 M | 1.81 G | 256 | 512 |
//! | `mobilevit_v2_200` | 17.42 M | 7.15 G | 256 | 1024 |
//! | `xception` | 20.81 M | 8.36 G | 299 | 2048 |
//! | `casia_net` | 1.75 M | 0.76 G | 100 | 320 |
//! | `resnet18_s` | 307 k | 8.9 M | 48 | 128 |
//! | `vgg16_s` | 541 k | 16.3 M | 48 | 128 |
//! | `mobilenet_v2_s` | 444 k | 7.8 M | 48 | 640 |
//! | `mobilevit_v2_s` | 188 k | 11.1 M | 48 | 128 |
//! | `xception_s` | 467 k | 14.8 M | 48 | 320 |
//! | `casia_net_s` | 110 k | 10.9 M | 48 | 80 |
//!
//! All of them without a head; of the multiply-adds, those of the convolutions. The coarsest map is
//! a 32nd of the picture in a published trunk, a 16th in CASIA-Net; of 48 × 48 pixels slim trunks
//! make 3 × 3, `mobilevit_v2_s` 6 × 6.
//!
//! Any height and width from [`Trunk::MIN_SIDE`] on. A grey picture is repeated over the three
//! channels of a published trunk; a slim one has a single channel and reads nothing else. A trunk
//! within another network has no head. Only residual networks are lowered into graphs.

pub mod casia_net;
mod layer;
pub mod mobilenet_v2;
pub mod mobilevit_v2;
mod name;
pub mod resnet;
pub mod vgg16;
pub mod xception;

use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

pub use self::name::TrunkName;
use self::{
    casia_net::{CasiaNet, CasiaNetConfig},
    mobilenet_v2::{MobileNetV2, MobileNetV2Config},
    mobilevit_v2::{MobileViTv2, MobileViTv2Config},
    resnet::{ResNet, ResNetConfig},
    vgg16::{Vgg16, Vgg16Config},
    xception::{Xception, XceptionConfig},
};
use crate::weights::Layout;

/// A trunk of any family.
#[expect(clippy::large_enum_variant, reason = "a process holds one or two networks")]
#[derive(Module, Debug)]
pub enum Trunk {
    /// See [`ResNet`].
    ResNet(ResNet),
    /// See [`Vgg16`].
    Vgg16(Vgg16),
    /// See [`MobileNetV2`].
    MobileNetV2(MobileNetV2),
    /// See [`MobileViTv2`].
    MobileViTv2(MobileViTv2),
    /// See [`Xception`].
    Xception(Xception),
    /// See [`CasiaNet`].
    CasiaNet(CasiaNet),
}

/// Does the same with the trunk of any family.
macro_rules! each {
    ($trunk:expr, $name:ident => $body:expr) => {
        match $trunk {
            Trunk::ResNet($name) => $body,
            Trunk::Vgg16($name) => $body,
            Trunk::MobileNetV2($name) => $body,
            Trunk::MobileViTv2($name) => $body,
            Trunk::Xception($name) => $body,
            Trunk::CasiaNet($name) => $body,
        }
    };
}

/// How a network wants its trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrunkOptions {
    /// Whether the last halving of the maps is left out, so that the coarsest ones are twice as
    /// fine.
    pub wide_end: bool,
}

impl Trunk {
    /// Least height and width: every published trunk's coarsest map is a 32nd of the picture.
    pub const MIN_SIDE: usize = 32;

    /// The trunk with a linear head and fresh weights.
    pub fn with_head(name: TrunkName, classes: usize, device: &Device) -> Self {
        Self::build(name, Some(classes), TrunkOptions::default(), device)
    }

    /// The trunk alone, as part of another network, with fresh weights.
    pub fn headless(name: TrunkName, options: TrunkOptions, device: &Device) -> Self {
        Self::build(name, None, options, device)
    }

    fn build(
        name: TrunkName,
        classes: Option<usize>,
        TrunkOptions { wide_end }: TrunkOptions,
        device: &Device,
    ) -> Self {
        /// The network of a family's configuration.
        macro_rules! init {
            ($family:ident, $config:expr) => {
                Self::$family($config.with_wide_end(wide_end).init(classes, device))
            };
        }
        match name {
            TrunkName::Resnet18 => init!(ResNet, ResNetConfig::RESNET18),
            TrunkName::Resnet18S => init!(ResNet, ResNetConfig::RESNET18_S),
            TrunkName::Resnet50 => init!(ResNet, ResNetConfig::RESNET50),
            TrunkName::Resnet50Caffe => init!(ResNet, ResNetConfig::CAFFE50),
            TrunkName::Vgg16 => init!(Vgg16, Vgg16Config::PLAIN),
            TrunkName::Vgg16Bn => init!(Vgg16, Vgg16Config::NORMALISED),
            TrunkName::Vgg16S => init!(Vgg16, Vgg16Config::SLIM),
            TrunkName::MobilenetV2 => init!(MobileNetV2, MobileNetV2Config::PUBLISHED),
            TrunkName::MobilenetV2S => init!(MobileNetV2, MobileNetV2Config::SLIM),
            TrunkName::MobilevitV2_050 => init!(MobileViTv2, MobileViTv2Config::WIDTH_050),
            TrunkName::MobilevitV2_100 => init!(MobileViTv2, MobileViTv2Config::WIDTH_100),
            TrunkName::MobilevitV2_200 => init!(MobileViTv2, MobileViTv2Config::WIDTH_200),
            TrunkName::MobilevitV2S => init!(MobileViTv2, MobileViTv2Config::SLIM),
            TrunkName::Xception => init!(Xception, XceptionConfig::PUBLISHED),
            TrunkName::XceptionS => init!(Xception, XceptionConfig::SLIM),
            TrunkName::CasiaNet => init!(CasiaNet, CasiaNetConfig::PUBLISHED),
            TrunkName::CasiaNetS => init!(CasiaNet, CasiaNetConfig::SLIM),
        }
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> Vec<usize> {
        each!(self, net => net.widths().into())
    }

    /// Channels of [`Self::last_map`].
    pub fn width(&self) -> usize {
        self.widths().last().copied().unwrap_or_default()
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> Vec<usize> {
        each!(self, net => net.strides().into())
    }

    /// The map each stage ends in, finest first; the last is what the head reads.
    ///
    /// # Shapes
    /// `[N, 1 or 3, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`, or nearly: VGG-16
    /// rounds down, `MobileViTv2` up to an even number, Caffe's ResNet-50 halves once rounding down,
    /// and Xception loses a few pixels at the edge
    pub fn features(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        let x = self.channels(x);
        each!(self, net => net.features(x).into())
    }

    /// The coarsest of [`Self::features`].
    ///
    /// # Shapes
    /// `[N, 1 or 3, H, W] -> [N, width, H', W']`
    pub fn last_map(&self, x: Tensor<4>) -> Tensor<4> {
        let last = self.features(x).pop();
        last.unwrap_or_else(|| unreachable!("every trunk has a map"))
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1 or 3, H, W] -> [N, classes]`
    ///
    /// # Panics
    /// Without a head.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.channels(x);
        each!(self, net => net.forward(x))
    }

    /// How the file of its public weights names this trunk's tensors: as torchvision or timm does,
    /// by their own path where no public weights are known.
    pub fn layout(&self) -> Layout {
        if self.reads() == 1 {
            return Layout::Own;
        }
        match self {
            Self::ResNet(_) => Layout::Renamed(resnet::torchvision_name),
            Self::Vgg16(net) if net.is_normalised() => {
                Layout::Renamed(vgg16::torchvision_name_normalised)
            }
            Self::Vgg16(_) => Layout::Renamed(vgg16::torchvision_name),
            Self::MobileNetV2(_) => Layout::Renamed(mobilenet_v2::torchvision_name),
            Self::MobileViTv2(_) => Layout::Renamed(mobilevit_v2::timm_name),
            Self::Xception(_) => Layout::Renamed(xception::timm_name),
            Self::CasiaNet(_) => Layout::Own,
        }
    }

    /// Channels of the picture it reads.
    fn reads(&self) -> usize {
        each!(self, net => net.channels())
    }

    /// A grey picture as the three equal channels a published trunk reads.
    fn channels(&self, x: Tensor<4>) -> Tensor<4> {
        let [_, channels, _, _] = x.dims();
        let wanted = self.reads();
        if channels == wanted { x } else { x.repeat_dim(1, wanted) }
    }
}

/// The mean of each channel's map.
///
/// # Shapes
/// `[N, C, H, W] -> [N, C]`
pub fn pooled(x: Tensor<4>) -> Tensor<2> {
    x.mean_dim(3).mean_dim(2).flatten(1, 3)
}

/// What the head makes of `x`.
///
/// # Panics
/// Without a head.
fn headed(head: Option<&Linear>, x: Tensor<2>) -> Tensor<2> {
    present(head).forward(x)
}

/// # Panics
/// Without a head.
fn present(head: Option<&Linear>) -> &Linear {
    head.unwrap_or_else(|| unreachable!("whoever asks for logits built a head"))
}

/// A number of a path moved by `by`; what is no number stays as it is.
fn shifted(number: &str, by: usize) -> String {
    number.parse::<usize>().map_or_else(|_| number.to_owned(), |n| (n + by).to_string())
}

#[cfg(test)]
mod tests;
