//! A whole picture, as large as it fits, in the middle of another.

use super::{area, sample, window::Window};
use crate::{
    frame::Grey,
    geometry::{Point, Rect, Similarity},
};

/// Fills `out`, whose size is already set, with the largest centred copy of all of `src`, black
/// beside it, and says where that copy lies.
///
/// An empty `src` or `out` gives black and the identity.
pub fn letterbox(src: &Grey, out: &mut Grey) -> Letterbox {
    out.data.fill(0);
    if src.data.is_empty() || out.data.is_empty() {
        return Letterbox { scale: 1.0, dx: 0.0, dy: 0.0 };
    }
    let (sw, sh) = (src.width as f32, src.height as f32);
    let scale = (out.width as f32 / sw).min(out.height as f32 / sh);
    let window = Window::centered(out, sw * scale, sh * scale);
    let fitted = Letterbox { scale, dx: window.x as f32, dy: window.y as f32 };
    if scale > 1.0 || !area::shrink(src, 1.0 / scale, out, window) {
        sample::fill(src, &fitted.as_similarity(), out, window);
    }
    fitted
}

/// Where a [`letterbox`] put the source: `out = source * scale + (dx, dy)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letterbox {
    /// Output pixels per source pixel.
    pub scale: f32,
    /// Width of the bar on the left, in output pixels.
    pub dx: f32,
    /// Height of the bar on top, in output pixels.
    pub dy: f32,
}

impl Letterbox {
    /// The position in the source that a position in the letterbox shows.
    pub fn to_source(&self, p: Point) -> Point {
        Point { x: (p.x - self.dx) / self.scale, y: (p.y - self.dy) / self.scale }
    }

    /// The rectangle in the source that a rectangle in the letterbox shows.
    pub fn rect_to_source(&self, r: Rect) -> Rect {
        let Point { x, y } = self.to_source(Point { x: r.x, y: r.y });
        Rect { x, y, w: r.w / self.scale, h: r.h / self.scale }
    }

    /// The same mapping, letterbox to source.
    fn as_similarity(self) -> Similarity {
        let a = 1.0 / self.scale;
        Similarity { a, b: 0.0, tx: -self.dx * a, ty: -self.dy * a }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grey(width: u32, data: &[u8]) -> Grey {
        let height = u32::try_from(data.len()).unwrap() / width;
        Grey { width, height, data: data.to_vec() }
    }

    /// `value = 10 + 3·column + 2·row`.
    fn ramp(width: u32, height: u32) -> Grey {
        let value = |index: u32| u8::try_from(10 + 3 * (index % width) + 2 * (index / width));
        grey(width, &(0..width * height).map(|index| value(index).unwrap()).collect::<Vec<_>>())
    }

    fn close(a: f32, b: f32, tolerance: f32) -> bool {
        (a - b).abs() <= tolerance
    }

    #[test]
    fn an_empty_source_gives_black_and_the_identity() {
        let mut out = grey(2, &[9, 9]);
        let fitted = letterbox(&Grey::default(), &mut out);
        assert_eq!(fitted, Letterbox { scale: 1.0, dx: 0.0, dy: 0.0 });
        assert_eq!(out.data, [0, 0]);
    }

    #[test]
    fn whole_factors_take_the_exact_rounded_mean() {
        let src = grey(4, &[1, 2, 10, 20, 3, 5, 30, 41]);
        let mut out = Grey::new(2, 1);
        let fitted = letterbox(&src, &mut out);
        // 11/4 and 101/4.
        assert_eq!(out.data, [3, 25]);
        assert_eq!(fitted, Letterbox { scale: 0.5, dx: 0.0, dy: 0.0 });
    }

    #[test]
    fn every_whole_factor_agrees_with_the_plain_mean() {
        for factor in 1..=12_u32 {
            let src = ramp(3 * factor, 2 * factor);
            let mut out = Grey::new(3, 2);
            letterbox(&src, &mut out);
            for (index, &byte) in (0_u32..).zip(&out.data) {
                let (column, row) = (index % 3, index / 3);
                let inside = |y: u32, x: u32| y / factor == row && x / factor == column;
                let all = (0..2 * factor).flat_map(|y| (0..3 * factor).map(move |x| (y, x)));
                let picked = all.filter(|&(y, x)| inside(y, x));
                let sum: u32 =
                    picked.map(|(y, x)| u32::from(src.data[(y * 3 * factor + x) as usize])).sum();
                let area = factor * factor;
                assert_eq!(u32::from(byte), (sum + area / 2) / area, "factor {factor}");
            }
        }
    }

    #[test]
    fn the_largest_factor_does_not_overflow() {
        for side in [257, 258] {
            let src = Grey { width: side, height: side, data: vec![255; (side * side) as usize] };
            let mut out = Grey::new(1, 1);
            letterbox(&src, &mut out);
            assert_eq!(out.data, [255], "{side}");
        }
    }

    #[test]
    fn bars_are_black_and_centred() {
        let src = Grey { width: 4, height: 2, data: vec![80; 8] };
        let mut out = Grey { width: 2, height: 4, data: vec![9; 8] };
        let fitted = letterbox(&src, &mut out);
        assert_eq!(out.data, [0, 0, 80, 80, 0, 0, 0, 0]);
        assert_eq!(fitted, Letterbox { scale: 0.5, dx: 0.0, dy: 1.0 });
    }

    #[test]
    fn a_small_picture_is_enlarged_bilinearly() {
        let mut out = Grey::new(4, 4);
        let fitted = letterbox(&grey(2, &[0, 100, 200, 40]), &mut out);
        assert_eq!(fitted, Letterbox { scale: 2.0, dx: 0.0, dy: 0.0 });
        assert_eq!(out.data[..4], [0, 25, 75, 100]);
    }

    #[test]
    fn letterbox_places_map_back_to_the_source() {
        let mut out = Grey::new(160, 160);
        let fitted = letterbox(&Grey::new(640, 480), &mut out);
        assert_eq!(fitted, Letterbox { scale: 0.25, dx: 0.0, dy: 20.0 });
        let p = fitted.to_source(Point { x: 80.0, y: 80.0 });
        assert_eq!(p, Point { x: 320.0, y: 240.0 });
        let r = fitted.rect_to_source(Rect { x: 40.0, y: 60.0, w: 20.0, h: 10.0 });
        assert_eq!(r, Rect { x: 160.0, y: 160.0, w: 80.0, h: 40.0 });
    }

    proptest! {
        #[test]
        fn letterboxes_of_any_size_hold_their_picture(
            sw in 1_u32..70, sh in 1_u32..70, ow in 1_u32..40, oh in 1_u32..40,
        ) {
            let src = Grey { width: sw, height: sh, data: vec![200; (sw * sh) as usize] };
            let mut out = Grey::new(ow, oh);
            let fitted = letterbox(&src, &mut out);
            prop_assert!(out.data.iter().all(|&byte| byte == 0 || byte == 200));
            prop_assert!(out.data.contains(&200));
            let corner = fitted.to_source(Point { x: fitted.dx, y: fitted.dy });
            prop_assert!(corner.x.abs() < 1e-3 && corner.y.abs() < 1e-3);
            // The far corner is at most the rounding of the shorter side away.
            let far = Rect { x: 0.0, y: 0.0, w: sw as f32 * fitted.scale, h: sh as f32 * fitted.scale };
            let seen = fitted.rect_to_source(far);
            prop_assert!(close(seen.w, sw as f32, 1e-2) && close(seen.h, sh as f32, 1e-2));
        }
    }
}
