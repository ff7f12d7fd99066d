//! The pictures of a test, the same for every network.
//!
//! What is changed in a picture is drawn from a fixed seed and the picture's id.

use std::{borrow::Cow, path::Path, sync::Arc};

use burn::tensor::Device;
use mien_data::{
    FacePoints, Sample,
    augment::{self, Augment},
    manifest::Cut,
};
use mien_shared::{frame::Grey, label::Expression};

use super::{
    StudyError,
    file::{Only, Test},
    predictions::Predictions,
};
use crate::{
    arch::{expression::ExpressionNet, landmarks::LandmarkNet},
    command::CommandError,
    recipe::{CropName, ExpressionRecipe},
    task::{
        expression::{CLASSES, predict},
        landmarks::find,
    },
};

/// Seed of the changes.
const SEED: u64 = 0x0045_7861_6D65_6E21;
/// Yaw in degrees, either way, above which a head is turned aside.
const TURNED_DEG: f32 = 20.0;
/// Share of the landmarks that are hidden, from which on a face is.
const HIDDEN: f32 = 0.2;
/// Confidence below which a landmark is hidden.
const SEEN: f32 = 0.5;

/// The pictures of a test.
#[derive(Debug)]
pub(super) struct Exam {
    samples: Vec<Sample>,
    truths: Vec<u8>,
}

impl Exam {
    /// Opens the pictures of `test`, which is no drop, from `data` in the folder `root`, as `recipe`
    /// cuts them; `pointer` finds the landmarks by which some are chosen.
    ///
    /// # Errors
    /// When the data cannot be read or no picture is left.
    pub(super) fn open(
        test: &Test,
        (data, root): (&str, &Path),
        recipe: &ExpressionRecipe,
        pointer: Option<&Pointer<'_>>,
    ) -> Result<Self, CommandError> {
        let fault = |why: String| StudyError::Test { test: test.name.clone(), why };
        let cut = cut(test, recipe);
        let mut samples = mien_data::open_cut(data, root, &test.split, &cut)?.samples;
        samples.retain(|sample| truth(test, sample).is_some());
        if let Some(pointer) = pointer {
            pointer.give(&mut samples);
        }
        samples.retain(|sample| test.only.is_none_or(|only| only.allows(sample)));
        if samples.is_empty() {
            let why = "no picture of its data counts: look at only, points, classes and protocol";
            return Err(fault(why.to_owned()).into());
        }
        Ok(Self::of(&samples, test, &test.augment().map_err(fault)?))
    }

    /// The exam of these pictures, all of which count.
    fn of(samples: &[Sample], test: &Test, change: &Augment) -> Self {
        let class = |sample| truth(test, sample).and_then(|truth| u8::try_from(truth.index()).ok());
        let truths = samples.iter().map(|sample| class(sample).unwrap_or_default()).collect();
        Self { samples: samples.iter().map(|sample| changed(sample, change)).collect(), truths }
    }

    /// What `net`, in inference mode, makes of them, by the landmarks that `pointer` finds where
    /// there is one.
    pub(super) fn take(
        &self,
        net: &ExpressionNet,
        pointer: Option<&Pointer<'_>>,
        device: &Device,
    ) -> Predictions {
        let mut samples = Cow::Borrowed(&self.samples);
        if let Some(pointer) = pointer {
            pointer.give(samples.to_mut());
        }
        let rows: Vec<[f32; CLASSES]> = predict(net, &samples, device);
        let ids = self.samples.iter().map(|sample| sample.id).collect();
        Predictions { ids, truths: self.truths.clone(), rows }
    }
}

/// A network that finds landmarks.
pub(super) struct Pointer<'a> {
    pub(super) net: LandmarkNet,
    pub(super) device: &'a Device,
}

impl Pointer<'_> {
    fn give(&self, samples: &mut [Sample]) {
        find::give(samples, &self.net, self.device);
    }
}

/// How the pictures of `test` are cut for the network of `recipe`.
pub(super) fn cut(test: &Test, recipe: &ExpressionRecipe) -> Cut {
    let crop = test.crop.or(recipe.crop);
    ExpressionRecipe { crop, ..recipe.clone() }.cut(CropName::Whole)
}

/// `sample` changed as `change` says, its landmarks with it.
fn changed(sample: &Sample, change: &Augment) -> Sample {
    let mut image = Grey::default();
    let change = change.apply(&sample.image, &mut augment::rng(SEED, 0, sample.id), &mut image);
    let moved = |points: &Arc<FacePoints>| Arc::new(points.changed(&change));
    Sample { image, points: sample.points.as_ref().map(moved), ..sample.clone() }
}

/// What `sample` shows, `None` where `test` leaves it out.
fn truth(test: &Test, sample: &Sample) -> Option<Expression> {
    test.protocol.truth(sample).filter(|truth| labels(test).contains(truth))
}

impl Only {
    fn allows(self, sample: &Sample) -> bool {
        let Some(points) = sample.points.as_deref() else { return false };
        match self {
            Self::Turned => points.yaw.is_some_and(|yaw| yaw.abs() > TURNED_DEG),
            Self::Hidden => hidden(points) >= HIDDEN,
        }
    }
}

/// Share of the landmarks that are hidden.
fn hidden(points: &FacePoints) -> f32 {
    let hidden = points.confidence.iter().filter(|&&sure| sure < SEEN).count();
    hidden as f32 / points.confidence.len() as f32
}

/// The classes that count in `test`.
pub(super) fn labels(test: &Test) -> &[Expression] {
    if test.classes.is_empty() { test.protocol.labels() } else { &test.classes }
}

/// The data of a test and what was done to them, in words.
pub(super) fn about(test: &Test, data: &str) -> String {
    if let Some([first, second]) = &test.of {
        return format!("{first} minus {second}: less is better");
    }
    let data = test.data.as_deref().unwrap_or(data);
    let mut words = vec![format!("{data}.{}, protocol {}", test.split, test.protocol.name())];
    let classes: Vec<&str> = test.classes.iter().map(|class| class.name()).collect();
    words.extend((!classes.is_empty()).then(|| format!("only {}", classes.join(", "))));
    let changes = test.augment.iter().map(|(key, value)| format!("{key} = {value}"));
    words.extend(changes.map(|change| change.replace('\n', " ")));
    words.extend(test.crop.map(|crop| format!("{crop:?} crops").to_lowercase()));
    words.extend(test.only.map(|only| match only {
        Only::Turned => format!("heads turned by more than {TURNED_DEG}°"),
        Only::Hidden => format!("at least {:.0} % of the landmarks hidden", 100.0 * HIDDEN),
    }));
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use mien_data::{SIDE, synth};
    use mien_shared::geometry::{LANDMARKS, Point};

    use super::*;
    use crate::export::model::TEMPLATE;

    fn exam(test: &str) -> Exam {
        let test: Test = toml::from_str(test).unwrap();
        let mut faces = synth::dataset(1, 16, &TEMPLATE, SIDE).samples;
        faces.retain(|face| truth(&test, face).is_some());
        Exam::of(&faces, &test, &test.augment().unwrap())
    }

    #[test]
    fn a_test_without_changes_leaves_pictures_as_they_are() {
        let faces = synth::dataset(1, 16, &TEMPLATE, SIDE).samples;
        assert_eq!(exam("name = 'clean'").samples, faces);
    }

    #[test]
    fn changes_are_those_named_and_the_same_every_time() {
        let occluded = "name = 'o'\naugment = { occlude = { probability = 1.0 } }";
        let [first, second] = [exam(occluded), exam(occluded)];
        assert_eq!(first.samples, second.samples);
        let clean = exam("name = 'clean'");
        assert!(first.samples.iter().zip(&clean.samples).all(|(a, b)| a.image != b.image));
    }

    #[test]
    fn only_pictures_of_the_named_classes_count() {
        let two = exam("name = 'two'\nclasses = ['anger', 'fear']");
        let [anger, fear] = [Expression::Anger, Expression::Fear].map(Expression::index);
        assert!(!two.truths.is_empty() && two.truths.len() < 16);
        assert!(two.truths.iter().all(|&truth| [anger, fear].contains(&usize::from(truth))));
    }

    #[test]
    fn turned_and_hidden_faces_are_told_by_their_landmarks() {
        let points = |yaw, hidden| {
            let mut confidence = [1.0; LANDMARKS];
            confidence[..hidden].fill(0.0);
            let places = [Point { x: 0.0, y: 0.0 }; LANDMARKS];
            let mut sample = synth::dataset(1, 1, &TEMPLATE, SIDE).samples.remove(0);
            sample.points = Some(Arc::new(FacePoints { places, confidence, yaw }));
            sample
        };
        let turned =
            [Some(-21.0), Some(20.0), None].map(|yaw| Only::Turned.allows(&points(yaw, 0)));
        assert_eq!(turned, [true, false, false]);
        // A fifth of 68 is 13.6.
        assert_eq!([13, 14].map(|n| Only::Hidden.allows(&points(None, n))), [false, true]);
    }

    #[test]
    fn an_unknown_or_impossible_change_is_refused_by_name() {
        let refused = |augment: &str| {
            let test = format!("name = 'odd'\naugment = {{ {augment} }}");
            toml::from_str::<Test>(&test).unwrap().augment().unwrap_err()
        };
        assert!(refused("tilt = 3.0").contains("test 'odd', augment"), "{}", refused("tilt = 3.0"));
        assert!(refused("blur = 2.0").contains("blur"), "{}", refused("blur = 2.0"));
    }
}
