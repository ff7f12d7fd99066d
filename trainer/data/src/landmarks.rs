//! Landmark files, and the square of a picture that its landmarks say is the face.

use std::path::Path;

use mien_shared::geometry::{LANDMARKS, Point, Rect};

use crate::{DataError, files::Text};

/// Side of the square about a face over the longer side of its landmarks' extent: the 68 points
/// end at the brows, and the forehead belongs to the face.
const MARGIN: f32 = 1.3;

/// Reads a file of 68 lines `x y`, in pixels.
pub(crate) fn read(path: &Path) -> Result<Vec<Point>, DataError> {
    let text = Text::open(path)?;
    let point = |[x, y]: [f32; 2]| Point { x, y };
    let points = text
        .lines()
        .map(|line| line.numbers("each line must hold a point's x and y").map(point))
        .collect::<Result<Vec<_>, _>>()?;
    if points.len() == LANDMARKS {
        return Ok(points);
    }
    Err(DataError::Count {
        path: path.to_owned(),
        what: "points",
        found: points.len(),
        expected: LANDMARKS,
        fix: "fetch the file again",
    })
}

/// The square about the points, 1.3 times as long as their extent; `None` without points.
pub(crate) fn face(points: &[Point]) -> Option<Rect> {
    let first = points.first()?;
    let (mut low, mut high) = (*first, *first);
    for point in points {
        low = Point { x: low.x.min(point.x), y: low.y.min(point.y) };
        high = Point { x: high.x.max(point.x), y: high.y.max(point.y) };
    }
    let side = MARGIN * (high.x - low.x).max(high.y - low.y);
    let (x, y) = (f32::midpoint(low.x, high.x), f32::midpoint(low.y, high.y));
    Some(Rect { x: x - side / 2.0, y: y - side / 2.0, w: side, h: side })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn the_face_is_a_square_about_the_points_with_a_margin() {
        let points = [(10.0, 20.0), (30.0, 30.0), (20.0, 22.0)].map(|(x, y)| Point { x, y });
        assert_eq!(face(&points), Some(Rect { x: 7.0, y: 12.0, w: 26.0, h: 26.0 }));
        assert_eq!(face(&[]), None);
    }

    #[test]
    fn too_few_points_are_counted() {
        let set = Fixture::new();
        set.text("points.txt", &"   1.0000000e+01   2.5000000e+00 \n".repeat(67));
        let error = read(&set.path("points.txt")).unwrap_err().to_string();
        assert!(error.contains("holds 67 points, expected 68"), "{error}");
    }
}
