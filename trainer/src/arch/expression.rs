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
}

impl Lower for ExpressionNet {
    fn lower(&self, graph: &mut Builder) {
        match self {
            Self::ResNetS(net) => net.lower(graph),
            Self::MiniXception(net) => net.lower(graph),
        }
    }
}
