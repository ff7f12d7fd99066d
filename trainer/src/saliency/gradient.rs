//! The gradient of a logit with respect to the picture, plain or over noisy copies.

use burn::tensor::{Distribution, Tensor};

use crate::arch::expression::ExpressionNet;

/// Noisy copies (Smilkov et al. 2017, section 3.2: more than 50 change little).
const COPIES: usize = 50;

/// Standard deviation of the noise as a share of the range of the picture's values (there, 10 to
/// 20 %).
const NOISE: f64 = 0.15;

/// `∂z_class/∂x` of every picture.
///
/// # Shapes
/// `[N, 1, S, S] -> [N, 1, S, S]`, without autodiff
pub(super) fn at(net: &ExpressionNet, x: Tensor<4>, class: usize) -> Tensor<4> {
    let x = x.require_grad();
    let score = net.forward(x.clone()).narrow(1, class, 1).sum();
    x.grad(&score.backward()).unwrap_or_else(|| x.zeros_like().inner())
}

/// The mean of [`at`] over noisy copies of one picture.
///
/// # Shapes
/// `[1, 1, S, S] -> [1, 1, S, S]`, without autodiff
pub(super) fn smooth(net: &ExpressionNet, x: Tensor<4>, class: usize) -> Tensor<4> {
    let range = (x.clone().max() - x.clone().min()).into_scalar::<f32>();
    let copies = x.repeat_dim(0, COPIES);
    let noise = copies.random_like(Distribution::Normal(0.0, NOISE * f64::from(range)));
    at(net, copies + noise, class).mean_dim(0)
}

#[cfg(test)]
mod tests {
    use burn::{module::Module as _, tensor::Device};

    use super::*;
    use crate::arch::expression::Arch;

    #[test]
    fn the_gradient_is_what_a_small_step_changes() {
        let device = Device::flex().autodiff();
        device.seed(2);
        for arch in Arch::DEPLOYED {
            let net = arch.init(8, 48, &device).freeze();
            let x = Tensor::<4>::random([1, 1, 48, 48], Distribution::Uniform(-1.0, 1.0), &device);
            let gradient = at(&net, x.clone(), 3);
            // Along its own direction a gradient changes the logit by its squared length a step.
            let squared = gradient.clone().square().sum().into_scalar::<f32>();
            let logit = |x: Tensor<4>| net.forward(x).narrow(1, 3, 1).sum().into_scalar::<f32>();
            let step = Tensor::from_inner(gradient) * (1e-4 / squared);
            let found = (logit(x.clone() + step.clone()) - logit(x - step)) / 2e-4;
            assert!((found - 1.0).abs() < 0.05, "{}: {found}", arch.name());
        }
    }
}
