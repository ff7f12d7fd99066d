//! Gradients scaled down to a largest norm of all of them together.
//!
//! `g ← g · min(1, limit / ‖g‖)`, with `‖g‖` over every parameter (Pascanu et al. 2013, arXiv
//! 1211.5063, algorithm 1); burn's own clipping takes each parameter by itself.

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// Scales `gradients` of `net` to a norm of at most `limit`.
pub(super) fn by_norm(
    net: &impl Module,
    mut gradients: GradientsParams,
    limit: f64,
) -> GradientsParams {
    let mut sum = SquareSum { gradients: &gradients, sum: 0.0 };
    net.visit(&mut sum);
    let norm = sum.sum.sqrt();
    if norm > limit {
        net.visit(&mut Scale { gradients: &mut gradients, factor: limit / norm });
    }
    gradients
}

struct SquareSum<'a> {
    gradients: &'a GradientsParams,
    sum: f64,
}

impl ModuleVisitor for SquareSum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum += f64::from(gradient.square().sum().into_scalar::<f32>());
        }
    }
}

struct Scale<'a> {
    gradients: &'a mut GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient.mul_scalar(self.factor));
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{nn::LinearConfig, tensor::Device};

    use super::*;

    #[test]
    fn the_norm_of_all_gradients_together_is_limited() {
        let device = Device::flex().autodiff();
        let net = LinearConfig::new(3, 2).init(&device);
        let gradients = || {
            let x = Tensor::<2>::ones([4, 3], &device) * 5.0;
            GradientsParams::from_grads(net.forward(x).sum().backward(), &net)
        };
        let norm = |gradients: &GradientsParams| {
            let mut sum = SquareSum { gradients, sum: 0.0 };
            net.visit(&mut sum);
            sum.sum.sqrt()
        };
        let free = norm(&gradients());
        assert!(free > 40.0, "{free}");
        assert!((norm(&by_norm(&net, gradients(), 2.0)) - 2.0).abs() < 1e-4);
        assert!((norm(&by_norm(&net, gradients(), 1e3)) - free).abs() < 1e-4);
    }
}
