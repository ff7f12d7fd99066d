//! Every kernel by itself, in f32 and int8, on each set of instructions of this processor.
//!
//! Times are of the operator alone, the fastest of each sample's runs; criterion's elements are
//! multiply-accumulates, or elements of the output where a kernel has none.
#![allow(missing_docs, reason = "criterion's macros make functions without documentation")]

mod support;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mien_kernels::{Input, Isa, Program};
use mien_shared::graph::{Affine, Conv, Graph, Node, Op, Output, Tensor, TensorData, Window};

use crate::support::{isas, pixels};

const SAME: Window = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
const POINT: Window = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
const HALF: Window = Window { kernel: [2, 2], stride: [2, 2], pads: [0; 4] };

/// A convolution with int8 weights, which f32 kernels widen.
fn conv([outputs, inputs]: [u32; 2], groups: u32, window: Window) -> Op {
    let [kh, kw] = window.kernel;
    let shape = vec![outputs, inputs / groups, kh, kw];
    let codes = (-127..=127).cycle().take(shape.iter().product::<u32>() as usize).collect();
    let data = TensorData::I8 { scales: vec![0.01; outputs as usize], codes };
    let weight = Tensor { shape, data };
    Op::Conv(Conv { weight, bias: vec![0.1; outputs as usize], window, groups })
}

/// A graph of one operation that reads its input once or, a sum, twice.
fn graph(input: [u32; 3], op: Op) -> Graph {
    let inputs = if matches!(op, Op::Add) { vec![0, 0] } else { vec![0] };
    let nodes = vec![Node { name: "kernel".into(), op, inputs }];
    Graph { input, nodes, outputs: vec![Output { name: "made".into(), value: 1 }], codes: vec![] }
}

/// Every kernel's name and graph.
fn cases() -> Vec<(&'static str, Graph)> {
    vec![
        ("dense 3x3, 64 of 64x24x24", graph([64, 24, 24], conv([64, 64], 1, SAME))),
        ("dense 3x3, 24 of 24x24x32", graph([24, 24, 32], conv([24, 24], 1, SAME))),
        ("dense 1x1, 64 of 64x24x24", graph([64, 24, 24], conv([64, 64], 1, POINT))),
        ("depthwise 3x3, 64x48x48", graph([64, 48, 48], conv([64, 64], 64, SAME))),
        ("first 3x3, 16 of 1x48x48", graph([1, 48, 48], conv([16, 1], 1, SAME))),
        ("add, 64x24x24", graph([64, 24, 24], Op::Add)),
        ("max pool 2x2, 64x24x24", graph([64, 24, 24], Op::MaxPool(HALF))),
    ]
}

/// Times the operator named `kernel` of a graph.
fn time(criterion: &mut Criterion, group: &str, isa: Isa, graph: &Graph) {
    let Ok(mut program) = Program::new(graph, isa) else { return };
    program.run(Input::Pixels { bytes: &pixels(graph), mean: 128.0, std: 20.0 });
    let elements = program.output(0).len() as u64;
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(graph.macs().max(elements)));
    group.bench_function(isa.name(), |bencher| {
        bencher.iter_custom(|runs| {
            let costs = program.profile(usize::try_from(runs).unwrap_or(usize::MAX));
            let kernel = costs.iter().find(|cost| cost.node == "kernel");
            Duration::from_secs_f64(kernel.map_or(0.0, |cost| cost.seconds) * runs as f64)
        });
    });
    group.finish();
}

fn kernels(criterion: &mut Criterion) {
    let codes = vec![Some(Affine { scale: 0.05, zero: 128 }); 2];
    for (name, float) in cases() {
        let integer = Graph { codes: codes.clone(), ..float.clone() };
        for isa in isas() {
            time(criterion, &format!("{name}, f32"), isa, &float);
            time(criterion, &format!("{name}, int8"), isa, &integer);
        }
    }
}

/// Few and short samples: the kernels' times vary little.
fn quick() -> Criterion {
    let times = [200, 600].map(Duration::from_millis);
    Criterion::default().sample_size(10).warm_up_time(times[0]).measurement_time(times[1])
}

criterion_group! { name = benches; config = quick(); targets = kernels }
criterion_main!(benches);
