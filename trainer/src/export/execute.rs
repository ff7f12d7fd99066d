//! Runs a [`Graph`] with burn's own operations: the reference the device's engine is held against.
//!
//! It shares nothing with the engine but the graph, so an agreement of both is evidence that the
//! graph, and not one reading of it, is right. All arithmetic is f32; codes are not looked at.

mod elementwise;
mod layout;
mod norm;
pub(crate) mod window;

use burn::tensor::{
    Device, Tensor, TensorData as BurnData,
    activation::{prelu, relu, sigmoid, softmax},
    module::conv2d,
    ops::ConvOptions,
};
use mien_shared::graph::{Binary, Graph, GraphError, Node, Op, Shape, Tensor as GraphTensor};

/// The outputs of `graph`, in its output order, each flattened.
///
/// # Shapes
/// `input` holds `[1, C, H, W]`.
///
/// # Errors
/// When the graph is not valid.
pub fn execute(graph: &Graph, input: &[f32], device: &Device) -> Result<Vec<Vec<f32>>, GraphError> {
    let shapes = graph.validate()?;
    let [c, h, w] = graph.input.map(|n| n as usize);
    let x = Tensor::<4>::from_data(BurnData::new(input.to_vec(), [1, c, h, w]), device);
    let mut values = vec![x];
    for node in &graph.nodes {
        let step = Step { node, values: &values, shapes: &shapes, device };
        let made = step.run();
        values.push(made);
    }
    let flat = |value: u32| values[value as usize].to_data().iter::<f32>().collect();
    Ok(graph.outputs.iter().map(|output| flat(output.value)).collect())
}

/// A node over the values before it; rank-2 values are carried as `[N, C, 1, 1]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// The node.
    pub(crate) node: &'a Node,
    /// Every value before it, by number.
    pub(crate) values: &'a [Tensor<4>],
    /// The shape of every value, by number.
    pub(crate) shapes: &'a [Shape],
    /// Where constants go.
    pub(crate) device: &'a Device,
}

impl Step<'_> {
    fn input(&self, i: usize) -> Tensor<4> {
        self.values[self.node.inputs[i] as usize].clone()
    }

    fn inputs(&self) -> Vec<Tensor<4>> {
        (0..self.node.inputs.len()).map(|i| self.input(i)).collect()
    }

    /// What the node makes.
    pub(crate) fn run(&self) -> Tensor<4> {
        let x = self.input(0);
        match &self.node.op {
            Op::Conv(conv) => self.convolve(x, conv, [1, 1]),
            Op::DilatedConv { conv, dilation } => self.convolve(x, conv, *dilation),
            Op::ConvTranspose(conv) => self.convolve_transposed(x, conv),
            Op::MaxPool(window) => window::max_pool(x, window),
            Op::AveragePool(window) => window::average_pool(x, window),
            Op::GlobalAveragePool => x.mean_dim(3).mean_dim(2),
            Op::GlobalMaxPool => x.max_dim(3).max_dim(2),
            Op::Linear { weight, bias } => self.linear(x, weight, bias),
            Op::MatMul => x.matmul(self.input(1)),
            Op::Relu => relu(x),
            Op::Sigmoid => sigmoid(x),
            Op::Activation(activation) => elementwise::activate(x, *activation),
            Op::PRelu { slope } => prelu(x, self.vector(slope)),
            Op::Add | Op::Binary(Binary::Add) => x + self.input(1),
            Op::Binary(binary) => elementwise::pair(*binary, x, self.input(1)),
            Op::Softmax => softmax(x, 1),
            Op::SoftmaxOver { axis } => softmax(x, *axis as usize + 1),
            Op::Norm(norm) => self.norm(x, norm),
            Op::L2Normalize { axis, epsilon } => norm::unit_length(x, *axis, *epsilon),
            op => layout::moved(op, self.inputs()),
        }
    }

    fn linear(&self, x: Tensor<4>, weight: &GraphTensor, bias: &[f32]) -> Tensor<4> {
        let [o, i] = [weight.shape[0] as usize, weight.shape[1] as usize];
        let matrix = self.constant(weight.to_f32().to_vec(), [o, i, 1, 1]);
        let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        conv2d(x, matrix, Some(self.vector(bias)), options)
    }

    fn constant(&self, values: Vec<f32>, shape: [usize; 4]) -> Tensor<4> {
        Tensor::from_data(BurnData::new(values, shape), self.device)
    }

    fn vector(&self, values: &[f32]) -> Tensor<1> {
        Tensor::from_data(BurnData::new(values.to_vec(), [values.len()]), self.device)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{reference, sample};

    use super::*;

    #[test]
    fn every_sample_agrees_with_the_reference() {
        for sample in sample::operations() {
            let wanted = reference::outputs(&sample.graph, &sample.input).unwrap();
            let seen = execute(&sample.graph, &sample.input, &Device::flex()).unwrap();
            assert_eq!(seen[0].len(), wanted[0].len(), "{}", sample.name);
            let pairs = seen[0].iter().zip(&wanted[0]);
            let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{} differs by {worst}", sample.name);
        }
    }
}
