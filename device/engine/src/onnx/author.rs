//! Writes small ONNX models for tests.

use prost::Message as _;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

use mien_shared::graph::sample::noise;

/// A model under construction; its input is `x`.
#[derive(Clone)]
pub(crate) struct Author {
    pub(crate) model: ModelProto,
}

impl Author {
    pub(crate) fn new(shape: &[i64]) -> Self {
        let graph = GraphProto {
            name: "test".to_owned(),
            input: vec![info("x", DataType::Float, shape)],
            ..GraphProto::default()
        };
        let opset =
            |domain: &str, version| OperatorSetIdProto { domain: domain.to_owned(), version };
        let opset_import = vec![opset("", 13), opset("com.microsoft", 1)];
        let graph = Some(graph);
        Self { model: ModelProto { ir_version: 8, opset_import, graph, ..ModelProto::default() } }
    }

    pub(crate) fn graph(&mut self) -> &mut GraphProto {
        self.model.graph.as_mut().unwrap()
    }

    /// A constant of noise.
    pub(crate) fn noise(&mut self, name: &str, dims: &[i64]) -> String {
        let n = usize::try_from(dims.iter().product::<i64>()).unwrap();
        self.floats(name, dims, &noise(n, 3))
    }

    pub(crate) fn floats(&mut self, name: &str, dims: &[i64], values: &[f32]) -> String {
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(name, DataType::Float, dims, raw)
    }

    pub(crate) fn int64(&mut self, name: &str, values: &[i64]) -> String {
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let dims = [i64::try_from(values.len()).unwrap()];
        self.constant(name, DataType::Int64, &dims, raw)
    }

    pub(crate) fn constant(
        &mut self,
        name: &str,
        kind: DataType,
        dims: &[i64],
        raw_data: Vec<u8>,
    ) -> String {
        let (name, dims) = (name.to_owned(), dims.to_vec());
        let data_type = kind as i32;
        let tensor =
            TensorProto { name: name.clone(), dims, data_type, raw_data, ..TensorProto::default() };
        self.graph().initializer.push(tensor);
        name
    }

    /// A node that makes the value of its own name.
    pub(crate) fn node(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = format!("{op_type}{}", self.graph().node.len());
        self.graph().node.push(NodeProto {
            name: name.clone(),
            op_type: op_type.to_owned(),
            input: inputs.iter().map(|&s| s.to_owned()).collect(),
            output: vec![name.clone()],
            attribute,
            ..NodeProto::default()
        });
        name
    }

    /// A 3×3 convolution with noise for weights, padded to keep the size.
    pub(crate) fn conv(&mut self, input: &str, o: i64, i: i64) -> String {
        let count = self.graph().node.len();
        let weight = self.noise(&format!("w{count}"), &[o, i, 3, 3]);
        let bias = self.noise(&format!("b{count}"), &[o]);
        self.node("Conv", &[input, &weight, &bias], vec![ints("pads", &[1, 1, 1, 1])])
    }

    pub(crate) fn output(&mut self, name: &str) {
        self.graph().output.push(info(name, DataType::Float, &[]));
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }
}

/// A value's name, type and shape; an extent of -1 is open.
fn info(name: &str, kind: DataType, shape: &[i64]) -> ValueInfoProto {
    let dim = |&d: &i64| {
        let open = dimension::Value::DimParam("batch".to_owned());
        let value = if d < 0 { open } else { dimension::Value::DimValue(d) };
        Dimension { value: Some(value), ..Dimension::default() }
    };
    let shape = TensorShapeProto { dim: shape.iter().map(dim).collect() };
    let tensor = type_proto::Tensor { elem_type: kind as i32, shape: Some(shape) };
    let value = Some(type_proto::Value::TensorType(tensor));
    let kind = TypeProto { value, ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(kind), ..ValueInfoProto::default() }
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Ints as i32,
        ints: values.to_vec(),
        ..AttributeProto::default()
    }
}

pub(crate) fn int(name: &str, i: i64) -> AttributeProto {
    let r#type = AttributeType::Int as i32;
    AttributeProto { name: name.to_owned(), r#type, i, ..AttributeProto::default() }
}

pub(crate) fn text(name: &str, value: &str) -> AttributeProto {
    let (r#type, s) = (AttributeType::String as i32, value.as_bytes().to_vec());
    AttributeProto { name: name.to_owned(), r#type, s, ..AttributeProto::default() }
}
