//! One similarity warp with bilinear sampling; outside the picture its border goes on.

use mien_shared::frame::Grey;

/// Mirror, then rotate and scale about the centre, then shift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Warp {
    /// Whether left and right are exchanged.
    pub(super) mirror: bool,
    /// Rotation in radians, from the x axis towards the y axis.
    pub(super) angle: f32,
    /// Size of the result relative to the picture.
    pub(super) scale: f32,
    /// Shift along x and y in pixels.
    pub(super) shift: [f32; 2],
}

impl Warp {
    /// Writes the warped `image` to `out`, which has its size already.
    pub(super) fn apply(self, image: &Grey, out: &mut Grey) {
        // Output pixel (x, y) shows the picture at start + x * right + y * down.
        let (sin, cos) = self.angle.sin_cos();
        let (sin, cos) = (sin / self.scale, cos / self.scale);
        let flip = if self.mirror { -1.0 } else { 1.0 };
        let (right, down) = ([flip * cos, -sin], [flip * sin, cos]);
        let centre = [(image.width as f32 - 1.0) / 2.0, (image.height as f32 - 1.0) / 2.0];
        let (x, y) = (-centre[0] - self.shift[0], -centre[1] - self.shift[1]);
        let start =
            [centre[0] + x * right[0] + y * down[0], centre[1] + x * right[1] + y * down[1]];
        for (y, row) in out.data.chunks_exact_mut(image.width as usize).enumerate() {
            let y = y as f32;
            let at = [start[0] + y * down[0], start[1] + y * down[1]];
            for (x, pixel) in row.iter_mut().enumerate() {
                let x = x as f32;
                *pixel = sample(image, at[0] + x * right[0], at[1] + x * right[1]);
            }
        }
    }
}

/// The picture at a position, where (0, 0) is the centre of the first pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are clamped into the picture, weighted means of bytes are bytes"
)]
fn sample(image: &Grey, x: f32, y: f32) -> u8 {
    let (width, height) = (image.width as usize, image.height as usize);
    let x = x.clamp(0.0, (width - 1) as f32);
    let y = y.clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let at = |x: usize, y: usize| f32::from(image.data[y * width + x]);
    let above = at(left, top) + fx * (at(right, top) - at(left, top));
    let below = at(left, bottom) + fx * (at(right, bottom) - at(left, bottom));
    (above + fy * (below - above) + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Warp = Warp { mirror: false, angle: 0.0, scale: 1.0, shift: [0.0, 0.0] };

    #[test]
    fn a_shift_moves_the_picture_and_extends_its_border() {
        let warp = Warp { shift: [1.0, 0.0], ..STILL };
        assert_eq!(warped(warp, 3, &[1, 2, 3, 4, 5, 6]), [1, 1, 2, 4, 4, 5]);
        let warp = Warp { shift: [0.0, -1.0], ..STILL };
        assert_eq!(warped(warp, 3, &[1, 2, 3, 4, 5, 6]), [4, 5, 6, 4, 5, 6]);
    }

    #[test]
    fn half_a_pixel_takes_the_mean() {
        let warp = Warp { shift: [-0.5, 0.0], ..STILL };
        assert_eq!(warped(warp, 3, &[10, 20, 40]), [15, 30, 40]);
    }

    #[test]
    fn a_quarter_turn_carries_x_to_y() {
        let warp = Warp { angle: std::f32::consts::FRAC_PI_2, ..STILL };
        assert_eq!(warped(warp, 3, &[1, 2, 3, 4, 5, 6, 7, 8, 9]), [7, 4, 1, 8, 5, 2, 9, 6, 3]);
    }

    #[test]
    fn a_double_scale_enlarges_about_the_centre() {
        let warp = Warp { scale: 2.0, ..STILL };
        assert_eq!(warped(warp, 5, &[0, 40, 80, 120, 160]), [40, 60, 80, 100, 120]);
    }

    fn warped(warp: Warp, width: u32, data: &[u8]) -> Vec<u8> {
        let height = u32::try_from(data.len() / width as usize).unwrap();
        let image = Grey { width, height, data: data.to_vec() };
        let mut out = Grey::new(width, height);
        warp.apply(&image, &mut out);
        out.data
    }
}
