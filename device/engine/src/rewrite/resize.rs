//! Enlargement by two, each pixel repeated.
//!
//! ONNX states resizing by a dozen attributes. The operator itself is asked instead: it enlarges a
//! map whose pixels hold their own positions, and is taken when each comes out where it should.

use mien_shared::graph::Op;
use tract_core::internal::{IntoTValue as _, TVec, Tensor};

use super::draft::{Draft, Found, Input, floats, map_shape};
use super::segment::Kind;
use super::view::View;

/// Most elements of a probe: every position is exact in f32.
const PROBE: usize = 1 << 22;

/// Recognises a resize that repeats every pixel twice along rows and columns.
pub(super) fn resize(draft: &mut Draft<'_>) -> Option<Found> {
    let Input::Value(found) = draft.inputs.first()?.clone() else { return None };
    let [c, h, w] = draft.segment.dims(found.value);
    let made = [c, h.checked_mul(2)?, w.checked_mul(2)?];
    let shape = draft.input_shape(0)?;
    let nchw = found.view == View::nchw([c, h, w]);
    if draft.node.op.name() != "Resize" || !nchw || draft.segment.is_vector(found.value) {
        return None;
    }
    if draft.output_shape()? != [1, c, made[1], made[2]] || c.checked_mul(h * w)? > PROBE {
        return None;
    }
    let seen = enlarge(draft, &shape)?;
    if !repeats_pixels(floats(&seen)?, [c, h, w]) {
        return None;
    }
    let value = draft.push(Kind::Op(Op::Upsample2), &[found.value], map_shape(made)?);
    Some(Found { value, view: View::nchw(made) })
}

/// What the node makes of the positions `0, 1, 2 …` in a tensor of `shape`.
fn enlarge(draft: &Draft<'_>, shape: &[usize]) -> Option<Tensor> {
    let positions: Vec<f32> = (0..shape.iter().product()).map(|i: usize| i as f32).collect();
    let probe = Tensor::from_shape(shape, &positions).ok()?;
    let mut inputs: TVec<_> = TVec::new();
    inputs.push(probe.into_tvalue());
    for input in draft.inputs.iter().skip(1) {
        let Input::Constant(constant) = input else { return None };
        inputs.push(constant.clone().into_tvalue());
    }
    let made = draft.node.op.eval_out_of_plan(inputs).ok()??;
    Some(Tensor::clone(made.first()?))
}

fn repeats_pixels(seen: &[f32], [c, h, w]: [usize; 3]) -> bool {
    let (rows, columns) = (2 * h, 2 * w);
    let wanted = |i: usize| {
        let (plane, row, column) = (i / (rows * columns), i / columns % rows, i % columns);
        ((plane * h + row / 2) * w + column / 2) as f32
    };
    let exact = |(i, &v): (usize, &f32)| v.to_bits() == wanted(i).to_bits();
    seen.len() == c * rows * columns && seen.iter().enumerate().all(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_pixels_are_known_from_shifted_ones() {
        assert!(repeats_pixels(&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0], [1, 1, 2]));
        assert!(!repeats_pixels(&[0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0], [1, 1, 2]));
        assert!(!repeats_pixels(&[0.0, 0.0, 1.0, 1.0], [1, 1, 2]));
    }
}
