//! A batch under way: from samples on the host to [`Faces`] on a device.

use burn::tensor::{Device, Tensor, TensorData};
use mien_data::{
    CLASSES, FacePoints, Sample,
    augment::mixup::{self, Pair},
};
use mien_shared::{frame::Grey, geometry::LANDMARKS};

use super::input_spec;
use crate::arch::faces::{Faces, Upright};

/// Values of a landmark: x, y, confidence.
const POINT: usize = 3;

/// A batch on the host; shapes as [`Faces`] has them.
pub struct Batch {
    pixels: TensorData,
    targets: TensorData,
    weights: Option<TensorData>,
    points: Option<TensorData>,
    upright: Option<[TensorData; 2]>,
}

impl Batch {
    /// The batch on `device`, each class weighing as much as `class_weights` say.
    pub fn on(self, class_weights: Option<&[f32]>, device: &Device) -> Faces {
        let upright = |[pixels, points]: [TensorData; 2]| Upright {
            pixels: Tensor::from_data(pixels, device),
            points: Tensor::from_data(points, device),
        };
        Faces {
            pixels: Tensor::from_data(self.pixels, device),
            targets: Tensor::from_data(self.targets, device),
            class_weights: class_weights.map(|weights| Tensor::from_floats(weights, device)),
            row_weights: self.weights.map(|weights| Tensor::from_data(weights, device)),
            points: self.points.map(|points| Tensor::from_data(points, device)),
            upright: self.upright.map(upright),
        }
    }
}

/// How much a picture counts beside a blend, which counts once: `MixAugment` adds the losses of
/// both pictures of a pair, and partners are a permutation of the batch.
const ORIGINAL: f32 = 2.0;

/// Crops, targets and landmarks, row by row.
#[derive(Default)]
pub(in crate::task) struct Rows {
    pixels: Vec<f32>,
    targets: Vec<f32>,
    weights: Vec<f32>,
    points: Vec<f32>,
    upright_pixels: Vec<f32>,
    upright_points: Vec<f32>,
}

impl Rows {
    /// Adds a changed crop and its target.
    pub(in crate::task) fn push(&mut self, crop: &Grey, target: [f32; CLASSES]) {
        append(crop, &mut self.pixels);
        self.targets.extend(target);
    }

    /// Adds the landmarks of a crop of `side` × `side` pixels; those that are not known have no
    /// confidence.
    pub(in crate::task) fn push_points(&mut self, points: Option<&FacePoints>, side: u32) {
        append_points(points, side, &mut self.points);
    }

    /// Adds a crop whose geometry is that of `sample`, and its landmarks.
    pub(super) fn push_upright(&mut self, crop: &Grey, sample: &Sample) {
        append(crop, &mut self.upright_pixels);
        append_points(sample.points.as_deref(), crop.width, &mut self.upright_points);
    }

    /// Puts the blends of the rows in their place, or behind them where `keep_originals`; then the
    /// loss is `MixAugment`'s ([`mixup`]) over 3, the sum of the weights of a picture and a blend.
    ///
    /// Blends have no landmarks: theirs are without confidence. Upright copies stay as they are.
    pub(super) fn blend(&mut self, pairs: &[Pair], keep_originals: bool) {
        let count = pairs.len();
        let pixels = mixup::blend(pairs, &self.pixels, self.pixels.len() / count.max(1));
        let targets = mixup::blend(pairs, &self.targets, CLASSES);
        let known = self.points.len();
        if keep_originals {
            self.weights = [vec![ORIGINAL; count], vec![1.0; count]].concat();
            self.points.resize(2 * known, 0.0);
        } else {
            self.pixels.clear();
            self.targets.clear();
            self.points.fill(0.0);
        }
        self.pixels.extend(pixels);
        self.targets.extend(targets);
    }

    /// The rows as a batch of crops of `side` × `side` pixels.
    pub(in crate::task) fn batch(self, side: u32) -> Batch {
        let (count, side) = (self.targets.len() / CLASSES, side as usize);
        let crops = |pixels: Vec<f32>| {
            let shape = [pixels.len() / (side * side).max(1), 1, side, side];
            TensorData::new(pixels, shape)
        };
        let points = |values: Vec<f32>| {
            let shape = [values.len() / (LANDMARKS * POINT), LANDMARKS, POINT];
            TensorData::new(values, shape)
        };
        let upright = (!self.upright_points.is_empty())
            .then(|| [crops(self.upright_pixels), points(self.upright_points)]);
        Batch {
            pixels: crops(self.pixels),
            targets: TensorData::new(self.targets, [count, CLASSES]),
            weights: (!self.weights.is_empty()).then(|| TensorData::new(self.weights, [count])),
            points: (!self.points.is_empty()).then(|| points(self.points)),
            upright,
        }
    }
}

/// The landmarks of samples as they are, `[N, 68, 3]` as [`Faces::points`].
pub(super) fn points_of(samples: &[Sample]) -> TensorData {
    let mut rows = Vec::new();
    for sample in samples {
        append_points(sample.points.as_deref(), sample.image.width, &mut rows);
    }
    TensorData::new(rows, [samples.len(), LANDMARKS, POINT])
}

fn append_points(points: Option<&FacePoints>, side: u32, to: &mut Vec<f32>) {
    let Some(points) = points else {
        to.resize(to.len() + LANDMARKS * POINT, 0.0);
        return;
    };
    for (place, sure) in points.places.iter().zip(points.confidence) {
        to.extend([place.x / side as f32, place.y / side as f32, sure]);
    }
}

/// Adds the pixels of `image`, scaled as [`input_spec`] says.
pub(in crate::task) fn append(image: &Grey, pixels: &mut Vec<f32>) {
    let start = pixels.len();
    pixels.resize(start + image.data.len(), 0.0);
    input_spec(image.width).normalize(image, &mut pixels[start..]);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mien_data::augment::{Augment, rng};
    use mien_shared::geometry::Point;

    use super::*;

    /// Two crops of one pixel: the first of class 0, the second of class 1.
    fn two() -> Rows {
        let mut rows = Rows::default();
        for class in 0..2 {
            let mut target = [0.0; CLASSES];
            target[class] = 1.0;
            rows.push(&Grey::new(1, 1), target);
        }
        rows
    }

    /// The loss where logits are `[z_i, 0, 0…]` in row i.
    fn loss(rows: Rows, firsts: &[f32]) -> f32 {
        let device = Device::flex();
        let firsts = Tensor::<1>::from_floats(firsts, &device).unsqueeze_dim::<2>(1);
        let others = Tensor::zeros([firsts.dims()[0], CLASSES - 1], &device);
        let faces = rows.batch(1).on(None, &device);
        faces.cross_entropy(Tensor::cat(vec![firsts, others], 1)).into_scalar()
    }

    /// Cross-entropy of logits `[z, 0, 0…]` where that class is right.
    fn cost(z: f32, class: usize) -> f32 {
        (z.exp() + 7.0).ln() - if class == 0 { z } else { 0.0 }
    }

    #[test]
    fn originals_and_blends_weigh_as_in_mix_augment() {
        let mut rows = two();
        let pair = |partner| Pair { partner, share: 0.75 };
        rows.blend(&[pair(1), pair(0)], true);
        let found = 3.0 * loss(rows, &[2.0, -1.0, 0.5, 0.25]);
        let both = cost(2.0, 0) + cost(-1.0, 1);
        let first = 0.75 * cost(0.5, 0) + 0.25 * cost(0.5, 1) + both;
        let second = 0.75 * cost(0.25, 1) + 0.25 * cost(0.25, 0) + both;
        assert!((found - f32::midpoint(first, second)).abs() < 1e-5, "{found}");
    }

    #[test]
    fn a_share_of_one_is_twice_the_picture_and_once_its_partner() {
        let mut rows = two();
        rows.blend(&[1, 0].map(|partner| Pair { partner, share: 1.0 }), true);
        // A blend that is the picture has its logits.
        let found = 3.0 * loss(rows, &[2.0, -1.0, 2.0, -1.0]);
        let [a, b] = [cost(2.0, 0), cost(-1.0, 1)];
        assert!((found - f32::midpoint(2.0 * a + b, 2.0 * b + a)).abs() < 1e-5, "{found}");
        let plain = loss(two(), &[2.0, -1.0]);
        assert!((found / 3.0 - plain).abs() < 1e-6);
    }

    #[test]
    fn blends_have_no_landmarks_and_no_upright_copies() {
        let device = Device::flex();
        let points = FacePoints {
            places: [Point { x: 0.5, y: 0.5 }; LANDMARKS],
            confidence: [1.0; LANDMARKS],
            yaw: None,
        };
        let crop = Grey::new(1, 1);
        for keep in [false, true] {
            let mut rows = two();
            let sample = sample(&crop, points.clone());
            for _ in 0..2 {
                rows.push_points(sample.points.as_deref(), 1);
                rows.push_upright(&crop, &sample);
            }
            rows.blend(&[1, 0].map(|partner| Pair { partner, share: 0.5 }), keep);
            let faces = rows.batch(1).on(None, &device);
            let [rows, _, _, _] = faces.pixels.dims();
            let confidence = faces.points.unwrap().narrow(2, 2, 1).sum().into_scalar::<f32>();
            let wanted = if keep { (4, 136.0) } else { (2, 0.0) };
            assert_eq!((rows, confidence), wanted);
            let upright = faces.upright.unwrap();
            assert_eq!((upright.pixels.dims(), upright.points.dims()), ([2, 1, 1, 1], [2, 68, 3]));
        }
    }

    fn sample(image: &Grey, points: FacePoints) -> Sample {
        Sample {
            id: 0,
            image: image.clone(),
            target: [0.125; CLASSES],
            label: None,
            fer7: None,
            subject: None,
            points: Some(Arc::new(points)),
            leaks: false,
        }
    }

    #[test]
    fn a_mirrored_crop_has_mirrored_landmarks_with_their_own_confidence() {
        let mut points = FacePoints {
            places: [Point { x: 10.0, y: 20.0 }; LANDMARKS],
            confidence: [0.0; LANDMARKS],
            yaw: None,
        };
        // The outer end of one brow, whose partner is the other's.
        points.places[17] = Point { x: 6.0, y: 15.0 };
        points.confidence[17] = 0.75;
        let image = Grey::new(48, 48);
        let sample = sample(&image, points.clone());
        let mirror = Augment { flip: 1.0, ..Augment::NONE };
        let (mut crop, mut rows) = (Grey::default(), Rows::default());
        let change = mirror.apply(&image, &mut rng(1, 0, 0), &mut crop);
        rows.push(&crop, sample.target);
        rows.push_points(Some(&points.changed(&change)), 48);
        let points = rows.batch(48).on(None, &Device::flex()).points.unwrap();
        let partner: Tensor<1> = points.slice([0..1, 26..27, 0..3]).flatten(0, 2);
        let found = partner.into_data().try_to_vec::<f32>().unwrap();
        let wanted = [42.0 / 48.0, 15.0 / 48.0, 0.75];
        assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
    }
}
