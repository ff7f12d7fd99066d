//! Cutting a face out of a picture, the same bytes on the trainer and on the device.
//!
//! A crop is a similarity (no shear, no mirror) that puts the face's five points as near as it
//! can, in the least-squares sense, to where a template wants them; a letterbox is the largest
//! centred copy of a whole picture. Both sample bilinearly when enlarging and average over the
//! source when shrinking; pixels beyond the source's edge repeat the edge. Nothing here allocates.
//!
//! Coordinates follow [`crate::geometry`]: a pixel's centre lies at half-integers.

mod area;
mod letterbox;
mod sample;
mod window;

pub use self::letterbox::{Letterbox, letterbox};
use self::window::Window;
use crate::{
    frame::Grey,
    geometry::{FivePoints, Point, Similarity},
};

/// The similarity that maps `from` onto `to` with the least sum of squared distances.
///
/// Umeyama's solution restricted to rotations, which in two dimensions is closed: with both sets
/// centred, `a = Σ(x·u + y·v) / Σ(x² + y²)` and `b = Σ(x·v - y·u) / Σ(x² + y²)`. `None` when
/// either set collapses to a point or holds a value that is not finite.
pub fn fit(from: &FivePoints, to: &FivePoints) -> Option<Similarity> {
    let (from, to) = (from.to_array(), to.to_array());
    let (from_center, to_center) = (mean(&from), mean(&to));
    let (mut spread, mut dot, mut cross) = (0.0, 0.0, 0.0);
    for (p, q) in from.iter().zip(&to) {
        let (x, y) = (p.x - from_center.x, p.y - from_center.y);
        let (u, v) = (q.x - to_center.x, q.y - to_center.y);
        spread += x * x + y * y;
        dot += x * u + y * v;
        cross += x * v - y * u;
    }
    let (a, b) = (dot / spread, cross / spread);
    let tx = to_center.x - (a * from_center.x - b * from_center.y);
    let ty = to_center.y - (b * from_center.x + a * from_center.y);
    let found = Similarity { a, b, tx, ty };
    let usable = [a, b, tx, ty].iter().all(|v| v.is_finite()) && found.inverse().is_some();
    usable.then_some(found)
}

/// Fills `out`, whose size is already set, with what `to_src` sees in `src`.
///
/// `to_src` maps a position in `out` to one in `src`. An empty `src` gives black.
pub fn warp(src: &Grey, to_src: &Similarity, out: &mut Grey) {
    sample::fill(src, to_src, out, Window::whole(out));
}

/// Fills `out`, whose size is already set, with the face whose five points in `src` are `points`.
///
/// `template` says where the points shall lie, in units of `out`'s sides (0..=1). False, leaving
/// `out` as it was, when the points or the template are degenerate (see [`fit`]).
#[must_use]
pub fn face(src: &Grey, points: &FivePoints, template: &FivePoints, out: &mut Grey) -> bool {
    let (w, h) = (out.width as f32, out.height as f32);
    let wanted =
        FivePoints::from_array(template.to_array().map(|p| Point { x: p.x * w, y: p.y * h }));
    let Some(to_src) = fit(&wanted, points) else { return false };
    warp(src, &to_src, out);
    true
}

/// The centre of five points.
fn mean(points: &[Point; 5]) -> Point {
    Point {
        x: points.iter().map(|p| p.x).sum::<f32>() / 5.0,
        y: points.iter().map(|p| p.y).sum::<f32>() / 5.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(xy: [(f32, f32); 5]) -> FivePoints {
        FivePoints::from_array(xy.map(|(x, y)| Point { x, y }))
    }

    fn template() -> FivePoints {
        points([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    }

    fn moved(points: &FivePoints, by: &Similarity) -> FivePoints {
        FivePoints::from_array(points.to_array().map(|p| by.apply(p)))
    }

    fn grey(width: u32, data: &[u8]) -> Grey {
        let height = u32::try_from(data.len()).unwrap() / width;
        Grey { width, height, data: data.to_vec() }
    }

    /// `value = 10 + 3·column + 2·row`.
    fn ramp(width: u32, height: u32) -> Grey {
        let value = |index: u32| u8::try_from(10 + 3 * (index % width) + 2 * (index / width));
        grey(width, &(0..width * height).map(|index| value(index).unwrap()).collect::<Vec<_>>())
    }

    const IDENTITY: Similarity = Similarity { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 };

    fn close(a: f32, b: f32, tolerance: f32) -> bool {
        (a - b).abs() <= tolerance
    }

    #[test]
    fn a_quarter_turn_is_found() {
        // (x, y) -> 2·(-y, x) + (10, 20).
        let from = points([(0.0, 0.0), (4.0, 0.0), (2.0, 2.0), (0.0, 4.0), (4.0, 4.0)]);
        let to = points([(10.0, 20.0), (10.0, 28.0), (6.0, 24.0), (2.0, 20.0), (2.0, 28.0)]);
        let found = fit(&from, &to).unwrap();
        for (value, wanted) in [(found.a, 0.0), (found.b, 2.0), (found.tx, 10.0), (found.ty, 20.0)]
        {
            assert!(close(value, wanted, 1e-5), "{found:?}");
        }
    }

    #[test]
    fn one_stray_point_pulls_only_its_share() {
        let mut stray = template();
        stray.nose.x += 0.1;
        let found = fit(&template(), &stray).unwrap();
        // The centre moves by a fifth of the stray distance.
        let centre = Point { x: 0.5, y: 0.6 };
        let p = found.apply(centre);
        assert!(close(p.x, 0.52, 1e-5) && close(p.y, 0.6, 1e-5), "{p:?}");
    }

    #[test]
    fn degenerate_points_are_refused() {
        let collapsed = points([(3.0, 4.0); 5]);
        assert_eq!(fit(&template(), &collapsed), None);
        assert_eq!(fit(&collapsed, &template()), None);
        for value in [f32::NAN, f32::INFINITY] {
            let mut bad = template();
            bad.mouth_left.y = value;
            assert_eq!(fit(&template(), &bad), None);
            assert_eq!(fit(&bad, &template()), None);
        }
        let mut out = grey(2, &[1, 2, 3, 4]);
        assert!(!face(&ramp(8, 8), &collapsed, &template(), &mut out));
        assert_eq!(out.data, [1, 2, 3, 4]);
    }

    #[test]
    fn the_identity_copies() {
        let src = ramp(7, 5);
        let mut out = Grey::new(7, 5);
        warp(&src, &IDENTITY, &mut out);
        assert_eq!(out, src);
    }

    #[test]
    fn half_a_pixel_is_interpolated_and_the_edge_repeats() {
        let src = grey(3, &[0, 100, 200]);
        let mut out = Grey::new(5, 1);
        warp(&src, &Similarity { tx: -0.5, ..IDENTITY }, &mut out);
        assert_eq!(out.data, [0, 50, 150, 200, 200]);
    }

    #[test]
    fn doubling_is_bilinear() {
        let src = grey(2, &[0, 100, 200, 40]);
        let mut out = Grey::new(4, 4);
        warp(&src, &Similarity { a: 0.5, ..IDENTITY }, &mut out);
        #[rustfmt::skip]
        assert_eq!(out.data, [
              0,  25, 75, 100,
             50,  59, 76,  85,
            150, 126, 79,  55,
            200, 160, 80,  40,
        ]);
    }

    #[test]
    fn shrinking_averages_instead_of_skipping() {
        // Stripes that a single sample per pixel would turn into one flat colour.
        let src = grey(4, &[0, 255, 0, 255, 0, 255, 0, 255]);
        let mut out = Grey::new(2, 1);
        warp(&src, &Similarity { a: 2.0, ..IDENTITY }, &mut out);
        assert_eq!(out.data, [128, 128]);
    }

    #[test]
    fn an_empty_source_gives_black() {
        let mut out = grey(2, &[9, 9]);
        warp(&Grey::default(), &IDENTITY, &mut out);
        assert_eq!(out.data, [0, 0]);
    }

    #[test]
    fn transforms_that_are_not_numbers_do_not_panic() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            let mut out = Grey::new(3, 3);
            warp(&ramp(4, 4), &Similarity { a: bad, b: bad, tx: bad, ty: bad }, &mut out);
        }
    }

    #[test]
    fn a_face_lands_on_its_template() {
        // One bright pixel per point, at the points' places in a 20 pixel wide face at (30, 10).
        let mut src = Grey::new(64, 48);
        let place = Similarity { a: 20.0, b: 0.0, tx: 30.0, ty: 10.0 };
        let seen = moved(&template(), &place);
        for (x, y) in [(36, 18), (44, 18), (40, 22), (37, 26), (43, 26)] {
            src.data[y * 64 + x] = 255;
        }
        let mut out = Grey::new(20, 20);
        assert!(face(&src, &seen, &template(), &mut out));
        let bright: Vec<usize> = (0..400).filter(|&index| out.data[index] > 127).collect();
        assert_eq!(bright, [8 * 20 + 6, 8 * 20 + 14, 12 * 20 + 10, 16 * 20 + 7, 16 * 20 + 13]);
    }

    proptest! {
        #[test]
        fn a_known_similarity_is_recovered(
            angle in -3.1_f32..3.1, scale in 0.05_f32..500.0,
            tx in -500.0_f32..500.0, ty in -500.0_f32..500.0,
        ) {
            let wanted = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty };
            let found = fit(&template(), &moved(&template(), &wanted)).unwrap();
            for p in template().to_array() {
                let (x, y) = (found.apply(p), wanted.apply(p));
                let tolerance = 1e-3 * scale.max(1.0);
                prop_assert!(close(x.x, y.x, tolerance) && close(x.y, y.y, tolerance));
            }
        }

        #[test]
        fn a_flat_picture_stays_flat(
            value in any::<u8>(), angle in -3.1_f32..3.1, scale in 0.1_f32..12.0,
            tx in -30.0_f32..30.0, side in 1_u32..20,
        ) {
            let src = Grey { width: side, height: 9, data: vec![value; 9 * side as usize] };
            let to_src = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty: 1.0 };
            let mut out = Grey::new(6, 5);
            warp(&src, &to_src, &mut out);
            prop_assert!(out.data.iter().all(|&byte| byte == value));
        }

        #[test]
        fn warping_there_and_back_restores_a_smooth_picture(
            angle in -0.6_f32..0.6, scale in 0.5_f32..1.0,
        ) {
            let src = ramp(32, 32);
            // About the picture's centre, enlarging.
            let (a, b) = (scale * angle.cos(), scale * angle.sin());
            let there = Similarity { a, b, tx: 16.0 * (1.0 - a + b), ty: 16.0 * (1.0 - a - b) };
            let mut between = Grey::new(32, 32);
            warp(&src, &there, &mut between);
            let mut back = Grey::new(32, 32);
            warp(&between, &there.inverse().unwrap(), &mut back);
            for row in 13..19 {
                for column in 13..19 {
                    let index = row * 32 + column;
                    prop_assert!(back.data[index].abs_diff(src.data[index]) <= 2);
                }
            }
        }
    }
}
