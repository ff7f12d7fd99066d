//! ONNX: a graph as a `ModelProto` (opset 17) that onnxruntime, tract and Netron open.
//!
//! int8 weights stay int8 in the file, followed by a `DequantizeLinear` per tensor; arithmetic is
//! f32. Names of nodes, inputs and outputs are the graph's own. Field numbers are those of
//! onnx.proto3 (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>).

mod proto;

use mien_shared::graph::{Graph, GraphError, Node, Op, Tensor, TensorData, Window};

use self::proto::Message;

const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;
const FLOAT: u64 = 1;
const INT8: u64 = 3;

/// The ONNX file of `graph`; `name` and `metadata` are stored in it.
///
/// # Errors
/// When the graph is not valid.
pub fn to_onnx(
    graph: &Graph,
    name: &str,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, GraphError> {
    let shapes = graph.validate()?;
    let mut writer = Writer { graph: Message::default(), source: graph };
    for node in &graph.nodes {
        writer.node(node);
    }
    let [c, h, w] = graph.input;
    let mut body = writer.graph;
    body.text(2, name);
    body.message(11, &value_info(INPUT, &[1, c, h, w]));
    for output in &graph.outputs {
        let mut identity = operator("Identity", &format!("output.{}", output.name));
        identity.text(1, &value_name(graph, output.value));
        identity.text(2, &output.name);
        body.message(1, &identity);
        let shape = [&[1], shapes[output.value as usize].dims()].concat();
        body.message(12, &value_info(&output.name, &shape));
    }
    Ok(model(&body, metadata))
}

/// Name of the network's input in the file.
const INPUT: &str = "input";

struct Writer<'a> {
    graph: Message,
    source: &'a Graph,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) {
        let mut proto = operator(op_type(&node.op), &node.name);
        for &value in &node.inputs {
            proto.text(1, &value_name(self.source, value));
        }
        match &node.op {
            Op::Conv(conv) => {
                proto.text(1, &self.weight(&node.name, &conv.weight));
                proto.text(1, &self.floats(&format!("{}.bias", node.name), &conv.bias));
                window(&mut proto, &conv.window);
                proto.message(5, &integer("group", u64::from(conv.groups)));
            }
            Op::Linear { weight, bias } => {
                proto.text(1, &self.weight(&node.name, weight));
                proto.text(1, &self.floats(&format!("{}.bias", node.name), bias));
                proto.message(5, &integer("transB", 1));
            }
            Op::MaxPool(w) => window(&mut proto, w),
            Op::Concat | Op::Softmax => proto.message(5, &integer("axis", 1)),
            Op::Upsample2 => self.upsample(&mut proto, &node.name),
            Op::Relu | Op::Add | Op::GlobalAveragePool | Op::Sigmoid => {}
        }
        let out = node_value(&node.name);
        if matches!(node.op, Op::GlobalAveragePool) {
            proto.text(2, &format!("{out}.map"));
            self.graph.message(1, &proto);
            proto = operator("Flatten", &format!("{out}.flatten"));
            proto.text(1, &format!("{out}.map"));
        }
        proto.text(2, &out);
        self.graph.message(1, &proto);
    }

    fn upsample(&mut self, proto: &mut Message, name: &str) {
        proto.text(1, "");
        proto.text(1, &self.floats(&format!("{name}.scales"), &[1.0, 1.0, 2.0, 2.0]));
        proto.message(5, &string("mode", "nearest"));
        proto.message(5, &string("coordinate_transformation_mode", "asymmetric"));
        proto.message(5, &string("nearest_mode", "floor"));
    }

    /// Stores a weight tensor and returns the name of its f32 value.
    fn weight(&mut self, node: &str, tensor: &Tensor) -> String {
        let name = format!("{node}.weight");
        match &tensor.data {
            TensorData::F32(values) => {
                self.initializer(&name, &tensor.shape, FLOAT, &bytes_of(values));
                name
            }
            TensorData::I8 { scales, codes } => {
                let raw: Vec<u8> = codes.iter().map(|&c| c.cast_unsigned()).collect();
                let quantized = format!("{name}.int8");
                self.initializer(&quantized, &tensor.shape, INT8, &raw);
                let scale = self.floats(&format!("{name}.scale"), scales);
                let mut proto = operator("DequantizeLinear", &format!("{name}.dequantize"));
                proto.text(1, &quantized);
                proto.text(1, &scale);
                proto.text(2, &name);
                proto.message(5, &integer("axis", 0));
                self.graph.message(1, &proto);
                name
            }
        }
    }

    fn floats(&mut self, name: &str, values: &[f32]) -> String {
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        self.initializer(name, &[length], FLOAT, &bytes_of(values));
        name.to_owned()
    }

    fn initializer(&mut self, name: &str, shape: &[u32], kind: u64, raw: &[u8]) {
        let mut tensor = Message::default();
        for &n in shape {
            tensor.integer(1, u64::from(n));
        }
        tensor.integer(2, kind);
        tensor.text(8, name);
        tensor.bytes(9, raw);
        self.graph.message(5, &tensor);
    }
}

fn model(graph: &Message, metadata: &[(&str, String)]) -> Vec<u8> {
    let mut opset = Message::default();
    opset.text(1, "");
    opset.integer(2, OPSET);
    let mut model = Message::default();
    model.integer(1, IR_VERSION);
    model.text(2, "mien-trainer");
    model.text(3, env!("CARGO_PKG_VERSION"));
    model.message(7, graph);
    model.message(8, &opset);
    for (key, value) in metadata {
        let mut entry = Message::default();
        entry.text(1, key);
        entry.text(2, value);
        model.message(14, &entry);
    }
    model.into_bytes()
}

fn op_type(op: &Op) -> &'static str {
    match op {
        Op::Conv(_) => "Conv",
        Op::Relu => "Relu",
        Op::Add => "Add",
        Op::MaxPool(_) => "MaxPool",
        Op::GlobalAveragePool => "GlobalAveragePool",
        Op::Upsample2 => "Resize",
        Op::Concat => "Concat",
        Op::Linear { .. } => "Gemm",
        Op::Softmax => "Softmax",
        Op::Sigmoid => "Sigmoid",
    }
}

fn value_name(graph: &Graph, value: u32) -> String {
    match value.checked_sub(1) {
        None => INPUT.to_owned(),
        Some(node) => node_value(&graph.nodes[node as usize].name),
    }
}

/// What a node yields; the slash keeps it apart from the names of inputs and outputs.
fn node_value(name: &str) -> String {
    format!("/{name}")
}

fn operator(kind: &str, name: &str) -> Message {
    let mut proto = Message::default();
    proto.text(3, name);
    proto.text(4, kind);
    proto
}

fn window(proto: &mut Message, window: &Window) {
    proto.message(5, &integers("kernel_shape", &window.kernel));
    proto.message(5, &integers("strides", &window.stride));
    proto.message(5, &integers("pads", &window.pads));
}

fn attribute(name: &str, kind: u64) -> Message {
    let mut proto = Message::default();
    proto.text(1, name);
    proto.integer(20, kind);
    proto
}

fn integer(name: &str, value: u64) -> Message {
    let mut proto = attribute(name, 2);
    proto.integer(3, value);
    proto
}

fn string(name: &str, value: &str) -> Message {
    let mut proto = attribute(name, 3);
    proto.text(4, value);
    proto
}

fn integers(name: &str, values: &[u32]) -> Message {
    let mut proto = attribute(name, 7);
    for &v in values {
        proto.integer(8, u64::from(v));
    }
    proto
}

/// A `ValueInfoProto` of f32.
fn value_info(name: &str, shape: &[u32]) -> Message {
    let mut tensor = Message::default();
    tensor.integer(1, FLOAT);
    let mut dims = Message::default();
    for &n in shape {
        let mut dim = Message::default();
        dim.integer(1, u64::from(n));
        dims.message(1, &dim);
    }
    tensor.message(2, &dims);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut info = Message::default();
    info.text(1, name);
    info.message(2, &kind);
    info
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
