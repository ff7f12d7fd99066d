//! Reading a grey picture between its pixels.

use mien_shared::frame::Grey;

/// The picture at a position, in the picture's own coordinates; its border goes on outside.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are clamped into the picture"
)]
pub(super) fn bilinear(image: &Grey, x: f32, y: f32) -> f32 {
    let (width, height) = (image.width as usize, image.height as usize);
    let x = (x - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let at = |x: usize, y: usize| f32::from(image.data[y * width + x]);
    let above = at(left, top) + fx * (at(right, top) - at(left, top));
    let below = at(left, bottom) + fx * (at(right, bottom) - at(left, bottom));
    above + fy * (below - above)
}

/// The picture at half its size, each pixel the mean of four; an odd last row or column is lost.
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
pub(super) fn halve(image: &Grey) -> Grey {
    let mut half = Grey::new(image.width / 2, image.height / 2);
    let (width, half_width) = (image.width as usize, half.width as usize);
    for (y, row) in half.data.chunks_exact_mut(half_width).enumerate() {
        let top = &image.data[2 * y * width..][..width];
        let bottom = &image.data[(2 * y + 1) * width..][..width];
        for (x, pixel) in row.iter_mut().enumerate() {
            let four = [top[2 * x], top[2 * x + 1], bottom[2 * x], bottom[2 * x + 1]];
            *pixel = ((four.into_iter().map(u16::from).sum::<u16>() + 2) / 4) as u8;
        }
    }
    half
}

/// The nearest byte, cut at black and white.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, as a sensor does"
)]
pub(super) fn byte(level: f32) -> u8 {
    (level + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_pixels_lies_their_mean() {
        let image = Grey { width: 2, height: 1, data: vec![10, 30] };
        let read = [0.5, 1.0, 1.5, 9.0].map(|x| byte(bilinear(&image, x, 0.5)));
        assert_eq!(read, [10, 20, 30, 30]);
    }

    #[test]
    fn half_a_picture_has_the_means_of_four() {
        let image = Grey { width: 4, height: 2, data: vec![0, 4, 10, 10, 8, 4, 10, 11] };
        assert_eq!(halve(&image), Grey { width: 2, height: 1, data: vec![4, 10] });
    }
}
