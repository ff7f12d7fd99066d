//! Small graphs that hold every runtime to one measure: [`reference`] says what each computes.
//!
//! [`operations`] has each operation at least once, with every parameter away from its default;
//! [`coded`] is a net of integer steps. All numbers are a fixed pseudo-random sequence. No network
//! that is used looks like these.

use super::{
    Activation, Affine, Binary, Conv, Graph, Node, Norm, NormOver, Op, Output, PadMode, Resample,
    Tensor, TensorData, Window,
    reference::{self, Value},
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

/// A net of integer steps with float ends: relus joined and alone, a residual, a pool, an
/// enlargement, a join, a depthwise convolution, a mean, convolutions and linear layers that leave
/// as numbers, and a float step on decoded values.
pub fn coded() -> Sample {
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    let half = Window { kernel: [2, 2], stride: [2, 2], pads: [0; 4] };
    let point = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
    let conv = |shape: [u32; 4], window, groups| {
        let bias = noise(shape[0] as usize, 41);
        Op::Conv(Conv { weight: int8(&shape), bias, window, groups })
    };
    let linear = |out: u32, inputs: u32| Op::Linear {
        weight: int8(&[out, inputs]),
        bias: noise(out as usize, 42),
    };
    let nodes = vec![
        op(conv([8, 1, 3, 3], same, 1), &[0]),    // 1
        op(Op::Relu, &[1]),                       // 2: joined
        op(Op::MaxPool(half), &[2]),              // 3
        op(conv([8, 8, 3, 3], same, 1), &[3]),    // 4
        op(Op::Add, &[3, 4]),                     // 5
        op(Op::Relu, &[5]),                       // 6: joined
        op(Op::Upsample2, &[6]),                  // 7
        op(Op::Concat, &[7, 2]),                  // 8
        op(conv([16, 1, 3, 3], same, 16), &[8]),  // 9: depthwise
        op(Op::Relu, &[9]),                       // 10: alone, on codes
        op(conv([3, 16, 1, 1], point, 1), &[10]), // 11: numbers
        op(Op::Relu, &[11]),                      // 12: joined, numbers
        op(Op::GlobalAveragePool, &[10]),         // 13
        op(linear(10, 16), &[13]),                // 14
        op(Op::Relu, &[14]),                      // 15: joined
        op(Op::Softmax, &[15]),                   // 16: float, on decoded values
        op(linear(4, 10), &[15]),                 // 17: numbers
    ];
    let mut sample = sample("coded", [1, 12, 10], nodes);
    sample.input.iter_mut().for_each(|v| *v /= 2.0);
    let leaves = [("numbers", 12), ("softmax", 16), ("logits", 17), ("codes", 10)];
    sample.graph.outputs =
        leaves.map(|(name, value)| Output { name: name.to_owned(), value }).into();
    sample.graph.codes = codes(&sample);
    sample
}

/// Codings by the range of each value in f32; none for values that a relu joins or that leave as
/// numbers.
fn codes(sample: &Sample) -> Vec<Option<Affine>> {
    let values = reference::run(&sample.graph, &sample.input).unwrap_or_default();
    let mut codes: Vec<_> = values.iter().map(affine_of).collect();
    codes[0] = Some(Affine { scale: 1.0 / 64.0, zero: 128 });
    // A relu whose code of zero is not the lowest clips inside the range.
    for relu in [2, 15] {
        codes[relu] = codes[relu].map(|affine| Affine { zero: 5, ..affine });
    }
    // The relu that stands alone reads codes of negative numbers too.
    codes[9] = codes[10].map(|affine| Affine { scale: 1.25 * affine.scale, zero: 51 });
    // A pool, an enlargement and a relu that stands alone leave codes as they are.
    for (made, read) in [(3, 2), (7, 6), (10, 9)] {
        codes[made] = codes[read];
    }
    for plain in [1, 5, 11, 12, 14, 16, 17] {
        codes[plain] = None;
    }
    codes
}

/// A coding for the range of a value and zero; `None` for a value without elements.
#[expect(clippy::cast_possible_truncation, reason = "a share of 255, rounded")]
#[expect(clippy::cast_sign_loss, reason = "the lowest value is not above zero")]
fn affine_of(value: &Value) -> Option<Affine> {
    let Value::Floats(floats) = value else { return None };
    let low = floats.iter().copied().fold(0.0, f32::min);
    let high = floats.iter().copied().fold(0.0, f32::max);
    let scale = (high - low) / 255.0;
    (scale > 0.0).then(|| Affine { scale, zero: (-low / scale).round() as u8 })
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

    #[test]
    fn the_coded_net_runs_every_integer_step() {
        let Sample { graph, input, .. } = coded();
        let shapes = graph.validate().unwrap();
        let steps = graph.steps();
        let floats = steps.iter().filter(|step| !graph.is_integer(**step, &shapes));
        assert_eq!(
            floats.map(|step| graph.nodes[step.node].op.name()).collect::<Vec<_>>(),
            ["softmax"]
        );
        assert_eq!(steps.iter().filter(|step| step.relu).count(), 4);
        // Codes fill their range, so that roundings and both clippings occur.
        let values = reference::run(&graph, &input).unwrap();
        for (value, codes) in values.iter().enumerate() {
            if let Value::Codes(codes) = codes {
                let spread = codes.iter().max().unwrap() - codes.iter().min().unwrap();
                assert!(spread > 60, "value {value} spreads over {spread} codes");
            }
        }
    }
}
