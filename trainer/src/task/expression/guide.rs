//! A guide: another run's network whose feature maps are followed before labels are seen (stage 1
//! of `FaceNet2ExpNet`, Ding, Zhou & Chellappa 2017, arXiv 1609.06591, equations 3 to 5).
//!
//! ```text
//! the batch, crops and flips and all ─┬─> net   ─> g [N, C, H, W] ─┐
//!                                     └─> guide ─> G [N, C, H, W] ─┴─> L
//!
//! sum    L = 1/N Σ_i ‖g(x_i) − G(x_i)‖²
//! mean   that divided by C · H · W
//! ```
//!
//! No label is used, and no gradient reaches the guide: it computes outside of what is followed.
//! Such a run is judged by minus the relative squared error on the validation pictures,
//! `−Σ ‖g − G‖² / Σ ‖G‖²`, which is 0 for a perfect follower and −1 for a map of zeros.

use burn::tensor::{Device, Tensor};
use mien_data::Sample;
use thiserror::Error;

use super::{JUDGED, pixels};
use crate::{arch::expression::ExpressionNet, recipe::Reduction, train::Validation};

/// Another run's network, to be followed.
#[derive(Debug)]
pub struct Guide {
    net: ExpressionNet,
    reduction: Reduction,
}

impl Guide {
    /// `net`, to be followed by networks like `follower` on pictures of `side` × `side` pixels; all
    /// on `device`, which tracks no gradients.
    ///
    /// # Errors
    /// When the maps of the two differ in shape.
    pub fn new(
        net: ExpressionNet,
        reduction: Reduction,
        follower: &ExpressionNet,
        (side, device): (u32, &Device),
    ) -> Result<Self, GuideError> {
        let shape = |net: &ExpressionNet| {
            let x = Tensor::zeros([1, 1, side as usize, side as usize], device);
            let [_, channels, height, width] = net.features(x).dims();
            [channels, height, width]
        };
        let [guide, own] = [&net, follower].map(shape);
        if guide != own {
            return Err(GuideError { guide, own });
        }
        Ok(Self { net, reduction })
    }

    /// The loss of `follower` on `pixels`, `[N, 1, side, side]`, which are on a device that tracks
    /// gradients.
    pub(super) fn loss(&self, follower: &ExpressionNet, pixels: Tensor<4>) -> Tensor<1> {
        let goal = Tensor::from_inner(self.net.features(pixels.clone().inner()));
        let [count, channels, height, width] = goal.dims();
        let squares = (follower.features(pixels) - goal).powi_scalar(2).sum();
        let divisor = match self.reduction {
            Reduction::Sum => count,
            Reduction::Mean => count * channels * height * width,
        };
        squares / divisor as f64
    }

    /// How far `follower` is from the guide on pictures it has not learned from.
    pub(super) fn validate(
        &self,
        follower: &ExpressionNet,
        samples: &[Sample],
        device: &Device,
    ) -> Validation {
        let (mut error, mut norm) = (0.0, 0.0);
        let sum = |x: Tensor<4>| f64::from(x.powi_scalar(2).sum().into_scalar::<f32>());
        for chunk in samples.chunks(JUDGED) {
            let x = pixels(chunk, device);
            let goal = self.net.features(x.clone());
            error += sum(follower.features(x) - goal.clone());
            norm += sum(goal);
        }
        let relative = error / norm.max(f64::MIN_POSITIVE);
        Validation { score: -relative, values: vec![("relative_error".to_owned(), relative)] }
    }
}

/// The maps differ in shape.
#[derive(Debug, Error)]
#[error(
    "task.guide: the guide's map is {guide:?} (channels, height, width), this network's {own:?}; \
     make them the same in task.arch"
)]
pub struct GuideError {
    /// The guide's.
    pub guide: [usize; 3],
    /// The network's.
    pub own: [usize; 3],
}

#[cfg(test)]
mod tests {
    use burn::{
        module::Module as _,
        optim::{GradientsParams, SgdConfig},
        tensor::Distribution,
    };

    use super::*;
    use crate::arch::{expression::Arch, fn2en::Fn2EnConfig, trunk::TrunkName};

    fn small() -> Arch {
        let channels = [4, 4, 8, 8, 8];
        Arch::Fn2En(Fn2EnConfig { channels, adapter: 8, hidden: 4, ..Fn2EnConfig::SLIM })
    }

    fn guide(net: ExpressionNet, reduction: Reduction) -> Guide {
        let follower = small().init(8, 48, &Device::flex());
        Guide::new(net, reduction, &follower, (48, &Device::flex())).unwrap()
    }

    fn noise(device: &Device) -> Tensor<4> {
        Tensor::random([3, 1, 48, 48], Distribution::Uniform(-1.0, 1.0), device)
    }

    fn value(loss: &Tensor<1>) -> f32 {
        loss.clone().into_scalar()
    }

    #[test]
    fn a_follower_that_equals_its_guide_has_no_loss() {
        let device = Device::flex().autodiff();
        let net = small().init(8, 48, &device);
        let guide = guide(net.valid(), Reduction::Sum);
        assert!(value(&guide.loss(&net, noise(&device))).abs() < 1e-9);
    }

    #[test]
    fn the_sum_is_the_mean_times_the_size_of_a_map() {
        let device = Device::flex().autodiff();
        let (net, other) = (small().init(8, 48, &device), small().init(8, 48, &Device::flex()));
        let x = noise(&device);
        let of = |reduction| value(&guide(other.clone(), reduction).loss(&net, x.clone()));
        let (sum, mean) = (of(Reduction::Sum), of(Reduction::Mean));
        assert!(mean > 0.0 && (sum / mean - 8.0 * 3.0 * 3.0).abs() < 1e-2, "{sum} {mean}");
    }

    #[test]
    fn the_loss_falls_and_every_layer_up_to_the_map_learns() {
        let device = Device::flex().autodiff();
        device.seed(2);
        let mut net = small().init(8, 48, &device);
        let guide = guide(small().init(8, 48, &device).valid(), Reduction::Mean);
        let (x, mut sgd) = (noise(&device), SgdConfig::new().init());
        let first = value(&guide.loss(&net, x.clone()));
        for _ in 0..20 {
            let gradients = guide.loss(&net, x.clone()).backward();
            let gradients = GradientsParams::from_grads(gradients, &net);
            // Weights and biases of five convolutions and the adapter.
            assert_eq!(gradients.len(), 12);
            net = sgd.step(0.1, net, gradients);
        }
        let last = value(&guide.loss(&net, x));
        assert!(last < 0.9 * first, "{first} -> {last}");
    }

    #[test]
    fn no_gradient_takes_the_way_through_the_guide() {
        let device = Device::flex().autodiff();
        let net = small().init(8, 48, &device);
        let guide = guide(small().init(8, 48, &Device::flex()), Reduction::Mean);
        let x = noise(&device).require_grad();
        let found = x.grad(&guide.loss(&net, x.clone()).backward()).unwrap();
        let goal = guide.net.features(x.clone().inner()).into_data();
        let goal = Tensor::from_data(goal, &device);
        let alone = (net.features(x.clone()) - goal).powi_scalar(2).mean();
        let wanted = x.grad(&alone.backward()).unwrap();
        let largest: f32 = wanted.clone().abs().max().into_scalar();
        let gap: f32 = (found - wanted).abs().max().into_scalar();
        assert!(largest > 0.0 && gap <= 1e-6 * largest.max(1.0), "{gap} of {largest}");
    }

    #[test]
    fn maps_of_different_shape_are_refused_with_both() {
        let device = Device::flex();
        let teacher = Arch::Trunk(TrunkName::Vgg16S).init(8, 48, &device);
        let follower = small().init(8, 48, &device);
        let error = Guide::new(teacher, Reduction::Sum, &follower, (48, &device)).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("[128, 3, 3]") && error.contains("[8, 3, 3]"), "{error}");
    }
}
