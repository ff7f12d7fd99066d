//! Where on a neutral face each feature is, from its landmarks.
//!
//! All lengths are centimetres in head coordinates; the face is taken to be symmetric, so that
//! brows and eyes are read off the person's left side.

use mien_shared::geometry::LANDMARKS;
use mien_synth::{
    Vec3,
    math::{blob, mix, smoothstep, spline},
};

/// Middle of a brow below the annotated points, which lie on its upper edge.
const BROW_DROP: f32 = 0.3;
/// Hairline by angle from the nose (radians): height above the one at the forehead.
const HAIRLINE: [(f32, f32); 10] = [
    (0.0, 0.0),
    (0.45, 0.05),
    (0.72, -0.4),
    (0.95, -3.2),
    (1.15, -5.8),
    (1.32, -7.0),
    (1.5, -4.6),
    (1.8, -8.2),
    (2.3, -12.2),
    (3.2, -13.2),
];
/// Upper edge of a full beard by distance from the midline.
const CHEEK_LINE: [(f32, f32); 5] =
    [(0.0, -7.6), (2.2, -7.4), (4.0, -6.4), (5.6, -3.6), (7.0, -0.5)];

/// The features' places.
#[derive(Debug, Clone)]
pub(crate) struct Guide {
    marks: [Vec3; LANDMARKS],
    lips: [(f32, f32); 12],
}

/// What a place on the skin is near to; lengths in cm, shares in 0..=1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Height above the middle of the brow.
    pub(crate) brow: f32,
    /// Position along the brow, 0 inner to 1 outer end.
    pub(crate) along: f32,
    /// Distance from the lips' outline, negative inside.
    pub(crate) lip: f32,
    /// Share of the dark line between the lips.
    pub(crate) seam: f32,
    /// Height above an average hairline.
    pub(crate) hair: f32,
    /// Height above the collar.
    pub(crate) collar: f32,
    /// Share of blood near the surface: cheeks and nose.
    pub(crate) blood: f32,
    /// Share of a beard.
    pub(crate) beard: f32,
    /// Share of a moustache.
    pub(crate) moustache: f32,
    /// Share of darkness: nostrils and creases.
    pub(crate) shade: f32,
    /// Share of the lash line.
    pub(crate) lash: f32,
    /// Share of freckled skin.
    pub(crate) freckled: f32,
    /// Share of an old face's folds.
    pub(crate) fold: f32,
}

impl Guide {
    /// The guide of a neutral face with these landmarks.
    pub(crate) fn new(marks: &[Vec3; LANDMARKS]) -> Self {
        let lips = std::array::from_fn(|i| (marks[48 + i].x, marks[48 + i].y));
        Self { marks: *marks, lips }
    }

    /// What the point `p` of the neutral skin is near to.
    pub(crate) fn place(&self, p: Vec3) -> Place {
        let theta = p.x.atan2(p.z).abs();
        let hair = p.y - 6.6 - spline(&HAIRLINE, theta);
        // A collar is low in front and covers the shoulders.
        let collar = p.y + 15.4 + 0.2 * (p.z + 4.0) - 0.5 * (p.x.abs() - 7.0).max(0.0);
        let far = Place { hair, collar, brow: 9.0, lip: 9.0, ..Place::default() };
        if p.z < 0.0 {
            return far;
        }
        let (brow, along) = self.brow(p);
        let (beard, moustache) = self.beard(p, theta);
        Place {
            brow,
            along,
            lip: self.lip(p),
            seam: self.seam(p),
            blood: self.blood(p),
            beard,
            moustache,
            shade: self.shade(p),
            lash: self.lash(p),
            freckled: blob(p.x.abs() - 2.4, p.y + 2.4, 4.0, 2.4),
            fold: self.fold(p),
            ..far
        }
    }

    fn brow(&self, p: Vec3) -> (f32, f32) {
        let brow: [(f32, f32); 5] = std::array::from_fn(|i| {
            let mark = self.marks[22 + i];
            (mark.x, mark.y - BROW_DROP)
        });
        let along = (p.x.abs() - brow[0].0) / (brow[4].0 - brow[0].0).max(0.1);
        (p.y - spline(&brow, p.x.abs()), along)
    }

    /// Signed distance to the outline of the lips as seen from the front.
    fn lip(&self, p: Vec3) -> f32 {
        if p.z < self.marks[54].z - 1.2 {
            return 9.0;
        }
        let mut inside = false;
        let mut nearest = f32::INFINITY;
        for (i, &a) in self.lips.iter().enumerate() {
            let b = self.lips[(i + 1) % self.lips.len()];
            nearest = nearest.min(to_segment((p.x, p.y), a, b));
            let crosses = (a.1 > p.y) != (b.1 > p.y);
            if crosses && p.x < a.0 + (p.y - a.1) / (b.1 - a.1) * (b.0 - a.0) {
                inside = !inside;
            }
        }
        if inside { -nearest } else { nearest }
    }

    fn seam(&self, p: Vec3) -> f32 {
        let corner = self.marks[64];
        let middle = 0.5 * (self.marks[62].y + self.marks[66].y);
        let across = (p.x.abs() / corner.x.max(0.1)).min(1.2);
        let line = mix(middle, corner.y, across * across);
        smoothstep(0.16, 0.03, (p.y - line).abs()) * smoothstep(1.1, 0.9, across)
    }

    fn blood(&self, p: Vec3) -> f32 {
        let tip = self.marks[30];
        let cheek = blob(p.x.abs() - 4.0, p.y - tip.y - 0.6, 2.6, 2.2);
        (cheek + 0.8 * blob(p.x, p.y - tip.y, 1.7, 1.3)).min(1.0)
    }

    fn beard(&self, p: Vec3, theta: f32) -> (f32, f32) {
        let (nose, corner) = (self.marks[33], self.marks[54]);
        let side = p.x.abs();
        let lip = smoothstep(nose.y - 0.1, nose.y - 0.6, p.y)
            * smoothstep(corner.y - 1.0, corner.y - 0.2, p.y)
            * smoothstep(corner.x + 0.8, corner.x + 0.2, side);
        let line = spline(&CHEEK_LINE, side);
        let lower = smoothstep(0.5, -0.4, p.y - line) * smoothstep(1.5, 1.3, theta);
        let round = (p.x / (corner.x * 0.9)).hypot((p.y - corner.y) / 1.4);
        let neck = smoothstep(-14.0, -12.4, p.y);
        (lower * smoothstep(0.4, 1.0, round) * neck, lip)
    }

    fn shade(&self, p: Vec3) -> f32 {
        let (wing, base) = (self.marks[35], self.marks[33]);
        let below = smoothstep(base.y + 0.5, base.y + 0.2, p.y) * smoothstep(6.0, 7.5, p.z);
        let hole = below * blob(p.x.abs() - 0.55 * wing.x, p.y - base.y - 0.12, 0.5, 0.4);
        let crease_y = mix(self.marks[43].y, self.marks[44].y, 0.5) + 0.45;
        let eye = 0.5 * (self.marks[42].x + self.marks[45].x);
        let crease = 0.3 * blob(p.x.abs() - eye, p.y - crease_y, 1.6, 0.16);
        let ear = 0.25 * smoothstep(7.6, 7.9, p.x.abs()) * smoothstep(3.0, 2.0, p.z);
        (0.9 * hole + crease + ear).min(1.0)
    }

    fn lash(&self, p: Vec3) -> f32 {
        if p.z < self.marks[45].z - 1.0 {
            return 0.0;
        }
        let at = (p.x.abs(), p.y);
        let point = |i: usize| (self.marks[i].x, self.marks[i].y);
        let upper = [(42, 43), (43, 44), (44, 45)]
            .map(|(a, b)| to_segment(at, point(a), point(b)))
            .into_iter()
            .fold(f32::INFINITY, f32::min);
        let lower = [(45, 46), (46, 47), (47, 42)]
            .map(|(a, b)| to_segment(at, point(a), point(b)))
            .into_iter()
            .fold(f32::INFINITY, f32::min);
        smoothstep(0.13, 0.03, upper).max(0.25 * smoothstep(0.07, 0.01, lower))
    }

    /// The folds from the nose's wings past the mouth's corners.
    fn fold(&self, p: Vec3) -> f32 {
        let (wing, corner) = (self.marks[35], self.marks[54]);
        let from = (wing.x + 0.7, wing.y + 0.6);
        let to = (corner.x + 0.9, corner.y + 0.2);
        smoothstep(0.35, 0.0, to_segment((p.x.abs(), p.y), from, to)) * smoothstep(3.0, 5.0, p.z)
    }
}

/// Distance from `p` to the segment between `a` and `b`.
fn to_segment(p: (f32, f32), a: (f32, f32), b: (f32, f32)) -> f32 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = (dx * dx + dy * dy).max(1e-9);
    let t = (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0);
    (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_distance_to_a_segment_ends_at_its_ends() {
        assert!((to_segment((3.0, 4.0), (0.0, 0.0), (0.0, 1.0)) - 3.0_f32.hypot(3.0)).abs() < 1e-6);
        assert!((to_segment((2.0, 0.5), (0.0, 0.0), (0.0, 1.0)) - 2.0).abs() < 1e-6);
    }

    #[test]
    fn features_are_where_their_landmarks_are() {
        let guide = Guide::new(&fixture::marks());
        let marks = fixture::marks();
        let lip = guide.place(Vec3::new(0.3, 0.5 * (marks[51].y + marks[57].y), 9.5));
        assert!(lip.lip < -0.2 && lip.brow < -5.0, "{lip:?}");
        let brow = guide.place(marks[24]);
        assert!((brow.brow - BROW_DROP).abs() < 1e-3 && (brow.along - 0.5).abs() < 0.2, "{brow:?}");
        let chin = guide.place(marks[8]);
        assert!(chin.beard > 0.5 && chin.lip > 0.5 && chin.hair < -10.0, "{chin:?}");
        let crown = guide.place(Vec3::new(0.0, 11.0, 0.0));
        assert!(crown.hair > 2.0 && crown.collar > 20.0);
        assert!(guide.place(Vec3::new(8.0, -18.0, -3.0)).collar < -2.0);
    }

    #[test]
    fn both_sides_are_alike() {
        let guide = Guide::new(&fixture::marks());
        for (x, y) in [(2.5, 2.0), (3.0, 0.2), (1.0, -6.5), (4.0, -2.0), (5.0, -7.0)] {
            let (left, right) =
                (guide.place(Vec3::new(x, y, 8.0)), guide.place(Vec3::new(-x, y, 8.0)));
            assert!((left.lip - right.lip).abs() < 1e-4);
            assert!((left.brow - right.brow).abs() < 1e-4);
            assert!((left.beard - right.beard).abs() < 1e-4);
        }
    }
}
