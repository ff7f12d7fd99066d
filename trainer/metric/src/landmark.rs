//! How far landmarks are off: the normalised mean error (NME) over 68 points.
//!
//! The mean distance of the points to the true ones, over a length of the true face, as a share
//! (0.05 is 5 %). Sagonas et al. 2016 (300-W), doi 10.1016/j.imavis.2016.01.002, divide by the
//! distance of the outer eye corners; profile faces, whose corners fall together, need the box.

use mien_shared::geometry::{LANDMARKS, Point};

use crate::input::{MetricError, finite, mean, same_length};

/// Outer eye corners of the 68 points.
const OUTER_CORNERS: [usize; 2] = [36, 45];
/// First of the six lid points of each eye.
const EYES: [usize; 2] = [36, 42];

/// The length of the true face an error is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// Distance of the outer eye corners (300-W).
    InterOcular,
    /// Distance of the eye centres, each the mean of its six lid points.
    InterPupil,
    /// √(width · height) of the box around the true points (Menpo, 300W-LP).
    Box,
}

impl Normalisation {
    /// The length in pixels.
    pub fn length(self, truth: &[Point; LANDMARKS]) -> f64 {
        match self {
            Self::InterOcular => distance(truth[OUTER_CORNERS[0]], truth[OUTER_CORNERS[1]]),
            Self::InterPupil => distance(eye(truth, EYES[0]), eye(truth, EYES[1])),
            Self::Box => box_side(truth),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::InterOcular => "the distance of the outer eye corners",
            Self::InterPupil => "the distance of the eye centres",
            Self::Box => "the box",
        }
    }
}

/// The error of one face.
///
/// # Errors
/// [`MetricError::NotFinite`], `index` counting x and y of each point in turn;
/// [`MetricError::NoScale`] where the true face has no such length.
pub fn nme(
    found: &[Point; LANDMARKS],
    truth: &[Point; LANDMARKS],
    by: Normalisation,
) -> Result<f64, MetricError> {
    for points in [found, truth] {
        finite("NME", &points.map(|point| [point.x, point.y]).concat())?;
    }
    let length = by.length(truth);
    let errors = found.iter().zip(truth).map(|(&f, &t)| distance(f, t));
    let error = mean(errors).unwrap_or(0.0);
    let scale = (length > 0.0).then_some(length);
    scale
        .map(|length| error / length)
        .ok_or(MetricError::NoScale { figure: "NME", what: by.name() })
}

/// The mean error of several faces; `None` of none.
///
/// # Errors
/// [`MetricError::Lengths`], else as [`nme`].
pub fn mean_nme(
    found: &[[Point; LANDMARKS]],
    truth: &[[Point; LANDMARKS]],
    by: Normalisation,
) -> Result<Option<f64>, MetricError> {
    same_length("NME", found.len(), truth.len())?;
    let errors: Vec<f64> =
        found.iter().zip(truth).map(|(f, t)| nme(f, t, by)).collect::<Result<_, _>>()?;
    Ok(mean(errors))
}

fn distance(a: Point, b: Point) -> f64 {
    (f64::from(a.x) - f64::from(b.x)).hypot(f64::from(a.y) - f64::from(b.y))
}

fn eye(points: &[Point; LANDMARKS], from: usize) -> Point {
    let lids = &points[from..from + 6];
    let sixth = |sum: f32| sum / 6.0;
    Point {
        x: sixth(lids.iter().map(|lid| lid.x).sum()),
        y: sixth(lids.iter().map(|lid| lid.y).sum()),
    }
}

fn box_side(points: &[Point; LANDMARKS]) -> f64 {
    let extent = |along: fn(&Point) -> f32| {
        let ends = points
            .iter()
            .map(along)
            .fold([f32::INFINITY, f32::NEG_INFINITY], |ends, v| [ends[0].min(v), ends[1].max(v)]);
        f64::from(ends[1]) - f64::from(ends[0])
    };
    (extent(|point| point.x) * extent(|point| point.y)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything in a 0..90 × 0..40 box, outer eye corners 50 px apart, eye centres 30 px.
    fn face() -> [Point; LANDMARKS] {
        let mut points = [Point { x: 45.0, y: 20.0 }; LANDMARKS];
        points[0] = Point { x: 0.0, y: 0.0 };
        points[16] = Point { x: 90.0, y: 40.0 };
        points[36..42].fill(Point { x: 32.0, y: 10.0 });
        points[42..48].fill(Point { x: 58.0, y: 10.0 });
        points[36].x = 20.0;
        points[45].x = 70.0;
        points
    }

    fn shifted(by: f32) -> [Point; LANDMARKS] {
        face().map(|point| Point { x: point.x + by, y: point.y })
    }

    #[test]
    fn a_shift_of_three_pixels_is_three_over_each_length() {
        for (by, length) in [
            (Normalisation::InterOcular, 50.0),
            (Normalisation::InterPupil, 30.0),
            (Normalisation::Box, 60.0),
        ] {
            assert!((by.length(&face()) - length).abs() < 1e-5, "{by:?}");
            assert!((nme(&shifted(3.0), &face(), by).unwrap() - 3.0 / length).abs() < 1e-6);
        }
    }

    #[test]
    fn faces_weigh_the_same() {
        let found = [shifted(1.0), shifted(4.0)];
        let error = mean_nme(&found, &[face(), face()], Normalisation::InterOcular);
        assert!((error.unwrap().unwrap() - 0.05).abs() < 1e-6);
        assert_eq!(mean_nme(&[], &[], Normalisation::Box), Ok(None));
    }

    #[test]
    fn a_face_without_extent_is_refused() {
        let flat = [Point { x: 3.0, y: 3.0 }; LANDMARKS];
        let error = nme(&face(), &flat, Normalisation::InterOcular).unwrap_err();
        assert_eq!(
            error.to_string(),
            "NME: the distance of the outer eye corners of the true points is 0; \
             leave this face out or mend its annotation"
        );
    }

    #[test]
    fn nan_and_unequal_numbers_of_faces_are_refused() {
        let mut broken = face();
        broken[2].y = f32::NAN;
        let refused = nme(&broken, &face(), Normalisation::Box);
        assert!(matches!(refused, Err(MetricError::NotFinite { index: 5, .. })));
        let refused = mean_nme(&[face()], &[], Normalisation::Box);
        assert!(matches!(refused, Err(MetricError::Lengths { .. })));
    }
}
