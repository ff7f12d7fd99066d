//! Faces of the procedural head, cut out at their exact landmarks: labels without annotators.
//!
//! Sample `i` is a function of (seed, `i`) alone and shows expression `i mod 8`, so that any run
//! of eight is balanced. Landmarks are exact, those that the face hides where they would be seen,
//! and the head's turn is known. Made from scenes as varied as faces in the wild, but not from faces: a
//! set to start on and to test with, not to judge a network by.

use mien_shared::{
    crop,
    frame::{Frame, Grey, PixelFormat, Rgb},
    geometry::{FivePoints, LANDMARKS},
    input::InputSpec,
    label::Expression,
    pixels::Decoder,
};
use mien_synth::{Labels, Renderer, Scene};
use rand::RngExt as _;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::{Dataset, FacePoints, Sample, one_hot};
use crate::{
    augment,
    manifest::{Crop, Cut, warped},
};

/// Side of the picture a face is rendered in, for each pixel of the crop.
const RENDERED: u32 = 3;

/// Renders `count` samples from `seed`, each `side` × `side` pixels with its five points where
/// `template` wants them (see [`crop::face`]).
///
/// A template whose points coincide gives no samples.
pub fn dataset(seed: u64, count: u64, template: &FivePoints, side: u32) -> Dataset {
    let samples = (0..count)
        .into_par_iter()
        .map_init(Studio::default, |studio, id| studio.sample((seed, id), template, side))
        .flatten()
        .collect();
    Dataset { name: format!("synth.{seed}"), samples }
}

/// Renders `count` whole pictures from `seed`, each `side` × `side` pixels, with their labels.
pub fn pictures(seed: u64, count: u64, side: u32) -> Vec<(Grey, Labels)> {
    let picture = |studio: &mut Studio, id| {
        let labels = studio.renderer.render_into(&scene(seed, id, side), &mut studio.picture);
        studio.take_luma();
        (studio.luma.clone(), labels)
    };
    (0..count).into_par_iter().map_init(Studio::default, picture).collect()
}

/// A rendered face that fills a picture of the size `spec` wants.
pub fn portrait(seed: u64, spec: &InputSpec) -> Grey {
    let mut studio = Studio::default();
    let side = spec.width.min(spec.height);
    studio.renderer.render_into(&scene(seed, seed, side), &mut studio.picture);
    studio.take_luma();
    let mut picture = Grey::new(spec.width, spec.height);
    crop::letterbox(&studio.luma, &mut picture);
    picture
}

/// Buffers used again from sample to sample.
#[derive(Default)]
struct Studio {
    renderer: Renderer,
    pixels: Decoder,
    picture: Rgb,
    luma: Grey,
}

impl Studio {
    fn sample(&mut self, (seed, id): (u64, u64), to: &FivePoints, side: u32) -> Option<Sample> {
        let scene = scene(seed, id, RENDERED * side);
        let labels = self.renderer.render_into(&scene, &mut self.picture);
        self.take_luma();
        let points = FacePoints {
            places: labels.landmarks,
            confidence: [1.0; LANDMARKS],
            yaw: Some(labels.yaw_deg),
        };
        let cut = Cut { crop: Crop::Aligned(*to), side };
        let (image, points) = warped(&self.luma, &points, &cut.to_picture(&points.places)?, side);
        Some(Sample { points, ..labelled(id, image, &labels) })
    }

    /// Turns the picture to luma as the device does.
    fn take_luma(&mut self) {
        let frame = Frame {
            width: self.picture.width,
            height: self.picture.height,
            stride: 3 * self.picture.width,
            format: PixelFormat::Rgb,
            data: std::mem::take(&mut self.picture.data),
            ..Frame::empty()
        };
        self.pixels
            .to_grey(&frame, &mut self.luma)
            .unwrap_or_else(|error| unreachable!("a rendered picture is a whole frame: {error}"));
        self.picture.data = frame.data;
    }
}

/// The scene of one sample, in a square picture of `size` pixels.
fn scene(seed: u64, id: u64, size: u32) -> Scene {
    let turn = Expression::from_index((id % 8) as usize);
    Scene::random(augment::rng(seed, 0, id).random(), turn, size)
}

fn labelled(id: u64, image: Grey, labels: &Labels) -> Sample {
    Sample {
        id,
        image,
        target: one_hot(labels.expression),
        label: Some(labels.expression),
        fer7: Some(labels.expression).filter(|&e| e != Expression::Contempt),
        subject: Some(labels.identity.to_string()),
        points: None,
        leaks: false,
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::Point;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_samples_however_many_there_are() {
        let few = dataset(5, 9, &template(), 48);
        let more = dataset(5, 12, &template(), 48);
        assert_eq!(few.samples[..], more.samples[..9]);
        assert_ne!(few.samples[0].image, dataset(6, 1, &template(), 48).samples[0].image);
    }

    #[test]
    fn every_expression_has_its_turn() {
        let set = dataset(5, 16, &template(), 48);
        for (at, sample) in set.samples.iter().enumerate() {
            assert_eq!(
                (sample.id, (sample.image.width, sample.image.height)),
                (at as u64, (48, 48))
            );
            assert_eq!(sample.label, Expression::from_index(at % 8));
            assert_eq!(sample.fer7.is_none(), sample.label == Some(Expression::Contempt));
        }
        assert_eq!(set.samples.len(), 16);
    }

    #[test]
    fn landmarks_lie_on_the_crop() {
        for sample in dataset(5, 8, &template(), 48).samples {
            let points = sample.points.unwrap();
            assert!(points.yaw.is_some_and(|yaw| yaw.abs() < 60.0), "{:?}", points.yaw);
            let five = FivePoints::from_landmarks(&points.places).to_array();
            for (found, wanted) in five.into_iter().zip(template().to_array()) {
                let gap = (found.x - 48.0 * wanted.x).hypot(found.y - 48.0 * wanted.y);
                assert!(gap < 10.0, "sample {}: {found:?}", sample.id);
            }
        }
    }

    #[test]
    fn crops_show_something() {
        for sample in dataset(5, 16, &template(), 48).samples {
            let (least, most) =
                sample.image.data.iter().fold((255, 0), |(a, b), &v| (v.min(a), v.max(b)));
            assert!(most - least > 40, "sample {}: {least} to {most}", sample.id);
        }
    }

    fn template() -> FivePoints {
        let points = [(0.3, 0.35), (0.7, 0.35), (0.5, 0.58), (0.34, 0.78), (0.66, 0.78)];
        FivePoints::from_array(points.map(|(x, y)| Point { x, y }))
    }
}
