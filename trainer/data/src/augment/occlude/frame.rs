//! The face's own coordinates: (0, 0) lies between the eyes, (±0.5, 0) in them, (0, 1.1) on the
//! mouth.
//!
//! `u` runs along the eyes to the picture's right, `v` down the face; a face turned aside is
//! narrow in `u`. The chin is near `v = 1.8`, the hairline near `v = -1`, the cheeks end near
//! `u = ±1.1`.

use mien_shared::geometry::FivePoints;

use super::{super::picture::Canvas, shape::length};

/// Distance from eyes to mouth where that between the eyes is 1.
const MOUTH: f32 = 1.1;
/// Places of bare skin: both cheeks and the bridge of the nose.
const SKIN: [[f32; 2]; 3] = [[-0.45, 0.55], [0.45, 0.55], [0.0, 0.35]];

/// An affine frame in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaceFrame {
    origin: [f32; 2],
    along_u: [f32; 2],
    along_v: [f32; 2],
    unit: f32,
    /// Rows of the inverse.
    to_face: [[f32; 2]; 2],
}

impl FaceFrame {
    /// The frame of a face, `None` where its points lie in a heap or a line.
    pub(super) fn of(face: &FivePoints) -> Option<Self> {
        let [left, right, _, mouth_left, mouth_right] = face.to_array().map(|p| [p.x, p.y]);
        let middle = |a: [f32; 2], b: [f32; 2]| [0, 1].map(|axis| f32::midpoint(a[axis], b[axis]));
        let (origin, mouth) = (middle(left, right), middle(mouth_left, mouth_right));
        let along_u = [right[0] - left[0], right[1] - left[1]];
        let along_v = [0, 1].map(|axis| (mouth[axis] - origin[axis]) / MOUTH);
        let area = along_u[0] * along_v[1] - along_u[1] * along_v[0];
        let to_face =
            [[along_v[1] / area, -along_v[0] / area], [-along_u[1] / area, along_u[0] / area]];
        let usable = area.is_finite() && area > 0.25;
        usable.then_some(Self { origin, along_u, along_v, unit: area.sqrt(), to_face })
    }

    /// Pixels to a unit, the mean of both directions.
    pub(super) fn unit(&self) -> f32 {
        self.unit
    }

    /// Pixels to a unit in the narrower direction.
    pub(super) fn narrow(&self) -> f32 {
        length(self.along_u).min(length(self.along_v))
    }

    /// The place of a position in pixels.
    pub(super) fn place(&self, x: f32, y: f32) -> [f32; 2] {
        let from_origin = [x - self.origin[0], y - self.origin[1]];
        self.to_face.map(|row| row[0] * from_origin[0] + row[1] * from_origin[1])
    }

    /// The colour of the face's skin; of a grey picture its level, three times.
    pub(super) fn skin<const N: usize>(&self, image: &Canvas<'_, N>) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for [u, v] in SKIN {
            let [x, y] = [0, 1].map(|i| self.origin[i] + u * self.along_u[i] + v * self.along_v[i]);
            let pixel =
                image.pixels[within(y, image.height) * image.width + within(x, image.width)];
            sum.iter_mut().enumerate().for_each(|(i, sum)| *sum += f32::from(pixel[i % N]));
        }
        sum.map(|sum| sum / SKIN.len() as f32)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped into the picture"
)]
fn within(position: f32, side: usize) -> usize {
    position.clamp(0.0, (side - 1) as f32) as usize
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::Point;

    use super::*;

    #[test]
    fn eyes_and_mouth_have_their_places_in_a_tilted_face() {
        let at = |x, y| Point { x, y };
        let face = [at(20., 30.), at(40., 34.), at(28., 42.), at(18., 50.), at(34., 53.)];
        let frame = FaceFrame::of(&FivePoints::from_array(face)).unwrap();
        let near = |x, y, u: f32, v: f32| {
            let place = frame.place(x, y);
            assert!((place[0] - u).abs() < 1e-5 && (place[1] - v).abs() < 1e-5, "{place:?}");
        };
        near(20.0, 30.0, -0.5, 0.0);
        near(40.0, 34.0, 0.5, 0.0);
        near(26.0, 51.5, 0.0, 1.1);
    }
}
