//! `TensorProto` and `ValueInfoProto`: constants, and the types and shapes of values.

use super::proto::Message;

/// `TensorProto.DataType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    F32 = 1,
    U8 = 2,
}

/// A constant's elements, last axis fastest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Data<'a> {
    F32(&'a [f32]),
    U8(&'a [u8]),
    I8(&'a [i8]),
    I32(&'a [i32]),
    I64(&'a [i64]),
}

impl Data<'_> {
    /// The number of ONNX's data type, and the elements as little-endian bytes.
    fn raw(self) -> (u64, Vec<u8>) {
        match self {
            Data::F32(v) => (1, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Data::U8(v) => (2, v.to_vec()),
            Data::I8(v) => (3, v.iter().map(|v| v.cast_unsigned()).collect()),
            Data::I32(v) => (6, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Data::I64(v) => (7, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
        }
    }
}

/// A `TensorProto`.
pub(super) fn tensor(name: &str, shape: &[u32], data: Data<'_>) -> Message {
    let (kind, raw) = data.raw();
    let mut tensor = Message::default();
    for &n in shape {
        tensor.integer(1, u64::from(n));
    }
    tensor.integer(2, kind);
    tensor.text(8, name);
    tensor.bytes(9, &raw);
    tensor
}

/// A `ValueInfoProto` of a batch of one: `dims` without the batch axis.
pub(super) fn value_info(name: &str, kind: Kind, dims: &[u32]) -> Message {
    let mut tensor = Message::default();
    tensor.integer(1, kind as u64);
    let mut shape = Message::default();
    for &n in [1].iter().chain(dims) {
        let mut dim = Message::default();
        dim.integer(1, u64::from(n));
        shape.message(1, &dim);
    }
    tensor.message(2, &shape);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut info = Message::default();
    info.text(1, name);
    info.message(2, &kind);
    info
}
