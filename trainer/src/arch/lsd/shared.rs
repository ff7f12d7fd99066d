//! The two linear layers that both branches pass.

use burn::{
    module::Module,
    nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig},
    tensor::{Device, Tensor, activation::relu},
};

use crate::ops::norm::batch_norm_rows;

/// `F -> F/2 -> F/4`.
#[derive(Module, Debug)]
pub struct Shared {
    layers: [Linear; 2],
    relu: bool,
}

/// What a branch normalises each of the layers with.
#[derive(Module, Debug)]
pub struct Norms {
    each: [BatchNorm; 2],
}

impl Shared {
    /// The layers for rows of `width` with fresh weights; whether a ReLU follows each.
    pub fn new(width: usize, relu: bool, device: &Device) -> Self {
        let layers = [[width, width / 2], [width / 2, width / 4]];
        let layers =
            layers.map(|[inputs, outputs]| LinearConfig::new(inputs, outputs).init(device));
        Self { layers, relu }
    }

    /// Width of what comes out.
    pub fn width(&self) -> usize {
        let [_, width] = self.layers[1].weight.dims();
        width
    }

    /// The sum of the first layer's absolute gradients.
    #[cfg(test)]
    pub(super) fn gradient(&self, gradients: &burn::tensor::Gradients) -> f32 {
        let weight = self.layers[0].weight.val();
        weight.grad(gradients).map_or(0.0, |gradient| gradient.abs().sum().into_scalar())
    }

    /// What comes out for a branch with those norms.
    ///
    /// # Shapes
    /// `[N, F] -> [N, F/4]`
    pub fn forward(&self, x: Tensor<2>, norms: &Norms) -> Tensor<2> {
        self.layers.iter().zip(&norms.each).fold(x, |x, (layer, norm)| {
            let y = batch_norm_rows(norm, layer.forward(x));
            if self.relu { relu(y) } else { y }
        })
    }
}

impl Norms {
    /// Norms for rows of `width` before the layers.
    pub fn new(width: usize, device: &Device) -> Self {
        Self { each: [width / 2, width / 4].map(|w| BatchNormConfig::new(w).init(device)) }
    }
}
