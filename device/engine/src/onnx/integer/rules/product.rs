//! Products with constant weights: in codes, as exact sums that are scaled later, and in f32.

use mien_shared::graph::{self, Op, Tensor, TensorData};
use tract_onnx::pb::NodeProto;
use tract_onnx::pb::tensor_proto::DataType;

use super::super::read::{each, integer, window};
use super::super::{Form, Made, Reader, Seen};
use crate::onnx::OnnxError;
use crate::onnx::check::node_fault;
use crate::onnx::tensor::{floats_of, integers_of};

pub(super) fn conv(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, from) = reader.coded(node, 0)?;
    let weight = reader.weight(node, 3, Some(4), 5)?;
    let bias = reader.integer_bias(node, 8, (from.scale, &weight))?;
    let codes = Some(reader.affine(node, 6)?);
    convolve(reader, node, input, (weight, bias), codes)
}

pub(super) fn conv_sums(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Codes)?;
    check_zero(reader, node, input)?;
    let weight = reader.weight(node, 1, None, 3)?;
    let bias = vec![0.0; rows(&weight)];
    let made = convolve(reader, node, input, (weight, bias), None)?;
    Ok(Seen { form: Form::Sums, ..made })
}

pub(super) fn float_conv(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    let weight = reader.floats(node, 1)?;
    let bias = float_bias(reader, node, rows(&weight))?;
    convolve(reader, node, input, (weight, bias), None)
}

fn convolve(
    reader: &mut Reader<'_>,
    node: &NodeProto,
    input: Seen,
    (weight, bias): (Tensor, Vec<f32>),
    codes: Option<graph::Affine>,
) -> Result<Seen, OnnxError> {
    let &[o, _, kh, kw] = weight.shape.as_slice() else {
        return Err(node_fault(node, "its weight should be [O, I, KH, KW]"));
    };
    let [_, h, w] = input.dims;
    let (window, [h, w]) = window(node, [kh, kw], [h, w])?;
    let groups = u32::try_from(integer(node, "group").unwrap_or(1)).unwrap_or(0);
    let made = Made { codes, dims: [o, h, w], vector: input.vector };
    if !input.vector {
        let conv = graph::Conv { weight, bias, window, groups };
        return reader.push(node, Op::Conv(conv), &[input], made);
    }
    if groups != 1 || [kh, kw] != [1; 2] || window.pads != [0; 4] {
        return Err(node_fault(node, "over one pixel its kernel should be 1×1 in one group"));
    }
    let weight = Tensor { shape: weight.shape[..2].to_vec(), data: weight.data };
    reader.push(node, Op::Linear { weight, bias }, &[input], made)
}

pub(super) fn matmul(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    let columns = reader.weight_columns(node, 3, Some(4), 5)?;
    let bias = vec![0.0; rows(&columns)];
    let codes = Some(reader.affine(node, 6)?);
    linear(reader, node, input, (columns, bias), codes)
}

pub(super) fn matmul_sums(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Codes)?;
    check_zero(reader, node, input)?;
    let columns = reader.weight_columns(node, 1, None, 3)?;
    let bias = vec![0.0; rows(&columns)];
    let made = linear(reader, node, input, (columns, bias), None)?;
    Ok(Seen { form: Form::Sums, ..made })
}

pub(super) fn gemm(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, from) = reader.coded(node, 0)?;
    let transposed = integer(node, "transB") == Some(1);
    let weight = if transposed {
        reader.weight(node, 3, Some(4), 5)?
    } else {
        reader.weight_columns(node, 3, Some(4), 5)?
    };
    check_gemm(node)?;
    let bias = reader.integer_bias(node, 6, (from.scale, &weight))?;
    let stated = node.input.get(7).is_some_and(|name| !name.is_empty());
    let codes = if stated { Some(reader.affine(node, 7)?) } else { None };
    linear(reader, node, input, (weight, bias), codes)
}

pub(super) fn float_gemm(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    check_gemm(node)?;
    let mut weight = reader.floats(node, 1)?;
    if integer(node, "transB") != Some(1) {
        weight = transposed(&weight).ok_or_else(|| node_fault(node, "its weight is no matrix"))?;
    }
    let bias = float_bias(reader, node, rows(&weight))?;
    linear(reader, node, input, (weight, bias), None)
}

fn linear(
    reader: &mut Reader<'_>,
    node: &NodeProto,
    input: Seen,
    (weight, bias): (Tensor, Vec<f32>),
    codes: Option<graph::Affine>,
) -> Result<Seen, OnnxError> {
    if !input.vector {
        return Err(node_fault(node, "it should read a vector"));
    }
    let &[o, _] = weight.shape.as_slice() else {
        return Err(node_fault(node, "its weight is no matrix"));
    };
    let made = Made { codes, dims: [o, 1, 1], vector: true };
    reader.push(node, Op::Linear { weight, bias }, &[input], made)
}

/// A sum of numbers; of a product and a constant, the product's bias: in steps as long as the
/// exact sums have no scale.
pub(super) fn float_add(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let constant = (0..2).find(|&i| reader.constant(node, i).is_some());
    let Some(constant) = constant else {
        let (a, b) =
            (reader.input_as(node, 0, Form::Floats)?, reader.input_as(node, 1, Form::Floats)?);
        return reader.push(
            node,
            Op::Add,
            &[a, b],
            Made { codes: None, dims: a.dims, vector: a.vector },
        );
    };
    let seen = reader.input(node, 1 - constant)?;
    let tensor = reader.needed(node, constant)?;
    #[expect(clippy::cast_precision_loss, reason = "a bias is an i32")]
    let values: Vec<f32> = match seen.form {
        Form::Sums => integers_of(tensor).into_iter().map(|step| step as f32).collect(),
        Form::Floats => floats_of(tensor).collect(),
        Form::Codes => return Err(node_fault(node, "codes are added by QLinearAdd")),
    };
    let alone = reader.reads_alone(node, 1 - constant) && reader.graph.coding(seen.value).is_none();
    match reader.maker(seen).filter(|_| alone) {
        Some(Op::Conv(graph::Conv { bias, .. }) | Op::Linear { bias, .. }) => {
            let values = each(&values, bias.len());
            let values = values.ok_or_else(|| node_fault(node, "its bias does not fit"))?;
            bias.iter_mut().zip(values).for_each(|(own, more)| *own += more);
            Ok(seen)
        }
        _ => Err(node_fault(node, "a constant is added to what no product made")),
    }
}

/// The scale of exact sums.
pub(super) fn scale(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let constant = (0..2).find(|&i| reader.constant(node, i).is_some());
    let constant = constant.ok_or_else(|| node_fault(node, "products of values are not known"))?;
    let seen = reader.input_as(node, 1 - constant, Form::Sums)?;
    let values: Vec<f32> = floats_of(reader.needed(node, constant)?).collect();
    let from = reader.source_scale(seen).unwrap_or(1.0);
    match reader.maker(seen) {
        Some(Op::Conv(graph::Conv { weight, bias, .. }) | Op::Linear { weight, bias }) => {
            let values = each(&values, rows(weight));
            let values = values.ok_or_else(|| node_fault(node, "its scale does not fit"))?;
            if let TensorData::I8 { scales, .. } = &mut weight.data {
                *scales = values.into_iter().map(|v| v / from).collect();
                for (bias, own) in bias.iter_mut().zip(scales) {
                    *bias *= from * *own;
                }
            }
            Ok(Seen { form: Form::Floats, ..seen })
        }
        _ => Err(node_fault(node, "it scales what no product made")),
    }
}

/// The zero point beside a product of codes is that of its input.
fn check_zero(reader: &Reader<'_>, node: &NodeProto, input: Seen) -> Result<(), OnnxError> {
    let tensor = reader.constant(node, 2);
    let signed = tensor.is_some_and(|t| t.data_type == DataType::Int8 as i32);
    let stated = tensor.map(integers_of).and_then(|v| v.first().copied()).unwrap_or(0);
    let stated = if signed { stated + 128 } else { stated };
    let own = reader.graph.coding(input.value).map(|affine| i64::from(affine.zero));
    if own == Some(stated) {
        Ok(())
    } else {
        Err(node_fault(node, "its zero point is not its input's"))
    }
}

fn check_gemm(node: &NodeProto) -> Result<(), OnnxError> {
    let factor = |name: &str| node.attribute.iter().find(|a| a.name == name).map_or(1.0, |a| a.f);
    let plain = [factor("alpha"), factor("beta")].iter().all(|f| f.to_bits() == 1.0_f32.to_bits());
    if plain && integer(node, "transA").unwrap_or(0) == 0 {
        return Ok(());
    }
    Err(node_fault(node, "alpha, beta and transA are not supported"))
}

fn float_bias(reader: &Reader<'_>, node: &NodeProto, rows: usize) -> Result<Vec<f32>, OnnxError> {
    let Some(tensor) = reader.constant(node, 2) else { return Ok(vec![0.0; rows]) };
    let values: Vec<f32> = floats_of(tensor).collect();
    each(&values, rows).ok_or_else(|| node_fault(node, "its bias does not fit its weight"))
}

/// A matrix with its axes exchanged; int8 scales are one everywhere.
fn transposed(matrix: &Tensor) -> Option<Tensor> {
    let &[rows, columns] = matrix.shape.as_slice() else { return None };
    let place = |i: usize| (i % rows as usize) * columns as usize + i / rows as usize;
    let data = match &matrix.data {
        TensorData::F32(values) => TensorData::F32(
            (0..values.len()).map(|i| values.get(place(i)).copied()).collect::<Option<_>>()?,
        ),
        TensorData::I8 { codes, .. } => TensorData::I8 {
            scales: vec![1.0; columns as usize],
            codes: (0..codes.len()).map(|i| codes.get(place(i)).copied()).collect::<Option<_>>()?,
        },
    };
    Some(Tensor { shape: vec![columns, rows], data })
}

fn rows(weight: &Tensor) -> usize {
    weight.shape.first().map_or(0, |&rows| rows as usize)
}

impl Reader<'_> {
    /// The scale of what the maker of `seen` reads.
    fn source_scale(&self, seen: Seen) -> Option<f32> {
        let node = self.graph.nodes.get((seen.value as usize).checked_sub(1)?)?;
        Some(self.graph.coding(*node.inputs.first()?)?.scale)
    }

    /// A weight `[I, O]` as `[O, I]`.
    fn weight_columns(
        &self,
        node: &NodeProto,
        number: usize,
        scale: Option<usize>,
        zero: usize,
    ) -> Result<Tensor, OnnxError> {
        // The scales belong to columns, which are the rows only after the transposition.
        let plain = self.weight(node, number, None, zero)?;
        let fault = || node_fault(node, "its weight is no matrix");
        let mut columns = transposed(&plain).ok_or_else(fault)?;
        if let (Some(scale), TensorData::I8 { scales, .. }) = (scale, &mut columns.data) {
            let values: Vec<f32> = floats_of(self.needed(node, scale)?).collect();
            *scales = each(&values, scales.len())
                .ok_or_else(|| node_fault(node, "its scales do not fit its weights"))?;
        }
        Ok(columns)
    }
}
