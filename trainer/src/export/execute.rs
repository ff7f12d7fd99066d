//! Runs a [`Graph`] with burn's own operations: the reference the device's engine is held against.
//!
//! It shares nothing with the engine but the graph, so an agreement of both is evidence that the
//! graph, and not one reading of it, is right.

use burn::tensor::{
    Device, Tensor, TensorData as BurnData,
    activation::{relu, sigmoid, softmax},
    module::{conv2d, interpolate, max_pool2d},
    ops::{ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions},
};
use mien_shared::graph::{Conv, Graph, GraphError, Node, Op, Tensor as GraphTensor, Window};

/// The outputs of `graph`, in its output order, each flattened.
///
/// # Shapes
/// `input` holds `[1, C, H, W]`.
///
/// # Errors
/// When the graph is not valid.
pub fn execute(graph: &Graph, input: &[f32], device: &Device) -> Result<Vec<Vec<f32>>, GraphError> {
    graph.validate()?;
    let [c, h, w] = graph.input.map(|n| n as usize);
    let x = Tensor::<4>::from_data(BurnData::new(input.to_vec(), [1, c, h, w]), device);
    let mut values = vec![x];
    for node in &graph.nodes {
        values.push(step(node, &values, device));
    }
    let flat = |value: u32| values[value as usize].to_data().iter::<f32>().collect();
    Ok(graph.outputs.iter().map(|output| flat(output.value)).collect())
}

/// What one node makes of the values before it, `[N, C, H, W]` each; rank-2 values are carried as
/// `[N, C, 1, 1]`.
pub(crate) fn step(node: &Node, values: &[Tensor<4>], device: &Device) -> Tensor<4> {
    let input = |i: usize| values[node.inputs[i] as usize].clone();
    match &node.op {
        Op::Conv(conv) => convolve(input(0), conv, device),
        Op::Relu => relu(input(0)),
        Op::Add => input(0) + input(1),
        Op::MaxPool(window) => pool(input(0), window),
        Op::GlobalAveragePool => input(0).mean_dim(3).mean_dim(2),
        Op::Upsample2 => enlarge(input(0)),
        Op::Concat => Tensor::cat((0..node.inputs.len()).map(input).collect(), 1),
        Op::Linear { weight, bias } => {
            let [o, i] = [weight.shape[0] as usize, weight.shape[1] as usize];
            let w: Tensor<4> = constant(weight, [o, i, 1, 1], device);
            let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
            conv2d(input(0), w, Some(vector(bias, device)), options)
        }
        Op::Softmax => softmax(input(0), 1),
        Op::Sigmoid => sigmoid(input(0)),
    }
}

fn convolve(x: Tensor<4>, conv: &Conv, device: &Device) -> Tensor<4> {
    let shape = [0, 1, 2, 3].map(|i| conv.weight.shape[i] as usize);
    let weight = constant(&conv.weight, shape, device);
    let stride = conv.window.stride.map(|n| n as usize);
    let options = ConvOptions::new(stride, [0, 0], [1, 1], conv.groups as usize);
    conv2d(padded(x, &conv.window, 0.0), weight, Some(vector(&conv.bias, device)), options)
}

fn pool(x: Tensor<4>, window: &Window) -> Tensor<4> {
    let [kernel, stride] = [window.kernel, window.stride].map(|a| a.map(|n| n as usize));
    max_pool2d(padded(x, window, f32::MIN), MaxPoolOptions::new(kernel).with_stride(stride))
}

pub(crate) fn padded(x: Tensor<4>, window: &Window, value: f32) -> Tensor<4> {
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    x.pad((left, right, top, bottom), value)
}

fn enlarge(x: Tensor<4>) -> Tensor<4> {
    let [_, _, h, w] = x.dims();
    let options = InterpolateOptions::new(InterpolateMode::Nearest);
    interpolate(x, options.with_output_size([2 * h, 2 * w]))
}

fn constant(tensor: &GraphTensor, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(BurnData::new(tensor.to_f32().to_vec(), shape), device)
}

fn vector(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(BurnData::new(values.to_vec(), [values.len()]), device)
}
