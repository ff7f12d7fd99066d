//! The 68 landmarks in iBUG order, and the face's outline, as sites of the neutral face.
//!
//! The person's right side comes first and lies on the picture's left.

use mien_shared::geometry::{LANDMARK_MIRROR, LANDMARKS};

use crate::{
    anatomy::{CHIN, MOUTH, Site, site, site_at},
    face::SLIT,
    features::{brow_row, brow_side, lower_lip, upper_lip},
    identity::Identity,
};

/// Points that bound the face box beyond the landmarks: the hairline and the ears' front.
pub(crate) const OUTLINE: usize = 7;

/// Angle and row of the jaw line's points 0 to 8 on the person's left half, outermost first.
const JAW: [(f32, f32); 9] = [
    (1.5, 0.0),
    (1.47, -2.6),
    (1.4, -5.2),
    (1.28, -7.6),
    (1.08, -9.0),
    (0.8, -10.0),
    (0.52, -10.7),
    (0.26, -11.1),
    (0.0, CHIN),
];

/// The landmarks of `identity`.
pub(crate) fn sites(identity: &Identity) -> [Site; LANDMARKS] {
    std::array::from_fn(|i| {
        let partner = LANDMARK_MIRROR[i];
        let left = on_left(identity, i.max(partner)).or_else(|| on_left(identity, i.min(partner)));
        let Some(place) = left else { return Site::default() };
        let sign = if is_right(i) { -1.0 } else { 1.0 };
        match place {
            Place::Angle(theta, r) => site(identity, sign * theta, r),
            Place::Side(x, r) => site_at(identity, sign * x, r),
        }
    })
}

/// The rest of the face's outline.
pub(crate) fn outline(identity: &Identity) -> [Site; OUTLINE] {
    let top = identity.hair.line.clamp(5.9, 7.0);
    [
        site(identity, -0.55, top - 0.4),
        site(identity, -0.25, top),
        site(identity, 0.0, top),
        site(identity, 0.25, top),
        site(identity, 0.55, top - 0.4),
        site(identity, -1.55, -0.5),
        site(identity, 1.55, -0.5),
    ]
}

/// A place on the person's left half.
#[derive(Clone, Copy)]
enum Place {
    /// Angle and row.
    Angle(f32, f32),
    /// Distance from the midline and row.
    Side(f32, f32),
}

/// Whether landmark `i` is on the person's right.
fn is_right(i: usize) -> bool {
    matches!(i, 0..=7 | 17..=21 | 31 | 32 | 36..=41 | 48..=50 | 58..=61 | 67)
}

/// Where landmark `i` is, for those on the person's left or the midline.
fn on_left(identity: &Identity, i: usize) -> Option<Place> {
    let place = match i {
        8..=16 => {
            let (theta, r) = JAW[16 - i];
            Place::Angle(theta, r)
        }
        22..=26 => {
            let t = [0.02, 0.25, 0.5, 0.75, 0.97][i - 22];
            Place::Side(brow_side(t), brow_row(identity, t))
        }
        27..=30 => Place::Side(0.0, [0.3, -1.1, -2.4, -3.7][i - 27]),
        33..=35 => {
            let wide = 1.0 + 0.16 * identity.nose.width;
            Place::Side([0.0, 0.6, 1.2][i - 33] * wide, [-4.95, -4.85, -4.7][i - 33])
        }
        42..=47 => eye(identity, i - 42),
        _ => return mouth(identity, i),
    };
    Some(place)
}

/// Inner corner, upper lid twice, outer corner, lower lid twice.
fn eye(identity: &Identity, i: usize) -> Place {
    let t = [-1.0, -0.36, 0.36, 1.0, 0.36, -0.36][i];
    let lid = if i < 4 { SLIT } else { -SLIT };
    Place::Side(identity.eyes.x + t * identity.eyes.half_width, lid)
}

fn mouth(identity: &Identity, i: usize) -> Option<Place> {
    let half = identity.mouth.half_width;
    let (x, r) = match i {
        51 => (0.0, MOUTH + upper_lip(identity, 0.0)),
        52 => (0.65, MOUTH + upper_lip(identity, 0.65)),
        53 => (0.62 * half, MOUTH + upper_lip(identity, 0.62 * half)),
        54 => (half, MOUTH + SLIT),
        55 => (0.66 * half, MOUTH - lower_lip(identity, 0.66 * half)),
        56 => (0.34 * half, MOUTH - lower_lip(identity, 0.34 * half)),
        57 => (0.0, MOUTH - lower_lip(identity, 0.0)),
        62 => (0.0, MOUTH + SLIT),
        63 => (0.4 * half, MOUTH + SLIT),
        64 => (0.9 * half, MOUTH + SLIT),
        65 => (0.4 * half, MOUTH - SLIT),
        66 => (0.0, MOUTH - SLIT),
        _ => return None,
    };
    Some(Place::Side(x, r))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_landmark_is_placed_and_mirrors_its_partner() {
        let mut identity = Identity::from_seed(4);
        identity.nose.bend = 0.0;
        let sites = sites(&identity);
        for (i, site) in sites.iter().enumerate() {
            let partner = sites[LANDMARK_MIRROR[i]];
            assert!(site.point.z > -2.0 && site.point.y > -13.0, "{i} {site:?}");
            assert!((site.point.x + partner.point.x).abs() < 1e-3, "{i}");
            assert!((site.point.y - partner.point.y).abs() < 1e-3, "{i}");
            assert!(site.point != crate::math::Vec3::default(), "{i}");
        }
    }

    #[test]
    fn the_right_side_lies_on_the_left_of_the_picture() {
        let sites = sites(&Identity::from_seed(4));
        for (i, site) in sites.iter().enumerate() {
            assert_eq!(is_right(i), site.point.x < -1e-3, "{i}");
        }
    }
}
