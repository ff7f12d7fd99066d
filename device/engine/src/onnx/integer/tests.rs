use mien_shared::graph::reference;
use tract_onnx::pb::tensor_proto::DataType;

use super::*;
use crate::onnx::author::{Author, int, ints, text};
use crate::onnx::{Limits, check, typed};
use crate::rewrite::bench::run;
use mien_shared::graph::sample::noise;

/// An author whose input is coded with scale 0.5 and zero 4.
fn coded(shape: &[i64]) -> (Author, String) {
    let mut a = Author::new(shape);
    affine(&mut a, "x", 0.5, 4);
    let codes = a.node("QuantizeLinear", &["x", "x.scale", "x.zero"], vec![]);
    (a, codes)
}

/// A scale and a zero point under names of their own.
fn affine(a: &mut Author, name: &str, scale: f32, zero: u8) {
    a.floats(&format!("{name}.scale"), &[], &[scale]);
    a.constant(&format!("{name}.zero"), DataType::Uint8, &[], vec![zero]);
}

/// int8 weights with their scales and a zero point of zero.
fn weight(a: &mut Author, name: &str, dims: &[i64], codes: &[i8], scales: &[f32]) {
    let raw = codes.iter().map(|c| c.cast_unsigned()).collect();
    a.constant(name, DataType::Int8, dims, raw);
    a.floats(&format!("{name}.scale"), &[i64::try_from(scales.len()).unwrap()], scales);
    a.constant(&format!("{name}.zero"), DataType::Int8, &[], vec![0]);
}

fn steps(a: &mut Author, name: &str, values: &[i32]) {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    a.constant(name, DataType::Int32, &[i64::try_from(values.len()).unwrap()], raw);
}

/// Reads a model and runs its graph; the last output's numbers.
fn outcome(a: &Author, input: &[f32]) -> Vec<f32> {
    let graph = parse(a).unwrap();
    let values = reference::run(&graph, input).unwrap();
    let value = graph.outputs.last().unwrap().value;
    reference::decode(graph.coding(value), &values[value as usize])
}

fn parse(a: &Author) -> Result<Graph, OnnxError> {
    let mut proto = a.model.clone().graph.unwrap();
    check::check(&mut proto, &Limits::default(), &knows)?;
    read(&proto)
}

/// The convolution of the graph's own tests: 1×2, weights 2 and -3 of 0.25, bias of 8 steps.
fn row(a: &mut Author, codes: &str) -> String {
    weight(a, "w", &[1, 1, 1, 2], &[2, -3], &[0.25]);
    steps(a, "b", &[8]);
    affine(a, "y", 0.25, 7);
    let inputs = [codes, "x.scale", "x.zero", "w", "w.scale", "w.zero", "y.scale", "y.zero", "b"];
    a.node("QLinearConv", &inputs, vec![ints("pads", &[0, 1, 0, 0])])
}

fn decoded(a: &mut Author, codes: &str, name: &str) {
    let inputs = [codes.to_owned(), format!("{name}.scale"), format!("{name}.zero")];
    let made = a.node("DequantizeLinear", &inputs.each_ref().map(String::as_str), vec![]);
    a.output(&made);
}

fn microsoft(a: &mut Author) {
    a.graph().node.last_mut().unwrap().domain = "com.microsoft".to_owned();
}

#[test]
fn a_quantised_convolution_rounds_as_the_graph_says() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    decoded(&mut a, &made, "y");
    assert_eq!(outcome(&a, &[3.0, -2.0]), [-1.25, 4.0]);
}

#[test]
fn codes_of_i8_are_those_of_u8_shifted() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    decoded(&mut a, &made, "y");
    for constant in &mut a.graph().initializer {
        if matches!(constant.name.as_str(), "x.zero" | "y.zero") {
            constant.data_type = DataType::Int8 as i32;
            constant.raw_data[0] = constant.raw_data[0].wrapping_sub(128);
        }
    }
    assert_eq!(outcome(&a, &[3.0, -2.0]), [-1.25, 4.0]);
}

#[test]
fn sums_joins_and_means_read_as_their_steps() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    affine(&mut a, "s", 0.25, 7);
    let inputs = [&*codes, "x.scale", "x.zero", &made, "y.scale", "y.zero", "s.scale", "s.zero"];
    let sum = a.node("QLinearAdd", &inputs, vec![]);
    microsoft(&mut a);
    let inputs = ["s.scale", "s.zero", &*sum, "s.scale", "s.zero", &codes, "x.scale", "x.zero"];
    let joined = a.node("QLinearConcat", &inputs, vec![int("axis", 1)]);
    microsoft(&mut a);
    affine(&mut a, "m", 0.125, 100);
    let inputs = [&*joined, "s.scale", "s.zero", "m.scale", "m.zero"];
    let mean = a.node("QLinearGlobalAveragePool", &inputs, vec![]);
    microsoft(&mut a);
    decoded(&mut a, &mean, "m");
    // Sums: 3 - 1.25 and -2 + 4; the input: 3 and, at the end of the joint codes, -1.75.
    assert_eq!(outcome(&a, &[3.0, -2.0]), [1.875, 0.625]);
}

/// A model with a vector of codes and a matrix of `[[1, 2], [3, -4]]` by rows.
fn vector(dims: &[i64], codes: &[i8]) -> (Author, String) {
    let (mut a, codes_of) = coded(&[1, 2, 1, 1]);
    affine(&mut a, "m", 0.5, 4);
    let inputs = [&*codes_of, "x.scale", "x.zero", "m.scale", "m.zero"];
    let mean = a.node("QLinearGlobalAveragePool", &inputs, vec![]);
    microsoft(&mut a);
    weight(&mut a, "w", dims, codes, &[0.5, 0.25]);
    let flat = a.node("Flatten", &[&mean], vec![int("axis", 1)]);
    (a, flat)
}

#[test]
fn matrices_are_read_in_both_orders() {
    let gemm = ["m.scale", "m.zero", "w", "w.scale", "w.zero"];
    for (transposed, codes) in [(1, [1, 2, 3, -4]), (0, [1, 3, 2, -4])] {
        let (mut a, flat) = vector(&[2, 2], &codes);
        let inputs: Vec<&str> = [flat.as_str()].into_iter().chain(gemm).collect();
        let made = a.node("QGemm", &inputs, vec![int("transB", transposed)]);
        microsoft(&mut a);
        a.output(&made);
        assert_eq!(outcome(&a, &[3.0, -2.0]), [-0.5, 4.25]);
    }
}

#[test]
fn integer_products_are_scaled_to_numbers() {
    let (mut a, flat) = vector(&[2, 2], &[1, 3, 2, -4]);
    let sums = a.node("MatMulInteger", &[&flat, "w", "m.zero", "w.zero"], vec![]);
    let cast = a.node("Cast", &[&sums], vec![int("to", DataType::Float as i64)]);
    let scale = a.floats("scale", &[2], &[0.25, 0.125]);
    let scaled = a.node("Mul", &[&cast, &scale], vec![]);
    let bias = a.floats("bias", &[2], &[10.0, 20.0]);
    let made = a.node("Add", &[&scaled, &bias], vec![]);
    let soft = a.node("Softmax", &[&made], vec![int("axis", 1)]);
    a.output(&soft);
    a.output(&made);
    assert_eq!(outcome(&a, &[3.0, -2.0]), [9.5, 24.25]);
}

/// Two quantised convolutions, each with a pool.
pub(crate) fn network() -> Author {
    let (mut a, codes) = coded(&[1, 2, 8, 8]);
    let mut before = (codes, "x");
    for (layer, channels) in [("c0", 2), ("c1", 4)] {
        let noise = noise(usize::try_from(4 * channels * 9).unwrap(), 5);
        #[expect(clippy::cast_possible_truncation, reason = "within ±50")]
        let values: Vec<i8> = noise.iter().map(|v| (v * 100.0) as i8).collect();
        weight(&mut a, layer, &[4, channels, 3, 3], &values, &[0.01, 0.02, 0.03, 0.04]);
        steps(&mut a, &format!("{layer}.bias"), &[5, -7, 100, 0]);
        let out = format!("{layer}.out");
        affine(&mut a, &out, 0.3, 9);
        let (codes, from) = &before;
        let of = |name: &str, part: &str| format!("{name}.{part}");
        let inputs = [
            codes.clone(),
            of(from, "scale"),
            of(from, "zero"),
            layer.to_owned(),
            of(layer, "scale"),
            of(layer, "zero"),
            of(&out, "scale"),
            of(&out, "zero"),
            of(layer, "bias"),
        ];
        let inputs = inputs.each_ref().map(String::as_str);
        let conv = a.node("QLinearConv", &inputs, vec![ints("pads", &[1, 1, 1, 1])]);
        let window = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
        before =
            (a.node("MaxPool", &[&conv], window), if layer == "c0" { "c0.out" } else { "c1.out" });
    }
    decoded(&mut a, &before.0, before.1);
    a
}

#[test]
fn exact_sums_take_an_integer_bias_before_their_scale() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    weight(&mut a, "w", &[1, 1, 1, 2], &[2, -3], &[0.25]);
    let raw = 8_i32.to_le_bytes().to_vec();
    a.constant("b", DataType::Int32, &[1, 1, 1, 1], raw);
    let window = vec![ints("pads", &[0, 1, 0, 0])];
    let products = a.node("ConvInteger", &[&codes, "w", "x.zero"], window);
    let sums = a.node("Add", &[&products, "b"], vec![]);
    let exact = a.node("Cast", &[&sums], vec![int("to", DataType::Float as i64)]);
    let scales = a.floats("scales", &[1, 1, 1, 1], &[0.125]);
    let made = a.node("Mul", &[&exact, &scales], vec![]);
    a.output(&made);
    assert_eq!(outcome(&a, &[3.0, -2.0]), [-1.25, 4.0]);
}

#[test]
fn codes_cut_off_at_zero_are_a_relu_that_joins() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    let relu = a.node("Clip", &[&made, "y.zero"], vec![]);
    decoded(&mut a, &relu, "y");
    let graph = parse(&a).unwrap();
    assert_eq!(graph.steps().len(), 1);
    assert_eq!(outcome(&a, &[3.0, -2.0]), [0.0, 4.0]);
}

#[test]
fn a_network_agrees_with_tracts_own_integers() {
    let a = network();
    let input: Vec<f32> = noise(128, 3).iter().map(|v| v * 60.0).collect();
    let ours = outcome(&a, &input);
    let model = typed(a.model.clone(), &Limits::default()).unwrap();
    let tensor = tract_core::internal::Tensor::from_shape(&[1, 2, 8, 8], &input).unwrap();
    let theirs = &run(model, &tensor)[0];
    // Where tract rounds otherwise a code differs by one, 0.3.
    let apart = ours.iter().zip(theirs).filter(|(a, b)| (*a - *b).abs() > 0.31).count();
    let moved = ours.iter().filter(|v| v.abs() > 1.0).count();
    assert_eq!((ours.len(), apart), (theirs.len(), 0), "{ours:?} {theirs:?}");
    assert!(moved > 4, "{ours:?}");
}

#[test]
fn a_model_that_contradicts_itself_names_the_node() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    affine(&mut a, "other", 0.3, 7);
    decoded(&mut a, &made, "other");
    let said = parse(&a).unwrap_err().to_string();
    let wanted = "node \"DequantizeLinear2\" (DequantizeLinear): input 0 is coded otherwise than the node says";
    assert_eq!(said, wanted);
}

#[test]
fn a_quantised_output_is_refused() {
    let (mut a, codes) = coded(&[1, 1, 1, 2]);
    let made = row(&mut a, &codes);
    a.output(&made);
    let said = parse(&a).unwrap_err().to_string();
    assert_eq!(
        said,
        "output \"QLinearConv1\": it is quantised; end the model with DequantizeLinear"
    );
}

#[test]
fn enlargement_repeats_codes_and_other_resizing_is_refused() {
    for (rounding, fits) in [("floor", true), ("ceil", false)] {
        let (mut a, codes) = coded(&[1, 1, 1, 2]);
        let made = row(&mut a, &codes);
        let scales = a.floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0]);
        let attributes = vec![
            text("mode", "nearest"),
            text("coordinate_transformation_mode", "asymmetric"),
            text("nearest_mode", rounding),
        ];
        let large = a.node("Resize", &[&made, "", &scales], attributes);
        decoded(&mut a, &large, "y");
        if fits {
            let wanted = [-1.25, -1.25, 4.0, 4.0, -1.25, -1.25, 4.0, 4.0];
            assert_eq!(outcome(&a, &[3.0, -2.0]), wanted);
        } else {
            assert!(parse(&a).unwrap_err().to_string().contains("repeating each pixel twice"));
        }
    }
}

/// A model that onnxruntime quantised, with its input and what onnxruntime makes of it.
#[test]
fn a_model_of_onnxruntimes_quantiser_gives_its_results() {
    let Some(path) = std::env::var_os("MIEN_QOPERATOR").map(std::path::PathBuf::from) else {
        eprintln!("SKIPPED: set MIEN_QOPERATOR to a model beside its .in and .out");
        return;
    };
    let numbers = |end: &str| -> Vec<f32> {
        let mut name = path.clone().into_os_string();
        name.push(end);
        let bytes = std::fs::read(name).unwrap();
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    };
    let proto = crate::onnx::decode(&std::fs::read(&path).unwrap()).unwrap();
    let ours = outcome(&Author { model: proto }, &numbers(".in"));
    let theirs = numbers(".out");
    let worst = crate::largest_difference(&ours, &theirs);
    println!("{worst} from {theirs:?}");
    assert!(ours.len() == theirs.len() && worst < 0.02, "{ours:?} {theirs:?}");
}
