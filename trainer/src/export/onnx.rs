//! ONNX: a graph as a `ModelProto` (opset 17) that onnxruntime, tract and Netron open.
//!
//! ```text
//! no codes        f32 arithmetic; int8 weights stay int8, a DequantizeLinear per tensor   any runtime
//! coded values    QuantizeLinear -> QLinearConv, MaxPool, QLinearAdd … on u8              onnxruntime
//!                 steps that are not integer: DequantizeLinear -> f32 -> QuantizeLinear
//! ```
//!
//! Integer steps are written so that onnxruntime computes what
//! [`affine`](mien_shared::graph::affine) states. Inputs and outputs are f32 in both forms. Names
//! of nodes and outputs are the graph's own. Field numbers are those of onnx.proto3
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>).

mod attribute;
mod float;
mod integer;
mod proto;
mod tensor;
#[cfg(test)]
mod tests;
mod writer;

use mien_shared::graph::{Graph, GraphError};

use self::{proto::Message, writer::Writer};

const IR_VERSION: u64 = 8;
const OPSET: u64 = 17;

/// The ONNX file of `graph`; `name` and `metadata` are stored in it.
///
/// # Errors
/// When the graph is not valid.
pub fn to_onnx(
    graph: &Graph,
    name: &str,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, GraphError> {
    write(graph, name, metadata, false)
}

/// As [`to_onnx`], for a look inside: the file has one more output for each value that leaves a
/// step of [`Graph::steps`], in their order of numbers, codes in u8 where the value is coded.
///
/// # Errors
/// When the graph is not valid.
pub fn to_onnx_with_values(
    graph: &Graph,
    name: &str,
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, GraphError> {
    write(graph, name, metadata, true)
}

fn write(
    graph: &Graph,
    name: &str,
    metadata: &[(&str, String)],
    all: bool,
) -> Result<Vec<u8>, GraphError> {
    let shapes = graph.validate()?;
    let mut writer = Writer::new(graph, &shapes);
    for step in graph.steps() {
        writer.step(step);
    }
    let (body, contrib) = writer.finish(name, all);
    let mut model = Message::default();
    model.integer(1, IR_VERSION);
    model.text(2, "mien-trainer");
    model.text(3, env!("CARGO_PKG_VERSION"));
    model.message(7, &body);
    model.message(8, &opset("", OPSET));
    if contrib {
        model.message(8, &opset(writer::CONTRIB, 1));
    }
    for (key, value) in metadata {
        let mut entry = Message::default();
        entry.text(1, key);
        entry.text(2, value);
        model.message(14, &entry);
    }
    Ok(model.into_bytes())
}

/// An `OperatorSetIdProto`.
fn opset(domain: &str, version: u64) -> Message {
    let mut opset = Message::default();
    opset.text(1, domain);
    opset.integer(2, version);
    opset
}
