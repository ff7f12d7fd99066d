//! Borders of zeros around maps, and channels of zeros before or after a value's own.
//!
//! A border waits for the convolution that reads it. Channels of zeros come from a convolution
//! whose weights are zero, because a graph has no constants.

use std::ops::Range;

use mien_shared::graph::{Conv, Op, Tensor, TensorData, Window};
use tract_core::ops::array::{Pad, PadMode};

use super::draft::{Draft, Found, floats, map_shape};
use super::segment::Kind;
use super::view::View;

/// Recognises padding with zeros.
pub(super) fn pad(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<Pad>()?.clone();
    let found = draft.only()?;
    let dims = draft.segment.dims(found.value);
    let zero = matches!(&op.mode, PadMode::Constant(c) if floats(c).is_some_and(|v| v == [0.0]));
    let nchw = found.view == View::nchw(dims);
    if !zero || draft.segment.is_vector(found.value) || !(nchw || found.view == View::nhwc(dims)) {
        return None;
    }
    let [(0, 0), a, b, c] = *op.pads.as_slice() else { return None };
    let [channels, rows, columns] = if nchw { [a, b, c] } else { [c, a, b] };
    let (value, dims) = zero_channels(draft, found.value, channels)?;
    let (value, dims) = border(draft, value, dims, [rows, columns])?;
    let view = if nchw { View::nchw(dims) } else { View::nhwc(dims) };
    Some(Found { value, view })
}

fn border(
    draft: &mut Draft<'_>,
    value: usize,
    [c, h, w]: [usize; 3],
    [rows, columns]: [(usize, usize); 2],
) -> Option<(usize, [usize; 3])> {
    let pads = [rows.0, columns.0, rows.1, columns.1].map(u32::try_from);
    let [top, left, bottom, right] = pads;
    let pads = [top.ok()?, left.ok()?, bottom.ok()?, right.ok()?];
    let add = |extent: usize, (before, after)| extent.checked_add(before)?.checked_add(after);
    let dims = [c, add(h, rows)?, add(w, columns)?];
    if pads == [0; 4] {
        return Some((value, dims));
    }
    let name = format!("{}.border", draft.node.name);
    Some((draft.segment.push(&name, Kind::Pad(pads), &[value], map_shape(dims)?), dims))
}

fn zero_channels(
    draft: &mut Draft<'_>,
    value: usize,
    (before, after): (usize, usize),
) -> Option<(usize, [usize; 3])> {
    let [c, h, w] = draft.segment.dims(value);
    let mut parts = vec![value];
    for (count, place) in [(before, 0..0), (after, 1..2)] {
        if count > 0 {
            let zeros = zeros(draft, value, count, &place)?;
            parts.insert(if place.start == 0 { 0 } else { parts.len() }, zeros);
        }
    }
    let dims = [c.checked_add(before)?.checked_add(after)?, h, w];
    if parts.len() == 1 {
        return Some((value, dims));
    }
    Some((draft.push(Kind::Op(Op::Concat), &parts, map_shape(dims)?), dims))
}

/// `count` channels of zeros of the size of `value`'s map.
fn zeros(draft: &mut Draft<'_>, value: usize, count: usize, place: &Range<usize>) -> Option<usize> {
    let [c, h, w] = draft.segment.dims(value);
    let shape = vec![u32::try_from(count).ok()?, u32::try_from(c).ok()?, 1, 1];
    let data = TensorData::F32(vec![0.0; count.checked_mul(c)?]);
    let window = Window { kernel: [1; 2], stride: [1; 2], pads: [0; 4] };
    let weight = Tensor { shape, data };
    let conv = Conv { weight, bias: vec![0.0; count], window, groups: 1 };
    let name = format!("{}.zeros{}", draft.node.name, place.start);
    let made = map_shape([count, h, w])?;
    Some(draft.segment.push(&name, Kind::Op(Op::Conv(conv)), &[value], made))
}

#[cfg(test)]
mod tests {
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::math;

    use super::*;
    use crate::rewrite::bench::Bench;

    fn padded(pads: &[(usize, usize)]) -> Pad {
        Pad { pads: pads.to_vec(), mode: PadMode::default() }
    }

    #[test]
    fn a_border_joins_the_convolution_that_reads_it() {
        let mut bench = Bench::new(&[1, 2, 6, 5]);
        let pad = bench.wire(padded(&[(0, 0), (0, 0), (1, 2), (0, 1)]), &[bench.input]);
        let conv = bench.conv(pad, [3, 2, 3, 3], 1, (PaddingSpec::Valid, 2));
        let graphs = bench.takes(&[conv], 2);
        let Op::Conv(conv) = &graphs[0].nodes[0].op else { panic!() };
        assert_eq!((graphs[0].nodes.len(), conv.window.pads), (1, [1, 0, 2, 1]));
    }

    #[test]
    fn a_border_that_others_read_is_a_convolution_of_its_own() {
        let mut bench = Bench::new(&[1, 2, 6, 5]);
        let conv = bench.conv(bench.input, [2, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let pad = bench.wire(padded(&[(0, 0), (0, 0), (1, 2), (0, 1)]), &[conv]);
        let relu = bench.binary(math::max(), pad, (&[1, 1, 1, 1], 0.0), false);
        bench.takes(&[relu, pad], 3);
    }

    #[test]
    fn channels_of_zeros_are_joined() {
        let mut bench = Bench::new(&[1, 2, 6, 5]);
        let conv = bench.conv(bench.input, [2, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let pad = bench.wire(padded(&[(0, 0), (1, 3), (0, 0), (0, 0)]), &[conv]);
        bench.takes(&[pad], 2);
    }

    #[test]
    fn borders_of_other_values_are_left_to_tract() {
        let mut bench = Bench::new(&[1, 2, 6, 5]);
        let conv = bench.conv(bench.input, [2, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let pads = vec![(0, 0), (0, 0), (1, 1), (1, 1)];
        let pad = bench.wire(Pad { pads, mode: PadMode::Edge }, &[conv]);
        bench.takes(&[pad], 1);
    }
}
