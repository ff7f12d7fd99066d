//! A naive interpreter of graphs, the measure of the engine's operators, and builders for tests.

use mien_shared::{
    bundle::{Bundle, Golden, Manifest, Precision, Provenance, Task},
    geometry::{FivePoints, Point},
    graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window},
    input::{Color, InputSpec},
    label::Expression,
};

use crate::lower::extents;

/// Runs `graph` with plain loops; returns every value by number.
pub(crate) fn run(graph: &Graph, input: &[f32]) -> Vec<Vec<f32>> {
    let shapes = graph.validate().unwrap();
    let mut values = vec![input.to_vec()];
    for node in &graph.nodes {
        let shape = extents(&shapes[node.inputs[0] as usize]);
        let x = &values[node.inputs[0] as usize];
        let y = match &node.op {
            Op::Conv(op) => convolve(op, x, [shape[1], shape[2], shape[3]]),
            Op::MaxPool(window) => max_pool(window, x, [shape[1], shape[2], shape[3]]),
            Op::Relu => x.iter().map(|v| v.max(0.0)).collect(),
            Op::Sigmoid => x.iter().map(|v| 1.0 / (1.0 + (-v).exp())).collect(),
            Op::Add => x.iter().zip(&values[node.inputs[1] as usize]).map(|(a, b)| a + b).collect(),
            Op::Concat => node.inputs.iter().flat_map(|&v| values[v as usize].clone()).collect(),
            Op::GlobalAveragePool => x
                .chunks(shape[2] * shape[3])
                .map(|plane| plane.iter().sum::<f32>() / plane.len() as f32)
                .collect(),
            Op::Upsample2 => upsample(x, [shape[1], shape[2], shape[3]]),
            Op::Linear { weight, bias } => weight
                .to_f32()
                .chunks(x.len())
                .zip(bias)
                .map(|(row, b)| b + row.iter().zip(x).map(|(w, v)| w * v).sum::<f32>())
                .collect(),
            Op::Softmax => softmax(x, shape[1]),
        };
        values.push(y);
    }
    values
}

/// A graph whose only output, `y`, is its last value.
pub(crate) fn graph(input: [u32; 3], nodes: Vec<Node>) -> Graph {
    let last = u32::try_from(nodes.len()).unwrap();
    Graph { input, nodes, outputs: vec![output("y", last)], codes: vec![] }
}

pub(crate) fn output(name: &str, value: u32) -> Output {
    Output { name: name.to_owned(), value }
}

pub(crate) fn node(name: &str, op: Op, inputs: &[u32]) -> Node {
    Node { name: name.to_owned(), op, inputs: inputs.to_vec() }
}

pub(crate) fn window(kernel: [u32; 2], stride: [u32; 2], pads: [u32; 4]) -> Window {
    Window { kernel, stride, pads }
}

/// A convolution with noise for weights, `[O, I / groups, KH, KW]`.
pub(crate) fn conv(shape: [u32; 4], groups: u32, window: Window) -> Conv {
    Conv { weight: tensor(&shape), bias: noise(shape[0] as usize, 7), window, groups }
}

/// A tensor of noise.
pub(crate) fn tensor(shape: &[u32]) -> Tensor {
    let n = shape.iter().product::<u32>() as usize;
    Tensor { shape: shape.to_vec(), data: TensorData::F32(noise(n, 3)) }
}

/// Values in -0.5..0.5 that look random.
pub(crate) fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / 16_777_216.0 - 0.5
    };
    (0..n).map(|_| next()).collect()
}

/// An expression bundle of noise with two goldens this interpreter made.
pub(crate) fn bundle() -> Bundle {
    let mut graph = graph(
        [1, 6, 4],
        vec![
            node("conv", Op::Conv(conv([5, 1, 3, 3], 1, window([3, 3], [1, 1], [1; 4]))), &[0]),
            node("mean", Op::GlobalAveragePool, &[1]),
            node("head", Op::Linear { weight: tensor(&[8, 5]), bias: noise(8, 2) }, &[2]),
        ],
    );
    graph.outputs = vec![output("logits", 3)];
    let input = InputSpec { width: 4, height: 6, color: Color::Grey, mean: 100.0, std: 50.0 };
    let golden = |picture: Vec<u8>| {
        let x: Vec<_> = picture.iter().map(|&b| (f32::from(b) - 100.0) / 50.0).collect();
        Golden { outputs: vec![run(&graph, &x).pop().unwrap()], input: picture }
    };
    let goldens = vec![golden((0..24).collect()), golden((0..24).map(|i| 255 - 7 * i).collect())];
    Bundle { manifest: manifest(input), graph, goldens, signature: None }
}

fn manifest(input: InputSpec) -> Manifest {
    let points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)];
    Manifest {
        name: "noise".to_owned(),
        task: Task::Expression {
            labels: Expression::ALL.to_vec(),
            template: FivePoints::from_array(points.map(|(x, y)| Point { x, y })),
            temperature: 1.0,
        },
        precision: Precision::F32,
        input,
        provenance: Provenance {
            recipe: "none".to_owned(),
            data: "noise".to_owned(),
            seed: 0,
            trainer: "0".to_owned(),
            rights: "none".to_owned(),
        },
        metrics: Vec::new(),
    }
}

fn convolve(op: &Conv, x: &[f32], [channels, h, w]: [usize; 3]) -> Vec<f32> {
    let [o, per_group, kh, kw]: [usize; 4] =
        op.weight.shape.iter().map(|&d| d as usize).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(per_group * op.groups as usize, channels);
    let weight = op.weight.to_f32();
    let at = |c: usize, y: usize, x: usize| (c * h + y) * w + x;
    let mut out = Vec::new();
    for oc in 0..o {
        let first = oc / (o / op.groups as usize) * per_group;
        each_window(&op.window, [h, w], |taps| {
            let sum: f32 = taps
                .iter()
                .flat_map(|tap| (0..per_group).map(move |i| (i, tap)))
                .map(|(i, &(ky, kx, y, x0))| {
                    weight[((oc * per_group + i) * kh + ky) * kw + kx] * x[at(first + i, y, x0)]
                })
                .sum();
            out.push(op.bias[oc] + sum);
        });
    }
    out
}

fn max_pool(window: &Window, x: &[f32], [channels, h, w]: [usize; 3]) -> Vec<f32> {
    let mut out = Vec::new();
    for c in 0..channels {
        each_window(window, [h, w], |taps| {
            let values = taps.iter().map(|&(_, _, y, x0)| x[(c * h + y) * w + x0]);
            out.push(values.fold(f32::NEG_INFINITY, f32::max));
        });
    }
    out
}

/// Calls `visit` per output position with the taps `(ky, kx, y, x)` that lie in the picture.
fn each_window(
    window: &Window,
    [h, w]: [usize; 2],
    mut visit: impl FnMut(&[(usize, usize, usize, usize)]),
) {
    let [kh, kw] = window.kernel.map(|n| n as usize);
    let [sh, sw] = window.stride.map(|n| n as usize);
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    for oy in 0..=(h + top + bottom - kh) / sh {
        for ox in 0..=(w + left + right - kw) / sw {
            let taps = (0..kh).flat_map(|ky| (0..kw).map(move |kx| (ky, kx)));
            let inside = taps.filter_map(|(ky, kx)| {
                let y = (oy * sh + ky).checked_sub(top).filter(|&y| y < h)?;
                let x = (ox * sw + kx).checked_sub(left).filter(|&x| x < w)?;
                Some((ky, kx, y, x))
            });
            visit(&inside.collect::<Vec<_>>());
        }
    }
}

fn upsample(x: &[f32], [channels, h, w]: [usize; 3]) -> Vec<f32> {
    let pixel = |i: usize| {
        let (plane, row, column) = (i / (4 * h * w), i / (2 * w) % (2 * h), i % (2 * w));
        x[(plane * h + row / 2) * w + column / 2]
    };
    (0..4 * channels * h * w).map(pixel).collect()
}

/// Softmax over the first of `[C, positions]`.
fn softmax(x: &[f32], channels: usize) -> Vec<f32> {
    let positions = x.len() / channels;
    let mut out: Vec<f32> = x.iter().map(|v| v.exp()).collect();
    for p in 0..positions {
        let sum: f32 = (0..channels).map(|c| out[c * positions + p]).sum();
        (0..channels).for_each(|c| out[c * positions + p] /= sum);
    }
    out
}
