//! The shapes that moving, joining and repeating elements make.

use super::ShapeFault;
use crate::graph::{PadMode, Resample, Shape};

/// The extent of `axis`.
pub(super) fn extent(shape: Shape, axis: u32) -> Result<u32, ShapeFault> {
    let fault = || ShapeFault::Axes { axes: vec![axis], shape };
    shape.dims().get(axis as usize).copied().ok_or_else(fault)
}

/// `shape` with `axis` set to `extent`.
fn with_extent(shape: Shape, axis: u32, extent: u32) -> Shape {
    match (shape, axis) {
        (Shape::Map([_, h, w]), 0) => Shape::Map([extent, h, w]),
        (Shape::Map([c, _, w]), 1) => Shape::Map([c, extent, w]),
        (Shape::Map([c, h, _]), _) => Shape::Map([c, h, extent]),
        (Shape::Vector(_), _) => Shape::Vector([extent]),
    }
}

/// Another size of H and W.
pub(super) fn resize(
    sides: [u32; 2],
    size: [u32; 2],
    mode: Resample,
) -> Result<[u32; 2], ShapeFault> {
    let whole = (0..2).all(|axis| size[axis].checked_rem(sides[axis]) == Some(0));
    if mode == Resample::Nearest && !whole {
        return Err(ShapeFault::Multiple { size, sides });
    }
    Ok(size)
}

/// H and W with pixels around them.
pub(super) fn pad(sides: [u32; 2], pads: [u32; 4], mode: PadMode) -> Result<[u32; 2], ShapeFault> {
    let [h, w] = sides;
    let [top, left, bottom, right] = pads;
    let mirrored = top.max(bottom) < h && left.max(right) < w;
    if mode == PadMode::Reflect && !mirrored {
        return Err(ShapeFault::Mirror { pads, sides });
    }
    let sum = |side: u32, a: u32, b: u32| side.saturating_add(a).saturating_add(b);
    Ok([sum(h, top, bottom), sum(w, left, right)])
}

/// The axes in another order.
pub(super) fn transpose(dims: [u32; 3], order: [u32; 3]) -> Result<[u32; 3], ShapeFault> {
    let mut sorted = order;
    sorted.sort_unstable();
    if sorted != [0, 1, 2] {
        return Err(ShapeFault::Axes { axes: order.to_vec(), shape: Shape::Map(dims) });
    }
    Ok(order.map(|axis| dims[axis as usize]))
}

/// The same elements as a vector.
pub(super) fn flatten(shape: Shape) -> Shape {
    Shape::Vector([u32::try_from(shape.elements()).unwrap_or(u32::MAX)])
}

/// The same elements as a map.
pub(super) fn reshape(shape: Shape, wanted: [u32; 3]) -> Result<Shape, ShapeFault> {
    let elements = wanted.iter().try_fold(1_u64, |n, &extent| n.checked_mul(u64::from(extent)));
    if elements == Some(shape.elements()) {
        return Ok(Shape::Map(wanted));
    }
    Err(ShapeFault::Elements { shape, wanted })
}

/// A range along `axis`.
pub(super) fn slice(
    shape: Shape,
    axis: u32,
    [start, length]: [u32; 2],
) -> Result<Shape, ShapeFault> {
    let extent = extent(shape, axis)?;
    match start.checked_add(length) {
        Some(end) if length > 0 && end <= extent => Ok(with_extent(shape, axis, length)),
        _ => Err(ShapeFault::Range { start, length, extent }),
    }
}

/// Two or more values joined along `axis`.
pub(super) fn concat(inputs: &[Shape], axis: u32) -> Result<Shape, ShapeFault> {
    let first = inputs[0];
    let mut length = 0_u32;
    for &shape in inputs {
        let own = extent(first, axis).and_then(|_| extent(shape, axis))?;
        if with_extent(shape, axis, 0) != with_extent(first, axis, 0) {
            return Err(ShapeFault::Differ { a: first, b: shape });
        }
        length = length.saturating_add(own);
    }
    Ok(with_extent(first, axis, length))
}

/// The shape of two values whose extents agree or are 1.
pub(super) fn repeat(a: Shape, b: Shape) -> Result<Shape, ShapeFault> {
    let side = |axis: usize| {
        let (own, other) = (a.dims()[axis], b.dims()[axis]);
        (own == other || own == 1 || other == 1).then_some(own.max(other))
    };
    let made = match (a, b) {
        (Shape::Map(_), Shape::Map(_)) => {
            let sides = side(0).zip(side(1)).zip(side(2));
            sides.map(|((channels, h), w)| Shape::Map([channels, h, w]))
        }
        (Shape::Vector(_), Shape::Vector(_)) => side(0).map(|length| Shape::Vector([length])),
        _ => None,
    };
    made.ok_or(ShapeFault::Differ { a, b })
}

/// `[B, M, N]` from `[B, M, K]` and `[B, K, N]`.
pub(super) fn product(a: Shape, b: Shape) -> Result<Shape, ShapeFault> {
    match (a, b) {
        (Shape::Map([batch, rows, inner]), Shape::Map([other, height, columns]))
            if batch == other && inner == height =>
        {
            Ok(Shape::Map([batch, rows, columns]))
        }
        _ => Err(ShapeFault::Product { a, b }),
    }
}
