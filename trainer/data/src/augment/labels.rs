//! What a change of geometry does to labels: landmarks move, sides change their names.
//!
//! Coordinates follow [`mien_shared::geometry`]: the centre of the first pixel is (0.5, 0.5).

use mien_shared::geometry::{FivePoints, LANDMARK_MIRROR, LANDMARKS, Point, Similarity};

use crate::manifest::Annotation;

/// Each of the five points' partner in the mirrored face, in the order of
/// [`mien_shared::geometry::FivePoints`].
pub const FIVE_POINT_MIRROR: [usize; 5] = [1, 0, 2, 4, 3];

/// Where the things of a picture are in the changed one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Where the vertical axis of the mirror stands, if there is one: it comes first.
    pub(super) mirror: Option<f32>,
    /// Rotation, scale and shift.
    pub(super) moved: Similarity,
}

impl Change {
    /// Everything stays where it is.
    pub const NONE: Self =
        Self { mirror: None, moved: Similarity { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 } };

    /// Whether left and right were exchanged.
    pub fn is_mirrored(&self) -> bool {
        self.mirror.is_some()
    }

    /// Where `point` is now.
    pub fn point(&self, Point { x, y }: Point) -> Point {
        let x = self.mirror.map_or(x, |axis| 2.0 * axis - x);
        self.moved.apply(Point { x, y })
    }

    /// The five points of the changed face.
    pub fn five_points(&self, face: &FivePoints) -> FivePoints {
        let points = face.to_array().map(|point| self.point(point));
        let mirrored = FIVE_POINT_MIRROR.map(|partner| points[partner]);
        FivePoints::from_array(if self.is_mirrored() { mirrored } else { points })
    }

    /// Moves `points`, which are 68 in the usual order or the five of a detector; a mirrored
    /// face's points change places, so that each again marks what its number says.
    ///
    /// # Errors
    /// When the picture was mirrored and the points are of another number, whose order nothing
    /// here knows: they are left as they were.
    pub fn landmarks(&self, points: &mut [Point]) -> Result<(), UnknownOrder> {
        let mirror: &[usize] = match points.len() {
            68 => &LANDMARK_MIRROR,
            5 => &FIVE_POINT_MIRROR,
            0 => &[],
            _ if !self.is_mirrored() => &[],
            count => return Err(UnknownOrder(count)),
        };
        for point in points.iter_mut() {
            *point = self.point(*point);
        }
        if self.is_mirrored() {
            for (at, &partner) in mirror.iter().enumerate().filter(|&(at, &partner)| at < partner) {
                points.swap(at, partner);
            }
        }
        Ok(())
    }

    /// Exchanges what is labelled for the two sides of a face, if the picture was mirrored: action
    /// units coded for each side, states of the two eyes, gaze.
    pub fn sides<T>(&self, right: &mut T, left: &mut T) {
        if self.is_mirrored() {
            std::mem::swap(right, left);
        }
    }

    /// Changes an annotation as its picture was changed: landmarks move, and in a mirror the head is
    /// turned the other way. Its action units, votes and attributes name no side and stay.
    ///
    /// # Errors
    /// As for [`Change::landmarks`].
    pub fn annotation(&self, annotation: &mut Annotation) -> Result<(), UnknownOrder> {
        self.landmarks(&mut annotation.landmarks)?;
        if self.is_mirrored() {
            annotation.yaw = annotation.yaw.map(|yaw| -yaw);
            if let Ok(seen) = <[bool; LANDMARKS]>::try_from(annotation.visible.as_slice()) {
                annotation.visible = LANDMARK_MIRROR.map(|partner| seen[partner]).to_vec();
            }
        }
        Ok(())
    }
}

/// Landmarks that cannot be mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} landmarks have no known mirror order: use 68 or 5 points, or set augment.flip to 0")]
pub struct UnknownOrder(pub usize);

#[cfg(test)]
mod tests {
    use super::*;

    /// A mirror about x = 50, then 10 to the right.
    const MIRRORED: Change =
        Change { mirror: Some(50.0), moved: Similarity { a: 1.0, b: 0.0, tx: 10.0, ty: 0.0 } };

    #[test]
    fn a_mirrored_face_keeps_the_meaning_of_its_points() {
        let mut points: Vec<Point> = (0..68u8).map(|i| at(i.into(), 0.0)).collect();
        MIRRORED.landmarks(&mut points).unwrap();
        // The left mouth corner (54) is where the right one (48) was mirrored to.
        assert_eq!(points[54], at(62.0, 0.0));
        assert_eq!(points[48], at(56.0, 0.0));
        assert_eq!(points[33], at(77.0, 0.0));
        let mut five = [10.0, 30.0, 20.0, 12.0, 28.0].map(|x| at(x, 1.0));
        MIRRORED.landmarks(&mut five).unwrap();
        assert_eq!(five, [80.0, 100.0, 90.0, 82.0, 98.0].map(|x| at(x, 1.0)));
    }

    #[test]
    fn mirroring_twice_about_one_axis_changes_nothing() {
        let mirror = Change { moved: Change::NONE.moved, ..MIRRORED };
        let points: Vec<Point> = (0..68u8).map(|i| at(i.into(), 2.0)).collect();
        let mut twice = points.clone();
        mirror.landmarks(&mut twice).unwrap();
        mirror.landmarks(&mut twice).unwrap();
        assert_eq!(twice, points);
    }

    #[test]
    fn points_of_unknown_order_are_moved_but_not_mirrored() {
        let mut points = [at(1.0, 2.0); 7];
        let error = MIRRORED.landmarks(&mut points).unwrap_err().to_string();
        assert!(error.starts_with("7 landmarks have no known mirror order"), "{error}");
        assert_eq!(points, [at(1.0, 2.0); 7]);
        Change { mirror: None, ..MIRRORED }.landmarks(&mut points).unwrap();
        assert_eq!(points, [at(11.0, 2.0); 7]);
    }

    #[test]
    fn sides_change_only_in_a_mirror() {
        let (mut right, mut left) = (3, 0);
        Change::NONE.sides(&mut right, &mut left);
        assert_eq!((right, left), (3, 0));
        MIRRORED.sides(&mut right, &mut left);
        assert_eq!((right, left), (0, 3));
    }

    #[test]
    fn an_annotation_moves_its_landmarks_and_keeps_the_rest() {
        let mut annotation =
            Annotation { landmarks: vec![at(1.0, 2.0); 5], ..Annotation::default() };
        let before = annotation.clone();
        MIRRORED.annotation(&mut annotation).unwrap();
        assert_eq!(annotation.landmarks, [at(109.0, 2.0); 5]);
        assert_eq!(Annotation { landmarks: before.landmarks.clone(), ..annotation }, before);
    }

    #[test]
    fn a_mirrored_head_is_turned_the_other_way_and_hides_its_other_side() {
        let mut annotation = Annotation {
            landmarks: vec![at(1.0, 2.0); 68],
            visible: (0..68).map(|i| i != 36).collect(),
            yaw: Some(20.0),
            ..Annotation::default()
        };
        MIRRORED.annotation(&mut annotation).unwrap();
        assert_eq!(annotation.yaw, Some(-20.0));
        assert_eq!(annotation.visible.iter().position(|seen| !seen), Some(45));
    }

    fn at(x: f32, y: f32) -> Point {
        Point { x, y }
    }
}
