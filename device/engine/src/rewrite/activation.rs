//! Activations: `max(x, 0)` however it is written, sigmoid, softmax over channels.

use mien_shared::graph::Op;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::element_wise::ElementWiseOp;
use tract_core::ops::math::{Max, Min};
use tract_core::ops::nn::{Sigmoid, Softmax, SoftmaxKind};

use super::affine::per_channel;
use super::draft::{Draft, Found};
use super::segment::Kind;
use super::view::Axis;

/// Recognises `max(x, 0)`, and `min(x, ∞)` as nothing.
pub(super) fn relu(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<TypedBinOp>()?;
    let (found, constant, _) = draft.with_constant()?;
    let bounds = per_channel(draft, &found, &constant)?;
    if op.0.is::<Min>() && bounds.iter().all(|&b| b >= f32::MAX) {
        return Some(found);
    }
    let zero = bounds.iter().all(|&b| b == 0.0);
    (op.0.is::<Max>() && zero).then(|| same_shape(draft, Op::Relu, found))
}

/// Recognises the logistic function.
pub(super) fn sigmoid(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<ElementWiseOp>()?;
    let found = draft.only()?;
    op.0.is::<Sigmoid>().then(|| same_shape(draft, Op::Sigmoid, found))
}

/// Recognises a softmax over exactly the channels.
pub(super) fn softmax(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<Softmax>()?;
    let found = draft.only()?;
    let axes: Vec<Axis> = op.axes.iter().flat_map(|&a| found.view.at(a).to_vec()).collect();
    let plain = op.kind == SoftmaxKind::Softmax && op.quant_output_dt.is_none();
    (plain && axes == [Axis::C]).then(|| same_shape(draft, Op::Softmax, found))
}

fn same_shape(draft: &mut Draft<'_>, op: Op, found: Found) -> Found {
    let shape = draft.segment.values[found.value].shape;
    let value = draft.push(Kind::Op(op), &[found.value], shape);
    Found { value, view: found.view }
}

#[cfg(test)]
mod tests {
    use tract_core::internal::tvec;
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::{math, nn};

    use super::*;
    use crate::rewrite::bench::Bench;

    fn conv() -> (Bench, tract_core::internal::OutletId) {
        let mut bench = Bench::new(&[1, 2, 5, 5]);
        let conv = bench.conv(bench.input, [3, 2, 3, 3], 1, (PaddingSpec::SameUpper, 1));
        (bench, conv)
    }

    #[test]
    fn a_maximum_with_zero_is_a_relu_from_either_side() {
        for first in [false, true] {
            let (mut bench, conv) = conv();
            let relu = bench.binary(math::max(), conv, (&[1, 1, 1, 1], 0.0), first);
            let graphs = bench.takes(&[relu], 2);
            assert_eq!(graphs[0].nodes[1].op, Op::Relu);
        }
    }

    #[test]
    fn other_bounds_are_left_to_tract() {
        let (mut bench, conv) = conv();
        let low = bench.binary(math::max(), conv, (&[1, 1, 1, 1], -1.0), false);
        let high = bench.binary(math::min(), low, (&[1, 1, 1, 1], 6.0), false);
        bench.takes(&[high], 1);
    }

    #[test]
    fn a_softmax_over_channels_is_taken_and_one_over_columns_is_not() {
        for (axis, taken) in [(1, 2), (3, 1)] {
            let (mut bench, conv) = conv();
            let op = Softmax { axes: tvec!(axis), ..Softmax::default() };
            let soft = bench.wire(op, &[conv]);
            bench.takes(&[soft], taken);
        }
    }

    #[test]
    fn a_sigmoid_is_taken() {
        let (mut bench, conv) = conv();
        let sigmoid = bench.wire(nn::sigmoid(), &[conv]);
        bench.takes(&[sigmoid], 2);
    }
}
