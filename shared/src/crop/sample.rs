//! Sampling a picture through a similarity.

use super::window::Window;
use crate::{
    frame::Grey,
    geometry::{Point, Similarity},
};

/// Most samples per side and output pixel when shrinking.
const MAX_GRID: u32 = 8;

/// Fills `window` of `out` by sampling `src`, on a grid within each pixel when shrinking.
pub(super) fn fill(src: &Grey, to_src: &Similarity, out: &mut Grey, window: Window) {
    let source = Source::new(src);
    let grid = Grid::new(to_src);
    for row in 0..window.h {
        let y = (window.y + row) as f32;
        for (column, pixel) in (window.x..).zip(window.row(out, row)) {
            let corner = to_src.apply(Point { x: column as f32, y });
            *pixel = source.as_ref().map_or(0, |source| grid.average(source, corner));
        }
    }
}

/// Where to sample within one output pixel: `side`² places, evenly spread.
struct Grid {
    side: u32,
    /// From one sample to the next along the output's x, in source pixels.
    step: Point,
}

impl Grid {
    /// One sample when enlarging, about one per source pixel when shrinking.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates and the clamp bounds it"
    )]
    fn new(to_src: &Similarity) -> Self {
        // A factor a rounding error above a whole number needs no finer grid.
        let side = ((to_src.scale() - 1e-3).ceil() as u32).clamp(1, MAX_GRID);
        let n = side as f32;
        Self { side, step: Point { x: to_src.a / n, y: to_src.b / n } }
    }

    /// The mean of `source` over the output pixel whose top-left corner lies at `corner`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of bytes is a byte"
    )]
    fn average(&self, source: &Source<'_>, corner: Point) -> u8 {
        let Point { x: sx, y: sy } = self.step;
        let mut sum = 0.0;
        for j in 0..self.side {
            let v = j as f32 + 0.5;
            for i in 0..self.side {
                let u = i as f32 + 0.5;
                sum += source.at(corner.x + sx * u - sy * v, corner.y + sy * u + sx * v);
            }
        }
        (sum / (self.side * self.side) as f32 + 0.5) as u8
    }
}

/// A picture with at least one pixel, ready to be sampled anywhere.
struct Source<'a> {
    data: &'a [u8],
    width: usize,
    last: Point,
}

impl<'a> Source<'a> {
    /// `None` for an empty picture.
    fn new(src: &'a Grey) -> Option<Self> {
        let last = Point {
            x: src.width.checked_sub(1)? as f32, //
            y: src.height.checked_sub(1)? as f32,
        };
        Some(Self { data: &src.data, width: src.width as usize, last })
    }

    /// The bilinear value at a position; beyond the edge the edge goes on.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the picture; a NaN becomes zero"
    )]
    fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x - 0.5).clamp(0.0, self.last.x), (y - 0.5).clamp(0.0, self.last.y));
        let (left, top) = (x as usize, y as usize);
        let right = usize::from(x < self.last.x);
        let below = if y < self.last.y { self.width } else { 0 };
        let (fx, fy) = (x - left as f32, y - top as f32);
        let corner = top * self.width + left;
        let [nw, ne, sw, se] = [corner, corner + right, corner + below, corner + below + right]
            .map(|index| f32::from(self.data[index]));
        let upper = nw + (ne - nw) * fx;
        let lower = sw + (se - sw) * fx;
        upper + (lower - upper) * fy
    }
}
