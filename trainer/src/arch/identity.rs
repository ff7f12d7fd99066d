//! A network that tells people apart: a trunk and one logit a person.
//!
//! ```text
//! [N, 1, side, side] -> trunk -> mean over H, W: the embedding [N, width] -> linear -> [N, people]
//! ```
//!
//! What it learns of faces is a start for networks that read expressions, which take its trunk
//! ([`crate::weights::start_from_net`]); its last layer is not called `head`, so that none takes
//! people for expressions.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::trunk::{Trunk, TrunkName, TrunkOptions, pooled};

/// The network.
#[derive(Module, Debug)]
pub struct IdentityNet {
    trunk: Trunk,
    people: Linear,
}

impl IdentityNet {
    /// The network for that many people with fresh weights.
    pub fn new(name: TrunkName, people: usize, device: &Device) -> Self {
        let trunk = Trunk::headless(name, TrunkOptions::default(), device);
        Self { people: LinearConfig::new(trunk.width(), people).init(device), trunk }
    }

    /// What is alike in pictures of one person.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, width]`
    pub fn embedding(&self, x: Tensor<4>) -> Tensor<2> {
        pooled(self.trunk.last_map(x))
    }

    /// Logits.
    ///
    /// # Shapes
    /// `[N, 1, side, side] -> [N, people]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        self.people.forward(self.embedding(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arch::expression::Arch,
        weights::{Start, start_from_net},
    };

    #[test]
    fn every_person_has_a_logit() {
        let device = Device::flex();
        let net = IdentityNet::new(TrunkName::Vgg16S, 11, &device);
        let x = Tensor::zeros([2, 1, 48, 48], &device);
        assert_eq!(net.embedding(x.clone()).dims(), [2, 128]);
        assert_eq!(net.forward(x).dims(), [2, 11]);
    }

    #[test]
    fn it_starts_an_expression_network_whose_head_stays_fresh() {
        let device = Device::flex();
        // As many people as expressions: the last layer would fit.
        let faces = IdentityNet::new(TrunkName::Resnet18S, 8, &device);
        let net = Arch::Trunk(TrunkName::Resnet18S).init(8, 48, &device);
        let start = Start { from: "runs/face".as_ref(), parts: &[] };
        let (net, report) = start_from_net(net, &faces, start).unwrap();
        assert_eq!(report.missing, ["head.weight", "head.bias"]);
        let x = Tensor::ones([1, 1, 48, 48], &device);
        let gap = (pooled(net.features(x.clone())) - faces.embedding(x)).abs().max();
        assert!(gap.into_scalar::<f32>() < 1e-6);
    }
}
