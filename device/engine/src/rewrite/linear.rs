//! Products with a constant matrix: `Gemm`, `MatMul` and whatever else becomes an Einstein sum.
//!
//! Two forms are taken. A sum over channels alone, pixel by pixel, is a 1×1 convolution. A sum over
//! everything, as after a flattening, is a convolution whose kernel is the whole map, or a matrix
//! when the value is a vector.

use mien_shared::graph::{Conv, Op, Shape, Tensor, TensorData, Window};
use tract_core::internal::Axis as SumAxis;
use tract_core::ops::einsum::EinSum;

use super::draft::{Draft, Found, floats, map_shape};
use super::segment::Kind;
use super::view::{Axis, View};

/// Recognises a product of a value and a constant.
pub(super) fn linear(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<EinSum>()?.clone();
    let (found, constant, constant_first) = draft.with_constant()?;
    if op.q_params.is_some() || !matches!(draft.inputs.len(), 2) {
        return None;
    }
    let sides = Sides { data: usize::from(constant_first), constant: usize::from(!constant_first) };
    let sum = Sum::read(op.axes.iter_all_axes(), sides, constant.shape())?;
    let dims = draft.segment.dims(found.value);
    let summed: Vec<Axis> =
        sum.pairs.iter().flat_map(|&(data, _)| found.view.at(data).to_vec()).collect();
    let kept = found.view.order().iter().any(|axis| !summed.contains(axis));
    if kept && summed != [Axis::C] {
        return None;
    }
    let matrix = sum.matrix(floats(&constant)?, constant.shape())?;
    let made = if kept { dims } else { [dims[0], 1, 1] };
    let taps = if kept { [1, 1] } else { [dims[1], dims[2]] };
    let matrix = if kept { matrix } else { in_value_order(&matrix, &summed, dims)? };
    let view = sum.view(&found.view);
    let product = Product { matrix, outputs: sum.outputs, channels: dims[0], taps };
    let value = product.push(draft, &found, made)?;
    Some(Found { value, view })
}

/// Which input of the sum is the value and which the constant.
#[derive(Debug, Clone, Copy)]
struct Sides {
    data: usize,
    constant: usize,
}

/// What an Einstein sum of a value and a constant does with each axis.
#[derive(Debug)]
struct Sum {
    /// Positions of each summed axis in the value's and the constant's tensor, in the value's order.
    pairs: Vec<(usize, usize)>,
    /// Position of the axis that only the constant and the output have, if any is wide.
    made: Option<usize>,
    /// Extent of that axis.
    outputs: usize,
    /// For each output axis, the value's axis it repeats; `None` comes from the constant.
    from: Vec<Option<usize>>,
    /// Position in the output of the wide axis that the constant makes.
    target: Option<usize>,
}

impl Sum {
    fn read<'a>(
        axes: impl Iterator<Item = &'a SumAxis>,
        sides: Sides,
        constant: &[usize],
    ) -> Option<Self> {
        let mut sum = Self { pairs: vec![], made: None, outputs: 1, from: vec![], target: None };
        for axis in axes {
            let data = at_most_one(&axis.inputs[sides.data])?;
            let weight = at_most_one(&axis.inputs[sides.constant])?;
            let output = at_most_one(&axis.outputs[0])?;
            let extent = weight.map_or(1, |p| constant.get(p).copied().unwrap_or(0));
            if let Some(output) = output {
                sum.from.resize(sum.from.len().max(output + 1), None);
                sum.from[output] = data;
            }
            match (data, weight, output) {
                (Some(data), Some(weight), None) => sum.pairs.push((data, weight)),
                (None, Some(weight), Some(output)) if extent > 1 => {
                    // A second wide axis would need a second row of outputs.
                    sum.made.replace(weight).is_none().then_some(())?;
                    (sum.outputs, sum.target) = (extent, Some(output));
                }
                (Some(_), None, None) => return None,
                _ if extent > 1 => return None,
                _ => {}
            }
        }
        sum.pairs.sort_unstable();
        Some(sum)
    }

    /// The constant as `[outputs, summed]`, the summed axes in the value's order.
    fn matrix(&self, values: &[f32], shape: &[usize]) -> Option<Vec<f32>> {
        let strides = strides(shape);
        let summed: Vec<_> = self.pairs.iter().map(|&(_, p)| (shape[p], strides[p])).collect();
        let columns = offsets(&summed);
        let step = self.made.map_or(0, |p| strides[p]);
        let row = |o: usize| columns.iter().map(move |column| values.get(o * step + column));
        (0..self.outputs).flat_map(row).map(Option::<&f32>::copied).collect()
    }

    fn view(&self, data: &View) -> View {
        let list = |(position, from): (usize, &Option<usize>)| match from {
            Some(axis) => data.at(*axis).to_vec(),
            None if self.target == Some(position) => vec![Axis::C],
            None => Vec::new(),
        };
        View::from_lists(self.from.iter().enumerate().map(list).collect())
    }
}

/// A matrix about to become an operation.
struct Product {
    matrix: Vec<f32>,
    outputs: usize,
    channels: usize,
    taps: [usize; 2],
}

impl Product {
    fn push(self, draft: &mut Draft<'_>, found: &Found, made: [usize; 3]) -> Option<usize> {
        let outputs = u32::try_from(self.outputs).ok()?;
        let channels = u32::try_from(self.channels).ok()?;
        let [kh, kw] = [u32::try_from(self.taps[0]).ok()?, u32::try_from(self.taps[1]).ok()?];
        let bias = vec![0.0; self.outputs];
        let data = TensorData::F32(self.matrix);
        if draft.segment.is_vector(found.value) {
            let weight = Tensor { shape: vec![outputs, channels], data };
            let shape = Shape::Vector([outputs]);
            return Some(draft.push(Kind::Op(Op::Linear { weight, bias }), &[found.value], shape));
        }
        let window = Window { kernel: [kh, kw], stride: [1; 2], pads: [0; 4] };
        let weight = Tensor { shape: vec![outputs, channels, kh, kw], data };
        let conv = Conv { weight, bias, window, groups: 1 };
        let shape = map_shape([self.outputs, made[1], made[2]])?;
        Some(draft.push(Kind::Op(Op::Conv(conv)), &[found.value], shape))
    }
}

/// Rows over axes in the order `summed` as rows over `[C, H, W]`.
fn in_value_order(matrix: &[f32], summed: &[Axis], dims: [usize; 3]) -> Option<Vec<f32>> {
    let extents: Vec<_> = summed.iter().map(|a| a.extent(dims)).collect();
    let own = strides(&extents);
    let wide = Axis::ALL.map(|axis| {
        let place = summed.iter().position(|&a| a == axis);
        (axis.extent(dims), place.map_or(0, |p| own[p]))
    });
    let columns = offsets(&wide);
    let row =
        |row: &[f32]| columns.iter().map(|&c| row.get(c).copied()).collect::<Option<Vec<_>>>();
    let rows: Option<Vec<_>> = matrix.chunks(columns.len().max(1)).map(row).collect();
    Some(rows?.concat())
}

/// The offsets of all elements of nested axes, each `(extent, stride)`, the last fastest.
fn offsets(axes: &[(usize, usize)]) -> Vec<usize> {
    axes.iter().fold(vec![0], |outer, &(extent, stride)| {
        outer.iter().flat_map(|&o| (0..extent).map(move |i| o + i * stride)).collect()
    })
}

fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The only position of an axis in a tensor, if it has one; an axis met twice is a diagonal.
#[expect(clippy::option_option, reason = "a diagonal is no answer, an absent axis is one")]
fn at_most_one(positions: &[usize]) -> Option<Option<usize>> {
    match positions {
        [] => Some(None),
        [one] => Some(Some(*one)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tract_core::internal::AxisOp;
    use tract_core::ops::cnn::PaddingSpec;

    use super::*;
    use crate::rewrite::bench::Bench;

    #[test]
    fn a_matrix_after_a_mean_is_linear() {
        for sum in ["mk,kn->mn", "mk,nk->mn"] {
            let mut bench = Bench::new(&[1, 2, 6, 6]);
            let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
            let mean = bench.mean(conv, &[2, 3]);
            let flat = bench.reshape(mean, &[1, 3]);
            let shape = if sum == "mk,kn->mn" { [3, 5] } else { [5, 3] };
            let product = bench.einsum(sum, flat, &shape, false);
            let graphs = bench.takes(&[product], 5);
            assert!(matches!(graphs[0].nodes[2].op, Op::Linear { .. }));
        }
    }

    #[test]
    fn a_matrix_after_a_flattening_is_a_convolution_over_the_map() {
        for nhwc in [false, true] {
            let mut bench = Bench::new(&[1, 2, 4, 3]);
            let mut conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
            if nhwc {
                conv = bench.wire(AxisOp::Move(1, 3), &[conv]);
            }
            let flat = bench.reshape(conv, &[1, 36]);
            let product = bench.einsum("mk,kn->mn", flat, &[36, 5], false);
            bench.takes(&[product], if nhwc { 4 } else { 3 });
        }
    }

    #[test]
    fn a_matrix_for_each_pixel_is_a_convolution_of_single_pixels() {
        for constant_first in [false, true] {
            let mut bench = Bench::new(&[1, 2, 4, 3]);
            let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
            let last = bench.wire(AxisOp::Move(1, 3), &[conv]);
            let sum = if constant_first { "cn,bhwc->bhwn" } else { "bhwc,cn->bhwn" };
            let product = bench.einsum(sum, last, &[3, 5], constant_first);
            bench.takes(&[product], 3);
        }
    }

    #[test]
    fn a_sum_over_rows_alone_is_left_to_tract() {
        let mut bench = Bench::new(&[1, 2, 4, 3]);
        let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let product = bench.einsum("bchw,hn->bcnw", conv, &[4, 5], false);
        bench.takes(&[product], 1);
    }
}
