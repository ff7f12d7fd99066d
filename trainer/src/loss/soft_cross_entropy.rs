//! Cross-entropy against a distribution over classes.
//!
//! `L = -(1/N) Σ_n Σ_c t_nc · log softmax(z_n)_c`, with `t` the share of annotators who chose each
//! class (Barsoum et al. 2016, arXiv 1608.01041, "cross-entropy loss" over the vote distribution).
//! Class weights make it `-Σ_n w_n Σ_c t_nc · log softmax(z_n)_c / Σ_n w_n`, `w_n = Σ_c t_nc · w_c`.

use burn::tensor::{Tensor, activation::log_softmax};

/// The loss of each row.
///
/// # Shapes
/// logits `[N, C]`, targets `[N, C]` with rows that sum to 1 `-> [N, 1]`
pub fn of_rows(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
    (log_softmax(logits, 1) * targets).sum_dim(1).neg()
}

/// The loss, averaged over the batch.
///
/// # Shapes
/// logits `[N, C]`, targets `[N, C]` with rows that sum to 1 `-> [1]`
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    of_rows(logits, targets).mean()
}

/// What each row weighs where each class has a weight.
///
/// # Shapes
/// targets `[N, C]`, weights `[C] -> [N, 1]`
pub fn row_weights(targets: Tensor<2>, weights: Tensor<1>) -> Tensor<2> {
    (targets * weights.unsqueeze()).sum_dim(1)
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
}
