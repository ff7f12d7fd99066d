//! Three bytes per pixel, red or blue first.

use super::Layout;
use crate::frame::{Grey, Rgb};

/// 0.299, 0.587 and 0.114 times 2¹⁶, summing to 2¹⁶.
const LUMA: [u32; 3] = [19_595, 38_470, 7_471];

/// Which colour comes first.
#[derive(Clone, Copy)]
pub(super) enum Order {
    Rgb,
    Bgr,
}

/// Weighted sum of the three colours, rounded.
pub(super) fn to_grey(planes: &Layout<'_>, order: Order, out: &mut Grey) {
    let [r, g, b] = LUMA;
    let weights = match order {
        Order::Rgb => [r, g, b],
        Order::Bgr => [b, g, r],
    };
    let width = out.width as usize;
    for (index, row) in out.data.chunks_exact_mut(width).enumerate() {
        let (pixels, _) = planes.first.row(index).as_chunks::<3>();
        for (out, pixel) in row.iter_mut().zip(pixels) {
            *out = luma(*pixel, weights);
        }
    }
}

/// A copy, swapping red and blue where needed.
pub(super) fn to_rgb(planes: &Layout<'_>, order: Order, out: &mut Rgb) {
    for (index, row) in out.data.chunks_exact_mut(planes.row).enumerate() {
        row.copy_from_slice(&planes.first.row(index)[..planes.row]);
        if matches!(order, Order::Bgr) {
            let (pixels, _) = row.as_chunks_mut::<3>();
            for pixel in pixels {
                pixel.reverse();
            }
        }
    }
}

/// Luma of a colour image; both have the same size.
pub(super) fn luma_of(image: &Rgb, out: &mut Grey) {
    let (pixels, _) = image.data.as_chunks::<3>();
    for (out, pixel) in out.data.iter_mut().zip(pixels) {
        *out = luma(*pixel, LUMA);
    }
}

/// One pixel's luma.
#[expect(clippy::cast_possible_truncation, reason = "the weights sum to one: a byte comes out")]
fn luma(pixel: [u8; 3], weights: [u32; 3]) -> u8 {
    let sum: u32 = pixel.iter().zip(weights).map(|(&c, weight)| u32::from(c) * weight).sum();
    ((sum + (1 << 15)) >> 16) as u8
}
