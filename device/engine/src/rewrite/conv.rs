//! Convolutions with constant weights, and the windows they share with pools.
//!
//! Dilated convolutions, weights that are computed and layouts other than ONNX's `[O, I, H, W]`
//! stay with tract.

use mien_shared::graph::{self, Op, Shape, TensorData, Window};
use tract_core::internal::Tensor;
use tract_core::ops::cnn::{Conv, KernelFormat, PoolSpec};

use super::draft::{Draft, Found, Input, floats, layout, map_shape};
use super::segment::Kind;

/// Recognises a convolution; over a single pixel, a matrix.
pub(super) fn conv(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<Conv>()?.clone();
    let [Input::Value(input), Input::Constant(kernel), Input::Constant(bias)] =
        draft.inputs.as_slice()
    else {
        return None;
    };
    if op.q_params.is_some() || op.kernel_fmt != KernelFormat::OIHW {
        return None;
    }
    let (input, weight) = (input.clone(), weight(kernel)?);
    let bias = bias_of(bias, op.output_channels())?;
    let format = op.pool_spec.data_format;
    let [_, h, w] = draft.map(&input, format)?;
    let (window, [h, w]) = window(&op.pool_spec, [h, w])?;
    let dims = [op.output_channels(), h, w];
    let view = layout(format, dims)?;
    let value = if draft.segment.is_vector(input.value) {
        pixel(draft, &input, weight, bias, op.group)?
    } else {
        let groups = u32::try_from(op.group).ok()?;
        let conv = graph::Conv { weight, bias, window, groups };
        draft.push(Kind::Op(Op::Conv(conv)), &[input.value], map_shape(dims)?)
    };
    Some(Found { value, view })
}

/// A convolution over a vector: its 1×1 kernel as a matrix.
fn pixel(
    draft: &mut Draft<'_>,
    input: &Found,
    mut weight: graph::Tensor,
    bias: Vec<f32>,
    groups: usize,
) -> Option<usize> {
    if groups != 1 || weight.shape[2..] != [1, 1] {
        return None;
    }
    weight.shape.truncate(2);
    let shape = Shape::Vector([weight.shape[0]]);
    Some(draft.push(Kind::Op(Op::Linear { weight, bias }), &[input.value], shape))
}

/// A constant `[O, I, H, W]` as a graph's weight.
fn weight(kernel: &Tensor) -> Option<graph::Tensor> {
    let shape: Vec<u32> =
        kernel.shape().iter().map(|&d| u32::try_from(d)).collect::<Result<_, _>>().ok()?;
    let data = TensorData::F32(floats(kernel)?.to_vec());
    (shape.len() == 4).then_some(graph::Tensor { shape, data })
}

/// One bias per channel, from one for all or one each.
fn bias_of(bias: &Tensor, channels: usize) -> Option<Vec<f32>> {
    match floats(bias)? {
        [one] => Some(vec![*one; channels]),
        each if each.len() == channels => Some(each.to_vec()),
        _ => None,
    }
}

/// The window of an undilated spec over `[h, w]` and the `[h, w]` it makes.
///
/// The padding after an axis is the least that its last window needs, whatever rule the spec names.
pub(super) fn window(spec: &PoolSpec, sides: [usize; 2]) -> Option<(Window, [usize; 2])> {
    if spec.rank() != 2 {
        return None;
    }
    let mut window = Window { kernel: [0; 2], stride: [0; 2], pads: [0; 4] };
    let mut made = [0; 2];
    for (axis, computed) in spec.computed_padding(&sides).iter().enumerate() {
        let (kernel, stride) = (spec.kernel_shape[axis], spec.stride(axis));
        if kernel == 0 || stride == 0 || (spec.dilation(axis) != 1 && kernel != 1) {
            return None;
        }
        let (before, out) = (computed.pad_before, computed.convoluted);
        let reach = out.checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)?;
        let after = reach.saturating_sub(sides[axis].checked_add(before)?);
        if before >= kernel || after >= kernel {
            return None;
        }
        window.kernel[axis] = u32::try_from(kernel).ok()?;
        window.stride[axis] = u32::try_from(stride).ok()?;
        window.pads[axis] = u32::try_from(before).ok()?;
        window.pads[axis + 2] = u32::try_from(after).ok()?;
        made[axis] = out;
    }
    Some((window, made))
}

#[cfg(test)]
mod tests {
    use tract_core::internal::tvec;
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::nn::DataFormat;

    use super::*;
    use crate::rewrite::bench::Bench;

    fn spec(kernel: usize, stride: usize, padding: PaddingSpec) -> PoolSpec {
        PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: tvec!(kernel, kernel),
            padding,
            dilations: None,
            strides: Some(tvec!(stride, stride)),
            input_channels: 1,
            output_channels: 1,
        }
    }

    #[test]
    fn same_padding_is_written_out() {
        let (upper, made) = window(&spec(3, 2, PaddingSpec::SameUpper), [8, 9]).unwrap();
        assert_eq!((upper.pads, made), ([0, 1, 1, 1], [4, 5]));
        let (lower, _) = window(&spec(3, 2, PaddingSpec::SameLower), [8, 9]).unwrap();
        assert_eq!(lower.pads, [1, 1, 0, 1]);
    }

    #[test]
    fn rounding_up_pads_what_the_last_window_needs() {
        let ceil = PaddingSpec::ExplicitOnnxPool(tvec!(0, 0), tvec!(0, 0), true);
        let (window, made) = window(&spec(2, 2, ceil), [5, 6]).unwrap();
        assert_eq!((window.pads, made), ([0, 0, 1, 0], [3, 3]));
    }

    #[test]
    fn padding_that_no_window_meets_is_dropped() {
        let far = PaddingSpec::Explicit(tvec!(0, 0), tvec!(1, 1));
        let (window, made) = window(&spec(2, 2, far), [4, 4]).unwrap();
        assert_eq!((window.pads, made), ([0; 4], [2, 2]));
    }

    #[test]
    fn a_dilated_window_is_left_to_tract() {
        let dilated = PoolSpec { dilations: Some(tvec!(2, 2)), ..spec(3, 1, PaddingSpec::Valid) };
        assert_eq!(window(&dilated, [8, 8]), None);
    }

    #[test]
    fn plain_grouped_strided_and_padded_convolutions_are_taken() {
        for (weight, groups) in [([6, 4, 3, 3], 1), ([4, 1, 3, 3], 4), ([8, 2, 1, 1], 2)] {
            let mut bench = Bench::new(&[1, 4, 9, 8]);
            let same = PaddingSpec::SameUpper;
            let conv = bench.conv(bench.input, weight, groups, (same.clone(), 2));
            bench.takes(&[conv], 1);
        }
    }

    #[test]
    fn a_convolution_over_one_pixel_is_a_matrix() {
        let mut bench = Bench::new(&[1, 4, 3, 3]);
        let first = bench.conv(bench.input, [5, 4, 3, 3], 1, (PaddingSpec::Valid, 1));
        let mean = bench.mean(first, &[2, 3]);
        let second = bench.conv(mean, [7, 5, 1, 1], 1, (PaddingSpec::Valid, 1));
        let graphs = bench.takes(&[second], 4);
        assert!(matches!(graphs[0].nodes.last().unwrap().op, Op::Linear { .. }));
    }
}
