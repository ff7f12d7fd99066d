//! Everything without weights: sums, joins, pools, enlargement, activations, other shapes.

use mien_shared::graph::{self, Op};
use tract_onnx::pb::NodeProto;
use tract_onnx::pb::tensor_proto::DataType;

use super::super::read::{integer, text, window};
use super::super::{Form, Made, Reader, Seen};
use crate::onnx::OnnxError;
use crate::onnx::check::node_fault;
use crate::onnx::tensor::{floats_of, integers_of};

pub(super) fn add(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let ((a, _), (b, _)) = (reader.coded(node, 0)?, reader.coded(node, 3)?);
    let codes = Some(reader.affine(node, 6)?);
    reader.push(node, Op::Add, &[a, b], Made { codes, dims: a.dims, vector: a.vector })
}

pub(super) fn concat(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let codes = Some(reader.affine(node, 0)?);
    let parts: Result<Vec<Seen>, _> =
        (2..node.input.len()).step_by(3).map(|i| Ok(reader.coded(node, i)?.0)).collect();
    let parts = parts?;
    let channels = parts.iter().try_fold(0_u32, |sum, part| sum.checked_add(part.dims[0]));
    let (Some(first), Some(channels), Some(1)) = (parts.first(), channels, integer(node, "axis"))
    else {
        return Err(node_fault(node, "only values of one size along axis 1 can be joined"));
    };
    let [_, h, w] = first.dims;
    let made = Made { codes, dims: [channels, h, w], vector: first.vector };
    reader.push(node, Op::Concat, &parts, made)
}

pub(super) fn mean(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    if integer(node, "channels_last").unwrap_or(0) != 0 {
        return Err(node_fault(node, "channels_last is not supported"));
    }
    let codes = Some(reader.affine(node, 3)?);
    let made = Made { codes, dims: [input.dims[0], 1, 1], vector: true };
    reader.push(node, Op::GlobalAveragePool, &[input], made)
}

pub(super) fn max_pool(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input(node, 0)?;
    let [c, h, w] = input.dims;
    let (window, [h, w]) = window(node, kernel(node)?, [h, w])?;
    let made = Made { codes: reader.codes_of(input), dims: [c, h, w], vector: false };
    reader.push(node, Op::MaxPool(window), &[input], made)
}

fn kernel(node: &NodeProto) -> Result<[u32; 2], OnnxError> {
    let kernel = node.attribute.iter().find(|a| a.name == "kernel_shape").map(|a| &a.ints);
    let kernel = kernel.and_then(|k| k.iter().map(|&n| u32::try_from(n).ok()).collect());
    let kernel: Option<[u32; 2]> = kernel.and_then(|k: Vec<u32>| k.try_into().ok());
    kernel.ok_or_else(|| node_fault(node, "its kernel has not two axes"))
}

pub(super) fn resize(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input(node, 0)?;
    let scales = (1..node.input.len()).filter_map(|i| reader.constant(node, i));
    let twice = scales.map(|t| floats_of(t).collect::<Vec<_>>()).any(|s| s == [1.0, 1.0, 2.0, 2.0]);
    let [mode, place, rounding] =
        ["mode", "coordinate_transformation_mode", "nearest_mode"].map(|name| text(node, name));
    let repeats = match place.as_str() {
        "asymmetric" => rounding == "floor",
        "" | "half_pixel" => matches!(rounding.as_str(), "" | "round_prefer_floor"),
        _ => false,
    };
    if !twice || !repeats || !matches!(mode.as_str(), "" | "nearest") {
        return Err(node_fault(node, "only repeating each pixel twice is supported"));
    }
    let [c, h, w] = input.dims;
    let dims = [c, h.saturating_mul(2), w.saturating_mul(2)];
    let made = Made { codes: reader.codes_of(input), dims, vector: false };
    reader.push(node, Op::Upsample2, &[input], made)
}

pub(super) fn relu(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input(node, 0)?;
    let codes = reader.codes_of(input);
    reader.push(node, Op::Relu, &[input], Made { codes, dims: input.dims, vector: input.vector })
}

/// Codes cut off at their zero: a relu, which joins the step before it where that allows.
pub(super) fn clip(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Codes)?;
    let codes = reader.codes_of(input);
    let unbounded = node.input.get(2).is_none_or(String::is_empty);
    if reader.zero(node, 1, -1)? != codes.map_or(-1, |c| i64::from(c.zero)) || !unbounded {
        return Err(node_fault(node, "only codes cut off below their zero point are a relu"));
    }
    let joins = matches!(reader.maker(input), Some(Op::Conv(_) | Op::Linear { .. } | Op::Add));
    if joins && reader.reads_alone(node, 0) {
        reader.graph.codes[input.value as usize] = None;
    }
    reader.push(node, Op::Relu, &[input], Made { codes, dims: input.dims, vector: input.vector })
}

pub(super) fn softmax(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    let axis = integer(node, "axis").unwrap_or(-1);
    if axis != 1 && !(axis == -1 && input.vector) {
        return Err(node_fault(node, "only a softmax over channels is supported"));
    }
    let made = Made { codes: None, dims: input.dims, vector: input.vector };
    reader.push(node, Op::Softmax, &[input], made)
}

pub(super) fn sigmoid(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    let made = Made { codes: None, dims: input.dims, vector: input.vector };
    reader.push(node, Op::Sigmoid, &[input], made)
}

/// A softmax of what codes stand for, coded again.
pub(super) fn coded_softmax(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let axis = integer(node, "axis").unwrap_or(-1);
    let (input, _) = reader.coded(node, 0)?;
    if axis != 1 && !(axis == -1 && input.vector) {
        return Err(node_fault(node, "only a softmax over channels is supported"));
    }
    recoded(reader, node, Op::Softmax)
}

pub(super) fn coded_sigmoid(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    recoded(reader, node, Op::Sigmoid)
}

/// An f32 operation between codes.
fn recoded(reader: &mut Reader<'_>, node: &NodeProto, op: Op) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    let codes = Some(reader.affine(node, 3)?);
    reader.push(node, op, &[input], Made { codes, dims: input.dims, vector: input.vector })
}

/// A mean over windows, when the window is the whole map.
pub(super) fn average_pool(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let [_, h, w] = reader.input(node, 0)?.dims;
    let kernel = kernel(node)?;
    let (window, made) = window(node, kernel, [h, w])?;
    if kernel != [h, w] || made != [1; 2] || window.pads != [0; 4] {
        return Err(node_fault(node, "only a mean over the whole map is supported"));
    }
    mean(reader, node)
}

/// Another shape of a vector is the same vector, and of the input the same input while its wide
/// axes keep their order.
pub(super) fn reshape(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input(node, 0)?;
    if seen.value != 0 || !reader.graph.nodes.is_empty() {
        return flatten(reader, node);
    }
    let [c, h, w] = seen.dims.map(i64::from);
    let old = [1, c, h, w];
    let shape: Vec<i64> = if node.op_type == "Transpose" {
        let perm = node.attribute.iter().find(|a| a.name == "perm").map(|a| a.ints.as_slice());
        let at = |&axis: &i64| usize::try_from(axis).ok().and_then(|a| old.get(a)).copied();
        perm.unwrap_or_default().iter().filter_map(at).collect()
    } else {
        integers_of(reader.needed(node, 1)?)
    };
    let dims = same_order(&old, &shape);
    let dims = dims.ok_or_else(|| node_fault(node, "it moves the input's elements"))?;
    reader.graph.input = dims;
    Ok(Seen { dims, ..seen })
}

/// `[C, H, W]` of a shape `[1, C, H, W]` whose wide axes are those of `old`; one -1 is found.
fn same_order(old: &[i64; 4], shape: &[i64]) -> Option<[u32; 3]> {
    let known: i64 = shape.iter().filter(|&&d| d > 0).product();
    let all: i64 = old.iter().product();
    let full = |&d: &i64| if d == -1 { all / known.max(1) } else { d };
    let shape: Vec<i64> = shape.iter().map(full).collect();
    let wide = |shape: &[i64]| shape.iter().copied().filter(|&d| d != 1).collect::<Vec<_>>();
    let &[1, c, h, w] = shape.as_slice() else { return None };
    let [c, h, w] = [c, h, w].map(|d| u32::try_from(d).ok());
    (wide(old) == wide(&shape)).then_some([c?, h?, w?])
}

/// Another shape of a vector is the same vector.
pub(super) fn flatten(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input(node, 0)?;
    if seen.vector { Ok(seen) } else { Err(node_fault(node, "it should read a vector")) }
}

/// Nothing, or sums seen as f32.
pub(super) fn identity(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input(node, 0)?;
    let to = integer(node, "to").unwrap_or(i64::from(DataType::Float as i32));
    let fits = to == i64::from(DataType::Float as i32) && seen.form != Form::Codes;
    let alias = node.op_type == "Identity" || fits;
    if alias { Ok(seen) } else { Err(node_fault(node, "only sums are cast, to f32")) }
}

impl Reader<'_> {
    /// The coding of a value that is read as codes.
    fn codes_of(&self, seen: Seen) -> Option<graph::Affine> {
        self.graph.coding(seen.value).filter(|_| seen.form == Form::Codes)
    }
}
