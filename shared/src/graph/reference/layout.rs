//! Elements in another order, fewer of them, or more.

use super::window::places;
use crate::graph::PadMode;

/// Extents before, of and after an axis, as products.
pub(super) fn around(dims: &[usize], axis: usize) -> [usize; 3] {
    [dims[..axis].iter().product(), dims[axis], dims[axis + 1..].iter().product()]
}

/// Axis `i` of the result is axis `order[i]` of `x`.
pub(super) fn transpose(x: &[f32], dims: [usize; 3], order: [usize; 3]) -> Vec<f32> {
    let strides = [dims[1] * dims[2], dims[2], 1];
    let [a, b, c] = order.map(|axis| strides[axis]);
    places(order.map(|axis| dims[axis])).map(|(i, j, k)| x[i * a + j * b + k * c]).collect()
}

/// `length` indices of an axis from `start` on.
pub(super) fn slice(
    x: &[f32],
    dims: &[usize],
    axis: usize,
    [start, length]: [usize; 2],
) -> Vec<f32> {
    let [_, extent, inner] = around(dims, axis);
    let rows = x.chunks(extent * inner);
    rows.flat_map(|row| &row[start * inner..(start + length) * inner]).copied().collect()
}

/// Values with their extents, joined along an axis.
pub(super) fn concat(parts: &[(Vec<f32>, Vec<usize>)], axis: usize) -> Vec<f32> {
    let outer: usize = parts[0].1[..axis].iter().product();
    let rows = (0..outer).flat_map(|row| parts.iter().map(move |part| (row, part)));
    let row = |(row, (x, _)): (usize, &(Vec<f32>, _))| {
        let length = x.len() / outer;
        x[row * length..(row + 1) * length].to_vec()
    };
    rows.flat_map(row).collect()
}

/// Pixels around a map: top, left, bottom, right.
pub(super) fn pad(
    x: &[f32],
    [c, h, w]: [usize; 3],
    [top, left, bottom, right]: [usize; 4],
    mode: PadMode,
) -> Vec<f32> {
    let pixel = |(c, row, column)| {
        let from = source(row, top, h, mode).zip(source(column, left, w, mode));
        match (from, mode) {
            (Some((row, column)), _) => x[(c * h + row) * w + column],
            (None, PadMode::Constant(value)) => value,
            (None, _) => 0.0,
        }
    };
    places([c, h + top + bottom, w + left + right]).map(pixel).collect()
}

/// The index that an index of the padded axis shows, if any.
fn source(index: usize, before: usize, extent: usize, mode: PadMode) -> Option<usize> {
    let last = extent - 1;
    match mode {
        PadMode::Constant(_) => index.checked_sub(before).filter(|&i| i < extent),
        PadMode::Edge => Some(index.saturating_sub(before).min(last)),
        PadMode::Reflect => {
            let distance = index.abs_diff(before);
            Some(if distance > last { 2 * last - distance } else { distance })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

    #[test]
    fn a_transposition_moves_axes() {
        assert_eq!(transpose(&ROWS, [1, 2, 3], [0, 2, 1]), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(transpose(&ROWS, [1, 2, 3], [2, 0, 1]), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(transpose(&ROWS, [1, 2, 3], [1, 0, 2]), ROWS);
    }

    #[test]
    fn slices_and_joins_go_along_their_axis() {
        assert_eq!(slice(&ROWS, &[1, 2, 3], 2, [1, 2]), [2.0, 3.0, 5.0, 6.0]);
        assert_eq!(slice(&ROWS, &[1, 2, 3], 1, [1, 1]), [4.0, 5.0, 6.0]);
        let parts = [(vec![1.0, 2.0], vec![1, 2, 1]), (ROWS[..4].to_vec(), vec![1, 2, 2])];
        assert_eq!(concat(&parts, 2), [1.0, 1.0, 2.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn padding_repeats_mirrors_or_fills() {
        let row = |mode| pad(&ROWS[..3], [1, 1, 3], [0, 2, 0, 2], mode);
        assert_eq!(row(PadMode::Constant(0.5)), [0.5, 0.5, 1.0, 2.0, 3.0, 0.5, 0.5]);
        assert_eq!(row(PadMode::Edge), [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]);
        assert_eq!(row(PadMode::Reflect), [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
    }
}
