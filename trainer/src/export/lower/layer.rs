//! Layers with weights beyond convolutions: transposed convolutions, normalisations, slopes.

use burn::{
    module::Param,
    nn::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, PRelu, conv::ConvTranspose2d},
    tensor::Tensor as BurnTensor,
};
use mien_shared::graph::{Conv, Norm, NormOver, Op, Window};

use super::{Builder, Value, folded, narrow, side, tensor, values};
use crate::export::channels::swapped;

impl Builder {
    /// A transposed convolution as it is.
    ///
    /// # Panics
    /// When it is dilated, or its output padding is larger than its padding.
    pub fn conv_transpose(&mut self, name: &str, conv: &ConvTranspose2d, x: Value) -> Value {
        let parts = outputs_first(conv);
        self.push_conv_transpose(name, conv, parts, x)
    }

    /// A transposed convolution with the batch norm that follows it folded in.
    ///
    /// # Panics
    /// As [`Builder::conv_transpose`].
    pub fn conv_transpose_bn(
        &mut self,
        name: &str,
        conv: &ConvTranspose2d,
        bn: &BatchNorm,
        x: Value,
    ) -> Value {
        let parts = folded(outputs_first(conv), bn);
        self.push_conv_transpose(name, conv, parts, x)
    }

    /// A batch norm of a map that no convolution comes before: one weight per channel.
    pub fn batch_norm(&mut self, name: &str, bn: &BatchNorm, x: Value) -> Value {
        let [channels] = bn.gamma.dims();
        let [weight, bias] = folded([vec![1.0; channels], vec![0.0; channels]], bn);
        let op = Op::Conv(Conv {
            weight: tensor(&[channels, 1, 1, 1], weight),
            bias,
            window: Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] },
            groups: side(channels),
        });
        self.push(name, op, &[x])
    }

    /// Group normalisation.
    pub fn group_norm(&mut self, name: &str, norm: &GroupNorm, x: Value) -> Value {
        let over = NormOver::Groups(side(norm.num_groups));
        let constants = [
            constants(norm.gamma.as_ref(), 1.0, norm.num_channels),
            constants(norm.beta.as_ref(), 0.0, norm.num_channels),
        ];
        self.push_norm(name, (over, norm.epsilon), constants, x)
    }

    /// Instance normalisation.
    pub fn instance_norm(&mut self, name: &str, norm: &InstanceNorm, x: Value) -> Value {
        let over = NormOver::Groups(side(norm.num_channels));
        let constants = [
            constants(norm.gamma.as_ref(), 1.0, norm.num_channels),
            constants(norm.beta.as_ref(), 0.0, norm.num_channels),
        ];
        self.push_norm(name, (over, norm.epsilon), constants, x)
    }

    /// Layer normalisation of the last axis; burn keeps `epsilon` to itself, so it is stated.
    pub fn layer_norm(&mut self, name: &str, norm: &LayerNorm, epsilon: f64, x: Value) -> Value {
        let [length] = norm.gamma.dims();
        let constants = [values(norm.gamma.val()), constants(norm.beta.as_ref(), 0.0, length)];
        self.push_norm(name, (NormOver::LastAxis, epsilon), constants, x)
    }

    /// A slope below zero for each of `channels`; a single one is repeated.
    pub fn prelu(&mut self, name: &str, layer: &PRelu, channels: usize, x: Value) -> Value {
        let alpha = values(layer.alpha.val());
        let slope = alpha.iter().copied().cycle().take(channels).collect();
        self.push(name, Op::PRelu { slope }, &[x])
    }

    fn push_conv_transpose(
        &mut self,
        name: &str,
        conv: &ConvTranspose2d,
        [weight, bias]: [Vec<f32>; 2],
        x: Value,
    ) -> Value {
        assert!(
            conv.dilation == [1, 1],
            "a dilated transposed convolution is not in the graph format"
        );
        let [inputs, per_group, kh, kw] = conv.weight.dims();
        let shape = [per_group * conv.groups, inputs / conv.groups, kh, kw];
        let op = Op::ConvTranspose(Conv {
            weight: tensor(&shape, weight),
            bias,
            window: cropping(conv),
            groups: side(conv.groups),
        });
        self.push(name, op, &[x])
    }

    fn push_norm(
        &mut self,
        name: &str,
        (over, epsilon): (NormOver, f64),
        [scale, bias]: [Vec<f32>; 2],
        x: Value,
    ) -> Value {
        let op = Op::Norm(Norm { over, epsilon: narrow(epsilon), scale, bias });
        self.push(name, op, &[x])
    }
}

/// Weight and bias; burn's weight is `[I, O / groups, KH, KW]`, the graph's `[O, I / groups, …]`.
fn outputs_first(conv: &ConvTranspose2d) -> [Vec<f32>; 2] {
    let [inputs, per_group, ..] = conv.weight.dims();
    let channels = [conv.groups, inputs / conv.groups, per_group];
    let weight = swapped(&values(conv.weight.val()), channels);
    let outputs = per_group * conv.groups;
    [weight, conv.bias.as_ref().map_or_else(|| vec![0.0; outputs], |bias| values(bias.val()))]
}

/// Output padding is what the end is cropped less.
fn cropping(conv: &ConvTranspose2d) -> Window {
    let [before_h, before_w] = conv.padding.map(side);
    let [out_h, out_w] = conv.padding_out.map(side);
    assert!(out_h <= before_h && out_w <= before_w, "more output padding than padding");
    Window {
        kernel: conv.kernel_size.map(side),
        stride: conv.stride.map(side),
        pads: [before_h, before_w, before_h - out_h, before_w - out_w],
    }
}

/// A parameter's values, or `value` where the layer has none.
fn constants(parameter: Option<&Param<BurnTensor<1>>>, value: f32, n: usize) -> Vec<f32> {
    parameter.map_or_else(|| vec![value; n], |parameter| values(parameter.val()))
}

#[cfg(test)]
mod tests {
    use burn::{
        nn::{
            BatchNormConfig, GroupNormConfig, InstanceNormConfig, LayerNormConfig, PReluConfig,
            PaddingConfig2d,
            conv::{Conv2dConfig, ConvTranspose2dConfig},
        },
        tensor::{Device, Distribution, TensorData},
    };

    use super::*;
    use crate::export::{Lower, execute::execute, lower};

    /// What `build` adds to a graph, as a module.
    struct Built<F>(F);

    impl<F: Fn(&mut Builder) -> Value> Lower for Built<F> {
        fn lower(&self, graph: &mut Builder) {
            let made = (self.0)(graph);
            graph.output("y", made);
        }
    }

    /// The lowered layer computes what the module does on a 4×5×6 input.
    fn agree(
        forward: impl Fn(BurnTensor<4>) -> BurnTensor<4>,
        build: impl Fn(&mut Builder) -> Value,
    ) {
        let device = Device::flex();
        let x: Vec<f32> = (0..120_u8).map(|i| f32::from(i % 13) / 4.0 - 1.5).collect();
        let graph = lower(&Built(build), [4, 5, 6]);
        let seen = execute(&graph, &x, &device).unwrap().remove(0);
        let wanted =
            values(forward(BurnTensor::from_data(TensorData::new(x, [1, 4, 5, 6]), &device)));
        assert_eq!(seen.len(), wanted.len());
        let worst = seen.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "differs by {worst}");
    }

    /// A batch norm with statistics and weights of its own.
    fn batch_norm(channels: usize) -> BatchNorm {
        let device = Device::flex();
        let mut bn = BatchNormConfig::new(channels).init(&device);
        let random = |low, high| {
            BurnTensor::<1>::random([channels], Distribution::Uniform(low, high), &device)
        };
        bn.gamma = Param::from_tensor(random(0.5, 2.0));
        bn.beta = Param::from_tensor(random(-1.0, 1.0));
        bn.running_mean.update(random(-1.0, 1.0));
        bn.running_var.update(random(0.5, 2.0));
        bn
    }

    #[test]
    fn transposed_convolutions_are_read_from_the_module() {
        let device = Device::flex();
        for (groups, out) in [(1, 3), (2, 6)] {
            let conv = ConvTranspose2dConfig::new([4, out], [3, 3])
                .with_stride([2, 2])
                .with_padding([1, 1])
                .with_padding_out([1, 1])
                .with_groups(groups)
                .init(&device);
            agree(|x| conv.forward(x), |graph| graph.conv_transpose("up", &conv, Value::INPUT));
            let bn = batch_norm(out);
            agree(
                |x| bn.forward(conv.forward(x)),
                |graph| graph.conv_transpose_bn("up", &conv, &bn, Value::INPUT),
            );
        }
    }

    #[test]
    fn a_dilated_convolution_keeps_its_dilation() {
        let conv = Conv2dConfig::new([4, 3], [3, 3])
            .with_dilation([2, 1])
            .with_padding(PaddingConfig2d::Explicit(2, 1, 2, 1))
            .init(&Device::flex());
        agree(|x| conv.forward(x), |graph| graph.conv("wide", &conv, Value::INPUT));
    }

    #[test]
    fn normalisations_are_read_from_the_module() {
        let device = Device::flex();
        let bn = batch_norm(4);
        agree(|x| bn.forward(x), |graph| graph.batch_norm("n", &bn, Value::INPUT));
        let group = GroupNormConfig::new(2, 4).with_epsilon(0.1).init(&device);
        agree(|x| group.forward(x), |graph| graph.group_norm("n", &group, Value::INPUT));
        let instance = InstanceNormConfig::new(4).init(&device);
        agree(|x| instance.forward(x), |graph| graph.instance_norm("n", &instance, Value::INPUT));
        let layer = LayerNormConfig::new(6).with_epsilon(0.01).init(&device);
        agree(|x| layer.forward(x), |graph| graph.layer_norm("n", &layer, 0.01, Value::INPUT));
    }

    #[test]
    fn a_single_slope_serves_every_channel() {
        let layer = PReluConfig::new().with_alpha(0.2).init(&Device::flex());
        agree(|x| layer.forward(x), |graph| graph.prelu("p", &layer, 4, Value::INPUT));
    }
}
