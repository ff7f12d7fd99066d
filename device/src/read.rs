//! Still pictures: a file in, one record per face out.
//!
//! A record's names are stable:
//! ```json
//! {"image":"a.jpg","face":0,"box":[12.0,30.5,80.0,96.0],"score":0.98,
//!  "points":[[35.1,66.0],[70.2,66.4],[52.0,85.3],[38.5,103.0],[66.9,103.2]],
//!  "expression":"happiness","probs":{"neutral":0.02,"anger":0.0},
//!  "models":{"detector":"5f2a…","expression":"91c0…"},"ms":{"convert":0.1,"detect":3.2}}
//! ```
//! Lengths are in pixels of the upright picture; `box` is left, top, width, height; `points` are
//! the eyes, the nose and the mouth corners; `probs` names all eight. A picture without a face has
//! one record whose `face` is `null`; one that cannot be read has one with `error`. What a face
//! was not read for, because it was cropped already or could not be cut out, is absent.

mod table;

use std::path::Path;

use mien_shared::{bundle::BundleError, frame::Frame, geometry::Rect, label::Expression};
use serde::{Serialize, Serializer};

pub use self::table::CsvRecords;
use crate::{
    camera::picture,
    face::{Vision, VisionError},
    models::Models,
    reading::{Face, Observation},
    stage::{Laps, Stage},
};

/// Reads pictures from files.
#[derive(Debug)]
pub struct StillReader {
    vision: Vision,
    digests: Digests,
    aligned: bool,
    frame: Frame,
    observation: Observation,
}

impl StillReader {
    /// A reader with these networks; `aligned` pictures are face crops already.
    ///
    /// # Errors
    /// [`VisionError`] when a network cannot be built.
    pub fn new(models: &Models, aligned: bool) -> Result<Self, VisionError> {
        Ok(Self {
            vision: Vision::new(models)?,
            digests: Digests::of(models, aligned).map_err(mien_engine::EngineError::from)?,
            aligned,
            frame: Frame::empty(),
            observation: Observation::empty(),
        })
    }

    /// The records of the picture at `path`, at least one.
    ///
    /// # Errors
    /// [`VisionError`] when a network fails; a picture that cannot be read is no error but a
    /// record that says so.
    pub fn read(&mut self, path: &Path) -> Result<Vec<Record>, VisionError> {
        let image = path.display().to_string();
        if let Err(error) = picture::read_into(path, &mut self.frame) {
            return Ok(vec![Record::unreadable(image, &error)]);
        }
        let read = if self.aligned { self.read_crop(&image) } else { self.read_scene(&image) };
        match read {
            Err(error) if error.is_skippable() => Ok(vec![Record::unreadable(image, &error)]),
            other => other,
        }
    }

    fn read_crop(&mut self, image: &str) -> Result<Vec<Record>, VisionError> {
        let probs = self.vision.read_crop(&self.frame, &mut self.observation.laps)?;
        let mut record = self.record(image);
        (record.face, record.reading) = (Some(0), Some(probs.into()));
        Ok(vec![record])
    }

    fn read_scene(&mut self, image: &str) -> Result<Vec<Record>, VisionError> {
        self.vision.look_closely(&self.frame, &mut self.observation)?;
        let faces = self.observation.faces.iter().enumerate();
        let records: Vec<_> =
            faces.map(|(i, face)| self.record(image).with_face(i, face)).collect();
        Ok(if records.is_empty() { vec![self.record(image)] } else { records })
    }

    /// A record of no face yet.
    fn record(&self, image: &str) -> Record {
        Record {
            image: image.to_owned(),
            models: Some(self.digests.clone()),
            ms: Some(Times::of(&self.observation.laps)),
            ..Record::default()
        }
    }
}

/// What was read of one face, or why nothing was.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Record {
    /// The picture's file as it was given.
    pub image: String,
    /// Position among the picture's faces, the largest being 0; `None` when there is none.
    pub face: Option<usize>,
    /// Left, top, width and height in pixels.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub rect: Option<[f32; 4]>,
    /// The detector's score, 0..=1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    /// Eyes, nose and mouth corners in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<[[f32; 2]; 5]>,
    /// What the face shows.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Shown>,
    /// SHA-256 of the bundles used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Digests>,
    /// Milliseconds per stage, for all faces of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<Times>,
    /// Why the picture could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Record {
    fn unreadable(image: String, error: &impl std::error::Error) -> Self {
        Self { image, error: Some(error.to_string()), ..Self::default() }
    }

    fn with_face(mut self, index: usize, face: &Face) -> Self {
        let Rect { x, y, w, h } = face.rect;
        self.face = Some(index);
        self.rect = Some([x, y, w, h]);
        self.score = Some(face.score);
        self.points = Some(face.points.to_array().map(|point| [point.x, point.y]));
        self.reading = face.probs.map(Shown::from);
        self
    }
}

/// What a face shows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shown {
    /// The most probable expression.
    pub expression: Expression,
    /// Probabilities in canonical order.
    #[serde(serialize_with = "named")]
    pub probs: [f32; 8],
}

impl From<[f32; 8]> for Shown {
    fn from(probs: [f32; 8]) -> Self {
        let best = |a: Expression, b: Expression| {
            if probs[b.index()] > probs[a.index()] { b } else { a }
        };
        let expression = Expression::ALL.into_iter().fold(Expression::Neutral, best);
        Self { expression, probs }
    }
}

/// SHA-256 of the bundles used, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// The detector's; `None` when it was not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// The expression classifier's.
    pub expression: String,
}

impl Digests {
    fn of(models: &Models, aligned: bool) -> Result<Self, BundleError> {
        let detector = if aligned { None } else { Some(models.detector.digest()?.to_string()) };
        Ok(Self { detector, expression: models.expression.digest()?.to_string() })
    }
}

/// Milliseconds per stage that took any.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Times(Vec<(Stage, f64)>);

impl Times {
    fn of(laps: &Laps) -> Self {
        let ms = |stage| laps.cost(stage).time.as_secs_f64() * 1e3;
        let spent = Stage::ALL.into_iter().map(|stage| (stage, ms(stage)));
        Self(spent.filter(|&(_, ms)| ms > 0.0).collect())
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let rounded = |ms: f64| (ms * 1e3).round() / 1e3;
        to.collect_map(self.0.iter().map(|&(stage, ms)| (stage.name(), rounded(ms))))
    }
}

/// Writes probabilities with the names of their expressions.
fn named<S: Serializer>(probs: &[f32; 8], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(Expression::ALL.iter().map(|e| e.name()).zip(probs))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::GrayImage;
    use mien_shared::frame::Grey;

    use super::*;
    use crate::models::fixture;

    fn models() -> Models {
        Models::of(fixture::detector(), fixture::expression())
    }

    /// The records of a picture that `write` puts into a file.
    fn read(aligned: bool, name: &str, write: impl FnOnce(&Path)) -> Vec<Record> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        write(&path);
        StillReader::new(&models(), aligned).unwrap().read(&path).unwrap()
    }

    fn save(grey: &Grey, path: &Path) {
        let image = GrayImage::from_raw(grey.width, grey.height, grey.data.clone()).unwrap();
        image.save(path).unwrap();
    }

    #[test]
    fn two_faces_make_two_records_with_every_field() {
        let mut picture = Grey::new(640, 480);
        fixture::spot(&mut picture, [120, 120], 64);
        fixture::spot(&mut picture, [520, 360], 64);
        let records = read(false, "two.png", |path| save(&picture, path));
        assert_eq!(records.iter().map(|r| r.face).collect::<Vec<_>>(), [Some(0), Some(1)]);
        let json = serde_json::to_value(&records[0]).unwrap();
        for key in ["image", "box", "score", "points", "expression", "probs", "models", "ms"] {
            assert!(json.get(key).is_some(), "{key} in {json}");
        }
        assert!(json.get("error").is_none());
        assert_eq!(json["probs"].as_object().unwrap().len(), 8);
        assert_eq!(json["models"]["detector"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn a_picture_without_a_face_has_one_record_that_says_so() {
        let records = read(false, "dark.png", |path| save(&Grey::new(64, 48), path));
        assert_eq!(records.len(), 1);
        let json = serde_json::to_value(&records[0]).unwrap();
        assert!(json["face"].is_null() && json.get("expression").is_none(), "{json}");
    }

    #[test]
    fn an_aligned_picture_is_read_whole() {
        let bright = Grey { width: 48, height: 48, data: vec![250; 48 * 48] };
        let records = read(true, "crop.png", |path| save(&bright, path));
        assert_eq!(records[0].reading.unwrap().expression, Expression::Happiness);
        let json = serde_json::to_value(&records[0]).unwrap();
        assert!(json.get("box").is_none() && json["models"].get("detector").is_none(), "{json}");
    }

    #[test]
    fn one_pixel_is_a_picture() {
        let records = read(false, "one.png", |path| save(&Grey::new(1, 1), path));
        assert_eq!((records[0].face, &records[0].error), (None, &None));
    }

    #[test]
    fn a_file_that_is_no_picture_gives_a_record_with_the_reason() {
        for (name, bytes) in [("empty.png", &b""[..]), ("text.jpg", b"hello there")] {
            let records = read(false, name, |path| fs::write(path, bytes).unwrap());
            assert!(records[0].error.as_ref().is_some_and(|e| e.contains(name)), "{records:?}");
        }
        let absent = read(false, "absent.png", |_| {});
        assert!(absent[0].error.is_some());
    }
}
