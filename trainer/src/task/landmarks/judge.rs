//! How well landmarks are found, and whether the network knows it: on plain crops, and on the same
//! crops with something in front of the face.
//!
//! The normalised mean error divides by the distance of the outer eye corners
//! ([`Normalisation::InterOcular`]). A point is right within a tenth of the eye distance
//! ([`NEAR`], [`EYES`]), which is what its confidence is the probability of; how far confidence and
//! the share of right points are apart is the expected calibration error over both sets of crops.
//! Whether it notices that a point is hidden shows in how sure it is of the same points without
//! the thing in front of them.

use burn::tensor::Device;
use mien_data::{
    FacePoints, Sample,
    augment::{self, Augment, Occlude},
};
use mien_metric::{
    landmark::{Normalisation, nme},
    reliability::reliability,
};
use mien_shared::{
    frame::Grey,
    geometry::{FivePoints, LANDMARKS, Point},
};

use super::find::find;
use crate::{
    arch::landmarks::{EYES, LandmarkNet, NEAR},
    train::Validation,
};

/// Change of brightness from which a pixel is called covered.
const COVERED: u8 = 24;

/// Bins of the calibration error.
const BINS: usize = 10;

/// Sets the draws of the things in front of validation faces apart from training's.
const SEED: u64 = 0x0CC1_0DED;

/// Faces to judge by.
#[derive(Debug)]
pub(super) struct Judge {
    faces: Vec<Case>,
}

/// A face, and the same with something in front of it.
#[derive(Debug)]
struct Case {
    truth: FacePoints,
    plain: Grey,
    covered: Grey,
    /// Whether each point is behind the thing.
    hidden: [bool; LANDMARKS],
}

impl Judge {
    /// The faces of `samples` that have landmarks, covered by what `occlude` draws.
    pub(super) fn new(samples: Vec<Sample>, occlude: &Occlude) -> Self {
        let always = Augment { occlude: Occlude { probability: 1.0, ..*occlude }, ..Augment::NONE };
        let case = |(index, sample): (u64, Sample)| {
            let truth = FacePoints::clone(sample.points.as_deref()?);
            let (plain, mut covered) = (sample.image, Grey::default());
            let face = FivePoints::from_landmarks(&truth.places);
            always.apply_to_face(&plain, &face, &mut augment::rng(SEED, 0, index), &mut covered);
            let hidden = truth.places.map(|place| changed(&plain, &covered, place));
            Some(Case { truth, plain, covered, hidden })
        };
        Self { faces: (0..).zip(samples).filter_map(case).collect() }
    }

    /// Faces there are.
    pub(super) fn len(&self) -> usize {
        self.faces.len()
    }

    /// Judges `net`, which is in inference mode; the score is 1 less the mean of the two errors.
    pub(super) fn judge(&self, net: &LandmarkNet, device: &Device) -> Validation {
        let crops = |of: fn(&Case) -> &Grey| self.faces.iter().map(of).collect::<Vec<_>>();
        let plain = find(net, &crops(|case| &case.plain), device);
        let covered = find(net, &crops(|case| &case.covered), device);
        let [nme, nme_covered] = [&plain, &covered].map(|found| self.error(found));
        let [seen, hidden] = [&plain, &covered].map(|found| self.sure_of_hidden(found));
        let mut judgements = self.judgements(&plain);
        judgements.extend(self.judgements(&covered));
        let right = mean(judgements.iter().map(|&(_, right)| f64::from(u8::from(right))));
        let calibration = reliability(&judgements, BINS).map_or(1.0, |found| found.expected_error);
        let values = [
            ("nme", nme),
            ("nme_covered", nme_covered),
            ("right", right),
            ("calibration_error", calibration),
            ("sure_of_hidden", hidden),
            ("sure_of_the_same_seen", seen),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Validation { score: 1.0 - f64::midpoint(nme, nme_covered), values }
    }

    /// The mean error over the faces whose eye corners lie apart.
    fn error(&self, found: &[FacePoints]) -> f64 {
        let of = |(case, found): (&Case, &FacePoints)| {
            nme(&found.places, &case.truth.places, Normalisation::InterOcular).ok()
        };
        mean(self.faces.iter().zip(found).filter_map(of))
    }

    /// The mean confidence of the points that are hidden in the covered crops.
    fn sure_of_hidden(&self, found: &[FacePoints]) -> f64 {
        let points = self.faces.iter().zip(found).flat_map(|(case, found)| {
            found.confidence.iter().zip(&case.hidden).filter(|(_, hidden)| **hidden)
        });
        mean(points.map(|(&sure, _)| f64::from(sure)))
    }

    /// The confidence of each point and whether it is right.
    fn judgements(&self, found: &[FacePoints]) -> Vec<(f32, bool)> {
        let of = |(case, found): (&Case, &FacePoints)| {
            let near = NEAR * EYES * case.plain.width as f32;
            let right = |at: usize| distance(found.places[at], case.truth.places[at]) < near;
            std::array::from_fn::<_, LANDMARKS, _>(|at| (found.confidence[at], right(at)))
        };
        self.faces.iter().zip(found).flat_map(of).collect()
    }
}

/// Whether the pixel at `place`, if there is one, is another.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to lie within the picture"
)]
fn changed(before: &Grey, after: &Grey, Point { x, y }: Point) -> bool {
    let inside = x >= 0.0 && y >= 0.0 && x < before.width as f32 && y < before.height as f32;
    let at = if inside { y as usize * before.width as usize + x as usize } else { usize::MAX };
    match (before.data.get(at), after.data.get(at)) {
        (Some(before), Some(after)) => before.abs_diff(*after) >= COVERED,
        _ => false,
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The mean; 0 of none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mien_data::synth;

    use super::*;
    use crate::export::model::TEMPLATE;

    fn judge() -> Judge {
        Judge::new(synth::dataset(3, 16, &TEMPLATE, 48).samples, &Occlude::NONE)
    }

    #[test]
    fn the_truth_has_no_error_and_is_right_everywhere() {
        let judge = judge();
        assert_eq!(judge.len(), 16);
        let truth: Vec<FacePoints> = judge.faces.iter().map(|case| case.truth.clone()).collect();
        assert!(judge.error(&truth) < 1e-9);
        assert!(judge.judgements(&truth).iter().all(|&(_, right)| right));
    }

    #[test]
    fn a_point_a_tenth_of_the_eye_distance_off_is_wrong() {
        let judge = judge();
        let off = |by: f32| {
            let moved = |case: &Case| {
                case.truth.moved(|Point { x, y }| Point { x: x + by * EYES * 48.0, y })
            };
            let found: Vec<FacePoints> = judge.faces.iter().map(moved).collect();
            judge.judgements(&found).iter().filter(|&&(_, right)| right).count()
        };
        assert_eq!((off(0.09), off(0.11)), (16 * LANDMARKS, 0));
    }

    #[test]
    fn something_hides_points_but_never_all_of_them() {
        let judge = judge();
        let hidden = |case: &Case| case.hidden.iter().filter(|&&hidden| hidden).count();
        let counts: Vec<usize> = judge.faces.iter().map(hidden).collect();
        assert!(counts.iter().filter(|&&count| count > 0).count() > 8, "{counts:?}");
        assert!(counts.iter().all(|&count| count < LANDMARKS), "{counts:?}");
    }

    #[test]
    fn a_sample_without_landmarks_is_left_out() {
        let mut samples = synth::dataset(3, 2, &TEMPLATE, 48).samples;
        samples[0].points = None;
        samples[1].points = samples[1].points.take().map(|points| Arc::new((*points).clone()));
        assert_eq!(Judge::new(samples, &Occlude::NONE).len(), 1);
    }
}
