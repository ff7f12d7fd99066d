//! The table of expression classifiers: a name in a recipe becomes a network.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{mini_xception::MiniXception, resnet::ResNetS};
use crate::export::{Builder, Lower};

/// Names a recipe may use.
pub const NAMES: [&str; 2] = ["resnet_s", "mini_xception"];

/// An expression classifier of any family: `[N, 1, side, side] -> [N, classes]` logits.
#[expect(clippy::large_enum_variant, reason = "a process holds one or two networks")]
#[derive(Module, Debug)]
pub enum ExpressionNet {
    /// See [`ResNetS`].
    ResNetS(ResNetS),
    /// See [`MiniXception`].
    MiniXception(MiniXception),
}

impl ExpressionNet {
    /// The network of that name with fresh weights, or `None` when the table has no such name.
    pub fn new(name: &str, classes: usize, device: &Device) -> Option<Self> {
        match name {
            "resnet_s" => Some(Self::ResNetS(ResNetS::new(classes, device))),
            "mini_xception" => Some(Self::MiniXception(MiniXception::new(classes, device))),
            _ => None,
        }
    }

    /// Side of the square input in pixels.
    pub fn side(&self) -> u32 {
        match self {
            Self::ResNetS(_) => ResNetS::SIDE,
            Self::MiniXception(_) => MiniXception::SIDE,
        }
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, classes]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        match self {
            Self::ResNetS(net) => net.forward(x),
            Self::MiniXception(net) => net.forward(x),
        }
    }

    /// The last feature maps; their means are the penultimate features.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, C, H, W]`
    pub fn features(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::ResNetS(net) => net.features(x),
            Self::MiniXception(net) => net.features(x),
        }
    }

    /// The logits that each place of `features` speaks for; in inference mode their mean over the
    /// places is [`Self::forward`].
    ///
    /// # Shapes
    /// `[N, C, H, W] -> [N, classes, H, W]`
    pub fn class_maps(&self, features: Tensor<4>) -> Tensor<4> {
        match self {
            Self::ResNetS(net) => net.class_maps(features),
            Self::MiniXception(net) => net.class_maps(features),
        }
    }
}

impl Lower for ExpressionNet {
    fn lower(&self, graph: &mut Builder) {
        match self {
            Self::ResNetS(net) => net.lower(graph),
            Self::MiniXception(net) => net.lower(graph),
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
        for name in NAMES {
            let net = ExpressionNet::new(name, 8, &device).unwrap();
            let side = net.side() as usize;
            let x: Tensor<4> =
                Tensor::random([3, 1, side, side], Distribution::Uniform(-1.0, 1.0), &device);
            let maps = net.class_maps(net.features(x.clone()));
            let means: Tensor<2> = maps.mean_dim(3).mean_dim(2).flatten(1, 3);
            let gap = (net.forward(x) - means).abs().max().into_scalar::<f32>();
            assert!(gap < 1e-5, "{name}: {gap}");
        }
    }
}
