//! Small graphs and numbers for tests.

pub(crate) use mien_shared::graph::sample::noise;
use mien_shared::{
    graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window},
    input::{Color, InputSpec},
};

/// A graph whose only output, `y`, is its last value.
pub(crate) fn graph(input: [u32; 3], nodes: Vec<Node>) -> Graph {
    let value = u32::try_from(nodes.len()).unwrap();
    Graph { input, nodes, outputs: vec![Output { name: "y".into(), value }], codes: vec![] }
}

pub(crate) fn node(name: &str, op: Op, inputs: &[u32]) -> Node {
    Node { name: name.into(), op, inputs: inputs.to_vec() }
}

/// A dense convolution of stride 1, padded when its kernel is odd, with no bias.
pub(crate) fn conv(shape: [u32; 4], weight: &[f32]) -> Op {
    let [out, _, kh, kw] = shape;
    let pads = if kh == 3 { [1; 4] } else { [0; 4] };
    Op::Conv(Conv {
        weight: Tensor { shape: shape.to_vec(), data: TensorData::F32(weight.to_vec()) },
        bias: vec![0.0; out as usize],
        window: Window { kernel: [kh, kw], stride: [1, 1], pads },
        groups: 1,
    })
}

/// A convolution with noise for weights and biases.
pub(crate) fn noisy(shape: [u32; 4], seed: u32) -> Op {
    let count = shape.iter().product::<u32>() as usize;
    let Op::Conv(mut made) = conv(shape, &noise(count, seed)) else { unreachable!() };
    made.bias = noise(shape[0] as usize, seed + 1);
    Op::Conv(made)
}

/// A residual network with an enlargement, a pool and a linear head on 8 × 8 pixels.
pub(crate) fn net() -> Graph {
    let pool = Window { kernel: [2, 2], stride: [2, 2], pads: [0; 4] };
    let head = Tensor { shape: vec![3, 6], data: TensorData::F32(noise(18, 9)) };
    graph(
        [1, 8, 8],
        vec![
            node("stem", noisy([6, 1, 3, 3], 1), &[0]),
            node("stem.relu", Op::Relu, &[1]),
            node("first", noisy([6, 6, 3, 3], 3), &[2]),
            node("first.relu", Op::Relu, &[3]),
            node("second", noisy([6, 6, 3, 3], 5), &[4]),
            node("add", Op::Add, &[2, 5]),
            node("add.relu", Op::Relu, &[6]),
            node("pool", Op::MaxPool(pool), &[7]),
            node("up", Op::Upsample2, &[8]),
            node("last", noisy([6, 6, 3, 3], 7), &[9]),
            node("last.relu", Op::Relu, &[10]),
            node("mean", Op::GlobalAveragePool, &[11]),
            node("head", Op::Linear { weight: head, bias: noise(3, 10) }, &[12]),
        ],
    )
}

/// How [`net`] reads a picture.
pub(crate) fn spec() -> InputSpec {
    InputSpec { width: 8, height: 8, color: Color::Grey, mean: 127.5, std: 127.5 }
}
