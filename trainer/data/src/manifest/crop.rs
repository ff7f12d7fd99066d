//! A face cut out of its picture as a network wants it, with its landmarks where they then are.
//!
//! ```text
//! whole     the picture, or the region of it that the set names, stretched to the square
//! aligned   turned and scaled so that five points lie where a template has them
//! loose     the square about the landmarks, 1.3 times their extent, upright: a detector's box
//! ```
//!
//! Aligned and loose crops are cut from the whole picture, so that they show what lies beyond the
//! region. A picture without 68 landmarks, or with ones that make no crop, is taken whole.

use std::{path::Path, sync::Arc};

use mien_shared::{
    crop,
    frame::{Grey, MAX_SIDE},
    geometry::{FivePoints, LANDMARKS, Point, Similarity},
};

use super::{Entry, picture::stretched};
use crate::{DataError, FacePoints, SIDE, Sample, landmarks};

/// What of a picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Crop {
    /// All of it, or the region that the set names.
    #[default]
    Whole,
    /// The face with its five points at these places, in units of the crop's side.
    Aligned(FivePoints),
    /// The face upright with a margin.
    Loose,
}

/// How pictures become the crops of a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// What is shown.
    pub crop: Crop,
    /// Side of the crop in pixels, at most [`MAX_SIDE`].
    pub side: u32,
}

impl Cut {
    /// Whole pictures of [`SIDE`] pixels.
    pub const WHOLE: Self = Self { crop: Crop::Whole, side: SIDE };

    /// Refuses to cut faces out of a set, in the folder `root`, that has no landmarks at all.
    ///
    /// # Errors
    /// [`DataError::Unusable`] where this is not a whole picture and no entry has 68 landmarks.
    pub fn check<'a>(
        &self,
        entries: impl IntoIterator<Item = &'a Entry>,
        root: &Path,
    ) -> Result<(), DataError> {
        let marked = |entry: &Entry| entry.annotation.landmarks.len() == LANDMARKS;
        if self.crop == Crop::Whole || entries.into_iter().any(marked) {
            return Ok(());
        }
        Err(DataError::Unusable {
            path: root.to_owned(),
            what: "no picture with 68 landmarks to cut a face out by".to_owned(),
            fix: "set task.crop in the recipe to \"whole\"",
        })
    }

    /// From a place in the crop of a face with these landmarks to one in its picture; `None` where
    /// the picture is taken whole.
    pub(crate) fn to_picture(self, points: &[Point; LANDMARKS]) -> Option<Similarity> {
        let side = self.side.min(MAX_SIDE) as f32;
        match self.crop {
            Crop::Whole => None,
            Crop::Aligned(template) => {
                let wanted = template.to_array().map(|p| Point { x: p.x * side, y: p.y * side });
                crop::fit(&FivePoints::from_array(wanted), &FivePoints::from_landmarks(points))
            }
            Crop::Loose => {
                let face = landmarks::face(points)?;
                let found = Similarity { a: face.w / side, b: 0.0, tx: face.x, ty: face.y };
                let usable = [found.a, found.tx, found.ty].iter().all(|v| v.is_finite());
                (usable && found.a > 0.0).then_some(found)
            }
        }
    }
}

/// What `to_picture` sees of a picture, `side` × `side` pixels, and the landmarks in it.
pub(crate) fn warped(
    picture: &Grey,
    points: &FacePoints,
    to_picture: &Similarity,
    side: u32,
) -> (Grey, Option<Arc<FacePoints>>) {
    let mut image = Grey::new(side, side);
    crop::warp(picture, to_picture, &mut image);
    let to_crop = to_picture.inverse();
    (image, to_crop.map(|to_crop| Arc::new(points.moved(|point| to_crop.apply(point)))))
}

impl Entry {
    /// The picture with its labels, stretched to `side` × `side` pixels.
    ///
    /// # Errors
    /// Those of [`Entry::grey`].
    pub fn sample(&self, side: u32) -> Result<Sample, DataError> {
        self.cut(&Cut { crop: Crop::Whole, side })
    }

    /// The picture with its labels, cut as `cut` says.
    ///
    /// # Errors
    /// Those of [`Entry::grey`].
    pub fn cut(&self, cut: &Cut) -> Result<Sample, DataError> {
        let points = FacePoints::of(&self.annotation);
        let face = points.as_ref().and_then(|at| Some((at, cut.to_picture(&at.places)?)));
        let (image, points) = match face {
            Some((points, to_picture)) => {
                warped(&self.uncut()?, points, &to_picture, cut.side.min(MAX_SIDE))
            }
            None => self.whole(points.as_ref(), cut.side)?,
        };
        Ok(Sample { points, ..self.labelled(image) })
    }

    /// The picture stretched to `side` × `side` pixels, and its landmarks there.
    fn whole(
        &self,
        points: Option<&FacePoints>,
        side: u32,
    ) -> Result<(Grey, Option<Arc<FacePoints>>), DataError> {
        let picture = self.picture()?;
        let corner = self.source.corner();
        let side = side.min(MAX_SIDE);
        let (x, y) =
            (side as f32 / picture.width.max(1) as f32, side as f32 / picture.height.max(1) as f32);
        let place = |p: Point| Point { x: (p.x - corner.x) * x, y: (p.y - corner.y) * y };
        let points = points.map(|points| Arc::new(points.moved(place)));
        Ok((stretched(picture, side), points))
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::Rect;

    use super::*;
    use crate::manifest::Source;

    const TEMPLATE: [(f32, f32); 5] =
        [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)];

    fn template() -> FivePoints {
        FivePoints::from_array(TEMPLATE.map(|(x, y)| Point { x, y }))
    }

    /// Landmarks whose five points are those of the template in a face of 20 pixels at (30, 10),
    /// and whose extent is that face's.
    fn landmarks() -> Vec<Point> {
        let mut points = vec![Point { x: 40.0, y: 20.0 }; LANDMARKS];
        let [left_eye, right_eye, nose, mouth_left, mouth_right] =
            TEMPLATE.map(|(x, y)| Point { x: 30.0 + 20.0 * x, y: 10.0 + 20.0 * y });
        points[36..42].fill(left_eye);
        points[42..48].fill(right_eye);
        for (at, point) in [(30, nose), (48, mouth_left), (54, mouth_right)] {
            points[at] = point;
        }
        points[0] = Point { x: 30.0, y: 10.0 };
        points[16] = Point { x: 50.0, y: 30.0 };
        points
    }

    /// A black picture of 64 × 48 pixels with a white one under each of the five points.
    fn entry(region: Option<Rect>) -> (tempfile::TempDir, Entry) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("face.png");
        let mut picture = image::GrayImage::new(64, 48);
        for (x, y) in [(36, 18), (44, 18), (40, 22), (37, 26), (43, 26)] {
            picture.put_pixel(x, y, image::Luma([255]));
        }
        picture.save(&path).unwrap();
        let mut entry = Entry::of(Source::File { path, region });
        entry.annotation.landmarks = landmarks();
        (folder, entry)
    }

    fn near(found: Point, x: f32, y: f32) -> bool {
        (found.x - x).abs() < 1e-3 && (found.y - y).abs() < 1e-3
    }

    const REGION: Rect = Rect { x: 20.4, y: 6.0, w: 40.0, h: 20.0 };

    #[test]
    fn a_stretched_picture_stretches_its_landmarks() {
        for (region, nose, corner) in
            [(None, (20.0, 22.0), (15.0, 10.0)), (Some(REGION), (16.0, 25.6), (8.0, 6.4))]
        {
            let (_folder, entry) = entry(region);
            let sample = entry.sample(32).unwrap();
            let places = sample.points.unwrap().places;
            let down = if region.is_some() { 1.0 } else { 32.0 / 48.0 };
            assert!(near(places[30], nose.0, nose.1 * down), "{:?}", places[30]);
            assert!(near(places[0], corner.0, corner.1 * down), "{:?}", places[0]);
        }
    }

    #[test]
    fn an_aligned_face_has_its_points_on_the_template_whatever_the_region() {
        for region in [None, Some(REGION)] {
            let (_folder, entry) = entry(region);
            let cut = Cut { crop: Crop::Aligned(template()), side: 20 };
            let sample = entry.cut(&cut).unwrap();
            let bright: Vec<usize> = (0..400).filter(|&at| sample.image.data[at] > 127).collect();
            assert_eq!(bright, [8 * 20 + 6, 8 * 20 + 14, 12 * 20 + 10, 16 * 20 + 7, 16 * 20 + 13]);
            let five = FivePoints::from_landmarks(&sample.points.unwrap().places).to_array();
            for (found, (x, y)) in five.into_iter().zip(TEMPLATE) {
                assert!(near(found, 20.0 * x, 20.0 * y), "{found:?}");
            }
        }
    }

    #[test]
    fn a_loose_face_has_a_margin_and_is_not_turned() {
        let (_folder, entry) = entry(Some(REGION));
        let sample = entry.cut(&Cut { crop: Crop::Loose, side: 26 }).unwrap();
        let places = sample.points.unwrap().places;
        assert!(near(places[0], 3.0, 3.0) && near(places[16], 23.0, 23.0));
        assert!(near(places[30], 13.0, 15.0));
        let bright = (0..676).filter(|&at| sample.image.data[at] > 127).collect::<Vec<_>>();
        assert_eq!(bright[0], 11 * 26 + 9);
    }

    #[test]
    fn a_picture_without_usable_landmarks_is_taken_whole() {
        let (_folder, mut entry) = entry(None);
        let whole = entry.sample(16).unwrap();
        for landmarks in [Vec::new(), vec![Point { x: 3.0, y: 4.0 }; LANDMARKS]] {
            entry.annotation.landmarks = landmarks;
            for crop in [Crop::Aligned(template()), Crop::Loose] {
                let sample = entry.cut(&Cut { crop, side: 16 }).unwrap();
                assert_eq!(sample.image, whole.image);
            }
        }
    }
}
