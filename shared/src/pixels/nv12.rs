//! A luma plane, then interleaved `U V` at half size.

use super::{Layout, yuv};
use crate::frame::Rgb;

/// Four pixels share one chroma pair.
pub(super) fn to_rgb(planes: &Layout<'_>, out: &mut Rgb) {
    let width = out.width as usize;
    for (index, row) in out.data.chunks_exact_mut(3 * width).enumerate() {
        let luma = planes.first.row(index);
        let (chroma, _) = planes.second.row(index / 2).as_chunks::<2>();
        let (pixels, _) = row.as_chunks_mut::<3>();
        for (x, (pixel, &y)) in pixels.iter_mut().zip(luma).enumerate() {
            let [u, v] = chroma[x / 2];
            *pixel = yuv::to_rgb(y, u, v);
        }
    }
}
