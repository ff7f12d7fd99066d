//! Packed 4:2:2, bytes `Y0 U Y1 V` per two pixels.

use super::{Layout, yuv};
use crate::frame::{Grey, Rgb};

/// Every second byte.
pub(super) fn to_grey(planes: &Layout<'_>, out: &mut Grey) {
    let width = out.width as usize;
    for (index, row) in out.data.chunks_exact_mut(width).enumerate() {
        let (pairs, _) = planes.first.row(index).as_chunks::<2>();
        for (pixel, [y, _]) in row.iter_mut().zip(pairs) {
            *pixel = *y;
        }
    }
}

/// Two pixels share one chroma pair.
pub(super) fn to_rgb(planes: &Layout<'_>, out: &mut Rgb) {
    let width = out.width as usize;
    for (index, row) in out.data.chunks_exact_mut(3 * width).enumerate() {
        let (quads, _) = planes.first.row(index).as_chunks::<4>();
        for (pair, &[y0, u, y1, v]) in row.chunks_mut(6).zip(quads) {
            let (pixels, _) = pair.as_chunks_mut::<3>();
            for (pixel, y) in pixels.iter_mut().zip([y0, y1]) {
                *pixel = yuv::to_rgb(y, u, v);
            }
        }
    }
}
