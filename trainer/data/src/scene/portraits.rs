//! Pictures of one face with its place in them: what scenes are composed from.

use mien_shared::{
    frame::Grey,
    geometry::{FivePoints, LANDMARKS, Point, Rect},
};

use super::Face;
use crate::{lfw, split::Part, synth};

/// Side of a rendered portrait in pixels.
const RENDERED: u32 = 160;

/// A picture of one face.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// The picture.
    pub image: Grey,
    /// The face in it.
    pub face: Face,
}

/// The portraits of `part` whose face the reference model is sure of; its box and points are
/// taken as they are.
pub fn photographed(portraits: Vec<lfw::Portrait>, part: Part) -> Vec<Portrait> {
    portraits
        .into_iter()
        .filter(|portrait| portrait.part() == part)
        .filter_map(|portrait| {
            let reference = portrait.reference?;
            let face = face(reference.rect, &reference.landmarks)?;
            Some(Portrait { image: portrait.image, face })
        })
        .collect()
}

/// `count` portraits of the procedural head.
pub fn rendered(seed: u64, count: u64) -> Vec<Portrait> {
    synth::pictures(seed, count, RENDERED)
        .into_iter()
        .filter_map(|(image, labels)| {
            let face = face(labels.rect, &labels.landmarks)?;
            Some(Portrait { image, face })
        })
        .collect()
}

/// A face from its box, unless that is empty.
fn face(rect: Rect, landmarks: &[Point; LANDMARKS]) -> Option<Face> {
    let face = Face { rect, points: FivePoints::from_landmarks(landmarks) };
    (rect.w > 0.0 && rect.h > 0.0).then_some(face)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rendered_portraits_have_their_points_in_their_box() {
        let portraits = rendered(3, 8);
        assert_eq!(portraits.len(), 8);
        for Portrait { image, face } in portraits {
            assert_eq!((image.width, image.height), (160, 160));
            let inside = |p: &Point| {
                (face.rect.x..face.rect.x + face.rect.w).contains(&p.x)
                    && (face.rect.y..face.rect.y + face.rect.h).contains(&p.y)
            };
            let [left_eye, right_eye, ..] = face.points.to_array();
            assert!(inside(&left_eye) && inside(&right_eye), "{face:?}");
        }
    }
}
