//! One similarity warp with bilinear sampling; outside the picture its border goes on.

use mien_shared::geometry::Similarity;

use super::{
    crop::Window,
    labels::Change,
    picture::{Canvas, Picture},
};

/// Mirror, then rotate and scale about a centre, then shift, then look through a window.
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
    /// What stays in place, where (0, 0) is the centre of the first pixel.
    pub(super) centre: [f32; 2],
    /// Top left pixel of the result within the warped picture.
    pub(super) corner: [f32; 2],
}

impl Warp {
    /// No change about the centre of `window`.
    pub(super) fn about(window: &Window) -> Self {
        let corner = [window.left as f32, window.top as f32];
        let [width, height] = window.size.map(|side| (side as f32 - 1.0) / 2.0);
        let centre = [corner[0] + width, corner[1] + height];
        Self { mirror: false, angle: 0.0, scale: 1.0, shift: [0.0; 2], centre, corner }
    }

    /// Writes the warped `image` to `out`, which has the window's size already.
    pub(super) fn apply<const N: usize>(self, image: &impl Picture<N>, out: &mut Canvas<'_, N>) {
        // Output pixel (x, y) shows the picture at start + x * right + y * down.
        let (sin, cos) = self.angle.sin_cos();
        let (sin, cos) = (sin / self.scale, cos / self.scale);
        let flip = if self.mirror { -1.0 } else { 1.0 };
        let (right, down) = ([flip * cos, -sin], [flip * sin, cos]);
        let [x, y] = [0, 1].map(|axis| self.corner[axis] - self.centre[axis] - self.shift[axis]);
        let start = [0, 1].map(|axis| self.centre[axis] + x * right[axis] + y * down[axis]);
        let source = Source::of(image);
        // Counters of 32 bits turn to floats in one instruction.
        for (y, row) in (0_i32..).zip(out.rows()) {
            let y = y as f32;
            let at = [start[0] + y * down[0], start[1] + y * down[1]];
            for (x, pixel) in (0_i32..).zip(row) {
                let x = x as f32;
                *pixel = source.sample(at[0] + x * right[0], at[1] + x * right[1]);
            }
        }
    }

    /// Where this warp moves what the picture shows.
    pub(super) fn change(self) -> Change {
        let (sin, cos) = self.angle.sin_cos();
        let (a, b) = (self.scale * cos, self.scale * sin);
        // Labels have the first pixel's centre at (0.5, 0.5).
        let [x, y] = self.centre.map(|at| at + 0.5);
        let moved = Similarity {
            a,
            b,
            tx: x + self.shift[0] - self.corner[0] - (a * x - b * y),
            ty: y + self.shift[1] - self.corner[1] - (b * x + a * y),
        };
        Change { mirror: self.mirror.then_some(x), moved }
    }
}

/// A picture with at least one pixel, to be read between its pixels.
struct Source<'a, const N: usize> {
    width: usize,
    /// Position of the last column and row.
    last: [f32; 2],
    pixels: &'a [[u8; N]],
}

impl<'a, const N: usize> Source<'a, N> {
    fn of(image: &'a impl Picture<N>) -> Self {
        let size = image.size();
        let last = size.map(|side| (side - 1) as f32);
        Self { width: size[0] as usize, last, pixels: image.pixels() }
    }

    /// The picture at a position, where (0, 0) is the centre of the first pixel.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positions are clamped into the picture, weighted means of bytes are bytes"
    )]
    fn sample(&self, x: f32, y: f32) -> [u8; N] {
        let x = x.clamp(0.0, self.last[0]);
        let y = y.clamp(0.0, self.last[1]);
        let (left, top) = (x as i32, y as i32);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let at = top as usize * self.width + left as usize;
        let right = at + usize::from(x < self.last[0]);
        let down = if y < self.last[1] { self.width } else { 0 };
        let corners = [at, right, at + down, right + down].map(|at| self.pixels[at]);
        std::array::from_fn(|channel| {
            let [nw, ne, sw, se] = corners.map(|pixel| f32::from(pixel[channel]));
            let above = nw + fx * (ne - nw);
            let below = sw + fx * (se - sw);
            (above + fy * (below - above) + 0.5) as u8
        })
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        frame::{Grey, Rgb},
        geometry::Point,
    };

    use super::*;
    use crate::augment::crop::Place;

    #[test]
    fn a_shift_moves_the_picture_and_extends_its_border() {
        let right = |warp| Warp { shift: [1.0, 0.0], ..warp };
        assert_eq!(warped(right, 3, &[1, 2, 3, 4, 5, 6]), [1, 1, 2, 4, 4, 5]);
        let up = |warp| Warp { shift: [0.0, -1.0], ..warp };
        assert_eq!(warped(up, 3, &[1, 2, 3, 4, 5, 6]), [4, 5, 6, 4, 5, 6]);
    }

    #[test]
    fn half_a_pixel_takes_the_mean() {
        let warp = |warp| Warp { shift: [-0.5, 0.0], ..warp };
        assert_eq!(warped(warp, 3, &[10, 20, 40]), [15, 30, 40]);
    }

    #[test]
    fn a_quarter_turn_carries_x_to_y() {
        let warp = |warp| Warp { angle: std::f32::consts::FRAC_PI_2, ..warp };
        assert_eq!(warped(warp, 3, &[1, 2, 3, 4, 5, 6, 7, 8, 9]), [7, 4, 1, 8, 5, 2, 9, 6, 3]);
    }

    #[test]
    fn a_double_scale_enlarges_about_the_centre() {
        let warp = |warp| Warp { scale: 2.0, ..warp };
        assert_eq!(warped(warp, 5, &[0, 40, 80, 120, 160]), [40, 60, 80, 100, 120]);
    }

    #[test]
    fn a_window_shows_its_part_and_mirrors_about_its_own_centre() {
        let image = Grey { width: 3, height: 2, data: vec![1, 2, 3, 4, 5, 6] };
        let window = Place::TopRight.window([3, 2], 2);
        let mut out = Grey::new(2, 2);
        let warp = Warp { mirror: true, ..Warp::about(&window) };
        warp.apply(&image, &mut Canvas::of(&mut out).unwrap());
        assert_eq!(out.data, [3, 2, 6, 5]);
    }

    #[test]
    fn each_channel_of_a_colour_picture_is_warped_alike() {
        let image = Rgb { width: 2, height: 1, data: vec![10, 20, 30, 50, 80, 30] };
        let mut out = Rgb::new(2, 1);
        let warp = Warp { shift: [-0.5, 0.0], ..Warp::about(&Window::whole([2, 1])) };
        warp.apply(&image, &mut Canvas::of(&mut out).unwrap());
        assert_eq!(out.data, [30, 50, 30, 50, 80, 30]);
    }

    #[test]
    fn a_point_moves_with_what_it_marks() {
        let mut image = Grey::new(41, 31);
        image.data[12 * 41 + 25] = 255;
        let window = Window { left: 3, top: 2, size: [32, 28] };
        let warp = Warp {
            mirror: true,
            angle: 0.4,
            scale: 1.2,
            shift: [2.0, -3.0],
            ..Warp::about(&window)
        };
        let mut out = Grey::new(32, 28);
        warp.apply(&image, &mut Canvas::of(&mut out).unwrap());
        let moved = warp.change().point(Point { x: 25.5, y: 12.5 });
        let total: f32 = out.data.iter().map(|&level| f32::from(level)).sum();
        let mean = |place: fn(usize) -> usize| {
            let at = |at: usize| place(at) as f32 + 0.5;
            out.data.iter().enumerate().map(|(i, &v)| f32::from(v) * at(i)).sum::<f32>() / total
        };
        let (x, y) = (mean(|at| at % 32), mean(|at| at / 32));
        assert!((moved.x - x).abs() < 0.15 && (moved.y - y).abs() < 0.15, "{moved:?} {x} {y}");
    }

    fn warped(warp: impl Fn(Warp) -> Warp, width: u32, data: &[u8]) -> Vec<u8> {
        let height = u32::try_from(data.len() / width as usize).unwrap();
        let image = Grey { width, height, data: data.to_vec() };
        let mut out = Grey::new(width, height);
        let still = Warp::about(&Window::whole([width, height]));
        warp(still).apply(&image, &mut Canvas::of(&mut out).unwrap());
        out.data
    }
}
