//! Functions of single elements and of pairs.

use burn::tensor::{
    Tensor,
    activation::{elu, gelu, hard_sigmoid, hard_swish, leaky_relu, silu},
};
use mien_shared::graph::{Activation, Binary};

pub(super) fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::LeakyRelu { slope } => leaky_relu(x, f64::from(slope)),
        Activation::Elu { alpha } => elu(x, f64::from(alpha)),
        Activation::Tanh => x.tanh(),
        Activation::Clip { low, high } => x.clamp(low, high),
        Activation::HardSigmoid => hard_sigmoid(x, 1.0 / 6.0, 0.5),
        Activation::HardSwish => hard_swish(x),
        Activation::Silu => silu(x),
        Activation::Gelu => gelu(x),
        Activation::Log => x.clamp_min(f32::MIN_POSITIVE).log(),
    }
}

pub(super) fn pair(binary: Binary, a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    match binary {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Max => {
            let (m, n) = (a.dims(), b.dims());
            let both = [0, 1, 2, 3].map(|axis| m[axis].max(n[axis]));
            a.expand(both).max_pair(b.expand(both))
        }
    }
}
