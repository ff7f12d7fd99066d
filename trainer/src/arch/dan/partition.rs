//! The partition loss: heads that see different things (arXiv 2109.07270, equation 8).
//!
//! ```text
//! L_pt = log(1 + K / (mean_{n, d} Var_k(h_nkd) + ε))
//! ```
//!
//! `h` is what the K heads make of a picture; the variance is unbiased.

use burn::tensor::Tensor;

use crate::arch::faces::Faces;

/// The loss of `heads`, of which there are at least two.
///
/// # Shapes
/// `[N, K, D] -> [1]`
pub fn partition(heads: Tensor<3>, faces: &Faces) -> Tensor<1> {
    let [_, count, _] = heads.dims();
    let mean = heads.clone().mean_dim(1);
    let variances = (heads - mean).powi_scalar(2).sum_dim(1) / (count as f32 - 1.0);
    let spread = faces.mean(variances.mean_dim(2).flatten(1, 2));
    (spread + f32::EPSILON).recip().mul_scalar(count as f32).log1p()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn heads_that_differ_cost_less() {
        let device = Device::flex();
        let cost = |heads: [[[f32; 2]; 3]; 1]| {
            let faces =
                Faces::new(Tensor::zeros([1, 1, 1, 1], &device), Tensor::ones([1, 1], &device));
            partition(Tensor::from_floats(heads, &device), &faces).into_scalar::<f32>()
        };
        // Variances 1 and 4, mean 2.5.
        let apart = cost([[[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]]);
        assert!((apart - (1.0_f32 + 3.0 / 2.5).ln()).abs() < 1e-5, "{apart}");
        assert!(cost([[[1.0, 1.0]; 3]]) > 10.0);
    }
}
