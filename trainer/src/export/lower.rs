//! Lowering: a trained module becomes a [`Graph`] with its batch norms folded.
//!
//! Every parameter, stride and padding is read from the module itself, never assumed. A batch
//! norm after a convolution folds as `w' = w·γ/√(σ²+ε)`, `b' = β + (b - μ)·γ/√(σ²+ε)`.

mod layer;
mod plain;

use burn::{
    nn::{BatchNorm, Linear, PaddingConfig2d, conv::Conv2d},
    tensor::Tensor as BurnTensor,
};
use mien_shared::graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window};

/// A module that can write itself into a graph.
pub trait Lower {
    /// Adds every operation and output of the module to `graph`.
    fn lower(&self, graph: &mut Builder);
}

/// The graph of `module` for an input of `[C, H, W]`.
pub fn lower(module: &(impl Lower + ?Sized), input: [u32; 3]) -> Graph {
    let mut builder = Builder {
        graph: Graph { input, nodes: Vec::new(), outputs: Vec::new(), codes: Vec::new() },
    };
    module.lower(&mut builder);
    builder.graph
}

/// A value in a graph under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value(u32);

impl Value {
    /// The network's input.
    pub const INPUT: Self = Self(0);
}

/// A graph under construction.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
}

impl Builder {
    /// A convolution as it is.
    pub fn conv(&mut self, name: &str, conv: &Conv2d, x: Value) -> Value {
        let bias = bias_of(conv);
        self.push_conv(name, conv, [values(conv.weight.val()), bias], x)
    }

    /// A convolution with the batch norm that follows it folded in.
    pub fn conv_bn(&mut self, name: &str, conv: &Conv2d, bn: &BatchNorm, x: Value) -> Value {
        let folded = folded([values(conv.weight.val()), bias_of(conv)], bn);
        self.push_conv(name, conv, folded, x)
    }

    /// `max(x, 0)`.
    pub fn relu(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::Relu, &[x])
    }

    /// `a + b`.
    pub fn add(&mut self, name: &str, a: Value, b: Value) -> Value {
        self.push(name, Op::Add, &[a, b])
    }

    /// Largest value under a window.
    pub fn max_pool(&mut self, name: &str, window: Window, x: Value) -> Value {
        self.push(name, Op::MaxPool(window), &[x])
    }

    /// Mean over H and W.
    pub fn global_average_pool(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::GlobalAveragePool, &[x])
    }

    /// Nearest-neighbour enlargement by two.
    pub fn upsample2(&mut self, name: &str, x: Value) -> Value {
        self.push(name, Op::Upsample2, &[x])
    }

    /// Concatenation along the channels.
    pub fn concat(&mut self, name: &str, parts: &[Value]) -> Value {
        self.push(name, Op::Concat, parts)
    }

    /// A fully connected layer; burn's weight is `[I, O]`, the graph's `[O, I]`.
    pub fn linear(&mut self, name: &str, layer: &Linear, x: Value) -> Value {
        let [inputs, outputs] = layer.weight.dims();
        let weight = values(layer.weight.val().transpose());
        let bias = layer.bias.as_ref().map_or_else(|| vec![0.0; outputs], |b| values(b.val()));
        let weight = tensor(&[outputs, inputs], weight);
        self.push(name, Op::Linear { weight, bias }, &[x])
    }

    /// Names a value that leaves the network.
    pub fn output(&mut self, name: &str, value: Value) {
        self.graph.outputs.push(Output { name: name.to_owned(), value: value.0 });
    }

    fn push_conv(
        &mut self,
        name: &str,
        conv: &Conv2d,
        [weight, bias]: [Vec<f32>; 2],
        x: Value,
    ) -> Value {
        let dilation = conv.dilation.map(side);
        let conv = Conv {
            weight: tensor(&conv.weight.dims(), weight),
            bias,
            window: window_of(conv),
            groups: side(conv.groups),
        };
        let op =
            if dilation == [1, 1] { Op::Conv(conv) } else { Op::DilatedConv { conv, dilation } };
        self.push(name, op, &[x])
    }

    fn push(&mut self, name: &str, op: Op, inputs: &[Value]) -> Value {
        let inputs = inputs.iter().map(|v| v.0).collect();
        self.graph.nodes.push(Node { name: name.to_owned(), op, inputs });
        Value(side(self.graph.nodes.len()))
    }
}

/// Every element of a tensor, last axis fastest.
///
/// # Panics
/// When the tensor is not f32, which no module of this crate is.
pub fn values<const D: usize>(tensor: BurnTensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// A weight, output channels first, and its bias with a batch norm folded in.
fn folded([mut weight, mut bias]: [Vec<f32>; 2], bn: &BatchNorm) -> [Vec<f32>; 2] {
    let (gamma, beta) = (values(bn.gamma.val()), values(bn.beta.val()));
    let (mean, var) = (values(bn.running_mean.value()), values(bn.running_var.value()));
    let per_output = weight.len() / bias.len();
    for (o, chunk) in weight.chunks_exact_mut(per_output).enumerate() {
        let factor = f64::from(gamma[o]) / (f64::from(var[o]) + bn.epsilon).sqrt();
        for w in chunk {
            *w = narrow(f64::from(*w) * factor);
        }
        bias[o] = narrow(f64::from(beta[o]) + f64::from(bias[o] - mean[o]) * factor);
    }
    [weight, bias]
}

fn bias_of(conv: &Conv2d) -> Vec<f32> {
    let [outputs, ..] = conv.weight.dims();
    conv.bias.as_ref().map_or_else(|| vec![0.0; outputs], |bias| values(bias.val()))
}

fn window_of(conv: &Conv2d) -> Window {
    let pads = match conv.padding {
        PaddingConfig2d::Explicit(top, left, bottom, right) => [top, left, bottom, right],
        PaddingConfig2d::Valid => [0; 4],
        PaddingConfig2d::Same => unreachable!("architectures state their padding explicitly"),
    };
    Window {
        kernel: conv.kernel_size.map(side),
        stride: conv.stride.map(side),
        pads: pads.map(side),
    }
}

fn tensor(shape: &[usize], data: Vec<f32>) -> Tensor {
    Tensor { shape: shape.iter().map(|&n| side(n)).collect(), data: TensorData::F32(data) }
}

#[expect(clippy::cast_possible_truncation, reason = "layer sizes are far below 2^32")]
fn side(n: usize) -> u32 {
    n as u32
}

#[expect(clippy::cast_possible_truncation, reason = "rounding a folded weight to f32 is the point")]
fn narrow(x: f64) -> f32 {
    x as f32
}
