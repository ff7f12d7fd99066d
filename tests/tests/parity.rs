//! One network, three executions: burn's modules, burn running the lowered graph, and the
//! device's engine. All agree within 1e-4, in f32 and with int8 weights; and so do burn, the engine
//! and the reference for every operation alone.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use burn::tensor::{Device, Distribution, Tensor};
use mien_engine::Engine;
use mien_shared::graph::{Graph, reference, sample};
use mien_trainer::{
    arch::{detector::Detector, expression::Arch},
    export::{Lower, execute::execute, lower},
    quant::quantize_weights,
};

const TOLERANCE: f32 = 1e-4;

/// Noise of `[N, 1, H, W]`, as normalised pixels are.
fn noise(n: usize, [height, width]: [usize; 2], device: &Device) -> Tensor<4> {
    Tensor::random([n, 1, height, width], Distribution::Normal(0.0, 1.0), device)
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn assert_close(what: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{what}: number of values");
    let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= TOLERANCE, "{what} differs by {worst:e}");
}

/// Runs `graph` in the engine and in burn and compares; returns burn's first output.
fn compare(what: &str, graph: &Graph, x: &[f32]) -> Vec<f32> {
    let burn = execute(graph, x, &Device::flex()).expect("the graph is valid");
    let mut engine = Engine::new(graph).expect("the engine takes it");
    let outputs = engine.run(|input| input.copy_from_slice(x)).expect("it runs");
    for ((name, seen), wanted) in outputs.iter().zip(&burn) {
        assert_close(&format!("{what}, output {name}"), seen, wanted);
    }
    burn[0].clone()
}

fn check(what: &str, net: &dyn Lower, size: [usize; 2], forward: impl Fn(Tensor<4>) -> Vec<f32>) {
    let device = Device::flex();
    let x = noise(1, size, &device);
    let [height, width] = size.map(|n| u32::try_from(n).expect("a small side"));
    let graph = lower(net, [1, height, width]);
    let input = flat(x.clone());
    let lowered = compare(what, &graph, &input);
    assert_close(&format!("{what}, lowered"), &lowered, &forward(x));
    compare(&format!("{what}, int8 weights"), &quantize_weights(&graph).0, &input);
}

#[test]
fn expression_networks_compute_the_same_everywhere() {
    for arch in Arch::DEPLOYED {
        let training = Device::flex().autodiff();
        training.seed(3);
        let net = arch.init(8, arch.side(), &training);
        let size = [arch.side() as usize; 2];
        // Training passes give the batch norms statistics worth folding.
        for _ in 0..3 {
            let _ = net.forward(noise(8, size, &training) * 2.0 + 0.5);
        }
        let net = burn::module::Module::valid(&net);
        let lowering = net.lowering().expect("a device runs it");
        check(arch.name(), lowering, size, |x| flat(net.forward(x)));
    }
}

#[test]
fn the_detector_computes_the_same_everywhere() {
    let training = Device::flex().autodiff();
    training.seed(4);
    let net = Detector::new(&training);
    let size = [Detector::INPUT.height as usize, Detector::INPUT.width as usize];
    for _ in 0..3 {
        let _ = net.forward(noise(4, size, &training) * 2.0 + 0.5);
    }
    let net = burn::module::Module::valid(&net);
    check("detector", &net, size, |x| flat(net.forward(x)));
}

#[test]
fn every_operation_computes_the_same_everywhere() {
    for sample in sample::operations() {
        let burn = compare(&sample.name, &sample.graph, &sample.input);
        let wanted = reference::outputs(&sample.graph, &sample.input).expect("it is valid");
        assert_close(&format!("{}, reference", sample.name), &burn, &wanted[0]);
    }
}
