//! A luma plane, then the U plane, then the V plane, both at half size.

use super::{Layout, yuv};
use crate::frame::Rgb;

/// Four pixels share one chroma pair.
pub(super) fn to_rgb(planes: &Layout<'_>, out: &mut Rgb) {
    let width = out.width as usize;
    for (index, row) in out.data.chunks_exact_mut(3 * width).enumerate() {
        let luma = planes.first.row(index);
        let (us, vs) = (planes.second.row(index / 2), planes.third.row(index / 2));
        let (pixels, _) = row.as_chunks_mut::<3>();
        for (x, (pixel, &y)) in pixels.iter_mut().zip(luma).enumerate() {
            *pixel = yuv::to_rgb(y, us[x / 2], vs[x / 2]);
        }
    }
}
