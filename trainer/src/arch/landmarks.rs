//! A landmark detector that says how sure it is: 68 places, for each how far off it expects to be,
//! and whether it is seen.
//!
//! ```text
//! [N, 1, side, side] -> trunk -> means of the last map's 3 × 3 parts, flattened
//!   linear, ReLU, linear -> [N, 68, 4]: x, y about the middle; logarithm of the expected error b;
//!                                       logit v of being seen
//! ```
//!
//! Lengths are in units of the crop's side, errors in eye distances ([`EYES`]). The confidence of a
//! point is `s = sigmoid(v) · (1 - exp(-0.1 / b))`: the probability that it is seen, by that of
//! lying within a tenth of the eye distance of where it should under the model learned
//! ([`crate::loss::distance`]). The second alone does not tell a hidden point from a seen one: a
//! network guesses where a covered mouth is, and is right to be fairly sure of it. Own choice, in
//! the stead of the style-aggregated network of Dong et al. 2018 (arXiv 1803.04108), whose heat
//! maps give the confidences of Ding et al. 2020.

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{
        Device, Tensor,
        activation::{relu, sigmoid},
        module::adaptive_avg_pool2d,
    },
};
use mien_shared::geometry::LANDMARKS;

use super::trunk::{Trunk, TrunkName, TrunkOptions};

/// Distance of the centres of the eyes in an aligned crop, in units of its side: that of
/// [`crate::export::model::TEMPLATE`].
pub const EYES: f32 = 0.354;

/// Distance, in eye distances, within which a point is called right.
pub const NEAR: f32 = 0.1;

/// Logarithm of the error expected before anything is learned: a fifth of the eye distance.
const FRESH: f32 = -1.609;

/// Parts of the last map along each axis: a slim trunk's own of 48 × 48 pixels.
const PARTS: usize = 3;

/// Values of a point.
const VALUES: usize = 4;

/// Smallest and largest logarithm of an expected error in eye distances.
const LOG_ERRORS: [f32; 2] = [-6.0, 2.0];

/// The network.
#[derive(Module, Debug)]
pub struct LandmarkNet {
    /// The trunk.
    pub trunk: Trunk,
    hidden: Linear,
    output: Linear,
    side: usize,
}

/// Where points are, how far off that is expected to be, and whether they are seen.
#[derive(Debug, Clone)]
pub struct Found {
    /// `[N, 68, 2]` in units of the side.
    pub places: Tensor<3>,
    /// Logarithm of the expected error in eye distances, `[N, 68]`.
    pub log_errors: Tensor<2>,
    /// Logits of being seen, `[N, 68]`.
    pub seen: Tensor<2>,
}

impl LandmarkNet {
    /// The network with fresh weights for pictures of `side` × `side` pixels, with `hidden` units.
    pub fn new(name: TrunkName, side: u32, hidden: usize, device: &Device) -> Self {
        let trunk = Trunk::headless(name, TrunkOptions::default(), device);
        let side = side as usize;
        Self {
            hidden: LinearConfig::new(trunk.width() * PARTS * PARTS, hidden).init(device),
            output: LinearConfig::new(hidden, VALUES * LANDMARKS).init(device),
            trunk,
            side,
        }
    }

    /// Side of its pictures in pixels.
    pub fn side(&self) -> usize {
        self.side
    }

    /// # Shapes
    /// `[N, 1, side, side] -> [N, 68]` points
    pub fn forward(&self, x: Tensor<4>) -> Found {
        let parts = adaptive_avg_pool2d(self.trunk.last_map(x), [PARTS; 2]);
        let values = self.output.forward(relu(self.hidden.forward(parts.flatten(1, 3))));
        let [count, _] = values.dims();
        let values: Tensor<3> = values.reshape([count, LANDMARKS, VALUES]);
        let [low, high] = LOG_ERRORS;
        let column = |at| values.clone().narrow(2, at, 1).squeeze_dim::<2>(2);
        Found {
            places: values.clone().narrow(2, 0, 2) + 0.5,
            log_errors: (column(2) + FRESH).clamp(low, high),
            seen: column(3),
        }
    }
}

impl Found {
    /// How sure each point is, 0..=1.
    ///
    /// # Shapes
    /// `-> [N, 68]`
    pub fn confidence(&self) -> Tensor<2> {
        let within = (self.log_errors.clone().neg().exp() * -NEAR).exp();
        (within.neg() + 1.0) * sigmoid(self.seen.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::model::TEMPLATE;

    #[test]
    fn the_eye_distance_is_that_of_an_aligned_crop() {
        assert!((TEMPLATE.right_eye.x - TEMPLATE.left_eye.x - EYES).abs() < 1e-6);
        assert!((TEMPLATE.right_eye.y - TEMPLATE.left_eye.y).abs() < 1e-6);
    }

    #[test]
    fn confidence_is_the_probability_of_being_seen_and_of_an_error_below_a_tenth() {
        let device = Device::flex();
        let errors = Tensor::<2>::from_floats([[0.1, 0.05, 1.0]], &device);
        let found = Found {
            places: Tensor::zeros([1, 3, 2], &device),
            log_errors: errors.log(),
            seen: Tensor::from_floats([[30.0, 0.0, 3.0_f32.ln()]], &device),
        };
        let sure = found.confidence().into_data().try_to_vec::<f32>().unwrap();
        let wanted = [0.632_120_6, 0.864_664_7 / 2.0, 0.095_162_6 * 0.75];
        assert!(sure.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-5), "{sure:?}");
    }

    #[test]
    fn a_net_of_each_side_has_as_many_points() {
        let device = Device::flex();
        for side in [32, 48, 80] {
            let net = LandmarkNet::new(TrunkName::Resnet18S, side, 8, &device);
            let found = net.forward(Tensor::zeros([2, 1, net.side(), net.side()], &device));
            assert_eq!(found.places.dims(), [2, LANDMARKS, 2]);
            assert_eq!(found.confidence().dims(), [2, LANDMARKS]);
        }
    }
}
