//! Where branches meet: sums of two values and concatenation along channels.

use mien_shared::graph::{Op, Shape};
use tract_core::ops::array::TypedConcat;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::math::Add;

use super::draft::{Draft, Found, map_shape};
use super::segment::Kind;
use super::view::Axis;

/// Recognises the sum of two values of one shape.
pub(super) fn add(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<TypedBinOp>()?;
    let [a, b]: [Found; 2] = draft.values()?.try_into().ok()?;
    let shape = draft.segment.values[a.value].shape;
    let same = shape == draft.segment.values[b.value].shape && a.view == b.view;
    if !op.0.is::<Add>() || !same {
        return None;
    }
    let value = draft.push(Kind::Op(Op::Add), &[a.value, b.value], shape);
    Some(Found { value, view: a.view })
}

/// Recognises a concatenation of values along channels.
pub(super) fn concat(draft: &mut Draft<'_>) -> Option<Found> {
    let axis = draft.node.op_as::<TypedConcat>()?.axis;
    let parts = draft.values()?;
    let [first, _, ..] = parts.as_slice() else { return None };
    let [_, h, w] = draft.segment.dims(first.value);
    let vector = draft.segment.is_vector(first.value);
    let joined = first.view.with(axis, vec![Axis::C]);
    let mut channels = 0;
    for part in &parts {
        let [c, ph, pw] = draft.segment.dims(part.value);
        // A single channel is in no list, so its axis must be one of extent one.
        let along = if c == 1 { &[][..] } else { &[Axis::C] };
        let fits = part.view.with(axis, vec![Axis::C]) == joined && [ph, pw] == [h, w];
        if part.view.at(axis) != along || !fits || draft.segment.is_vector(part.value) != vector {
            return None;
        }
        channels += c;
    }
    let Shape::Map([c, ..]) = map_shape([channels, h, w])? else { return None };
    let shape = if vector { Shape::Vector([c]) } else { map_shape([channels, h, w])? };
    let inputs: Vec<usize> = parts.iter().map(|part| part.value).collect();
    let value = draft.push(Kind::Op(Op::Concat), &inputs, shape);
    Some(Found { value, view: joined })
}

#[cfg(test)]
mod tests {
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::math;

    use super::*;
    use crate::rewrite::bench::Bench;

    #[test]
    fn a_residual_sum_is_taken() {
        let mut bench = Bench::new(&[1, 3, 5, 5]);
        let conv = bench.conv(bench.input, [3, 3, 3, 3], 1, (PaddingSpec::SameUpper, 1));
        let sum = bench.wire(math::add(), &[conv, bench.input]);
        bench.takes(&[sum], 2);
    }

    #[test]
    fn a_sum_that_repeats_one_side_is_left_to_tract() {
        let mut bench = Bench::new(&[1, 3, 5, 5]);
        let conv = bench.conv(bench.input, [3, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
        let pixel = bench.conv(bench.input, [3, 3, 5, 5], 1, (PaddingSpec::Valid, 1));
        let sum = bench.wire(math::add(), &[conv, pixel]);
        bench.takes(&[sum], 2);
    }

    #[test]
    fn channels_join_and_rows_do_not() {
        for (axis, taken) in [(1, 3), (2, 2)] {
            let mut bench = Bench::new(&[1, 3, 5, 5]);
            let a = bench.conv(bench.input, [2, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
            let b = bench.conv(bench.input, [2, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
            let joined = bench.wire(TypedConcat { axis }, &[a, b]);
            bench.takes(&[joined], taken);
        }
    }

    #[test]
    fn rows_of_a_single_channel_do_not_join_as_channels() {
        let mut bench = Bench::new(&[1, 3, 5, 4]);
        let a = bench.conv(bench.input, [1, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
        let b = bench.conv(bench.input, [1, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
        let joined = bench.wire(TypedConcat { axis: 2 }, &[a, b]);
        bench.takes(&[joined], 2);
    }

    #[test]
    fn a_single_channel_joins_others() {
        let mut bench = Bench::new(&[1, 3, 5, 5]);
        let a = bench.conv(bench.input, [1, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
        let b = bench.conv(bench.input, [2, 3, 1, 1], 1, (PaddingSpec::Valid, 1));
        let joined = bench.wire(TypedConcat { axis: 1 }, &[a, b]);
        bench.takes(&[joined], 3);
    }
}
