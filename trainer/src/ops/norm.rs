//! Batch normalisation with or without a ReLU behind it, in training one autodiff node.

use std::sync::Arc;

use burn::{
    backend::{
        Autodiff, Flex, TensorMetadata as _,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
    },
    nn::BatchNorm,
    tensor::{Device, Tensor, TensorData, activation::relu},
};
use mien_compute::norm::{Norm, Statistics};

use super::{Place, Primitive, filled, place, tracked, values};

/// The layer's output, negative values made zero when `relu` is asked for; in training the running
/// statistics move as burn's layer moves them.
///
/// # Shapes
/// `[N, C, H, W] -> [N, C, H, W]`
pub fn batch_norm(layer: &BatchNorm, x: Tensor<4>, with_relu: bool) -> Tensor<4> {
    match train(layer, &x, with_relu) {
        Some(y) => y,
        None if with_relu => relu(layer.forward(x)),
        None => layer.forward(x),
    }
}

/// As [`batch_norm`], of rows instead of maps.
///
/// # Shapes
/// `[N, C] -> [N, C]`
pub fn batch_norm_rows(layer: &BatchNorm, x: Tensor<2>) -> Tensor<2> {
    let [rows, channels] = x.dims();
    batch_norm(layer, x.reshape([rows, channels, 1, 1]), false).reshape([rows, channels])
}

/// The training step on the CPU, `None` where burn's own is the one to take.
fn train(layer: &BatchNorm, x: &Tensor<4>, relu: bool) -> Option<Tensor<4>> {
    if !layer.training.is_enabled() {
        return None;
    }
    let device = x.device();
    let [batch, channels, height, width] = x.dims();
    let Place::Tracked(x) = place(x) else { return None };
    let (gamma, beta) = (tracked(layer.gamma.val())?, tracked(layer.beta.val())?);
    #[expect(clippy::cast_possible_truncation, reason = "the operator is in single precision")]
    let norm = Norm { channels, area: height * width, epsilon: layer.epsilon as f32, relu };
    let nodes = [x.node(), gamma.node(), beta.node()];
    let [x, gamma, beta] = [x, gamma, beta].map(|x| x.into_primitive().to_contiguous());
    let mut y = vec![0.0; batch * channels * height * width];
    let statistics = norm.forward(values(&x), values(&gamma), values(&beta), &mut y);
    follow_running(layer, &statistics, &device);
    let y = filled(y, x.shape());
    let y = match Node.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(node) => {
            node.finish(Saved { norm, x, gamma, beta, statistics: Arc::new(statistics) }, y)
        }
        OpsKind::UnTracked(node) => node.finish(y),
    };
    Some(Tensor::from_primitive::<Autodiff<Flex>>(y))
}

/// Moves the running statistics by the layer's momentum, the weight of the new ones.
fn follow_running(layer: &BatchNorm, statistics: &Statistics, device: &Device) {
    let moved = |old: Tensor<1>, new: &[f32]| {
        let new = Tensor::<1>::from_data(TensorData::new(new.to_vec(), [new.len()]), device);
        let old = old.to_device(device);
        (old.mul_scalar(1.0 - layer.momentum) + new.mul_scalar(layer.momentum)).detach()
    };
    let mean = moved(layer.running_mean.value_sync(), &statistics.mean);
    let variance = moved(layer.running_var.value_sync(), &statistics.variance);
    layer.running_mean.update(mean);
    layer.running_var.update(variance);
}

#[derive(Debug)]
struct Node;

/// What the gradients need.
#[derive(Debug, Clone)]
struct Saved {
    norm: Norm,
    x: Primitive,
    gamma: Primitive,
    beta: Primitive,
    statistics: Arc<Statistics>,
}

impl Backward<Flex, 3> for Node {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let dy = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let Saved { norm, x, gamma, beta, statistics } = ops.state;
        let mut dx = vec![0.0; values(&x).len()];
        let parameters = (values(&gamma), values(&beta));
        let found = norm.backward((values(&x), &statistics), parameters, values(&dy), &mut dx);
        let found = [
            filled(dx, x.shape()),
            filled(found.gamma, [norm.channels]),
            filled(found.beta, [norm.channels]),
        ];
        for (node, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                gradients.register::<Flex>(node.id, gradient);
            }
        }
    }
}
