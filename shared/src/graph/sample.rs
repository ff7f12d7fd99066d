//! Small graphs that hold every runtime to one measure: [`reference`] says what each computes.
//!
//! [`operations`] has each operation at least once, with every parameter away from its default;
//! [`coded`] is a net of integer steps. All numbers are a fixed pseudo-random sequence. No network
//! that is used looks like these.

mod coded;

pub use self::coded::coded;
use super::{
    Activation, Binary, Conv, Graph, Node, Norm, NormOver, Op, Output, PadMode, Resample, Tensor,
    TensorData, Window,
};

/// A graph and an input for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Unique among the samples; letters, digits and underscores.
    pub name: String,
    /// The graph; its last value leaves as `y`.
    pub graph: Graph,
    /// The input, `[C, H, W]`.
    pub input: Vec<f32>,
}

/// One small graph for each operation and each of its modes.
pub fn operations() -> Vec<Sample> {
    let mut samples = windows();
    samples.extend(elementwise());
    samples.extend(normalisations());
    samples.extend(products());
    samples.extend(layouts());
    samples.extend(resizes());
    samples
}

fn windows() -> Vec<Sample> {
    let uneven = Window { kernel: [3, 2], stride: [2, 1], pads: [1, 0, 2, 1] };
    let wide = Window { kernel: [3, 2], stride: [1, 2], pads: [2, 2, 0, 1] };
    let double = Window { kernel: [4, 4], stride: [2, 2], pads: [1; 4] };
    let dilated =
        |weight, groups| Op::DilatedConv { conv: conv(weight, wide, groups), dilation: [2, 3] };
    let mut coded = conv([4, 3, 4, 4], double, 1);
    coded.weight = int8(&[4, 3, 4, 4]);
    let mut grouped = conv([6, 2, 3, 2], uneven, 2);
    grouped.weight = int8(&[6, 2, 3, 2]);
    vec![
        map("conv", Op::Conv(conv([4, 3, 3, 2], uneven, 1))),
        map("conv_depthwise", Op::Conv(conv([6, 1, 3, 2], uneven, 3))),
        map("dilated_conv", dilated([4, 3, 3, 2], 1)),
        map("dilated_conv_grouped", dilated([6, 1, 3, 2], 3)),
        map("conv_transpose", Op::ConvTranspose(conv([4, 3, 3, 2], uneven, 1))),
        sample("conv_transpose_grouped", [4, 5, 7], vec![op(Op::ConvTranspose(grouped), &[0])]),
        map("conv_transpose_int8", Op::ConvTranspose(coded)),
        map("max_pool", Op::MaxPool(uneven)),
        map("average_pool", Op::AveragePool(uneven)),
        map("global_average_pool", Op::GlobalAveragePool),
        map("global_max_pool", Op::GlobalMaxPool),
    ]
}

fn elementwise() -> Vec<Sample> {
    use Activation::{Clip, Elu, Gelu, HardSigmoid, HardSwish, LeakyRelu, Log, Silu, Tanh};
    let activations = [
        ("leaky_relu", LeakyRelu { slope: 0.2 }),
        ("elu", Elu { alpha: 0.7 }),
        ("tanh", Tanh),
        ("clip", Clip { low: -0.5, high: 1.25 }),
        ("hard_sigmoid", HardSigmoid),
        ("hard_swish", HardSwish),
        ("silu", Silu),
        ("gelu", Gelu),
        ("log", Log),
    ];
    let mut samples: Vec<_> =
        activations.map(|(name, activation)| map(name, Op::Activation(activation))).into();
    samples.push(map("relu", Op::Relu));
    samples.push(map("sigmoid", Op::Sigmoid));
    samples.push(map("prelu", Op::PRelu { slope: vec![0.25, -0.5, 1.5] }));
    let mean = || op(Op::GlobalAveragePool, &[0]);
    samples.push(sample(
        "prelu_of_a_vector",
        MAP,
        vec![mean(), op(Op::PRelu { slope: vec![0.25, -0.5, 1.5] }, &[1])],
    ));
    samples.push(sample("add", MAP, vec![op(Op::Sigmoid, &[0]), op(Op::Add, &[0, 1])]));
    for (name, binary) in [
        ("binary_add", Binary::Add),
        ("binary_sub", Binary::Sub),
        ("binary_mul", Binary::Mul),
        ("binary_max", Binary::Max),
    ] {
        // [3, 5, 7] with [3, 1, 1], then [1, 5, 1] with the result: both sides repeat.
        let column = Op::Slice { axis: 2, start: 2, length: 1 };
        let plane = Op::Slice { axis: 0, start: 1, length: 1 };
        let nodes = vec![
            mean(),
            op(Op::Reshape([3, 1, 1]), &[1]),
            op(Op::Binary(binary), &[0, 2]),
            op(column, &[0]),
            op(plane, &[4]),
            op(Op::Binary(binary), &[5, 3]),
        ];
        samples.push(sample(name, MAP, nodes));
    }
    samples
}

fn normalisations() -> Vec<Sample> {
    let norm = |over, n: usize| {
        let scale = noise(n, 31).iter().map(|v| 1.0 + v).collect();
        Op::Norm(Norm { over, epsilon: 1e-3, scale, bias: noise(n, 32) })
    };
    let vector = || op(Op::Flatten, &[0]);
    let unit = |axis| Op::L2Normalize { axis, epsilon: 1e-6 };
    vec![
        map("instance_norm", norm(NormOver::Groups(3), 3)),
        sample("group_norm", [6, 4, 5], vec![op(norm(NormOver::Groups(2), 6), &[0])]),
        map("layer_norm", norm(NormOver::LastAxis, 7)),
        sample(
            "layer_norm_of_a_vector",
            MAP,
            vec![vector(), op(norm(NormOver::LastAxis, 105), &[1])],
        ),
        map("l2_normalize", unit(0)),
        sample("l2_normalize_of_a_vector", MAP, vec![vector(), op(unit(0), &[1])]),
        map("softmax", Op::Softmax),
        map("softmax_over_rows", Op::SoftmaxOver { axis: 1 }),
        map("softmax_over_columns", Op::SoftmaxOver { axis: 2 }),
    ]
}

fn products() -> Vec<Sample> {
    let linear = Op::Linear { weight: weight(&[4, 3]), bias: noise(4, 21) };
    // Attention of 35 pixels over each other: softmax(q · kᵀ) · v with q = k = v.
    let attention = vec![
        op(Op::Reshape([1, 3, 35]), &[0]),
        op(Op::Transpose([0, 2, 1]), &[1]),
        op(Op::MatMul, &[2, 1]),
        op(Op::SoftmaxOver { axis: 2 }, &[3]),
        op(Op::MatMul, &[4, 2]),
        op(Op::Transpose([0, 2, 1]), &[5]),
        op(Op::Reshape([3, 5, 7]), &[6]),
    ];
    let each = vec![op(Op::Transpose([0, 2, 1]), &[0]), op(Op::MatMul, &[0, 1])];
    vec![
        sample("linear", MAP, vec![op(Op::GlobalAveragePool, &[0]), op(linear, &[1])]),
        sample("mat_mul", MAP, each),
        sample("attention", MAP, attention),
    ]
}

fn layouts() -> Vec<Sample> {
    let pad = |name, mode| map(name, Op::Pad { pads: [1, 4, 2, 3], mode });
    let tanh = || op(Op::Activation(Activation::Tanh), &[0]);
    let flat = || op(Op::Flatten, &[0]);
    vec![
        map("transpose", Op::Transpose([2, 0, 1])),
        map("flatten", Op::Flatten),
        map("reshape", Op::Reshape([5, 21, 1])),
        map("slice", Op::Slice { axis: 2, start: 1, length: 4 }),
        sample(
            "slice_of_a_vector",
            MAP,
            vec![flat(), op(Op::Slice { axis: 0, start: 17, length: 40 }, &[1])],
        ),
        sample("concat", MAP, vec![tanh(), op(Op::Concat, &[0, 1])]),
        sample("concat_over_rows", MAP, vec![tanh(), op(Op::ConcatOver { axis: 1 }, &[0, 1, 0])]),
        pad("pad_constant", PadMode::Constant(0.75)),
        pad("pad_reflect", PadMode::Reflect),
        pad("pad_edge", PadMode::Edge),
    ]
}

fn resizes() -> Vec<Sample> {
    let resize = |name, size, mode| map(name, Op::Resize { size, mode });
    vec![
        map("upsample2", Op::Upsample2),
        resize("resize_nearest", [15, 14], Resample::Nearest),
        resize("resize_bilinear", [8, 17], Resample::Bilinear),
        resize("resize_bilinear_down", [3, 4], Resample::Bilinear),
        resize("resize_bilinear_corners", [9, 4], Resample::BilinearCorners),
        resize("resize_to_one_pixel", [1, 1], Resample::BilinearCorners),
    ]
}

/// `[C, H, W]` of most samples.
const MAP: [u32; 3] = [3, 5, 7];

/// One operation on a map.
fn map(name: &str, op: Op) -> Sample {
    sample(name, MAP, vec![(op, vec![0])])
}

fn sample(name: &str, input: [u32; 3], ops: Vec<(Op, Vec<u32>)>) -> Sample {
    let mut nodes = Vec::new();
    let mut last = 0;
    for (op, inputs) in ops {
        last += 1;
        nodes.push(Node { name: format!("n{last}"), op, inputs });
    }
    let outputs = vec![Output { name: "y".to_owned(), value: last }];
    let elements = input.iter().product::<u32>() as usize;
    // Wider than the bend of any activation.
    let input_values = noise(elements, 11).into_iter().map(|v| 6.0 * v).collect();
    let graph = Graph { input, nodes, outputs, codes: Vec::new() };
    Sample { name: name.to_owned(), graph, input: input_values }
}

fn op(op: Op, inputs: &[u32]) -> (Op, Vec<u32>) {
    (op, inputs.to_vec())
}

fn conv(shape: [u32; 4], window: Window, groups: u32) -> Conv {
    Conv { weight: weight(&shape), bias: noise(shape[0] as usize, 7), window, groups }
}

fn weight(shape: &[u32]) -> Tensor {
    let elements = shape.iter().product::<u32>() as usize;
    Tensor { shape: shape.to_vec(), data: TensorData::F32(noise(elements, 3)) }
}

/// int8 weights over the whole range, each output channel with a scale of its own.
#[expect(clippy::cast_possible_truncation, reason = "within ±127")]
fn int8(shape: &[u32]) -> Tensor {
    let elements = shape.iter().product::<u32>() as usize;
    let codes = noise(elements, 5).iter().map(|v| (v * 254.0).round() as i8).collect();
    let per_channel = elements as f32 / shape[0] as f32;
    let scale = |o: u32| (1.0 + o as f32 / 8.0) / (127.0 * per_channel.sqrt());
    let scales = (0..shape[0]).map(scale).collect();
    Tensor { shape: shape.to_vec(), data: TensorData::I8 { scales, codes } }
}

/// Values in -0.5..0.5 by a 32-bit xorshift generator (Marsaglia, 2003).
pub fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / 16_777_216.0 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::graph::reference;

    #[test]
    fn samples_are_valid_and_named_apart() {
        let mut samples = operations();
        samples.push(coded());
        let names: HashSet<_> = samples.iter().map(|sample| sample.name.clone()).collect();
        assert_eq!(names.len(), samples.len());
        for sample in samples {
            let made = reference::outputs(&sample.graph, &sample.input).unwrap();
            assert!(made.iter().flatten().all(|v| v.is_finite()), "{}", sample.name);
        }
    }

    #[test]
    fn every_operation_is_among_the_samples() {
        let samples = operations();
        let nodes = samples.iter().flat_map(|sample| &sample.graph.nodes);
        let kinds: HashSet<_> = nodes.map(|node| std::mem::discriminant(&node.op)).collect();
        assert_eq!(kinds.len(), 28);
    }
}
