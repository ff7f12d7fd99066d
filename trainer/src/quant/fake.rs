//! Fake quantisation: a coded graph in floats that gradients pass through.
//!
//! Values and weights are moved to the nearest number their codes stand for, `x + (q(x) - x)` with
//! the bracket cut off from the gradient (the straight-through estimator: Bengio et al. 2013,
//! arXiv 1308.3432; Jacob et al. 2018, arXiv 1712.05877, section 3). What lies beyond the codes is
//! clipped, and has no gradient. Scales do not learn. Biases stay unrounded: their steps are the
//! products' scale, far finer than any value's.

use burn::{
    module::{Module, Param},
    nn::{PaddingConfig2d, conv::Conv2d},
    tensor::{Device, Tensor, TensorData as BurnData},
};
use mien_quant::layer::{Parts, parts, parts_mut};
use mien_shared::graph::{Affine, Conv, Graph, Op, Tensor as GraphTensor, TensorData, Window};

use crate::{
    export::{
        execute::{Step, window::padded},
        lower::values,
    },
    ops::conv::conv2d,
};

/// The weights and biases of a graph's convolutions and linear layers, in execution order, as
/// numbers that learn.
#[derive(Module, Debug)]
pub struct Weights {
    layers: Vec<Layer>,
}

/// One layer's; a linear layer's weight is `[O, I, 1, 1]`.
#[derive(Module, Debug)]
struct Layer {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
}

impl Weights {
    /// The weights of `float` with the biases of `coded`, which has the same nodes.
    pub fn new(float: &Graph, coded: &Graph, device: &Device) -> Self {
        let layer = |((weight, _), (_, bias)): (Parts<'_>, Parts<'_>)| Layer {
            weight: Param::from_data(
                BurnData::new(weight.to_f32().to_vec(), shape(weight)),
                device,
            ),
            bias: Param::from_data(BurnData::new(bias.to_vec(), [bias.len()]), device),
        };
        let [float, coded] = [float, coded].map(|g| g.nodes.iter().filter_map(|n| parts(&n.op)));
        Self { layers: float.zip(coded).map(layer).collect() }
    }

    /// `coded` with these weights in its own scales, and these biases.
    pub fn into_graph(self, coded: &Graph) -> Graph {
        let mut graph = coded.clone();
        let layers = graph.nodes.iter_mut().filter_map(|node| parts_mut(&mut node.op));
        for ((tensor, bias), layer) in layers.zip(self.layers) {
            *bias = values(layer.bias.val());
            let weight = values(layer.weight.val());
            match &mut tensor.data {
                TensorData::F32(plain) => *plain = weight,
                TensorData::I8 { scales, codes } => {
                    let per_channel = (weight.len() / scales.len().max(1)).max(1);
                    let rows = weight.chunks(per_channel).zip(scales.iter());
                    *codes =
                        rows.flat_map(|(row, &s)| row.iter().map(move |w| code(w / s))).collect();
                }
            }
        }
        graph
    }

    /// The outputs of `coded` with these weights, `[N, C, H, W]` each, rank-2 ones `[N, C, 1, 1]`.
    ///
    /// # Shapes
    /// `x` holds `[N, C, H, W]`, each element one that its code stands for.
    pub fn forward(&self, coded: &Graph, x: Tensor<4>) -> Vec<Tensor<4>> {
        let device = x.device();
        let shapes = coded.validate().unwrap_or_default();
        let mut made = vec![x];
        let mut layers = self.layers.iter();
        for (number, node) in (1..).zip(&coded.nodes) {
            let input = || made[node.inputs[0] as usize].clone();
            let y = match (parts(&node.op), &node.op) {
                (Some((weight, _)), op) => match layers.next() {
                    Some(layer) => layer.forward(op, scales(weight), input()),
                    None => input(),
                },
                (None, _) => Step { node, values: &made, shapes: &shapes, device: &device }.run(),
            };
            let passes = matches!(node.op, Op::MaxPool(_) | Op::Upsample2);
            let coding = coded.coding(number).filter(|_| !passes);
            made.push(coding.map_or_else(|| y.clone(), |affine| coded_value(y.clone(), affine)));
        }
        coded.outputs.iter().map(|output| made[output.value as usize].clone()).collect()
    }
}

impl Layer {
    fn forward(&self, op: &Op, scales: Option<&[f32]>, x: Tensor<4>) -> Tensor<4> {
        let (window, groups) = match op {
            Op::Conv(Conv { window, groups, .. }) => (*window, *groups as usize),
            _ => (Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] }, 1),
        };
        let weight = match scales {
            Some(scales) => coded_weight(self.weight.val(), scales),
            None => self.weight.val(),
        };
        let [_, _, kh, kw] = weight.dims();
        let layer = Conv2d {
            weight: Param::initialized(self.weight.id, weight),
            bias: None,
            stride: window.stride.map(|n| n as usize),
            kernel_size: [kh, kw],
            dilation: [1, 1],
            groups,
            padding: PaddingConfig2d::Valid,
        };
        let y = conv2d(&layer, padded(x, &window, 0.0));
        y + self.bias.val().reshape([1, -1, 1, 1])
    }
}

/// `x` as its codes say it.
pub fn coded_value(x: Tensor<4>, affine: Affine) -> Tensor<4> {
    let inside = x.clamp(affine.value(0), affine.value(u8::MAX));
    through(inside.clone(), inside.detach().div_scalar(affine.scale).round() * affine.scale)
}

/// Weights `[O, I, KH, KW]` as symmetric codes with one scale per output channel say them.
fn coded_weight(weight: Tensor<4>, scales: &[f32]) -> Tensor<4> {
    let shape = [scales.len(), 1, 1, 1];
    let scale = Tensor::from_data(BurnData::new(scales.to_vec(), shape), &weight.device());
    let inside = (weight / scale.clone()).clamp(-127.0, 127.0);
    through(inside.clone(), inside.detach().round()) * scale
}

/// `rounded`, with the gradient of `x`.
fn through(x: Tensor<4>, rounded: Tensor<4>) -> Tensor<4> {
    let gap = rounded - x.clone().detach();
    x + gap
}

/// One scale per output channel where the weights are codes.
fn scales(weight: &GraphTensor) -> Option<&[f32]> {
    match &weight.data {
        TensorData::I8 { scales, .. } => Some(scales),
        TensorData::F32(_) => None,
    }
}

/// `[O, I / groups, KH, KW]`, or `[O, I, 1, 1]` of a matrix.
fn shape(weight: &GraphTensor) -> [usize; 4] {
    let mut shape = [1; 4];
    shape.iter_mut().zip(&weight.shape).for_each(|(to, &from)| *to = from as usize);
    shape
}

/// Nearest code, ties to even as burn rounds, clipped to ±127.
#[expect(clippy::cast_possible_truncation, reason = "clipped to the range of i8 first")]
fn code(steps: f32) -> i8 {
    steps.round_ties_even().clamp(-127.0, 127.0) as i8
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tolerance;

    use mien_shared::graph::reference;

    use super::*;
    use crate::quant::fixture::{coded_net, noise};

    #[test]
    fn fake_codes_compute_what_integers_do() {
        let (float, coded) = coded_net();
        let device = Device::flex();
        // Bytes less their zero, in steps of the input's scale: numbers that codes stand for.
        let affine = coded.coding(0).unwrap();
        let x: Vec<f32> = noise(64, 3).into_iter().map(|v| affine.value(affine.code(v))).collect();
        let wanted = reference::outputs(&coded, &x).unwrap().concat();
        let x = Tensor::from_data(BurnData::new(x, [1, 1, 8, 8]), &device);
        let seen = Weights::new(&float, &coded, &device).forward(&coded, x);
        let seen: Vec<f32> = seen[0].to_data().iter::<f32>().collect();
        // Half a step of the last coded value may fall the other way here and there.
        for (a, b) in wanted.iter().zip(seen) {
            assert!((a - b).abs() < 0.02, "{a} became {b}");
        }
    }

    #[test]
    fn weights_that_did_not_learn_are_the_graphs_own() {
        let (float, coded) = coded_net();
        assert_eq!(Weights::new(&float, &coded, &Device::flex()).into_graph(&coded), coded);
    }

    #[test]
    fn gradients_pass_inside_the_codes_and_stop_outside() {
        let device = Device::flex().autodiff();
        let x = Tensor::<4>::from_floats([[[[-2.0, 0.3, 1.1, 400.0]]]], &device).require_grad();
        let y = coded_value(x.clone(), Affine { scale: 0.5, zero: 0 });
        let data = y.clone().into_data();
        data.assert_approx_eq::<f32>(
            &BurnData::from([[[[0.0_f32, 0.5, 1.0, 127.5]]]]),
            Tolerance::absolute(1e-6),
        );
        let gradient = x.grad(&y.sum().backward()).unwrap().into_data();
        let gradient: Vec<f32> = gradient.iter::<f32>().collect();
        assert_eq!(gradient, [0.0, 1.0, 1.0, 0.0]);
    }
}
