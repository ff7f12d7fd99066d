//! One rule for each operator of a quantised model.

use mien_shared::graph::{self, Op, Tensor, TensorData};
use tract_onnx::pb::NodeProto;
use tract_onnx::pb::tensor_proto::DataType;

use super::super::OnnxError;
use super::super::check::node_fault;
use super::super::tensor::{floats_of, integers_of};
use super::read::{each, integer, text, window};
use super::{Form, Made, Reader, Seen};

type Rule = fn(&mut Reader<'_>, &NodeProto) -> Result<Seen, OnnxError>;

/// The rule of an operator.
pub(super) fn of(operator: &str) -> Option<Rule> {
    Some(match operator {
        "QuantizeLinear" => quantize,
        "DequantizeLinear" => dequantize,
        "QLinearConv" => conv,
        "ConvInteger" => conv_sums,
        "Conv" => float_conv,
        "QLinearMatMul" => matmul,
        "MatMulInteger" => matmul_sums,
        "QGemm" => gemm,
        "Gemm" => float_gemm,
        "QLinearAdd" => add,
        "Add" => float_add,
        "Mul" => scale,
        "QLinearConcat" => concat,
        "QLinearGlobalAveragePool" => mean,
        "QLinearAveragePool" => average_pool,
        "QLinearSoftmax" => coded_softmax,
        "QLinearSigmoid" => coded_sigmoid,
        "MaxPool" => max_pool,
        "Resize" => resize,
        "Relu" => relu,
        "Softmax" => softmax,
        "Sigmoid" => sigmoid,
        "Flatten" | "Squeeze" => flatten,
        "Reshape" | "Transpose" => reshape,
        "Identity" | "Cast" => identity,
        _ => return None,
    })
}

fn quantize(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input_as(node, 0, Form::Floats)?;
    let stated = reader.affine(node, 1)?;
    let own = reader.graph.coding(seen.value);
    // Other readers of the numbers would see them rounded.
    if own != Some(stated) && (own.is_some() || !reader.reads_alone(node, 0)) {
        return Err(node_fault(node, "the value it codes is coded otherwise or read elsewhere"));
    }
    reader.graph.codes[seen.value as usize] = Some(stated);
    Ok(Seen { form: Form::Codes, ..seen })
}

fn dequantize(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (seen, _) = reader.coded(node, 0)?;
    Ok(Seen { form: Form::Floats, ..seen })
}

fn conv(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, from) = reader.coded(node, 0)?;
    let weight = reader.weight(node, 3, Some(4), 5)?;
    let bias = reader.integer_bias(node, 8, (from.scale, &weight))?;
    let codes = Some(reader.affine(node, 6)?);
    convolve(reader, node, input, (weight, bias), codes)
}

fn conv_sums(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Codes)?;
    check_zero(reader, node, input)?;
    let weight = reader.weight(node, 1, None, 3)?;
    let bias = vec![0.0; rows(&weight)];
    let made = convolve(reader, node, input, (weight, bias), None)?;
    Ok(Seen { form: Form::Sums, ..made })
}

fn float_conv(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn matmul(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    let columns = reader.weight_columns(node, 3, Some(4), 5)?;
    let bias = vec![0.0; rows(&columns)];
    let codes = Some(reader.affine(node, 6)?);
    linear(reader, node, input, (columns, bias), codes)
}

fn matmul_sums(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Codes)?;
    check_zero(reader, node, input)?;
    let columns = reader.weight_columns(node, 1, None, 3)?;
    let bias = vec![0.0; rows(&columns)];
    let made = linear(reader, node, input, (columns, bias), None)?;
    Ok(Seen { form: Form::Sums, ..made })
}

fn gemm(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn float_gemm(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn add(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let ((a, _), (b, _)) = (reader.coded(node, 0)?, reader.coded(node, 3)?);
    let codes = Some(reader.affine(node, 6)?);
    reader.push(node, Op::Add, &[a, b], Made { codes, dims: a.dims, vector: a.vector })
}

/// A sum of numbers; of exact sums and a constant, their bias.
fn float_add(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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
    let seen = reader.input_as(node, 1 - constant, Form::Floats)?;
    let values: Vec<f32> = floats_of(reader.needed(node, constant)?).collect();
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
fn scale(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let constant = (0..2).find(|&i| reader.constant(node, i).is_some());
    let constant = constant.ok_or_else(|| node_fault(node, "products of values are not known"))?;
    let seen = reader.input_as(node, 1 - constant, Form::Sums)?;
    let values: Vec<f32> = floats_of(reader.needed(node, constant)?).collect();
    let from = reader.source_scale(seen).unwrap_or(1.0);
    match reader.maker(seen) {
        Some(Op::Conv(graph::Conv { weight, .. }) | Op::Linear { weight, .. }) => {
            let values = each(&values, rows(weight));
            let values = values.ok_or_else(|| node_fault(node, "its scale does not fit"))?;
            if let TensorData::I8 { scales, .. } = &mut weight.data {
                *scales = values.into_iter().map(|v| v / from).collect();
            }
            Ok(Seen { form: Form::Floats, ..seen })
        }
        _ => Err(node_fault(node, "it scales what no product made")),
    }
}

fn concat(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn mean(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    if integer(node, "channels_last").unwrap_or(0) != 0 {
        return Err(node_fault(node, "channels_last is not supported"));
    }
    let codes = Some(reader.affine(node, 3)?);
    let made = Made { codes, dims: [input.dims[0], 1, 1], vector: true };
    reader.push(node, Op::GlobalAveragePool, &[input], made)
}

fn max_pool(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn resize(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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

fn relu(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input(node, 0)?;
    let codes = reader.codes_of(input);
    reader.push(node, Op::Relu, &[input], Made { codes, dims: input.dims, vector: input.vector })
}

fn softmax(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    let axis = integer(node, "axis").unwrap_or(-1);
    if axis != 1 && !(axis == -1 && input.vector) {
        return Err(node_fault(node, "only a softmax over channels is supported"));
    }
    let made = Made { codes: None, dims: input.dims, vector: input.vector };
    reader.push(node, Op::Softmax, &[input], made)
}

fn sigmoid(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let input = reader.input_as(node, 0, Form::Floats)?;
    let made = Made { codes: None, dims: input.dims, vector: input.vector };
    reader.push(node, Op::Sigmoid, &[input], made)
}

/// A softmax of what codes stand for, coded again.
fn coded_softmax(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let axis = integer(node, "axis").unwrap_or(-1);
    let (input, _) = reader.coded(node, 0)?;
    if axis != 1 && !(axis == -1 && input.vector) {
        return Err(node_fault(node, "only a softmax over channels is supported"));
    }
    recoded(reader, node, Op::Softmax)
}

fn coded_sigmoid(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    recoded(reader, node, Op::Sigmoid)
}

/// An f32 operation between codes.
fn recoded(reader: &mut Reader<'_>, node: &NodeProto, op: Op) -> Result<Seen, OnnxError> {
    let (input, _) = reader.coded(node, 0)?;
    let codes = Some(reader.affine(node, 3)?);
    reader.push(node, op, &[input], Made { codes, dims: input.dims, vector: input.vector })
}

/// A mean over windows, when the window is the whole map.
fn average_pool(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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
fn reshape(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
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
fn flatten(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input(node, 0)?;
    if seen.vector { Ok(seen) } else { Err(node_fault(node, "it should read a vector")) }
}

/// Nothing, or sums seen as f32.
fn identity(reader: &mut Reader<'_>, node: &NodeProto) -> Result<Seen, OnnxError> {
    let seen = reader.input(node, 0)?;
    let to = integer(node, "to").unwrap_or(i64::from(DataType::Float as i32));
    let fits = to == i64::from(DataType::Float as i32) && seen.form != Form::Codes;
    let alias = node.op_type == "Identity" || fits;
    if alias { Ok(seen) } else { Err(node_fault(node, "only sums are cast, to f32")) }
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

impl Reader<'_> {
    /// The coding of a value that is read as codes.
    fn codes_of(&self, seen: Seen) -> Option<graph::Affine> {
        self.graph.coding(seen.value).filter(|_| seen.form == Form::Codes)
    }

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
