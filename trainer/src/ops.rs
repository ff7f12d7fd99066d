//! Layers on [`mien_compute`]'s operators where the tensors are on the CPU, on burn's own elsewhere.
//!
//! burn's CPU backend composes convolution gradients and batch normalisation of general tensor
//! operations, in a dozen passes and more. Here each is a pass or two; what autodiff sees is one node
//! either way, and the weights stay burn's. `scripts/step_speed.py` times a step beside PyTorch's.

pub mod conv;
pub mod norm;

use burn::{
    backend::{Autodiff, BackendTypes, Flex},
    tensor::{Tensor, TensorData},
};

/// A float tensor of the CPU backend.
type Primitive = <Flex as BackendTypes>::FloatTensorPrimitive;
/// A float tensor of the CPU backend that autodiff follows.
type Tracked = <Autodiff<Flex> as BackendTypes>::FloatTensorPrimitive;

/// Where a tensor is, as far as these operators care.
enum Place {
    /// On the CPU, followed by autodiff.
    Tracked(Tracked),
    /// On the CPU.
    Plain(Primitive),
    /// Anywhere else, or not in single precision.
    Elsewhere,
}

fn place<const D: usize>(x: &Tensor<D>) -> Place {
    if x.dtype() != burn::tensor::DType::F32 {
        return Place::Elsewhere;
    }
    if x.device().is_autodiff() {
        return x
            .clone()
            .try_into_primitive::<Autodiff<Flex>>()
            .map_or(Place::Elsewhere, Place::Tracked);
    }
    x.clone().try_into_primitive::<Flex>().map_or(Place::Elsewhere, Place::Plain)
}

fn tracked<const D: usize>(x: Tensor<D>) -> Option<Tracked> {
    x.try_into_primitive::<Autodiff<Flex>>().ok()
}

/// The values of a contiguous tensor.
fn values(x: &Primitive) -> &[f32] {
    x.as_slice().unwrap_or_else(|| unreachable!("made contiguous, in single precision"))
}

fn filled(values: Vec<f32>, shape: impl Into<burn::tensor::Shape>) -> Primitive {
    Primitive::from_data(TensorData::new(values, shape))
}

#[cfg(test)]
mod tests {
    use burn::{
        module::Module as _,
        nn::{BatchNormConfig, PaddingConfig2d, conv::Conv2dConfig},
        tensor::{Device, Distribution, Tolerance},
    };

    use super::*;

    /// Output, gradient of the input and gradients of the weights of a layer.
    fn measure(
        x: &Tensor<4>,
        weights: [&Tensor<4>; 1],
        run: impl Fn(Tensor<4>) -> Tensor<4>,
    ) -> Vec<TensorData> {
        let y = run(x.clone());
        let pull = Tensor::from_data(
            TensorData::new(
                (0..y.shape().num_elements()).map(|i| ((i * 37) % 11) as f32 - 5.0).collect(),
                y.shape(),
            ),
            &y.device(),
        );
        let gradients = (y.clone() * pull).sum().backward();
        let mut found = vec![y.into_data()];
        found.extend(x.grad(&gradients).map(Tensor::into_data));
        found.extend(weights.iter().filter_map(|w| w.grad(&gradients)).map(Tensor::into_data));
        assert_eq!(found.len(), 3);
        found
    }

    fn agree(found: &[TensorData], wanted: &[TensorData]) {
        for (found, wanted) in found.iter().zip(wanted) {
            found.assert_approx_eq::<f32>(wanted, Tolerance::rel_abs(1e-3, 1e-3));
        }
    }

    #[test]
    fn convolutions_have_burns_values_and_gradients() {
        let device = Device::flex().autodiff();
        device.seed(1);
        for (channels, groups, kernel, stride) in
            [([3, 8], 1, 3, 1), ([5, 12], 1, 3, 2), ([8, 4], 1, 1, 2), ([6, 6], 6, 3, 1)]
        {
            let p = kernel / 2;
            let layer = Conv2dConfig::new(channels, [kernel; 2])
                .with_stride([stride; 2])
                .with_groups(groups)
                .with_padding(PaddingConfig2d::Explicit(p, p, p, p))
                .init(&device);
            let x = Tensor::<4>::random([4, channels[0], 9, 10], Distribution::Default, &device)
                .require_grad();
            let w = layer.weight.val();
            agree(
                &measure(&x, [&w], |x| conv::conv2d(&layer, x)),
                &measure(&x, [&w], |x| layer.forward(x)),
            );
        }
    }

    #[test]
    fn flat_and_tall_kernels_have_burns_values_and_gradients() {
        let device = Device::flex().autodiff();
        device.seed(3);
        for kernel in [[1, 3], [3, 1], [3, 3], [1, 1]] {
            let [tall, broad] = kernel.map(|side| side / 2);
            let layer = Conv2dConfig::new([6, 10], kernel)
                .with_padding(PaddingConfig2d::Explicit(tall, broad, tall, broad))
                .init(&device);
            let x =
                Tensor::<4>::random([5, 6, 3, 3], Distribution::Default, &device).require_grad();
            let w = layer.weight.val();
            agree(
                &measure(&x, [&w], |x| conv::conv2d(&layer, x)),
                &measure(&x, [&w], |x| layer.forward(x)),
            );
        }
    }

    #[test]
    fn rows_are_normalised_as_burn_does() {
        let device = Device::flex().autodiff();
        device.seed(4);
        let x = Tensor::<2>::random([9, 5], Distribution::Normal(3.0, 2.0), &device).require_grad();
        let pull = Tensor::<2>::random([9, 5], Distribution::Default, &device);
        let [ours, theirs] = [0, 1].map(|_| BatchNormConfig::new(5).init(&device));
        let gradients = |y: Tensor<2>| {
            let all = (y.clone() * pull.clone()).sum().backward();
            vec![y.into_data(), x.grad(&all).unwrap().into_data()]
        };
        let row = |y: Tensor<3>| -> Tensor<2> { y.flatten(1, 2) };
        agree(
            &gradients(norm::batch_norm_rows(&ours, x.clone())),
            &gradients(row(theirs.forward(x.clone().unsqueeze_dim::<3>(2)))),
        );
        let running = |layer: &burn::nn::BatchNorm| {
            [layer.running_mean.value_sync(), layer.running_var.value_sync()].map(Tensor::into_data)
        };
        agree(&running(&ours), &running(&theirs));
    }

    #[test]
    fn batch_normalisation_has_burns_values_gradients_and_running_statistics() {
        let device = Device::flex().autodiff();
        device.seed(2);
        let x = Tensor::<4>::random([4, 3, 5, 7], Distribution::Normal(1.0, 2.0), &device)
            .require_grad();
        let [ours, theirs] = [0, 1].map(|_| BatchNormConfig::new(3).init(&device));
        let relu = burn::tensor::activation::relu;
        let wrap = |w: &Tensor<1>| w.clone();
        let gradients = |layer: &burn::nn::BatchNorm, y: Tensor<4>| {
            let all = (y.clone() * x.clone()).sum().backward();
            let mut found = vec![y.into_data()];
            found.extend(x.grad(&all).map(Tensor::into_data));
            found.extend(wrap(&layer.gamma.val()).grad(&all).map(Tensor::into_data));
            found.extend(wrap(&layer.beta.val()).grad(&all).map(Tensor::into_data));
            assert_eq!(found.len(), 4);
            found
        };
        agree(
            &gradients(&ours, norm::batch_norm(&ours, x.clone(), true)),
            &gradients(&theirs, relu(theirs.forward(x.clone()))),
        );
        let running = |layer: &burn::nn::BatchNorm| {
            [layer.running_mean.value_sync(), layer.running_var.value_sync()].map(Tensor::into_data)
        };
        agree(&running(&ours), &running(&theirs));
    }

    #[test]
    fn a_frozen_normalisation_keeps_its_statistics() {
        let device = Device::flex().autodiff();
        let x = Tensor::<4>::random([4, 3, 5, 7], Distribution::Default, &device);
        let layer = BatchNormConfig::new(3).init(&device).freeze();
        let y = norm::batch_norm(&layer, x.clone(), false);
        y.into_data().assert_approx_eq::<f32>(&x.into_data(), Tolerance::rel_abs(1e-4, 1e-4));
        assert_eq!(
            layer.running_mean.value_sync().into_data().try_to_vec::<f32>().unwrap(),
            [0.0; 3]
        );
    }
}
