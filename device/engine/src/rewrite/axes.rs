//! Operations that only rename axes or do nothing.

use tract_core::internal::AxisOp;
use tract_core::ops::cast::Cast;
use tract_core::ops::identity::Identity;

use super::draft::{Draft, Found};

/// Recognises transposes, squeezes, reshapes and flattenings that keep the value's axes whole.
pub(super) fn axes(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<AxisOp>()?;
    let found = draft.only()?;
    let view = match op {
        AxisOp::Move(from, to) => found.view.moved(*from, *to),
        _ => found.view.reshaped(draft.segment.dims(found.value), &draft.output_shape()?),
    };
    Some(Found { value: found.value, view: view? })
}

/// Recognises identities and casts from f32 to f32.
pub(super) fn identity(draft: &mut Draft<'_>) -> Option<Found> {
    let nothing = draft.node.op_is::<Identity>() || draft.node.op_is::<Cast>();
    draft.only().filter(|_| nothing)
}

#[cfg(test)]
mod tests {
    use tract_core::internal::tvec;
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::nn::{Softmax, SoftmaxKind};

    use super::*;
    use crate::rewrite::bench::Bench;

    #[test]
    fn transposes_around_a_network_cost_nothing() {
        let mut bench = Bench::new(&[1, 6, 5, 2]);
        let first = bench.wire(AxisOp::Move(3, 1), &[bench.input]);
        let conv = bench.conv(first, [3, 2, 3, 3], 1, (PaddingSpec::SameUpper, 1));
        let last = bench.wire(AxisOp::Move(1, 3), &[conv]);
        let rows = bench.reshape(last, &[1, 30, 3]);
        let graphs = bench.takes(&[rows], 4);
        assert_eq!(graphs[0].nodes.len(), 1);
    }

    #[test]
    fn a_reshape_that_splits_channels_is_left_to_tract() {
        let mut bench = Bench::new(&[1, 2, 6, 5]);
        let conv = bench.conv(bench.input, [4, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let split = bench.reshape(conv, &[1, 2, 2, 30]);
        let axes = tvec!(1);
        let soft = Softmax { axes, quant_output_dt: None, kind: SoftmaxKind::Softmax };
        let soft = bench.wire(soft, &[split]);
        bench.takes(&[soft], 1);
    }
}
