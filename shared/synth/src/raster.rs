//! A z-buffered triangle rasteriser with supersampling.
//!
//! Samples hold linear RGB; [`Canvas::resolve`] averages them per pixel over the backdrop and
//! encodes sRGB. Larger depth is nearer. Only the touched part of the canvas is cleared and
//! resolved.

use std::ops::Range;

use mien_shared::frame::Rgb;

use crate::{math::index, tone};

/// What is interpolated across a triangle: `u, v, red, green, blue, shine`.
pub type Varying = [f32; 6];

/// A triangle's corner in sample coordinates.
#[derive(Debug, Clone, Copy, Default)]
pub struct Corner {
    /// Rightwards, samples.
    pub x: f32,
    /// Downwards, samples.
    pub y: f32,
    /// Nearness to the viewer, in any unit.
    pub depth: f32,
    /// What is interpolated.
    pub varying: Varying,
}

/// The samples of one picture.
#[derive(Debug, Default)]
pub struct Canvas {
    width: usize,
    height: usize,
    per_pixel: usize,
    colour: Vec<[f32; 3]>,
    depth: Vec<f32>,
    touched: Touched,
}

/// Bounds of the touched samples, upper ends exclusive.
#[derive(Debug, Clone, Copy, Default)]
struct Touched {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
}

const FAR: f32 = f32::NEG_INFINITY;

impl Canvas {
    /// Makes the canvas empty, at `per_pixel` samples per pixel and axis.
    pub fn begin(&mut self, width: u32, height: u32, per_pixel: u32) {
        let per_pixel = per_pixel as usize;
        let (width, height) = (width as usize * per_pixel, height as usize * per_pixel);
        if (self.width, self.height) == (width, height) {
            self.wipe();
        } else {
            (self.width, self.height) = (width, height);
            self.colour.clear();
            self.depth.clear();
            self.colour.resize(width * height, [0.0; 3]);
            self.depth.resize(width * height, FAR);
        }
        self.per_pixel = per_pixel;
        self.touched = Touched { x0: width, y0: height, x1: 0, y1: 0 };
    }

    fn wipe(&mut self) {
        let t = self.touched;
        for y in t.y0..t.y1 {
            self.depth[y * self.width + t.x0..y * self.width + t.x1.max(t.x0)].fill(FAR);
        }
    }

    /// Draws a triangle; `fragment` gives colour and opacity of a sample, opacity 0 leaving it
    /// untouched and opacity below 1 blending without hiding what comes later.
    ///
    /// Triangles running counter-clockwise on the picture's y-down plane, seen from behind, are
    /// skipped unless `two_sided`.
    pub fn triangle(
        &mut self,
        [a, b, c]: [&Corner; 3],
        two_sided: bool,
        fragment: impl Fn(&Varying) -> [f32; 4],
    ) {
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        let hidden = if two_sided { area.abs() <= 1e-6 } else { area <= 1e-6 };
        if hidden || !area.is_finite() {
            return;
        }
        let Some((x0, x1)) = span(a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x), self.width) else {
            return;
        };
        let Some((y0, y1)) = span(a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y), self.height) else {
            return;
        };
        self.touch(x0, y0, x1, y1);
        let inverse = area.recip();
        let start = (x0 as f32 + 0.5, y0 as f32 + 0.5);
        let edge_b = Edge::new(c, a, inverse);
        let edge_c = Edge::new(a, b, inverse);
        let (mut wb, mut wc) = (edge_b.at(start), edge_c.at(start));
        for y in y0..y1 {
            let line = y * self.width + x0..y * self.width + x1;
            self.scan(line, [a, b, c], ([wb, edge_b.dx], [wc, edge_c.dx]), &fragment);
            wb += edge_b.dy;
            wc += edge_c.dy;
        }
    }

    /// Draws the samples of one line, from two weights and their steps.
    fn scan(
        &mut self,
        line: Range<usize>,
        [a, b, c]: [&Corner; 3],
        ([mut wb, db], [mut wc, dc]): ([f32; 2], [f32; 2]),
        fragment: &impl Fn(&Varying) -> [f32; 4],
    ) {
        for i in line {
            let wa = 1.0 - wb - wc;
            if wa >= 0.0 && wb >= 0.0 && wc >= 0.0 {
                self.sample(i, [(a, wa), (b, wb), (c, wc)], fragment);
            }
            wb += db;
            wc += dc;
        }
    }

    fn sample(
        &mut self,
        i: usize,
        [(a, wa), (b, wb), (c, wc)]: [(&Corner, f32); 3],
        fragment: &impl Fn(&Varying) -> [f32; 4],
    ) {
        let depth = a.depth * wa + b.depth * wb + c.depth * wc;
        if depth <= self.depth[i] {
            return;
        }
        let varying =
            std::array::from_fn(|k| a.varying[k] * wa + b.varying[k] * wb + c.varying[k] * wc);
        let [red, green, blue, opacity] = fragment(&varying);
        if opacity >= 0.999 {
            self.depth[i] = depth;
            self.colour[i] = [red, green, blue];
        } else if opacity > 0.0 && self.depth[i] > FAR {
            let under = self.colour[i];
            self.colour[i] = crate::math::mix3(under, [red, green, blue], opacity);
        }
    }

    /// Colour and depth of the sample at a place in samples; `None` outside or where nothing is
    /// drawn.
    pub fn sample_at(&self, x: f32, y: f32) -> Option<([f32; 3], f32)> {
        let (column, row) = (index(x), index(y));
        let inside = x >= 0.0 && y >= 0.0 && column < self.width && row < self.height;
        let at = row * self.width + column;
        (inside && self.depth[at] > FAR).then(|| (self.colour[at], self.depth[at]))
    }

    fn touch(&mut self, x0: usize, y0: usize, x1: usize, y1: usize) {
        let t = &mut self.touched;
        (t.x0, t.y0) = (t.x0.min(x0), t.y0.min(y0));
        (t.x1, t.y1) = (t.x1.max(x1), t.y1.max(y1));
    }

    /// Writes the touched pixels into `picture`, which already shows the backdrop.
    pub fn resolve(&self, picture: &mut Rgb) {
        let n = self.per_pixel;
        let t = self.touched;
        if t.x1 <= t.x0 || t.y1 <= t.y0 {
            return;
        }
        let width = picture.width as usize;
        for y in t.y0 / n..t.y1.div_ceil(n) {
            for x in t.x0 / n..t.x1.div_ceil(n) {
                let at = 3 * (y * width + x);
                self.resolve_pixel(x * n, y * n, &mut picture.data[at..at + 3]);
            }
        }
    }

    fn resolve_pixel(&self, left: usize, top: usize, bytes: &mut [u8]) {
        let n = self.per_pixel;
        let mut sum = [0.0_f32; 3];
        let mut bare = 0.0_f32;
        for k in 0..n * n {
            let i = (top + k / n) * self.width + left + k % n;
            if self.depth[i] > FAR {
                let c = self.colour[i];
                sum = [sum[0] + c[0], sum[1] + c[1], sum[2] + c[2]];
            } else {
                bare += 1.0;
            }
        }
        let samples = (n * n) as f32;
        if bare >= samples {
            return;
        }
        for (byte, sum) in bytes.iter_mut().zip(sum) {
            let behind = if bare > 0.0 { bare * tone::decode(*byte) } else { 0.0 };
            *byte = tone::encode((sum + behind) / samples);
        }
    }
}

/// A barycentric weight as a linear function of the sample position.
struct Edge {
    dx: f32,
    dy: f32,
    from: (f32, f32),
}

impl Edge {
    fn new(from: &Corner, to: &Corner, inverse: f32) -> Self {
        let dx = -(to.y - from.y) * inverse;
        let dy = (to.x - from.x) * inverse;
        Self { dx, dy, from: (from.x, from.y) }
    }

    fn at(&self, (x, y): (f32, f32)) -> f32 {
        (x - self.from.0) * self.dx + (y - self.from.1) * self.dy
    }
}

/// The samples whose centres lie between `low` and `high`, upper end exclusive.
fn span(low: f32, high: f32, size: usize) -> Option<(usize, usize)> {
    let from = index((low - 0.5).ceil().max(0.0));
    let to = index((high + 0.5).floor().max(0.0)).min(size);
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corner(x: f32, y: f32, depth: f32) -> Corner {
        Corner { x, y, depth, varying: [0.0; 6] }
    }

    fn draw(canvas: &mut Canvas, depth: f32, colour: [f32; 4]) {
        let corners = [corner(0.0, 0.0, depth), corner(8.0, 0.0, depth), corner(0.0, 8.0, depth)];
        let [a, b, c] = &corners;
        canvas.triangle([a, b, c], false, |_| colour);
    }

    fn picture_after(draws: &[(f32, [f32; 4])]) -> Rgb {
        let mut canvas = Canvas::default();
        canvas.begin(4, 4, 2);
        for (depth, colour) in draws {
            draw(&mut canvas, *depth, *colour);
        }
        let mut picture = Rgb::new(4, 4);
        canvas.resolve(&mut picture);
        picture
    }

    #[test]
    fn the_nearer_triangle_wins_in_either_order() {
        let (red, blue) = ([1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]);
        for order in [[(2.0, red), (1.0, blue)], [(1.0, blue), (2.0, red)]] {
            assert_eq!(picture_after(&order).data[..3], [255, 0, 0]);
        }
    }

    #[test]
    fn a_triangle_covers_its_half_and_no_more() {
        let picture = picture_after(&[(1.0, [1.0; 4])]);
        assert_eq!(picture.data[..3], [255, 255, 255]);
        assert_eq!(picture.data[3 * 15..], [0, 0, 0]);
    }

    #[test]
    fn a_cleared_canvas_shows_nothing_of_the_last_picture() {
        let mut canvas = Canvas::default();
        canvas.begin(4, 4, 2);
        draw(&mut canvas, 1.0, [1.0; 4]);
        canvas.begin(4, 4, 2);
        let mut picture = Rgb::new(4, 4);
        canvas.resolve(&mut picture);
        assert!(picture.data.iter().all(|b| *b == 0));
    }
}
