//! Files that should not be run: each is refused by name, and none takes the process with it.

use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, type_proto};

use super::author::{Author, int, ints};
use super::integer::tests::network;
use super::tests::classifier;
use super::*;
use crate::fused::plain;

/// A convolution, a relu and a matrix.
fn small() -> Author {
    let mut a = Author::new(&[1, 2, 6, 6]);
    let conv = a.conv("x", 3, 2);
    let relu = a.node("Relu", &[&conv], vec![]);
    let mean = a.node("GlobalAveragePool", &[&relu], vec![]);
    let shape = a.int64("shape", &[1, 3]);
    let flat = a.node("Reshape", &[&mean, &shape], vec![]);
    let matrix = a.noise("matrix", &[3, 4]);
    let made = a.node("MatMul", &[&flat, &matrix], vec![]);
    let soft = a.node("Softmax", &[&made], vec![int("axis", 1)]);
    a.output(&soft);
    a
}

fn refusal_within(a: &Author, limits: &Limits) -> String {
    match Engine::from_onnx(&a.bytes(), limits, Choice::default()) {
        Err(EngineError::Onnx(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// What is said of the small model after a change.
fn refusal(change: impl FnOnce(&mut Author)) -> String {
    let mut a = small();
    change(&mut a);
    refusal_within(&a, &Limits::default())
}

fn node(a: &mut Author, index: usize) -> &mut NodeProto {
    &mut a.graph().node[index]
}

#[test]
fn the_small_model_itself_runs() {
    let (_, coverage) =
        build(&small().bytes(), &Limits::default(), Choice::default(), plain::compile).unwrap();
    assert_eq!(coverage.nodes, coverage.all_nodes);
}

#[test]
fn an_unknown_operator_is_named_with_its_node() {
    let said = refusal(|a| node(a, 1).op_type = "Unheard".to_owned());
    assert!(said.starts_with("node \"Relu1\" needs operator \"Unheard\""), "{said}");
    let said = refusal(|a| node(a, 1).domain = "org.example".to_owned());
    assert!(said.starts_with("node \"Relu1\" needs operator \"org.example.Relu\""), "{said}");
}

#[test]
fn a_cycle_and_a_missing_value_break_the_order() {
    let said = refusal(|a| node(a, 0).input[0] = "Relu1".to_owned());
    assert_eq!(said, "node \"Conv0\" reads \"Relu1\", which nothing before it makes");
    let said = refusal(|a| drop(a.graph().initializer.remove(0)));
    assert_eq!(said, "node \"Conv0\" reads \"w0\", which nothing before it makes");
}

#[test]
fn a_value_is_made_once() {
    let said = refusal(|a| node(a, 1).output[0] = "Conv0".to_owned());
    assert_eq!(said, "value \"Conv0\" is made twice");
}

#[test]
fn outputs_exist_and_are_f32() {
    let said = refusal(|a| a.output("nowhere"));
    assert_eq!(said, "output \"nowhere\": nothing makes it");
    let said = refusal(|a| a.graph().output.clear());
    assert_eq!(said, "not an ONNX model: the model has no output");
    let said = refusal(|a| {
        let shape = a.node("Shape", &["x"], vec![]);
        a.output(&shape);
    });
    assert_eq!(said, "output \"Shape6\": it is not f32 of fixed shape");
}

#[test]
fn nan_weights_name_their_tensor() {
    let said = refusal(|a| {
        let nan = f32::NAN.to_le_bytes();
        a.graph().initializer[0].raw_data[8..12].copy_from_slice(&nan);
    });
    assert_eq!(said, "tensor \"w0\": element 2 is NaN");
}

#[test]
fn data_in_other_files_are_not_followed() {
    let said = refusal(|a| {
        a.graph().initializer[0].data_location = Some(DataLocation::External as i32);
    });
    assert!(said.contains("its data lie in another file"), "{said}");
}

#[test]
fn open_shapes_name_the_axis() {
    let said = refusal(|a| {
        let kind = a.graph().input[0].r#type.as_mut().unwrap();
        let Some(type_proto::Value::TensorType(tensor)) = &mut kind.value else { panic!() };
        let value = Some(dimension::Value::DimParam("height".to_owned()));
        tensor.shape.as_mut().unwrap().dim[2] = Dimension { value, ..Dimension::default() };
    });
    assert!(said.starts_with("input \"x\": axis 2 is open"), "{said}");
}

#[test]
fn an_input_of_another_type_is_refused() {
    let said = refusal(|a| {
        let kind = a.graph().input[0].r#type.as_mut().unwrap();
        let Some(type_proto::Value::TensorType(tensor)) = &mut kind.value else { panic!() };
        tensor.elem_type = DataType::Uint8 as i32;
    });
    assert_eq!(said, "input \"x\": its data type is 2; the engine feeds f32");
}

#[test]
fn control_flow_is_refused() {
    let said = refusal(|a| {
        let graph = AttributeProto { g: Some(GraphProto::default()), ..AttributeProto::default() };
        node(a, 1).attribute.push(graph);
    });
    assert_eq!(said, "node \"Relu1\" (Relu): control flow is not supported");
}

#[test]
fn every_limit_holds() {
    let generous = Limits::default();
    let limits = [
        (Limits { file_bytes: 99, ..generous.clone() }, "bytes of the file"),
        (Limits { fields: 20, ..generous.clone() }, "protobuf fields"),
        (Limits { nodes: 5, ..generous.clone() }, "nodes"),
        (Limits { weights: 60, ..generous.clone() }, "elements of all constants"),
        (Limits { values: 71, ..generous.clone() }, "elements of input \"x\""),
        (Limits { values: 200, ..generous }, "elements of all values up to node \"Conv0\""),
    ];
    for (limits, what) in limits {
        let said = refusal_within(&small(), &limits);
        assert!(said.starts_with(&format!("{what}: ")), "{said}");
    }
}

#[test]
fn a_small_file_cannot_ask_for_a_large_constant() {
    let said = refusal(|a| {
        let shape = a.int64("huge", &[1 << 20, 1 << 20, 1 << 20]);
        a.node("ConstantOfShape", &[&shape], vec![]);
    });
    assert!(said.starts_with("elements of all values up to node \"ConstantOfShape6\""), "{said}");
    let said = refusal(|a| {
        let [tall, wide] = [[1_000_000, 1], [1, 1_000_000]]
            .map(|dims| a.floats(&format!("{dims:?}"), &dims, &vec![1.0; 1_000_000]));
        a.node("Add", &[&tall, &wide], vec![]);
    });
    assert!(said.starts_with("elements of all values up to node \"Add6\""), "{said}");
}

#[test]
fn a_window_that_cannot_slide_is_refused() {
    for attribute in [
        ints("strides", &[0, 0]),
        ints("strides", &[-1, 1]),
        ints("pads", &[i64::MAX, 0, i64::MAX, 0]),
        ints("dilations", &[0, 0]),
        ints("dilations", &[1 << 40, 1]),
        ints("kernel_shape", &[3]),
        int("group", 0),
        int("group", 7),
    ] {
        let mut a = small();
        node(&mut a, 0).attribute = vec![attribute];
        let said = Engine::from_onnx(&a.bytes(), &Limits::default(), Choice::default())
            .unwrap_err()
            .to_string();
        assert!(said.contains("Conv0") && !said.contains("gave up"), "{said}");
    }
}

#[test]
fn a_window_of_other_axes_than_its_input_is_refused() {
    let said = refusal(|a| {
        a.node("MaxPool", &["x"], vec![ints("kernel_shape", &[2])]);
    });
    assert_eq!(said, "node \"MaxPool6\" (MaxPool): its input has 4 axes but only 3 are meant");
}

#[test]
fn a_file_that_is_missing_or_too_large_is_named() {
    let missing = Path::new("no such folder/no such file.onnx");
    let said =
        Engine::read_onnx(missing, &Limits::default(), Choice::default()).unwrap_err().to_string();
    assert!(said.starts_with("no such folder/no such file.onnx: "), "{said}");
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let said = Engine::read_onnx(&manifest, &limits, Choice::default()).unwrap_err().to_string();
    assert!(said.starts_with("bytes of the file: 11, but the limit is 10"), "{said}");
}

#[test]
fn axes_are_axes_of_the_input() {
    let perm = |perm: &[i64]| {
        let perm = ints("perm", perm);
        refusal(|a| drop(a.node("Transpose", &["x"], vec![perm])))
    };
    assert_eq!(
        perm(&[0, 1, 1, 2]),
        "node \"Transpose6\" (Transpose): perm [0, 1, 1, 2] is no permutation"
    );
    assert!(perm(&[0, 2, 1]).ends_with("its input has 4 axes but only 3 are meant"));
    let said = refusal(|a| drop(a.node("Flatten", &["x"], vec![int("axis", 5)])));
    assert_eq!(said, "node \"Flatten6\" (Flatten): its input has 4 axes and needs 5");
    let said = refusal(|a| drop(a.node("Softmax", &["x"], vec![int("axis", i64::MIN)])));
    assert_eq!(said, format!("node \"Softmax6\" (Softmax): axis {} is none", i64::MIN));
    let said = refusal(|a| {
        let axes = a.int64("axes", &[4]);
        a.node("ReduceSum", &["x", &axes], vec![]);
    });
    assert!(said.ends_with("its input has 4 axes and needs 5"), "{said}");
}

/// Draws from a fixed sequence (xorshift).
fn draw(state: &mut u32, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state as usize % below
}

/// Whether a file got past every check and made tract panic.
fn panics(bytes: &[u8]) -> bool {
    let limits = Limits { values: 1 << 20, weights: 1 << 20, ..Limits::default() };
    match build(bytes, &limits, Choice::default(), plain::compile) {
        Err(EngineError::Onnx(OnnxError::GaveUp { reason })) => {
            println!("tract gave up: {reason}");
            true
        }
        Ok((mut engine, _)) => engine.run(|x| x.fill(0.5)).is_err_and(|_| false),
        Err(_) => false,
    }
}

/// Files to spoil: between them every operator with a rule.
fn files() -> [Vec<u8>; 3] {
    [small().bytes(), classifier().bytes(), network().bytes()]
}

#[test]
fn no_cut_of_a_file_panics() {
    let bytes = small().bytes();
    let panicked = (0..bytes.len()).filter(|&n| panics(&bytes[..n])).count();
    assert_eq!(panicked, 0);
}

#[test]
fn no_flipped_byte_panics() {
    let mut state = 7;
    let mut panicked = 0;
    for bytes in files() {
        for _ in 0..600 {
            let mut changed = bytes.clone();
            for _ in 0..=draw(&mut state, 3) {
                let at = draw(&mut state, changed.len());
                changed[at] ^= 1 << draw(&mut state, 8);
            }
            panicked += usize::from(panics(&changed));
        }
    }
    assert_eq!(panicked, 0);
}

#[test]
fn no_bytes_taken_from_elsewhere_panic() {
    let mut state = 11;
    let mut panicked = 0;
    for bytes in files() {
        for _ in 0..600 {
            let mut changed = bytes.clone();
            let (from, to) = (draw(&mut state, bytes.len()), draw(&mut state, bytes.len()));
            let length = draw(&mut state, 24).min(bytes.len() - from.max(to));
            changed[to..to + length].copy_from_slice(&bytes[from..from + length]);
            panicked += usize::from(panics(&changed));
        }
    }
    assert_eq!(panicked, 0);
}

/// Numbers that sizes, axes and counts are most often wrong by.
const ODD: [i64; 10] = [0, -1, 1, 2, 3, 5, 100, 1 << 20, i64::MAX, i64::MIN];

#[test]
fn no_attribute_or_shape_with_an_odd_number_panics() {
    let mut state = 13;
    let mut panicked = 0;
    for _ in 0..800 {
        let mut a = match draw(&mut state, 3) {
            0 => small(),
            1 => classifier(),
            _ => network(),
        };
        let odd = ODD[draw(&mut state, ODD.len())];
        spoil(a.graph(), &mut state, odd);
        panicked += usize::from(panics(&a.bytes()));
    }
    assert_eq!(panicked, 0);
}

/// One change that keeps a graph readable and makes it wrong.
fn spoil(graph: &mut GraphProto, state: &mut u32, odd: i64) {
    let at = draw(state, graph.node.len());
    let constant = draw(state, graph.initializer.len());
    match draw(state, 4) {
        0 => graph.initializer[constant].dims.push(odd),
        1 => drop(graph.initializer[constant].dims.pop()),
        2 => {
            let other = draw(state, graph.node.len());
            graph.node[at].attribute = graph.node[other].attribute.clone();
        }
        _ => {
            for attribute in &mut graph.node[at].attribute {
                attribute.i = odd;
                let place = draw(state, attribute.ints.len().max(1));
                attribute.ints.iter_mut().skip(place).take(1).for_each(|value| *value = odd);
            }
        }
    }
}
