//! Normalisations by a value's own statistics.

use burn::tensor::Tensor;
use mien_shared::graph::{Norm, NormOver, Shape};

use super::Step;

impl Step<'_> {
    pub(super) fn norm(&self, x: Tensor<4>, norm: &Norm) -> Tensor<4> {
        let dims = x.dims();
        let n = norm.scale.len();
        let (standard, shape) = match (norm.over, self.shapes[self.node.inputs[0] as usize]) {
            (NormOver::Groups(groups), _) => {
                let groups = groups as usize;
                let rows = x.reshape([1, groups, dims.iter().product::<usize>() / groups, 1]);
                (standardized(rows, 2, norm.epsilon).reshape(dims), [1, n, 1, 1])
            }
            (NormOver::LastAxis, Shape::Map(_)) => (standardized(x, 3, norm.epsilon), [1, 1, 1, n]),
            (NormOver::LastAxis, Shape::Vector(_)) => {
                (standardized(x, 1, norm.epsilon), [1, n, 1, 1])
            }
        };
        let [scale, bias] = [&norm.scale, &norm.bias].map(|v| self.constant(v.clone(), shape));
        standard * scale + bias
    }
}

/// `(x - μ) / √(σ² + ε)` along an axis.
fn standardized(x: Tensor<4>, dim: usize, epsilon: f32) -> Tensor<4> {
    let centred = x.clone() - x.mean_dim(dim);
    let variance = (centred.clone() * centred.clone()).mean_dim(dim);
    centred / (variance + epsilon).sqrt()
}

/// `x / max(‖x‖₂, ε)` along an axis of the graph's count.
pub(super) fn unit_length(x: Tensor<4>, axis: u32, epsilon: f32) -> Tensor<4> {
    let squares = (x.clone() * x.clone()).sum_dim(axis as usize + 1);
    x / squares.sqrt().clamp_min(epsilon)
}
