//! Trunks: published image networks that other networks build on, layer for layer as torchvision
//! lays them out, so that its weights fit ([`crate::weights`]).
//!
//! ```text
//! RGB [N, 3, H, W] -> features: four or five maps, finest first -> head -> [N, classes]
//! ```
//!
//! Any height and width from [`Trunk::MIN_SIDE`] on. A grey picture is repeated over the three
//! channels by whoever calls. Only the residual networks can be lowered into a graph: ReLU6
//! (MobileNetV2) and pooling to a fixed size (VGG-16) are not among its operations.

pub mod mobilenet_v2;
pub mod resnet;
pub mod vgg16;

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use self::{mobilenet_v2::MobileNetV2, resnet::ResNet, vgg16::Vgg16};
use crate::weights::Layout;

/// Names in the table, as torchvision has them.
pub const NAMES: [&str; 5] = ["resnet18", "resnet50", "vgg16", "vgg16_bn", "mobilenet_v2"];

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
}

impl Trunk {
    /// Least height and width: every trunk's coarsest map is a 32nd of the picture.
    pub const MIN_SIDE: usize = 32;

    /// The trunk of that name with fresh weights, or `None` when the table has no such name.
    pub fn new(name: &str, classes: usize, device: &Device) -> Option<Self> {
        Some(match name {
            "resnet18" => Self::ResNet(ResNet::resnet18(classes, device)),
            "resnet50" => Self::ResNet(ResNet::resnet50(classes, device)),
            "vgg16" => Self::Vgg16(Vgg16::plain(classes, device)),
            "vgg16_bn" => Self::Vgg16(Vgg16::normalised(classes, device)),
            "mobilenet_v2" => Self::MobileNetV2(MobileNetV2::new(classes, device)),
            _ => return None,
        })
    }

    /// Channels of each map of [`Self::features`].
    pub fn widths(&self) -> Vec<usize> {
        match self {
            Self::ResNet(net) => net.widths().into(),
            Self::Vgg16(_) => Vgg16::WIDTHS.into(),
            Self::MobileNetV2(_) => MobileNetV2::WIDTHS.into(),
        }
    }

    /// Pixels of the picture a step in each map of [`Self::features`] covers.
    pub fn strides(&self) -> Vec<usize> {
        match self {
            Self::ResNet(_) => ResNet::STRIDES.into(),
            Self::Vgg16(_) => Vgg16::STRIDES.into(),
            Self::MobileNetV2(_) => MobileNetV2::STRIDES.into(),
        }
    }

    /// The map each stage ends in, finest first; the last is what the head reads.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, widths[i], ⌈H / strides[i]⌉, ⌈W / strides[i]⌉]`; VGG-16 rounds down.
    pub fn features(&self, x: Tensor<4>) -> Vec<Tensor<4>> {
        match self {
            Self::ResNet(net) => net.features(x).into(),
            Self::Vgg16(net) => net.features(x).into(),
            Self::MobileNetV2(net) => net.features(x).into(),
        }
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 3, H, W] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        match self {
            Self::ResNet(net) => net.forward(x),
            Self::Vgg16(net) => net.forward(x),
            Self::MobileNetV2(net) => net.forward(x),
        }
    }

    /// How torchvision names this trunk's tensors.
    pub fn layout(&self) -> Layout {
        Layout::Renamed(match self {
            Self::ResNet(_) => resnet::torchvision_name,
            Self::Vgg16(net) if net.is_normalised() => vgg16::torchvision_name_normalised,
            Self::Vgg16(_) => vgg16::torchvision_name,
            Self::MobileNetV2(_) => mobilenet_v2::torchvision_name,
        })
    }
}

/// The mean of each channel's map.
fn pooled(x: Tensor<4>) -> Tensor<2> {
    x.mean_dim(3).mean_dim(2).flatten(1, 3)
}

/// A number of a path moved by `by`; what is no number stays as it is.
fn shifted(number: &str, by: usize) -> String {
    number.parse::<usize>().map_or_else(|_| number.to_owned(), |n| (n + by).to_string())
}

#[cfg(test)]
mod tests;
