//! Small valid bundles for the tests.

use super::*;
use crate::{
    geometry::Point,
    graph::{Conv, Node, Op, Output, Tensor, TensorData, Window},
    input::Color,
};

/// A 6×4 input, two int8 filters, three expressions, one golden.
pub(super) fn expression() -> Bundle {
    let linear = Op::Linear {
        weight: Tensor { shape: vec![3, 2], data: TensorData::F32(vec![0.5; 6]) },
        bias: vec![0.0, 0.25, -0.25],
    };
    let graph = Graph {
        input: [1, 4, 6],
        nodes: vec![
            node("conv", conv(2), 0),
            node("relu", Op::Relu, 1),
            node("mean", Op::GlobalAveragePool, 2),
            node("linear", linear, 3),
        ],
        outputs: vec![Output { name: "logits".into(), value: 4 }],
        codes: vec![],
    };
    let labels = vec![Expression::Neutral, Expression::Happiness, Expression::Surprise];
    let task = Task::Expression { labels, template: template(), temperature: 1.5 };
    let golden = Golden { input: (0..24).collect(), outputs: vec![vec![0.5, -1.0, 2.0]] };
    Bundle { manifest: manifest(task), graph, goldens: vec![golden], signature: None }
}

/// A 6×4 input, stride 2, no goldens, signed.
pub(super) fn detector() -> Bundle {
    let task = Task::Detect { stride: 2, min_score: 0.5, max_overlap: 0.4 };
    let pool = Op::MaxPool(Window { kernel: [2, 2], stride: [2, 2], pads: [0; 4] });
    let graph = Graph {
        input: [1, 4, 6],
        nodes: vec![node("conv", conv(15), 0), node("pool", pool, 1)],
        outputs: vec![Output { name: "cells".into(), value: 2 }],
        codes: vec![],
    };
    Bundle { manifest: manifest(task), graph, goldens: vec![], signature: Some([7; 64]) }
}

/// Eyes above, mouth below.
pub(super) fn template() -> FivePoints {
    FivePoints::from_array(
        [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)].map(|(x, y)| Point { x, y }),
    )
}

fn node(name: &str, op: Op, input: u32) -> Node {
    Node { name: name.into(), op, inputs: vec![input] }
}

fn conv(filters: u8) -> Op {
    let channels = usize::from(filters);
    let data = TensorData::I8 { scales: vec![0.01; channels], codes: vec![3; 9 * channels] };
    Op::Conv(Conv {
        weight: Tensor { shape: vec![filters.into(), 1, 3, 3], data },
        bias: vec![0.125; channels],
        window: Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] },
        groups: 1,
    })
}

fn manifest(task: Task) -> Manifest {
    Manifest {
        name: "plain_s.fixture_weights_int8".into(),
        task,
        precision: Precision::WeightsInt8,
        input: InputSpec { width: 6, height: 4, color: Color::Grey, mean: 127.5, std: 64.0 },
        provenance: Provenance {
            recipe: "fixture.toml".into(),
            data: "made up".into(),
            seed: u64::MAX,
            trainer: "0.1.0".into(),
            rights: "none needed".into(),
        },
        metrics: vec![Metric {
            name: "accuracy".into(),
            value: 0.8125,
            data: "made up".into(),
            split: "valid".into(),
            n: 16,
        }],
    }
}
