//! The table of trunks.

use serde::{Deserialize, Serialize};

/// A trunk's name, as torchvision, timm or its paper has it; `_s` is the slim variant for grey
/// pictures of 48 × 48 pixels, which two cores can train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkName {
    /// ResNet-18.
    Resnet18,
    /// ResNet-50.
    Resnet50,
    /// ResNet-50 as Caffe lays it out, the form of `VGGFace2`'s weights.
    Resnet50Caffe,
    /// VGG-16.
    Vgg16,
    /// VGG-16 with batch normalisation.
    Vgg16Bn,
    /// `MobileNetV2`.
    MobilenetV2,
    /// `MobileViTv2`, width 0.5.
    #[serde(rename = "mobilevit_v2_050")]
    MobilevitV2_050,
    /// `MobileViTv2`, width 1.
    #[serde(rename = "mobilevit_v2_100")]
    MobilevitV2_100,
    /// `MobileViTv2`, width 2.
    #[serde(rename = "mobilevit_v2_200")]
    MobilevitV2_200,
    /// Xception.
    Xception,
    /// CASIA-Net.
    CasiaNet,
    /// Slim ResNet-18.
    #[serde(rename = "resnet18_s")]
    Resnet18S,
    /// Slim VGG-16.
    #[serde(rename = "vgg16_s")]
    Vgg16S,
    /// Slim `MobileNetV2`.
    #[serde(rename = "mobilenet_v2_s")]
    MobilenetV2S,
    /// Slim `MobileViTv2`.
    #[serde(rename = "mobilevit_v2_s")]
    MobilevitV2S,
    /// Slim Xception.
    #[serde(rename = "xception_s")]
    XceptionS,
    /// Slim CASIA-Net.
    #[serde(rename = "casia_net_s")]
    CasiaNetS,
}

impl TrunkName {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Resnet18,
        Self::Resnet50,
        Self::Resnet50Caffe,
        Self::Vgg16,
        Self::Vgg16Bn,
        Self::MobilenetV2,
        Self::MobilevitV2_050,
        Self::MobilevitV2_100,
        Self::MobilevitV2_200,
        Self::Xception,
        Self::CasiaNet,
        Self::Resnet18S,
        Self::Vgg16S,
        Self::MobilenetV2S,
        Self::MobilevitV2S,
        Self::XceptionS,
        Self::CasiaNetS,
    ];

    /// The name as recipes have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resnet18 => "resnet18",
            Self::Resnet50 => "resnet50",
            Self::Resnet50Caffe => "resnet50_caffe",
            Self::Vgg16 => "vgg16",
            Self::Vgg16Bn => "vgg16_bn",
            Self::MobilenetV2 => "mobilenet_v2",
            Self::MobilevitV2_050 => "mobilevit_v2_050",
            Self::MobilevitV2_100 => "mobilevit_v2_100",
            Self::MobilevitV2_200 => "mobilevit_v2_200",
            Self::Xception => "xception",
            Self::CasiaNet => "casia_net",
            Self::Resnet18S => "resnet18_s",
            Self::Vgg16S => "vgg16_s",
            Self::MobilenetV2S => "mobilenet_v2_s",
            Self::MobilevitV2S => "mobilevit_v2_s",
            Self::XceptionS => "xception_s",
            Self::CasiaNetS => "casia_net_s",
        }
    }

    /// The trunk of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trunk| trunk.name() == name)
    }

    /// Side in pixels of the pictures it is made for; it takes any from
    /// [`super::Trunk::MIN_SIDE`] on, slim ones from 16.
    pub fn side(self) -> u32 {
        match self {
            name if name.is_slim() => 48,
            Self::CasiaNet => 100,
            Self::MobilevitV2_050 | Self::MobilevitV2_100 | Self::MobilevitV2_200 => 256,
            Self::Xception => 299,
            _ => 224,
        }
    }

    /// Whether it is a slim variant: one grey channel, few of every other.
    pub fn is_slim(self) -> bool {
        matches!(
            self,
            Self::Resnet18S
                | Self::Vgg16S
                | Self::MobilenetV2S
                | Self::MobilevitV2S
                | Self::XceptionS
                | Self::CasiaNetS
        )
    }
}
