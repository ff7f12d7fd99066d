//! Small coded graphs for tests.

use mien_quant::{Options, Quantiser};
pub(super) use mien_shared::graph::sample::noise;
use mien_shared::{
    frame::Grey,
    graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window},
    input::{Color, InputSpec},
};

/// Pictures of 8 × 8 grey levels that look random.
#[expect(clippy::cast_possible_truncation, reason = "noise lies in -0.5..0.5")]
#[expect(clippy::cast_sign_loss, reason = "noise lies in -0.5..0.5")]
pub(super) fn pictures(count: u32) -> Vec<Grey> {
    let bytes = |seed| noise(64, seed).into_iter().map(|x| (255.0 * (x + 0.5)) as u8).collect();
    (1..=count).map(|seed| Grey { width: 8, height: 8, data: bytes(seed) }).collect()
}

/// A residual net of three convolutions and a linear layer in f32, and coded.
pub(super) fn coded_net() -> (Graph, Graph) {
    let spec = InputSpec { width: 8, height: 8, color: Color::Grey, mean: 128.0, std: 128.0 };
    let quantiser = Quantiser::new(&net(), spec, &pictures(16), Options::default()).unwrap();
    (quantiser.float().clone(), quantiser.coded(&[]).unwrap())
}

/// The same with weights of about three bits instead of eight.
pub(super) fn coarse_net() -> (Graph, Graph) {
    let (float, mut coded) = coded_net();
    for node in &mut coded.nodes {
        let Some((weight, _)) = mien_quant::layer::parts_mut(&mut node.op) else { continue };
        let TensorData::I8 { scales, codes } = &mut weight.data else { panic!() };
        for scale in scales {
            *scale *= 32.0;
        }
        for code in codes {
            *code /= 32;
        }
    }
    (float, coded)
}

fn net() -> Graph {
    let head = Tensor { shape: vec![3, 6], data: TensorData::F32(noise(18, 9)) };
    let node = |name: &str, op, inputs: &[u32]| Node {
        name: name.to_owned(),
        op,
        inputs: inputs.to_vec(),
    };
    Graph {
        input: [1, 8, 8],
        nodes: vec![
            node("stem", conv([6, 1, 3, 3], 1), &[0]),
            node("stem.relu", Op::Relu, &[1]),
            node("first", conv([6, 6, 3, 3], 3), &[2]),
            node("first.relu", Op::Relu, &[3]),
            node("second", conv([6, 6, 3, 3], 5), &[4]),
            node("add", Op::Add, &[2, 5]),
            node("add.relu", Op::Relu, &[6]),
            node("mean", Op::GlobalAveragePool, &[7]),
            node("head", Op::Linear { weight: head, bias: noise(3, 10) }, &[8]),
        ],
        outputs: vec![Output { name: "y".to_owned(), value: 9 }],
        codes: vec![],
    }
}

fn conv(shape: [u32; 4], seed: u32) -> Op {
    let count = shape.iter().product::<u32>() as usize;
    let weight = Tensor { shape: shape.to_vec(), data: TensorData::F32(noise(count, seed)) };
    let window = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    Op::Conv(Conv { weight, bias: noise(shape[0] as usize, seed + 1), window, groups: 1 })
}
