//! Points, rectangles and similarity transforms in image coordinates.
//!
//! The origin is the top-left corner of the top-left pixel, x runs right, y runs down, lengths
//! are in pixels; the centre of the top-left pixel is (0.5, 0.5).

use serde::{Deserialize, Serialize};

/// A position in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Rightwards.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// An axis-aligned rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// The centre.
    pub fn center(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Area in square pixels; zero for an empty or inverted rectangle.
    pub fn area(&self) -> f32 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// The overlap with `other`, empty (zero width or height) when they do not touch.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let w = ((self.x + self.w).min(other.x + other.w) - x).max(0.0);
        let h = ((self.y + self.h).min(other.y + other.h) - y).max(0.0);
        Self { x, y, w, h }
    }

    /// Intersection over union with `other`, in 0..=1.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other).area();
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }
}

/// Number of points in the usual face annotation (iBUG 68).
pub const LANDMARKS: usize = 68;

/// Index of each of the 68 points' partner in the mirrored face.
///
/// Jaw 0–16, brows 17–26, nose 27–35, eyes 36–47, mouth 48–67; "right" is the person's right.
pub const LANDMARK_MIRROR: [usize; LANDMARKS] = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, // jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, // brows
    27, 28, 29, 30, 35, 34, 33, 32, 31, // nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, // eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65, // mouth
];

/// The five points a detector gives, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct FivePoints {
    /// Centre of the eye on the image's left (the person's right eye).
    pub left_eye: Point,
    /// Centre of the eye on the image's right.
    pub right_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Mouth corner on the image's left.
    pub mouth_left: Point,
    /// Mouth corner on the image's right.
    pub mouth_right: Point,
}

impl FivePoints {
    /// The points as an array, in field order.
    pub fn to_array(self) -> [Point; 5] {
        [self.left_eye, self.right_eye, self.nose, self.mouth_left, self.mouth_right]
    }

    /// The points from an array in field order.
    pub fn from_array([left_eye, right_eye, nose, mouth_left, mouth_right]: [Point; 5]) -> Self {
        Self { left_eye, right_eye, nose, mouth_left, mouth_right }
    }

    /// The five points a 68-point annotation implies: eye centres are the mean of six lid points.
    pub fn from_landmarks(points: &[Point; LANDMARKS]) -> Self {
        let mean = |from: usize| Point {
            x: points[from..from + 6].iter().map(|p| p.x).sum::<f32>() / 6.0,
            y: points[from..from + 6].iter().map(|p| p.y).sum::<f32>() / 6.0,
        };
        Self {
            left_eye: mean(36),
            right_eye: mean(42),
            nose: points[30],
            mouth_left: points[48],
            mouth_right: points[54],
        }
    }
}

/// A similarity: rotation, uniform scale and translation, `p -> (a·x - b·y + tx, b·x + a·y + ty)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Similarity {
    /// Scale times cosine of the rotation.
    pub a: f32,
    /// Scale times sine of the rotation.
    pub b: f32,
    /// Translation along x.
    pub tx: f32,
    /// Translation along y.
    pub ty: f32,
}

impl Similarity {
    /// Where `p` goes.
    pub fn apply(&self, p: Point) -> Point {
        Point { x: self.a * p.x - self.b * p.y + self.tx, y: self.b * p.x + self.a * p.y + self.ty }
    }

    /// The uniform scale factor.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The transform that undoes this one, or `None` when its scale is zero.
    pub fn inverse(&self) -> Option<Self> {
        let square = self.a * self.a + self.b * self.b;
        if square <= f32::MIN_POSITIVE {
            return None;
        }
        let (a, b) = (self.a / square, -self.b / square);
        Some(Self { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) })
    }
}
