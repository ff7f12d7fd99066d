//! One rule for each operator of a quantised model.

mod product;
mod value;

use tract_onnx::pb::NodeProto;

use super::{Form, Reader, Seen};
use crate::onnx::OnnxError;
use crate::onnx::check::node_fault;

type Rule = fn(&mut Reader<'_>, &NodeProto) -> Result<Seen, OnnxError>;

/// The rule of an operator.
pub(super) fn of(operator: &str) -> Option<Rule> {
    Some(match operator {
        "QuantizeLinear" => quantize,
        "DequantizeLinear" => dequantize,
        "QLinearConv" => product::conv,
        "ConvInteger" => product::conv_sums,
        "Conv" => product::float_conv,
        "QLinearMatMul" => product::matmul,
        "MatMulInteger" => product::matmul_sums,
        "QGemm" => product::gemm,
        "Gemm" => product::float_gemm,
        "QLinearAdd" => value::add,
        "Add" => product::float_add,
        "Mul" => product::scale,
        "QLinearConcat" => value::concat,
        "QLinearGlobalAveragePool" => value::mean,
        "QLinearAveragePool" => value::average_pool,
        "QLinearSoftmax" => value::coded_softmax,
        "QLinearSigmoid" => value::coded_sigmoid,
        "MaxPool" => value::max_pool,
        "Resize" => value::resize,
        "Relu" => value::relu,
        "Clip" => value::clip,
        "Softmax" => value::softmax,
        "Sigmoid" => value::sigmoid,
        "Flatten" | "Squeeze" => value::flatten,
        "Reshape" | "Transpose" => value::reshape,
        "Identity" | "Cast" => value::identity,
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
