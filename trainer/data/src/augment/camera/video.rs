//! Interlaced video: a frame's odd rows were taken a field later than its even ones.

use super::super::picture::{Canvas, byte};

/// Shifts the odd rows by `shift` pixels along x, as of a thing that moved from field to field.
pub(crate) fn interlace<const N: usize>(image: &mut Canvas<'_, N>, shift: f32) {
    let last = image.width - 1;
    let mut before = vec![[0; N]; image.width];
    for row in image.rows().skip(1).step_by(2) {
        before.copy_from_slice(row);
        for (x, pixel) in (0_i32..).zip(row) {
            let (left, part) = split((x as f32 - shift).clamp(0.0, last as f32));
            let (a, b) = (before[left], before[(left + 1).min(last)]);
            *pixel = std::array::from_fn(|i| {
                let [a, b] = [a[i], b[i]].map(f32::from);
                byte(a + part * (b - a))
            });
        }
    }
}

/// The whole and the part of a position within a row.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are clamped into the row"
)]
fn split(x: f32) -> (usize, f32) {
    (x as usize, x.fract())
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    #[test]
    fn only_odd_rows_move() {
        let mut image = Grey { width: 3, height: 3, data: vec![1, 2, 3, 10, 20, 40, 7, 8, 9] };
        interlace(&mut Canvas::of(&mut image).unwrap(), -0.5);
        assert_eq!(image.data, [1, 2, 3, 15, 30, 40, 7, 8, 9]);
    }
}
