//! Pasting one picture into another under a soft mask.
//!
//! The mask is a superellipse `|x/a|ᵖ + |y/b|ᵖ ≤ 1` about a centre, cut to the patch's own
//! rectangle, with a border of a random width: a head-shaped oval, a box or anything between, so
//! that the border tells nothing about what is inside.

use mien_shared::{
    frame::Grey,
    geometry::{Point, Rect, Similarity},
};
use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::pixel::{bilinear, byte, halve};

/// Where and how a patch lands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    /// From the patch's pixels (mirrored first where `mirror` says so) to the scene's.
    pub(super) to_scene: Similarity,
    /// Whether the patch is mirrored left to right.
    pub(super) mirror: bool,
    /// What of the patch shows.
    pub(super) mask: Mask,
    /// Factor on the patch's grey levels.
    pub(super) gain: f32,
    /// Added to them after that.
    pub(super) offset: f32,
}

/// What of a patch shows, in the mirrored patch's coordinates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    /// Middle of the superellipse.
    pub(super) center: Point,
    /// Its half axes.
    pub(super) radii: [f32; 2],
    /// How often the squares are squared again: 0 an ellipse, 3 nearly a rectangle.
    pub(super) squareness: u8,
    /// Width of the soft border relative to the radii, above 0.
    pub(super) feather: f32,
}

impl Placement {
    /// Pastes `patch` into `scene`.
    pub(super) fn paste(&self, patch: &Grey, scene: &mut Grey) {
        let Some(inverse) = self.to_scene.inverse() else { return };
        let (level, shrink) = level_for(patch, self.to_scene.scale());
        let level = level.as_ref().unwrap_or(patch);
        let (start, step) = if self.mirror { (patch.width as f32, -1.0) } else { (0.0, 1.0) };
        let [left, top, right, bottom] = self.extent(patch, scene);
        for (y, x) in (top..bottom).flat_map(|y| (left..right).map(move |x| (y, x))) {
            let at = inverse.apply(Point { x: x as f32 + 0.5, y: y as f32 + 0.5 });
            let alpha = self.mask.alpha(at, patch);
            if alpha > 0.0 {
                let new = bilinear(level, (start + step * at.x) * shrink, at.y * shrink);
                let pixel = &mut scene.data[y * scene.width as usize + x];
                let old = f32::from(*pixel);
                *pixel = byte(old + alpha * (new * self.gain + self.offset - old));
            }
        }
    }

    /// The part of `scene` the patch can touch: left, top, right and bottom pixel.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped into the scene"
    )]
    fn extent(&self, patch: &Grey, scene: &Grey) -> [usize; 4] {
        let (w, h) = (patch.width as f32, patch.height as f32);
        let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)]
            .map(|(x, y)| self.to_scene.apply(Point { x, y }));
        let within = |v: f32, most: u32| v.clamp(0.0, most as f32) as usize;
        let (xs, ys) = (corners.map(|p| p.x), corners.map(|p| p.y));
        let low = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min).floor();
        let high = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max).ceil();
        [
            within(low(xs), scene.width),
            within(low(ys), scene.height),
            within(high(xs), scene.width),
            within(high(ys), scene.height),
        ]
    }
}

impl Mask {
    /// A mask that shows the whole patch up to a border of `feather` of its size.
    pub(super) fn whole(patch: &Grey, feather: f32) -> Self {
        let (w, h) = (patch.width as f32, patch.height as f32);
        let center = Point { x: w / 2.0, y: h / 2.0 };
        // Half axes a little beyond the rectangle, which cuts the corners of the superellipse.
        Self { center, radii: [0.6 * w, 0.6 * h], squareness: 3, feather }
    }

    /// A random mask around `core`, which it shows nearly entirely.
    pub(super) fn around(core: &Rect, rng: &mut Pcg64) -> Self {
        let squareness = rng.random_range(0..=3);
        // An ellipse must be larger than a rectangle to show as much.
        let room = 1.25 - 0.08 * f32::from(squareness);
        let grow = room + 0.45 * rng.random::<f32>();
        Self {
            center: core.center(),
            radii: [
                core.w / 2.0 * grow * rng.random_range(0.95..1.15),
                core.h / 2.0 * grow * rng.random_range(0.95..1.15),
            ],
            squareness,
            feather: rng.random_range(0.02_f32..0.3),
        }
    }

    /// How much of the patch shows at a position, 0..=1.
    fn alpha(&self, at: Point, patch: &Grey) -> f32 {
        let (w, h) = (patch.width as f32, patch.height as f32);
        let edge = at.x.min(w - at.x).min(at.y).min(h - at.y);
        if edge <= 0.0 {
            return 0.0;
        }
        let mut x = (at.x - self.center.x) / self.radii[0];
        let mut y = (at.y - self.center.y) / self.radii[1];
        if x.abs().max(y.abs()) >= 1.0 {
            return 0.0;
        }
        for _ in 0..=self.squareness {
            (x, y) = (x * x, y * y);
        }
        let distance = (0..=self.squareness).fold(x + y, |sum, _| sum.sqrt());
        let border = self.feather * self.radii[0].min(self.radii[1]);
        let alpha = ((1.0 - distance) / self.feather).min(edge / border.max(1.0)).clamp(0.0, 1.0);
        alpha * alpha * (3.0 - 2.0 * alpha)
    }
}

/// `patch` halved until `scale` asks for at least half of it, and its size relative to `patch`.
fn level_for(patch: &Grey, scale: f32) -> (Option<Grey>, f32) {
    let (mut level, mut size) = (None, 1.0);
    while scale < 0.6 * size && size > 0.05 {
        level = Some(halve(level.as_ref().unwrap_or(patch)));
        size *= 0.5;
    }
    (level, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(tx: f32, ty: f32, mirror: bool, mask: Mask) -> Placement {
        let to_scene = Similarity { a: 1.0, b: 0.0, tx, ty };
        Placement { to_scene, mirror, mask, gain: 1.0, offset: 0.0 }
    }

    #[test]
    fn the_middle_of_a_patch_lands_where_it_is_sent() {
        let mut patch = Grey::new(16, 16);
        patch.data.fill(200);
        patch.data[8 * 16 + 5] = 90;
        let mask = Mask::whole(&patch, 0.02);
        let mut scene = Grey::new(40, 30);
        shifted(10.0, 7.0, false, mask).paste(&patch, &mut scene);
        assert_eq!(scene.data[15 * 40 + 15], 90);
        let mut scene = Grey::new(40, 30);
        shifted(10.0, 7.0, true, mask).paste(&patch, &mut scene);
        assert_eq!(scene.data[15 * 40 + 20], 90);
    }

    #[test]
    fn nothing_shows_outside_the_patch() {
        let mut patch = Grey::new(16, 16);
        patch.data.fill(200);
        let mut scene = Grey::new(40, 30);
        shifted(10.0, 7.0, false, Mask::whole(&patch, 0.1)).paste(&patch, &mut scene);
        let lit = |x: usize, y: usize| scene.data[y * 40 + x] > 0;
        assert!(lit(18, 15) && !lit(9, 15) && !lit(26, 15) && !lit(18, 6) && !lit(18, 23));
    }

    #[test]
    fn the_middle_is_opaque_and_the_border_soft_in_every_shape() {
        let patch = Grey::new(100, 100);
        for squareness in 0..=3 {
            let center = Point { x: 50.0, y: 50.0 };
            let mask = Mask { center, radii: [50.0, 40.0], squareness, feather: 0.3 };
            let alpha = |x: f32, y| mask.alpha(Point { x, y }, &patch);
            assert!(alpha(50.0, 50.0) >= 1.0 && alpha(50.0, 75.0) >= 1.0);
            assert!((alpha(50.0, 84.0) - 0.5).abs() < 0.01, "{squareness}");
            assert!(alpha(50.0, 90.0) <= 0.0 && alpha(100.5, 50.0) <= 0.0);
        }
    }

    #[test]
    fn a_patch_beyond_the_scene_is_cut() {
        let patch = Grey::new(16, 16);
        let mut scene = Grey::new(8, 8);
        for (tx, ty) in [(-8.0, -8.0), (4.0, 4.0), (-100.0, 3.0), (100.0, 100.0)] {
            shifted(tx, ty, false, Mask::whole(&patch, 0.1)).paste(&patch, &mut scene);
        }
    }
}
