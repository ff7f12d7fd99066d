//! Constants and attributes of quantised models.

use mien_shared::graph::{Affine, Tensor, TensorData, Window};
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::{NodeProto, TensorProto, ValueInfoProto, type_proto};

use super::Reader;
use crate::onnx::OnnxError;
use crate::onnx::check::node_fault;
use crate::onnx::tensor::{floats_of, integers_of};

impl Reader<'_> {
    /// A constant input, if the node has one there.
    pub(super) fn constant(&self, node: &NodeProto, number: usize) -> Option<&TensorProto> {
        node.input.get(number).and_then(|name| self.constants.get(name.as_str())).copied()
    }

    pub(super) fn needed(
        &self,
        node: &NodeProto,
        number: usize,
    ) -> Result<&TensorProto, OnnxError> {
        let missing = || node_fault(node, format!("input {number} should be a constant"));
        self.constant(node, number).ok_or_else(missing)
    }

    /// A scale and the zero point after it.
    pub(super) fn affine(&self, node: &NodeProto, number: usize) -> Result<Affine, OnnxError> {
        let scales: Vec<f32> = floats_of(self.needed(node, number)?).collect();
        let zero = self.zero(node, number + 1, 0)?;
        let [scale] = *scales.as_slice() else {
            return Err(node_fault(node, format!("input {number} should be one scale")));
        };
        match u8::try_from(zero) {
            Ok(zero) => Ok(Affine { scale, zero }),
            Err(_) => Err(node_fault(node, "a zero point lies outside eight bits")),
        }
    }

    /// A zero point as one of u8 codes; `absent` where the node states none.
    pub(super) fn zero(
        &self,
        node: &NodeProto,
        number: usize,
        absent: i64,
    ) -> Result<i64, OnnxError> {
        let Some(tensor) = self.constant(node, number) else { return Ok(absent) };
        let values = integers_of(tensor);
        let Some((&zero, rest)) = values.split_first() else {
            return Err(node_fault(node, format!("input {number} should be a zero point")));
        };
        if rest.iter().any(|z| *z != zero) {
            return Err(node_fault(node, format!("input {number} has more than one zero point")));
        }
        let signed = tensor.data_type == DataType::Int8 as i32;
        Ok(if signed { zero + 128 } else { zero })
    }

    /// The weight at `number` with the scale and zero point at `scale`, its rows first.
    pub(super) fn weight(
        &self,
        node: &NodeProto,
        number: usize,
        scale: Option<usize>,
        zero: usize,
    ) -> Result<Tensor, OnnxError> {
        let tensor = self.needed(node, number)?;
        let shape = shape_of(node, tensor)?;
        let signed = tensor.data_type == DataType::Int8 as i32;
        let shift = if signed { 0 } else { 128 };
        // As one of u8 codes, the middle of either type is 128.
        if self.zero(node, zero, if signed { 128 } else { 0 })? != 128 {
            return Err(node_fault(node, "its weights are not symmetric"));
        }
        let code = |v: i64| i8::try_from(v - shift).ok().filter(|&c| c != i8::MIN);
        let codes: Option<Vec<i8>> = integers_of(tensor).into_iter().map(code).collect();
        let codes = codes.ok_or_else(|| node_fault(node, "a weight lies outside -127..=127"))?;
        let rows = shape.first().map_or(0, |&rows| rows as usize);
        let scales = match scale {
            Some(number) => each(&floats_of(self.needed(node, number)?).collect::<Vec<_>>(), rows),
            None => Some(vec![1.0; rows]),
        };
        let scales = scales.ok_or_else(|| node_fault(node, "its scales do not fit its weights"))?;
        Ok(Tensor { shape, data: TensorData::I8 { scales, codes } })
    }

    /// An f32 constant as a weight.
    pub(super) fn floats(&self, node: &NodeProto, number: usize) -> Result<Tensor, OnnxError> {
        let tensor = self.needed(node, number)?;
        let shape = shape_of(node, tensor)?;
        Ok(Tensor { shape, data: TensorData::F32(floats_of(tensor).collect()) })
    }

    /// Biases in i32 steps of `scale · scales[o]`, as numbers; zeros where the node has none.
    pub(super) fn integer_bias(
        &self,
        node: &NodeProto,
        number: usize,
        (scale, weight): (f32, &Tensor),
    ) -> Result<Vec<f32>, OnnxError> {
        let TensorData::I8 { scales, .. } = &weight.data else { return Ok(Vec::new()) };
        let Some(tensor) = self.constant(node, number) else { return Ok(vec![0.0; scales.len()]) };
        let steps = integers_of(tensor);
        if steps.len() != scales.len() {
            return Err(node_fault(node, format!("{} biases do not fit its weights", steps.len())));
        }
        #[expect(clippy::cast_precision_loss, reason = "a bias is an i32")]
        let number = |(step, own): (i64, &f32)| step as f32 * (scale * own);
        Ok(steps.into_iter().zip(scales).map(number).collect())
    }
}

/// One value for each of `count`, from one for all or one each.
pub(super) fn each(values: &[f32], count: usize) -> Option<Vec<f32>> {
    match values {
        [one] => Some(vec![*one; count]),
        all if all.len() == count => Some(all.to_vec()),
        _ => None,
    }
}

/// The window of a node over `[h, w]` and the `[h, w]` it makes.
pub(super) fn window(
    node: &NodeProto,
    kernel: [u32; 2],
    sides: [u32; 2],
) -> Result<(Window, [u32; 2]), OnnxError> {
    let fault = || node_fault(node, format!("its window does not fit a map of {sides:?}"));
    let dilation = list(node, "dilations", [1; 2]).ok_or_else(fault)?;
    if dilation != [1; 2] || integer(node, "ceil_mode").unwrap_or(0) != 0 {
        return Err(node_fault(node, "dilated windows and rounding up are not supported"));
    }
    let stride = list(node, "strides", [1; 2]).ok_or_else(fault)?;
    let pads = match text(node, "auto_pad").as_str() {
        "" | "NOTSET" | "VALID" => list(node, "pads", [0; 4]),
        "SAME_UPPER" => same_pads([kernel, stride, sides], false),
        "SAME_LOWER" => same_pads([kernel, stride, sides], true),
        _ => None,
    };
    let window = Window { kernel, stride, pads: pads.ok_or_else(fault)? };
    let made = [steps(&window, sides, 0), steps(&window, sides, 1)];
    let [Some(h), Some(w)] = made else { return Err(fault()) };
    Ok((window, [h, w]))
}

/// How often a window fits along an axis.
fn steps(window: &Window, sides: [u32; 2], axis: usize) -> Option<u32> {
    let padded = sides[axis].checked_add(window.pads[axis])?.checked_add(window.pads[axis + 2])?;
    let room = padded.checked_sub(window.kernel[axis])?;
    room.checked_div(window.stride[axis])?.checked_add(1)
}

/// An attribute's numbers; `absent` where the node has none, nothing where they do not fit.
fn list<const N: usize>(node: &NodeProto, name: &str, absent: [u32; N]) -> Option<[u32; N]> {
    let Some(attribute) = node.attribute.iter().find(|a| a.name == name) else {
        return Some(absent);
    };
    let values = attribute.ints.iter().map(|&n| u32::try_from(n).ok());
    values.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// Pads under which a window makes `ceil(side / stride)` steps.
fn same_pads([kernel, stride, sides]: [[u32; 2]; 3], lower: bool) -> Option<[u32; 4]> {
    let mut pads = [0; 4];
    for axis in 0..2 {
        let steps = sides[axis].checked_add(stride[axis])?.checked_sub(1)?;
        let steps = steps.checked_div(stride[axis])?;
        let reach = steps.checked_sub(1)?.checked_mul(stride[axis])?.checked_add(kernel[axis])?;
        let all = reach.saturating_sub(sides[axis]);
        let (small, large) = (all / 2, all - all / 2);
        (pads[axis], pads[axis + 2]) = if lower { (large, small) } else { (small, large) };
    }
    Some(pads)
}

/// `[C, H, W]` of an input of `[1, C, H, W]`.
pub(super) fn input_dims(input: &ValueInfoProto) -> Option<[u32; 3]> {
    let type_proto::Value::TensorType(kind) = input.r#type.as_ref()?.value.as_ref()?;
    let extent = |dim: &tract_onnx::pb::tensor_shape_proto::Dimension| match dim.value {
        Some(Extent::DimValue(extent)) => u32::try_from(extent).ok(),
        _ => None,
    };
    let dims: Vec<u32> = kind.shape.as_ref()?.dim.iter().map(extent).collect::<Option<_>>()?;
    match dims.as_slice() {
        &[1, c, h, w] => Some([c, h, w]),
        _ => None,
    }
}

/// An attribute's number.
pub(super) fn integer(node: &NodeProto, name: &str) -> Option<i64> {
    node.attribute.iter().find(|a| a.name == name).map(|a| a.i)
}

/// An attribute's text; empty when the node has none.
pub(super) fn text(node: &NodeProto, name: &str) -> String {
    let text = node.attribute.iter().find(|a| a.name == name).map(|a| a.s.as_slice());
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}

fn shape_of(node: &NodeProto, tensor: &TensorProto) -> Result<Vec<u32>, OnnxError> {
    let extents = tensor.dims.iter().map(|&d| u32::try_from(d).ok()).collect::<Option<Vec<_>>>();
    extents.ok_or_else(|| node_fault(node, "a constant is too large"))
}
