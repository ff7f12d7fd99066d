//! How well landmarks are found, and whether the network knows it: on plain crops, and on the same
//! crops with something in front of the face.
//!
//! The normalised mean error divides by the distance of the outer eye corners
//! ([`Normalisation::InterOcular`]). A point is right that is seen and found within a tenth of the
//! eye distance ([`NEAR`], [`EYES`]), which is what its confidence is the probability of; how far
//! confidence and the share of right points are apart is the expected calibration error over both
//! sets of crops.
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
    geometry::{LANDMARKS, Point},
};

use super::find::find;
use crate::{
    arch::landmarks::{EYES, LandmarkNet, NEAR},
    train::Validation,
};

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
    plain: Shot,
    covered: Shot,
}

/// A crop and where its landmarks are; hidden ones have no confidence.
#[derive(Debug)]
struct Shot {
    crop: Grey,
    truth: FacePoints,
}

impl Judge {
    /// The faces of `samples` that have landmarks, covered by what `occlude` draws.
    pub(super) fn new(samples: Vec<Sample>, occlude: &Occlude) -> Self {
        let always = Augment { occlude: Occlude { probability: 1.0, ..*occlude }, ..Augment::NONE };
        let case = |(index, sample): (u64, Sample)| {
            let truth = FacePoints::clone(sample.points.as_deref()?);
            let (mut rng, mut crop) = (augment::rng(SEED, 0, index), Grey::default());
            let behind = always.apply_to_points(&sample.image, &truth, &mut rng, &mut crop);
            let covered = Shot { crop, truth: behind };
            Some(Case { plain: Shot { crop: sample.image, truth }, covered })
        };
        Self { faces: (0..).zip(samples).filter_map(case).collect() }
    }

    /// Faces there are.
    pub(super) fn len(&self) -> usize {
        self.faces.len()
    }

    /// Judges `net`, which is in inference mode; the score is 1 less the mean of the two errors.
    pub(super) fn judge(&self, net: &LandmarkNet, device: &Device) -> Validation {
        let [plain, covered] = [Case::plain as fn(&Case) -> &Shot, Case::covered].map(|of| {
            let shots: Vec<&Shot> = self.faces.iter().map(of).collect();
            let found = find(net, &shots.iter().map(|shot| &shot.crop).collect::<Vec<_>>(), device);
            shots.into_iter().zip(found).collect::<Vec<_>>()
        });
        let [nme, nme_covered] = [&plain, &covered].map(|found| error(found));
        let [seen, hidden] = [&plain, &covered].map(|found| self.sure_of_hidden(found));
        let judged = [judgements(&plain), judgements(&covered)].concat();
        let right = mean(judged.iter().map(|&(_, right)| f64::from(u8::from(right))));
        let calibration = reliability(&judged, BINS).map_or(1.0, |found| found.expected_error);
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

    /// The mean confidence of the points that are hidden in the covered crops only.
    fn sure_of_hidden(&self, found: &[Found<'_>]) -> f64 {
        let points = self.faces.iter().zip(found).flat_map(|(case, (_, found))| {
            found.confidence.iter().zip(case.hidden()).filter(|(_, hidden)| *hidden)
        });
        mean(points.map(|(&sure, _)| f64::from(sure)))
    }
}

impl Case {
    fn plain(&self) -> &Shot {
        &self.plain
    }

    fn covered(&self) -> &Shot {
        &self.covered
    }

    /// Whether each point is hidden by the thing in front.
    fn hidden(&self) -> [bool; LANDMARKS] {
        let [plain, covered] = [&self.plain, &self.covered].map(|shot| shot.truth.confidence);
        std::array::from_fn(|at| covered[at] < plain[at])
    }
}

/// A crop with its landmarks, and those found in it.
type Found<'a> = (&'a Shot, FacePoints);

/// The mean error over the faces whose eye corners lie apart.
fn error(found: &[Found<'_>]) -> f64 {
    let of = |(shot, found): &Found<'_>| {
        nme(&found.places, &shot.truth.places, Normalisation::InterOcular).ok()
    };
    mean(found.iter().filter_map(of))
}

/// The confidence of each point, and whether it is seen and right.
fn judgements(found: &[Found<'_>]) -> Vec<(f32, bool)> {
    let of = |(shot, found): &Found<'_>| {
        let (near, truth) = (NEAR * EYES * shot.crop.width as f32, &shot.truth);
        let right = |at: usize| {
            truth.confidence[at] > 0.5 && distance(found.places[at], truth.places[at]) < near
        };
        std::array::from_fn::<_, LANDMARKS, _>(|at| (found.confidence[at], right(at)))
    };
    found.iter().flat_map(of).collect()
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

    /// The plain crops with landmarks a share of the eye distance beside the true ones.
    fn beside(judge: &Judge, by: f32) -> Vec<Found<'_>> {
        let moved = |case| {
            let shot = Case::plain(case);
            (shot, shot.truth.moved(|Point { x, y }| Point { x: x + by * EYES * 48.0, y }))
        };
        judge.faces.iter().map(moved).collect()
    }

    fn right(found: &[Found<'_>]) -> usize {
        judgements(found).iter().filter(|&&(_, right)| right).count()
    }

    #[test]
    fn the_truth_has_no_error_and_is_right_everywhere() {
        let judge = judge();
        assert_eq!(judge.len(), 16);
        let truth = beside(&judge, 0.0);
        assert!(error(&truth) < 1e-9);
        assert_eq!(right(&truth), 16 * LANDMARKS);
    }

    #[test]
    fn a_point_a_tenth_of_the_eye_distance_off_is_wrong() {
        let judge = judge();
        assert_eq!(right(&beside(&judge, 0.09)), 16 * LANDMARKS);
        assert_eq!(right(&beside(&judge, 0.11)), 0);
    }

    #[test]
    fn something_hides_points_but_never_all_of_them_and_none_of_those_is_right() {
        let judge = judge();
        let hidden = |case: &Case| case.hidden().iter().filter(|&&hidden| hidden).count();
        let counts: Vec<usize> = judge.faces.iter().map(hidden).collect();
        assert!(counts.iter().filter(|&&count| count > 0).count() > 8, "{counts:?}");
        assert!(counts.iter().all(|&count| count < LANDMARKS), "{counts:?}");
        let covered = |case| (Case::covered(case), Case::covered(case).truth.clone());
        let found: Vec<Found<'_>> = judge.faces.iter().map(covered).collect();
        assert_eq!(right(&found), 16 * LANDMARKS - counts.iter().sum::<usize>());
    }

    #[test]
    fn a_sample_without_landmarks_is_left_out() {
        let mut samples = synth::dataset(3, 2, &TEMPLATE, 48).samples;
        samples[0].points = None;
        samples[1].points = samples[1].points.take().map(|points| Arc::new((*points).clone()));
        assert_eq!(Judge::new(samples, &Occlude::NONE).len(), 1);
    }
}
