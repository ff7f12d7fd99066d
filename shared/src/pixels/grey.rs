//! Formats whose first plane is luma.

use super::Layout;
use crate::frame::{Grey, Rgb};

/// Copies the first plane, row by row.
pub(super) fn copy(planes: &Layout<'_>, out: &mut Grey) {
    let width = planes.row;
    for (index, row) in out.data.chunks_exact_mut(width).enumerate() {
        row.copy_from_slice(&planes.first.row(index)[..width]);
    }
}

/// Luma in all three channels.
pub(super) fn to_rgb(planes: &Layout<'_>, out: &mut Rgb) {
    let width = planes.row;
    for (index, row) in out.data.chunks_exact_mut(3 * width).enumerate() {
        let (pixels, _) = row.as_chunks_mut::<3>();
        for (pixel, &y) in pixels.iter_mut().zip(planes.first.row(index)) {
            *pixel = [y; 3];
        }
    }
}
