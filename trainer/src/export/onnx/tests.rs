//! What the writer wrote, decoded by `prost` and read back.

use mien_shared::graph::{
    Affine, Conv, Graph, Node, Op, Output, Tensor, TensorData, Window, sample,
};
use prost::Message as _;

use super::{to_onnx, to_onnx_with_values};

#[derive(Clone, PartialEq, prost::Message)]
struct ModelProto {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSetIdProto>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<StringStringEntryProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "13")]
    value_info: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    domain: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct AttributeProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(float, tag = "2")]
    f: f32,
    #[prost(int64, tag = "3")]
    i: i64,
    #[prost(bytes = "vec", tag = "4")]
    s: Vec<u8>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    kind: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TensorProto {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ValueInfoProto {
    #[prost(string, tag = "1")]
    name: String,
}

fn decoded(file: &[u8]) -> (ModelProto, GraphProto) {
    let model = ModelProto::decode(file).unwrap();
    let graph = model.graph.clone().unwrap();
    (model, graph)
}

fn written(graph: &Graph) -> (ModelProto, GraphProto) {
    decoded(&to_onnx(graph, "net", &[("key", "value".to_owned())]).unwrap())
}

fn node<'a>(graph: &'a GraphProto, kind: &str) -> &'a NodeProto {
    graph.node.iter().find(|node| node.op_type == kind).unwrap()
}

fn constant<'a>(graph: &'a GraphProto, name: &str) -> &'a TensorProto {
    graph.initializer.iter().find(|tensor| tensor.name == name).unwrap()
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> &'a AttributeProto {
    node.attribute.iter().find(|attribute| attribute.name == name).unwrap()
}

fn domains(model: &ModelProto) -> Vec<(&str, i64)> {
    model.opset_import.iter().map(|set| (set.domain.as_str(), set.version)).collect()
}

/// The sample of that name.
fn sampled(name: &str) -> Graph {
    sample::operations().into_iter().find(|sample| sample.name == name).unwrap().graph
}

fn alone(op: Op) -> Graph {
    Graph {
        input: [2, 4, 5],
        nodes: vec![Node { name: "n".into(), op, inputs: vec![0] }],
        outputs: vec![Output { name: "y".into(), value: 1 }],
        codes: vec![],
    }
}

/// A transposed convolution of two channels to one with int8 weights 1 to 8.
fn widened(groups: u32) -> Graph {
    let window = Window { kernel: [2, 1], stride: [2, 1], pads: [0; 4] };
    let shape = vec![2, 2 / groups, 2, 1];
    let codes = (1..=8 / groups).map(|c| i8::try_from(c).unwrap()).collect();
    let weight = Tensor { shape, data: TensorData::I8 { scales: vec![0.5, 0.25], codes } };
    alone(Op::ConvTranspose(Conv { weight, bias: vec![0.0; 2], window, groups }))
}

#[test]
fn float_graphs_need_no_operators_but_onnxs_own() {
    for sample in sample::operations() {
        let (model, graph) = written(&sample.graph);
        assert_eq!(model.ir_version, 8);
        assert_eq!(domains(&model), [("", 17)], "{}", sample.name);
        assert!(graph.node.iter().all(|node| node.domain.is_empty()), "{}", sample.name);
    }
}

#[test]
fn the_coded_net_is_written_in_integers() {
    let coded = sample::coded();
    let (model, graph) = written(&coded.graph);
    let kinds: Vec<_> = graph.node.iter().map(|node| node.op_type.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "QuantizeLinear",
            "QLinearConv",
            "Clip",
            "MaxPool",
            "QLinearConv",
            "QLinearAdd",
            "Resize",
            "QLinearConcat",
            "QLinearConv",
            "Clip",
            "ConvInteger",
            "Add",
            "Cast",
            "Mul",
            "Relu",
            "QLinearGlobalAveragePool",
            "Flatten",
            "QGemm",
            "Clip",
            "DequantizeLinear",
            "Softmax",
            "QGemm",
            "Identity",
            "Identity",
            "Identity",
            "DequantizeLinear",
            "Identity",
        ]
    );
    assert_eq!(domains(&model), [("", 17), ("com.microsoft", 1)]);
    for node in &graph.node {
        let own = matches!(
            node.op_type.as_str(),
            "QLinearAdd" | "QLinearConcat" | "QLinearGlobalAveragePool" | "QGemm"
        );
        assert_eq!(node.domain, if own { "com.microsoft" } else { "" }, "{}", node.op_type);
    }
}

#[test]
fn an_integer_convolution_carries_its_codings() {
    let weight = Tensor {
        shape: vec![2, 2, 1, 1],
        data: TensorData::I8 { scales: vec![0.5, 0.25], codes: vec![1, -2, 3, -127] },
    };
    let window = Window { kernel: [1, 1], stride: [2, 1], pads: [0; 4] };
    let mut graph = alone(Op::Conv(Conv { weight, bias: vec![1.0, -0.3], window, groups: 1 }));
    let coding = |scale, zero| Some(Affine { scale, zero });
    graph.codes = vec![coding(0.5, 7), coding(2.0, 9)];
    let (_, onnx) = written(&graph);
    let conv = node(&onnx, "QLinearConv");
    let names = [
        "/input.codes",
        "/input.scale",
        "/input.zero",
        "/n.weight",
        "/n.weight.scale",
        "/n.weight.zero",
        "/n.scale",
        "/n.zero",
        "/n.bias",
    ];
    assert_eq!(conv.input, names);
    assert_eq!(attribute(conv, "strides").ints, [2, 1]);
    let raw = |name| {
        let tensor = constant(&onnx, name);
        (tensor.data_type, tensor.dims.clone(), tensor.raw_data.clone())
    };
    assert_eq!(raw("/input.scale"), (1, vec![], 0.5_f32.to_le_bytes().to_vec()));
    assert_eq!(raw("/input.zero"), (2, vec![], vec![7]));
    assert_eq!(raw("/n.weight"), (3, vec![2, 2, 1, 1], vec![1, 254, 3, 129]));
    assert_eq!(raw("/n.weight.zero"), (3, vec![2], vec![0, 0]));
    // Biases in steps of 0.5 · 0.5 and 0.5 · 0.25: 4 and round(-2.4).
    let bias = [4_i32.to_le_bytes(), (-2_i32).to_le_bytes()].concat();
    assert_eq!(raw("/n.bias"), (6, vec![2], bias));
}

#[test]
fn stored_int8_weights_are_widened_by_output_channel() {
    let (_, onnx) = written(&widened(1));
    let widen = node(&onnx, "DequantizeLinear");
    assert_eq!(widen.input, ["/n.weight.int8", "/n.weight.scale", "/n.weight.zero"]);
    assert_eq!(attribute(widen, "axis").i, 1);
    let codes = constant(&onnx, "/n.weight.int8");
    assert_eq!((codes.data_type, &codes.dims[..]), (3, &[2, 2, 2, 1][..]));
    assert_eq!(codes.raw_data, [1, 2, 5, 6, 3, 4, 7, 8]);

    let (_, onnx) = written(&widened(2));
    let weight = constant(&onnx, "/n.weight");
    assert_eq!((weight.data_type, &weight.dims[..]), (1, &[2, 1, 2, 1][..]));
    let values = [0.5_f32, 1.0, 0.75, 1.0].map(f32::to_le_bytes).concat();
    assert_eq!(weight.raw_data, values);
}

#[test]
fn attributes_keep_their_kind() {
    let (_, onnx) = written(&sampled("dilated_conv_grouped"));
    let conv = node(&onnx, "Conv");
    assert_eq!(attribute(conv, "dilations").ints, [2, 3]);
    assert_eq!(attribute(conv, "pads").ints, [2, 2, 0, 1]);
    assert_eq!((attribute(conv, "group").i, attribute(conv, "group").kind), (3, 2));
    let (_, onnx) = written(&sampled("leaky_relu"));
    let alpha = attribute(node(&onnx, "LeakyRelu"), "alpha");
    assert_eq!((alpha.f.to_bits(), alpha.kind), (0.2_f32.to_bits(), 1));
    let (_, onnx) = written(&sampled("layer_norm"));
    assert_eq!(attribute(node(&onnx, "LayerNormalization"), "axis").i, -1);
    let (_, onnx) = written(&sampled("pad_reflect"));
    assert_eq!(attribute(node(&onnx, "Pad"), "mode").s, b"reflect");
}

#[test]
fn names_that_meet_are_kept_apart() {
    let mut graph = sampled("l2_normalize_of_a_vector");
    graph.nodes[0].name = "input".into();
    graph.nodes[1].name = "input.length".into();
    let outputs = [("input", 2), ("/input.length", 1), ("/input", 0)];
    graph.outputs = outputs.map(|(name, value)| Output { name: name.into(), value }).into();
    let (_, onnx) = written(&graph);
    let made = onnx.node.iter().flat_map(|node| &node.output);
    let constants = onnx.initializer.iter().map(|tensor| &tensor.name);
    let mut names: Vec<_> =
        made.chain(constants).chain(onnx.input.iter().map(|input| &input.name)).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    let outputs: Vec<_> = onnx.output.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(outputs, ["input", "/input.length", "/input"]);
}

#[test]
fn every_value_can_be_looked_at() {
    let coded = sample::coded();
    let (_, plain) = written(&coded.graph);
    assert_eq!(plain.output.len(), 4);
    let (_, open) = decoded(&to_onnx_with_values(&coded.graph, "net", &[]).unwrap());
    // Four outputs and one value per step.
    assert_eq!(open.output.len(), 4 + coded.graph.steps().len());
    assert_eq!(open.value_info.len(), 0);
}

#[test]
fn metadata_travels_with_the_file() {
    let (model, graph) = written(&sampled("relu"));
    assert_eq!(graph.name, "net");
    let entry = &model.metadata_props[0];
    assert_eq!((entry.key.as_str(), entry.value.as_str()), ("key", "value"));
}

#[test]
fn an_invalid_graph_is_refused() {
    let mut graph = sampled("softmax_over_rows");
    graph.nodes[0].op = Op::SoftmaxOver { axis: 5 };
    assert_eq!(
        to_onnx(&graph, "net", &[]).unwrap_err().to_string(),
        "node \"n1\" (softmax over an axis) does not fit its inputs: \
         axes [5] are not distinct axes of the shape [3, 5, 7]"
    );
}
