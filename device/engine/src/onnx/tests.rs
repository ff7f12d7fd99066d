//! ONNX files from bytes to outputs: ours against tract's own, and every way to be refused.

use std::path::PathBuf;

use super::author::{Author, int, ints, text};
use super::*;
use crate::fused::plain;
use mien_shared::graph::sample::noise;

/// Largest difference that another order of summation explains.
const TOLERANCE: f32 = 1e-4;

/// What an engine makes of `input`, output by output.
fn outputs(engine: &mut Engine, input: &[f32]) -> Vec<Vec<f32>> {
    let outputs = engine.run(|x| x.copy_from_slice(input)).unwrap();
    outputs.iter().map(|(_, values)| values.to_vec()).collect()
}

/// Builds a file with and without our operators and returns the coverage; the outputs agree.
fn compare(bytes: &[u8], scale: f32) -> Coverage {
    let limits = Limits::default();
    let (mut stock, nothing) = build(bytes, &limits, Choice::default(), |_| None).unwrap();
    let (mut ours, coverage) = build(bytes, &limits, Choice::default(), plain::compile).unwrap();
    assert_eq!(nothing.segments, 0);
    let n = stock.input_shape().iter().product();
    for seed in [1, 2] {
        let input: Vec<f32> = noise(n, seed).iter().map(|v| v * scale).collect();
        let wanted = outputs(&mut stock, &input);
        for (seen, wanted) in outputs(&mut ours, &input).iter().zip(&wanted) {
            assert_eq!(seen.len(), wanted.len());
            let largest = wanted.iter().fold(1.0_f32, |m, v| m.max(v.abs()));
            let worst = crate::largest_difference(seen, wanted) / largest;
            assert!(worst < TOLERANCE, "differs by {worst}");
        }
    }
    coverage
}

/// A classifier with everything that a rule takes.
pub(super) fn classifier() -> Author {
    let mut a = Author::new(&[-1, 16, 16, 3]);
    let mean = a.floats("mean", &[3], &[0.4, 0.5, 0.6]);
    let centred = a.node("Sub", &["x", &mean], vec![]);
    let chw = a.node("Transpose", &[&centred], vec![ints("perm", &[0, 3, 1, 2])]);
    let stem = a.conv(&chw, 8, 3);
    let [scale, shift, mu, var] = ["gamma", "beta", "mu", "var"].map(|n| a.noise(n, &[8]));
    let raw = a.graph().initializer.last_mut().unwrap();
    raw.raw_data = (1..=8_u8).flat_map(|v| f32::from(v).to_le_bytes()).collect();
    let norm = a.node("BatchNormalization", &[&stem, &scale, &shift, &mu, &var], vec![]);
    let relu = a.node("Relu", &[&norm], vec![]);
    let pool = a.node(
        "MaxPool",
        &[&relu],
        vec![
            ints("kernel_shape", &[3, 3]),
            ints("strides", &[2, 2]),
            text("auto_pad", "SAME_UPPER"),
        ],
    );
    let next = a.conv(&pool, 8, 8);
    let sum = a.node("Add", &[&pool, &next], vec![]);
    let scales = a.floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0]);
    let nearest = vec![
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"),
    ];
    let large = a.node("Resize", &[&sum, "", &scales], nearest);
    let joined = a.node("Concat", &[&large, &relu], vec![int("axis", 1)]);
    let last = a.conv(&joined, 6, 16);
    let mean = a.node("GlobalAveragePool", &[&last], vec![]);
    let flat = a.node("Flatten", &[&mean], vec![int("axis", 1)]);
    let (matrix, bias) = (a.noise("fc", &[5, 6]), a.noise("fc_bias", &[5]));
    let logits = a.node("Gemm", &[&flat, &matrix, &bias], vec![int("transB", 1)]);
    let probs = a.node("Softmax", &[&logits], vec![int("axis", 1)]);
    a.output(&probs);
    a.output(&last);
    a
}

#[test]
fn a_whole_classifier_is_one_operator() {
    let coverage = compare(&classifier().bytes(), 1.0);
    assert_eq!(coverage.segments, 1);
    assert_eq!((coverage.nodes, coverage.macs), (coverage.all_nodes, coverage.all_macs));
}

#[test]
fn an_open_batch_is_one_and_outputs_keep_their_names() {
    let engine =
        Engine::from_onnx(&classifier().bytes(), &Limits::default(), Choice::default()).unwrap();
    assert_eq!(engine.input_shape(), [1, 16, 16, 3]);
    assert_eq!(engine.output_shape("Softmax14"), Some([1, 5].as_slice()));
}

#[test]
fn an_operator_of_ours_is_listed_as_the_graphs_nodes() {
    let (mut engine, _) =
        build(&classifier().bytes(), &Limits::default(), Choice::default(), plain::compile)
            .unwrap();
    let nodes = engine.explain(0);
    let covered: Vec<_> = nodes.iter().filter(|node| node.isa.is_some()).collect();
    let convs = covered.iter().filter(|node| node.operator.contains("conv")).count();
    // Three, the mean taken off the input, and the linear layer.
    assert_eq!(convs, 5);
    assert_eq!(covered.iter().map(|node| node.macs).max(), Some(16 * 16 * 6 * 16 * 9));
    let choice = Choice { arithmetic: Arithmetic::F32, isa: None };
    let mut stock = Engine::from_onnx(&classifier().bytes(), &Limits::default(), choice).unwrap();
    assert!(stock.explain(0).iter().all(|node| node.isa.is_none()));
}

#[test]
fn what_no_graph_can_express_stays_between_two_operators() {
    let mut a = Author::new(&[1, 3, 12, 12]);
    let first = a.conv("x", 4, 3);
    let weight = a.noise("dilated", &[4, 4, 3, 3]);
    let attributes = vec![ints("dilations", &[2, 2]), ints("pads", &[2, 2, 2, 2])];
    let dilated = a.node("Conv", &[&first, &weight], attributes);
    let last = a.conv(&dilated, 2, 4);
    let both = a.node("Concat", &[&last, &first], vec![int("axis", 1)]);
    a.output(&both);
    let coverage = compare(&a.bytes(), 1.0);
    assert_eq!((coverage.segments, coverage.nodes, coverage.all_nodes), (2, 2, 4));
}

#[test]
fn the_shipped_networks_are_covered_from_input_to_output() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let folders = std::fs::read_dir(models).unwrap().map(|entry| entry.unwrap().path());
    let mut float = 0;
    for folder in folders.filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(folder.join(format!("{name}.f32.onnx"))).unwrap();
        let (_, coverage) =
            build(&bytes, &Limits::default(), Choice::default(), plain::compile).unwrap();
        assert!(coverage.all_nodes > 0, "{name}");
        assert_eq!(coverage.nodes, coverage.all_nodes, "{name}");
        compare(&bytes, 1.0);
        float += 1;
    }
    assert!(float > 0);
}

/// The peers of the benchmark: what must be covered of each.
#[test]
fn the_peers_networks_are_covered() {
    let Some(folder) = std::env::var_os("MIEN_PEERS").map(PathBuf::from) else {
        eprintln!("SKIPPED: set MIEN_PEERS to the folder that holds mini_XCEPTION.107-0.66.onnx");
        return;
    };
    let peers = [
        ("mini_XCEPTION.107-0.66.onnx", 1.0, 1.0),
        ("faceapi_expr.onnx", 100.0, 1.0),
        ("faceapi_lm68.onnx", 100.0, 1.0),
        ("faceapi_lm68tiny.onnx", 100.0, 1.0),
        ("face_detector.onnx", 1.0, 1.0),
        ("version-RFB-320_simplified.onnx", 1.0, 0.8),
        ("face_landmarks_detector.onnx", 1.0, 0.0),
        ("face_blendshapes.onnx", 100.0, 0.0),
    ];
    for (name, scale, least) in peers {
        let c = compare(&std::fs::read(folder.join(name)).unwrap(), scale);
        let share = c.macs as f64 / c.all_macs as f64;
        println!(
            "{name}: {} of {} nodes, {} of {} MACs ({:.1} %) in {} operators",
            c.nodes,
            c.all_nodes,
            c.macs,
            c.all_macs,
            100.0 * share,
            c.segments
        );
        assert!(share >= least, "{name}: {share}");
    }
}
