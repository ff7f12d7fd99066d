//! Where a face is, and where it goes when its picture is moved.

use mien_shared::geometry::{FivePoints, Point, Rect, Similarity};

/// Where a face is, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// The extent of the face from forehead to chin and from side to side.
    pub rect: Rect,
    /// Eyes, nose and mouth corners.
    pub points: FivePoints,
}

impl Face {
    /// The same face where `to` puts its picture.
    ///
    /// Points are exact; a turned box becomes the upright one around the turned ellipse that the
    /// old box encloses: `w' = √((w·cos)² + (h·sin)²)`, `h'` alike.
    #[must_use]
    pub fn moved(&self, to: &Similarity) -> Self {
        let center = to.apply(self.rect.center());
        let w = (self.rect.w * to.a).hypot(self.rect.h * to.b);
        let h = (self.rect.h * to.a).hypot(self.rect.w * to.b);
        let points = self.points.to_array().map(|p| to.apply(p));
        Self {
            rect: Rect { x: center.x - w / 2.0, y: center.y - h / 2.0, w, h },
            points: FivePoints::from_array(points),
        }
    }

    /// The same face in its picture, `width` px wide, mirrored left to right.
    #[must_use]
    pub fn mirrored(&self, width: f32) -> Self {
        let p = self.points.to_array().map(|p| Point { x: width - p.x, y: p.y });
        Self {
            rect: Rect { x: width - self.rect.x - self.rect.w, ..self.rect },
            points: FivePoints::from_array([p[1], p[0], p[2], p[4], p[3]]),
        }
    }

    /// The share of the box within a picture of that size, 0..=1.
    pub fn visible(&self, width: u32, height: u32) -> f32 {
        let picture = Rect { x: 0.0, y: 0.0, w: width as f32, h: height as f32 };
        self.rect.intersection(&picture).area() / self.rect.area()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Face {
        let at = |x, y| Point { x, y };
        let points = [at(45., 50.), at(85., 52.), at(60., 70.), at(50., 95.), at(80., 96.)];
        let rect = Rect { x: 20.0, y: 20.0, w: 80.0, h: 100.0 };
        Face { rect, points: FivePoints::from_array(points) }
    }

    #[test]
    fn a_mirrored_face_keeps_its_left_on_the_left() {
        let face = face().mirrored(128.0);
        assert_eq!(face.rect, Rect { x: 28.0, y: 20.0, w: 80.0, h: 100.0 });
        assert_eq!(face.points.left_eye, Point { x: 43.0, y: 52.0 });
        assert_eq!(face.points.mouth_right, Point { x: 78.0, y: 95.0 });
    }

    #[test]
    fn a_face_turned_by_a_right_angle_swaps_its_sides() {
        let face = face().moved(&Similarity { a: 0.0, b: 0.5, tx: 100.0, ty: 0.0 });
        // Its centre (60, 70) goes to (100 - 35, 30).
        assert_eq!(face.rect, Rect { x: 40.0, y: 10.0, w: 50.0, h: 40.0 });
        assert_eq!(face.points.left_eye, Point { x: 75.0, y: 22.5 });
    }

    #[test]
    fn half_a_face_outside_is_half_visible() {
        let face = face().moved(&Similarity { a: 1.0, b: 0.0, tx: -60.0, ty: 0.0 });
        assert!((face.visible(128, 128) - 0.5).abs() < 1e-6);
    }
}
