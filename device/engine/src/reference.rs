//! Builders of graphs and bundles for the tests; `mien_shared`'s reference says what they compute.

use mien_shared::{
    bundle::{Bundle, Golden, Manifest, Precision, Provenance, Task},
    geometry::{FivePoints, Point},
    graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window, reference, sample::noise},
    input::{Color, InputSpec},
    label::Expression,
};

/// Every output of `graph` by the reference.
pub(crate) fn run(graph: &Graph, input: &[f32]) -> Vec<Vec<f32>> {
    reference::outputs(graph, input).unwrap()
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

/// An expression bundle of noise with two goldens of the reference.
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
