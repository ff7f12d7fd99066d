//! The table of expression classifiers: what a recipe calls `arch` becomes a network.
//!
//! ```toml
//! arch = "resnet_s"                       # a network of its own
//! arch = { trunk = "resnet18_s" }         # a trunk with a linear head
//! ```
//!
//! A network with settings is a table of them, checked when the recipe is read. Every network
//! answers [`ExpressionNet::forward`] and learns by [`ExpressionNet::learn`], which for most is
//! cross-entropy and for some their own loss.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use super::{
    dan::{Dan, DanConfig},
    faces::Faces,
    fn2en::{Fn2En, Fn2EnConfig},
    fran::{Fran, FranConfig},
    lsd::{Lsd, LsdConfig},
    mini_xception::MiniXception,
    oadn::{Oadn, OadnConfig},
    resnet::ResNetS,
    trunk::{Trunk, TrunkName},
};
use crate::{export::Lower, train::Loss};

/// What a recipe calls `arch`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arch {
    /// See [`ResNetS`].
    #[serde(rename = "resnet_s")]
    ResNetS,
    /// See [`MiniXception`].
    MiniXception,
    /// A trunk with a linear head.
    Trunk(TrunkName),
    /// See [`Fn2En`].
    #[serde(rename = "fn2en")]
    Fn2En(Fn2EnConfig),
    /// See [`Fran`].
    Fran(FranConfig),
    /// See [`Oadn`].
    Oadn(OadnConfig),
    /// See [`Dan`].
    Dan(DanConfig),
    /// See [`Lsd`].
    Lsd(LsdConfig),
}

impl Arch {
    /// The networks that a device can run and that have no settings.
    pub const DEPLOYED: [Self; 2] = [Self::ResNetS, Self::MiniXception];

    /// The network with fresh weights, for pictures of `side` × `side` pixels.
    pub fn init(&self, classes: usize, side: u32, device: &Device) -> ExpressionNet {
        match self {
            Self::ResNetS => ExpressionNet::ResNetS(ResNetS::new(classes, device)),
            Self::MiniXception => ExpressionNet::MiniXception(MiniXception::new(classes, device)),
            Self::Trunk(name) => ExpressionNet::Trunk(Trunk::with_head(*name, classes, device)),
            Self::Fn2En(config) => ExpressionNet::Fn2En(config.init(classes, side, device)),
            Self::Fran(config) => ExpressionNet::Fran(config.init(classes, device)),
            Self::Oadn(config) => ExpressionNet::Oadn(config.init(classes, device)),
            Self::Dan(config) => ExpressionNet::Dan(config.init(classes, device)),
            Self::Lsd(config) => ExpressionNet::Lsd(config.init(classes, device)),
        }
    }

    /// The network's name in messages and file names.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ResNetS => "resnet_s",
            Self::MiniXception => "mini_xception",
            Self::Trunk(name) => name.name(),
            Self::Fn2En(_) => "fn2en",
            Self::Fran(_) => "fran",
            Self::Oadn(_) => "oadn",
            Self::Dan(_) => "dan",
            Self::Lsd(_) => "lsd",
        }
    }

    /// The architecture of that name among [`Self::DEPLOYED`].
    pub fn deployed(name: &str) -> Option<Self> {
        Self::DEPLOYED.into_iter().find(|arch| arch.name() == name)
    }

    /// Side in pixels of the pictures it is made for; a recipe may choose another where the
    /// network takes any.
    pub fn side(&self) -> u32 {
        match self {
            Self::ResNetS => ResNetS::SIDE,
            Self::MiniXception => MiniXception::SIDE,
            Self::Trunk(name) => name.side(),
            Self::Fn2En(config) => config.side(),
            Self::Fran(config) => config.trunk.side(),
            Self::Oadn(config) => config.trunk.side(),
            Self::Dan(config) => config.trunk.side(),
            Self::Lsd(config) => config.trunk.side(),
        }
    }

    /// The first setting out of range for pictures of `side` pixels, and its rule.
    pub fn fault(&self, side: u32) -> Option<(&'static str, &'static str)> {
        match self {
            Self::ResNetS | Self::MiniXception | Self::Trunk(_) => None,
            Self::Fn2En(config) => config.fault(side),
            Self::Fran(config) => config.fault(),
            Self::Oadn(config) => config.fault(side),
            Self::Dan(config) => config.fault(side),
            Self::Lsd(config) => config.fault(side),
        }
    }

    /// Whether a graph can hold it, so that it can be exported.
    pub fn can_be_lowered(&self) -> bool {
        matches!(self, Self::ResNetS | Self::MiniXception)
    }

    /// Whether it learns from landmarks.
    pub fn reads_points(&self) -> bool {
        matches!(self, Self::Oadn(config) if config.lambda > 0.0)
    }

    /// Whether it learns from an upright copy of each picture, with landmarks.
    pub fn reads_upright(&self) -> bool {
        matches!(self, Self::Lsd(config) if config.landmarks > 0.0)
    }
}

/// An expression classifier of any family: `[N, 1, side, side] -> [N, classes]` logits.
#[expect(clippy::large_enum_variant, reason = "a process holds one or two networks")]
#[derive(Module, Debug)]
pub enum ExpressionNet {
    /// See [`ResNetS`].
    ResNetS(ResNetS),
    /// See [`MiniXception`].
    MiniXception(MiniXception),
    /// See [`Trunk`].
    Trunk(Trunk),
    /// See [`Fn2En`].
    Fn2En(Fn2En),
    /// See [`Fran`].
    Fran(Fran),
    /// See [`Oadn`].
    Oadn(Oadn),
    /// See [`Dan`].
    Dan(Dan),
    /// See [`Lsd`].
    Lsd(Lsd),
}

impl ExpressionNet {
    /// Logits, by the rule the network is judged by; one that reads points finds none visible.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.forward_with(x, None)
    }

    /// Logits, by the rule the network is judged by, for crops whose landmarks are `points`, as
    /// [`Faces::points`]; only one that [`Self::reads_points`] looks at them.
    ///
    /// # Shapes
    /// `[N, 1, side, side]`, points `[N, 68, 3]` `-> [N, classes]`
    pub fn forward_with(&self, x: Tensor<4>, points: Option<Tensor<3>>) -> Tensor<2> {
        match self {
            Self::ResNetS(net) => net.forward(x),
            Self::MiniXception(net) => net.forward(x),
            Self::Trunk(net) => net.forward(x),
            Self::Fn2En(net) => net.forward(x),
            Self::Fran(net) => net.forward(x),
            Self::Oadn(net) => net.forward(x, points),
            Self::Dan(net) => net.forward(x),
            Self::Lsd(net) => net.forward(x),
        }
    }

    /// Whether it needs landmarks to answer.
    pub fn reads_points(&self) -> bool {
        matches!(self, Self::Oadn(net) if net.reads_points())
    }

    /// The same weights under the other rules there are to answer by, each with its name.
    pub fn other_rules(&self) -> Vec<(&'static str, Self)> {
        match self {
            Self::Oadn(net) => {
                let both = net.answering_with_both().map(|net| ("both", Self::Oadn(net)));
                both.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The last feature maps.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, C, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::ResNetS(net) => net.features(x),
            Self::MiniXception(net) => net.features(x),
            Self::Trunk(net) => net.last_map(x),
            Self::Fn2En(net) => net.features(x),
            Self::Fran(net) => net.features(x),
            Self::Oadn(net) => net.trunk.last_map(x),
            Self::Dan(net) => net.features(x),
            Self::Lsd(net) => net.features(x),
        }
    }

    /// The loss of a batch.
    pub fn learn(&self, faces: &Faces) -> Loss {
        match self {
            Self::Fran(net) => net.learn(faces),
            Self::Oadn(net) => net.learn(faces),
            Self::Dan(net) => net.learn(faces),
            Self::Lsd(net) => net.learn(faces),
            Self::ResNetS(_) | Self::MiniXception(_) | Self::Trunk(_) | Self::Fn2En(_) => {
                let logits = self.forward(faces.pixels.clone());
                Loss::new("cross_entropy", faces.cross_entropy(logits))
            }
        }
    }

    /// Logits from `features`, where the network reads nothing else; with [`Self::features`] it is
    /// [`Self::forward`].
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes]`
    pub fn classify(&self, features: Tensor<4>) -> Option<Tensor<2>> {
        match self {
            Self::ResNetS(net) => Some(net.classify(features)),
            Self::MiniXception(net) => Some(net.classify(features)),
            Self::Trunk(Trunk::ResNet(net)) => Some(net.classify(features)),
            Self::Fran(net) => Some(net.classify(features)),
            Self::Trunk(_) | Self::Fn2En(_) | Self::Oadn(_) | Self::Dan(_) | Self::Lsd(_) => None,
        }
    }

    /// The pixel, along either axis, that the field of the first cell of `features` is centred on.
    pub fn first_field(&self) -> usize {
        match self {
            Self::MiniXception(_) => MiniXception::FIRST_FIELD,
            // Their layers are padded by half their kernels.
            _ => 0,
        }
    }

    /// The logits that each place of `features` speaks for, in inference mode; their mean over
    /// the places is [`Self::forward`]. `None` where the head is not linear in such a mean.
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes, H, W]`
    pub fn class_maps(&self, features: Tensor<4>) -> Option<Tensor<4>> {
        match self {
            Self::ResNetS(net) => Some(net.class_maps(features)),
            Self::MiniXception(net) => Some(net.class_maps(features)),
            _ => None,
        }
    }

    /// The network as something that can be lowered; `None` unless [`Arch::can_be_lowered`].
    pub fn lowering(&self) -> Option<&dyn Lower> {
        match self {
            Self::ResNetS(net) => Some(net),
            Self::MiniXception(net) => Some(net),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    #[test]
    fn the_mean_of_the_class_maps_is_the_logits() {
        let device = Device::flex();
        for arch in Arch::DEPLOYED {
            let net = arch.init(8, arch.side(), &device);
            let side = arch.side() as usize;
            let x: Tensor<4> =
                Tensor::random([3, 1, side, side], Distribution::Uniform(-1.0, 1.0), &device);
            let maps = net.class_maps(net.features(x.clone())).unwrap();
            let means: Tensor<2> = maps.mean_dim(3).mean_dim(2).flatten(1, 3);
            let gap = (net.forward(x) - means).abs().max().into_scalar::<f32>();
            assert!(gap < 1e-5, "{}: {gap}", arch.name());
        }
    }

    #[test]
    fn an_arch_is_a_name_or_a_table() {
        #[derive(Deserialize)]
        struct Task {
            arch: Arch,
        }
        let read = |text: &str| toml::from_str::<Task>(text).map(|task| task.arch);
        assert_eq!(read("arch = 'resnet_s'").unwrap(), Arch::ResNetS);
        let trunk = read("arch = { trunk = 'resnet18_s' }").unwrap();
        assert_eq!(trunk, Arch::Trunk(TrunkName::Resnet18S));
        assert!(read("arch = 'resnet_t'").unwrap_err().to_string().contains("resnet_s"));
    }
}
