//! Cross-entropy against a distribution over classes.
//!
//! `L = -(1/N) Σ_n Σ_c t_nc · log softmax(z_n)_c`, with `t` the share of annotators who chose each
//! class (Barsoum et al. 2016, arXiv 1608.01041, "cross-entropy loss" over the vote distribution).
//! Class weights make it `-Σ_n w_n Σ_c t_nc · log softmax(z_n)_c / Σ_n w_n`, `w_n = Σ_c t_nc · w_c`.

use burn::tensor::{Tensor, activation::log_softmax};

/// The loss, averaged over the batch.
///
/// # Shapes
/// logits `[N, C]`, targets `[N, C]` with rows that sum to 1 `-> [1]`
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    (log_softmax(logits, 1) * targets).sum_dim(1).mean().neg()
}

/// The loss with a weight for each class.
///
/// # Shapes
/// logits `[N, C]`, targets `[N, C]` with rows that sum to 1, weights `[C] -> [1]`
pub fn weighted(logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<1>) -> Tensor<1> {
    by_rows(logits, targets.clone(), row_weights(targets, weights))
}

/// What each row weighs where each class has a weight.
///
/// # Shapes
/// targets `[N, C]`, weights `[C] -> [N, 1]`
pub fn row_weights(targets: Tensor<2>, weights: Tensor<1>) -> Tensor<2> {
    (targets * weights.unsqueeze()).sum_dim(1)
}

/// The loss with a weight for each row.
///
/// # Shapes
/// logits `[N, C]`, targets `[N, C]` with rows that sum to 1, weights `[N, 1] -> [1]`
pub fn by_rows(logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    let losses = (log_softmax(logits, 1) * targets).sum_dim(1).neg();
    (losses * weights.clone()).sum() / weights.sum()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn equal_logits_cost_the_logarithm_of_the_class_count() {
        let device = Device::flex();
        let logits = Tensor::<2>::zeros([3, 4], &device);
        let targets = Tensor::<2>::ones([3, 4], &device) / 4.0;
        let loss: f32 = soft_cross_entropy(logits, targets).into_scalar();
        assert!((loss - 4.0_f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn a_class_weighs_as_much_as_it_is_told_to() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_floats([[2.0, 0.0], [2.0, 0.0]], &device);
        let targets = Tensor::<2>::from_floats([[1.0, 0.0], [0.0, 1.0]], &device);
        let [right, wrong] = [(1.0 + (-2.0_f32).exp()).ln(), 2.0 + (1.0 + (-2.0_f32).exp()).ln()];
        let weights = Tensor::<1>::from_floats([3.0, 1.0], &device);
        let loss: f32 = weighted(logits.clone(), targets.clone(), weights).into_scalar();
        assert!((loss - (3.0 * right + wrong) / 4.0).abs() < 1e-5, "{loss}");
        let even = Tensor::<1>::from_floats([2.0, 2.0], &device);
        let loss: f32 = weighted(logits.clone(), targets.clone(), even).into_scalar();
        let plain: f32 = soft_cross_entropy(logits, targets).into_scalar();
        assert!((loss - plain).abs() < 1e-6);
    }
}
