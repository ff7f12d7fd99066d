//! Sums and products with constants, channel by channel: biases, folded batch normalisations and
//! the means and scales that networks apply to their input.
//!
//! A constant that varies over pixels, or that would enlarge what it meets, stays with tract.

use tract_core::internal::Tensor;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::math::{Add, Div, Mul, Sub};

use super::draft::{Draft, Found, floats};
use super::segment::Affine;
use super::view::Axis;

/// Recognises `x + c`, `x - c`, `c - x`, `x · c` and `x / c`.
pub(super) fn affine(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<TypedBinOp>()?;
    let (found, constant, constant_first) = draft.with_constant()?;
    let each = per_channel(draft, &found, &constant)?;
    let ones = vec![1.0; each.len()];
    let negated = |c: &[f32]| c.iter().map(|v| -v).collect::<Vec<_>>();
    let (scale, shift) = if op.0.is::<Add>() {
        (ones, each)
    } else if op.0.is::<Sub>() && constant_first {
        (negated(&ones), each)
    } else if op.0.is::<Sub>() {
        (ones, negated(&each))
    } else if op.0.is::<Mul>() {
        let zeros = vec![0.0; each.len()];
        (each, zeros)
    } else if op.0.is::<Div>() && !constant_first {
        (each.iter().map(|v| 1.0 / v).collect(), vec![0.0; each.len()])
    } else {
        return None;
    };
    let affine = Affine { scale, shift };
    let value = draft.segment.affine(&draft.node.name, found.value, affine);
    Some(Found { value, view: found.view })
}

/// A constant's element for each channel of `found`, when it varies over nothing else.
pub(super) fn per_channel(draft: &Draft<'_>, found: &Found, constant: &Tensor) -> Option<Vec<f32>> {
    let channels = draft.segment.dims(found.value)[0];
    let values = floats(constant)?;
    let shape = constant.shape();
    let fits = shape.len() == found.view.rank() && keeps_shape(draft);
    let only_channels =
        |(position, &extent): (usize, &usize)| extent == 1 || found.view.at(position) == [Axis::C];
    if !fits || !shape.iter().enumerate().all(only_channels) {
        return None;
    }
    match values {
        [one] => Some(vec![*one; channels]),
        each if each.len() == channels => Some(each.to_vec()),
        _ => None,
    }
}

/// Whether the node's output has the shape of the value it reads.
fn keeps_shape(draft: &Draft<'_>) -> bool {
    let made = draft.output_shape();
    let elements = |shape: &Vec<usize>| shape.iter().product::<usize>();
    let largest = (0..draft.inputs.len()).filter_map(|i| draft.input_shape(i)).max_by_key(elements);
    made.is_some() && made == largest
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::Op;
    use tract_core::ops::cnn::PaddingSpec;
    use tract_core::ops::math;

    use crate::rewrite::bench::Bench;

    #[test]
    fn a_batch_normalisation_after_a_convolution_vanishes_in_it() {
        let mut bench = Bench::new(&[1, 3, 6, 6]);
        let conv = bench.conv(bench.input, [4, 3, 3, 3], 1, (PaddingSpec::SameUpper, 1));
        let scaled = bench.binary(math::mul(), conv, (&[1, 4, 1, 1], 0.5), false);
        let shifted = bench.binary(math::add(), scaled, (&[1, 4, 1, 1], 0.25), true);
        let graphs = bench.takes(&[shifted], 3);
        assert_eq!(graphs[0].nodes.len(), 1);
    }

    #[test]
    fn a_mean_taken_off_the_input_becomes_a_convolution_of_single_pixels() {
        let mut bench = Bench::new(&[1, 3, 6, 6]);
        let centred = bench.binary(math::sub(), bench.input, (&[1, 3, 1, 1], 0.5), false);
        let conv = bench.conv(centred, [4, 3, 3, 3], 1, (PaddingSpec::SameUpper, 1));
        let graphs = bench.takes(&[conv], 2);
        let Op::Conv(first) = &graphs[0].nodes[0].op else { panic!() };
        assert_eq!((first.groups, first.weight.shape.as_slice()), (3, [3, 1, 1, 1].as_slice()));
    }

    #[test]
    fn constants_first_and_divisions_are_understood() {
        for (op, first) in [(math::sub(), true), (math::div(), false), (math::mul(), true)] {
            let mut bench = Bench::new(&[1, 2, 5, 5]);
            let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
            let made = bench.binary(op, conv, (&[1, 3, 1, 1], 2.0), first);
            bench.takes(&[made], 2);
        }
    }

    #[test]
    fn a_constant_for_each_pixel_is_left_to_tract() {
        let mut bench = Bench::new(&[1, 2, 5, 5]);
        let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        let made = bench.binary(math::add(), conv, (&[1, 3, 5, 5], 2.0), false);
        bench.takes(&[made], 1);
    }
}
