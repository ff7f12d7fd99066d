//! Where portraits go in a scene, how large, how turned, in what light and under which mask.

use mien_shared::{
    frame::Grey,
    geometry::{Point, Similarity},
};
use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Face, Portrait,
    paste::{Mask, Placement},
};

/// Heights of the faces in pixels.
const HEIGHTS: [f32; 2] = [12.0, 140.0];
/// Largest rotation of a portrait in radians.
const TILT: f32 = 0.35;
/// Share of tight portraits that fit the view's height exactly, as a cut-out picture does.
const EXACT: f32 = 0.5;

/// A placement of a portrait's face anywhere within `view`, with the face's centre inside.
pub(super) fn anywhere(portrait: &Portrait, rng: &mut Pcg64, view: &Grey) -> (Placement, Face) {
    let mirror = rng.random();
    let face = upright(portrait, mirror);
    let height = HEIGHTS[0] * (HEIGHTS[1] / HEIGHTS[0]).powf(rng.random());
    let to = Point {
        x: rng.random_range(0.0..view.width as f32),
        y: rng.random_range(0.0..view.height as f32),
    };
    let to_scene = about(face.rect.center(), height / face.rect.h, tilt(rng), to);
    let mask = Mask::around(&face.rect, rng);
    (lit(to_scene, mirror, mask, rng), face.moved(&to_scene))
}

/// A placement of a portrait that fills `view` more or less.
pub(super) fn tight(portrait: &Portrait, rng: &mut Pcg64, view: &Grey) -> (Placement, Face) {
    let mirror = rng.random();
    let (width, height) = (view.width as f32, view.height as f32);
    let exact = height / portrait.image.height as f32;
    let (scale, angle, drift) = if rng.random::<f32>() < EXACT {
        (exact, 0.0, 0.0)
    } else {
        (exact * rng.random_range(0.85..1.4), tilt(rng), 0.12 * height)
    };
    let mut shift = || drift * (2.0 * rng.random::<f32>() - 1.0);
    let to = Point { x: width / 2.0 + shift(), y: height / 2.0 + shift() };
    let middle =
        Point { x: portrait.image.width as f32 / 2.0, y: portrait.image.height as f32 / 2.0 };
    let to_scene = about(middle, scale, angle, to);
    let mask = Mask::whole(&portrait.image, 0.01);
    (lit(to_scene, mirror, mask, rng), upright(portrait, mirror).moved(&to_scene))
}

/// The portrait's face before it is moved.
fn upright(portrait: &Portrait, mirror: bool) -> Face {
    if mirror { portrait.face.mirrored(portrait.image.width as f32) } else { portrait.face }
}

/// A rotation that is small more often than not.
fn tilt(rng: &mut Pcg64) -> f32 {
    let draw = 2.0 * rng.random::<f32>() - 1.0;
    TILT * draw * draw.abs()
}

/// The similarity that turns and scales about `from` and puts it at `to`.
fn about(from: Point, scale: f32, angle: f32, to: Point) -> Similarity {
    let (a, b) = (scale * angle.cos(), scale * angle.sin());
    Similarity { a, b, tx: to.x - (a * from.x - b * from.y), ty: to.y - (b * from.x + a * from.y) }
}

/// A placement in a light that is not the backdrop's.
fn lit(to_scene: Similarity, mirror: bool, mask: Mask, rng: &mut Pcg64) -> Placement {
    let gain = rng.random_range(0.65..1.15);
    let offset = (1.0 - gain) * rng.random_range(0.0..140.0);
    Placement { to_scene, mirror, mask, gain, offset }
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::{FivePoints, Rect};

    use super::*;
    use crate::augment;

    fn portrait() -> Portrait {
        let rect = Rect { x: 20.0, y: 20.0, w: 80.0, h: 100.0 };
        let face = Face { rect, points: FivePoints::default() };
        Portrait { image: Grey::new(128, 128), face }
    }

    #[test]
    fn a_face_goes_anywhere_at_every_size() {
        let view = Grey::new(160, 120);
        let mut heights = Vec::new();
        for id in 0..200 {
            let (_, face) = anywhere(&portrait(), &mut augment::rng(1, 0, id), &view);
            let Point { x, y } = face.rect.center();
            assert!((0.0..160.0).contains(&x) && (0.0..120.0).contains(&y));
            heights.push(face.rect.h);
        }
        heights.sort_unstable_by(f32::total_cmp);
        assert!(heights[0] < 14.0 && heights[199] > 120.0);
        assert!((30.0..55.0).contains(&heights[100]), "log-uniform: {}", heights[100]);
    }

    #[test]
    fn half_of_the_tight_portraits_fit_exactly() {
        let view = Grey::new(128, 128);
        let exact = |id| {
            let (_, face) = tight(&portrait(), &mut augment::rng(1, 0, id), &view);
            (face.rect.h - 100.0).abs() < 1e-3
        };
        let count = (0..200).filter(|&id| exact(id)).count();
        assert!((70..130).contains(&count), "{count}");
    }
}
