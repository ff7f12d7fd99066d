//! The pictures a recipe names, as they are learned from and judged on.

use std::path::Path;

use mien_data::{
    CLASSES, DataError, SIDE, Sample,
    split::{
        Identity, Part,
        fold::Roles,
        leak::{self, LeakError},
    },
    synth,
};
use thiserror::Error;

use super::{pool::Pool, protocol};
use crate::{export::model::TEMPLATE, recipe::ExpressionRecipe};

/// Bit that the ids of rendered faces have and no data set's pictures.
const RENDERED: u64 = 1 << 48;

/// Opens the recipe's data set in `root`: what is learned from, and what is judged on.
///
/// # Errors
/// When the data set is unknown, not whole, holds nothing to learn from or to judge on, or shows a
/// person in both.
pub fn open(
    recipe: &ExpressionRecipe,
    seed: u64,
    root: &Path,
) -> Result<(Pool, Vec<Sample>), SourceError> {
    let mut valid = mien_data::open(&recipe.data, root, "valid")?.samples;
    valid.retain(|sample| protocol(recipe).truth(sample).is_some());
    let train = if recipe.stream { streamed(recipe, root)? } else { loaded(recipe, seed, root)? };
    for (count, part) in [(train.len(), "train"), (valid.len(), "valid")] {
        if count == 0 {
            return Err(DataError::Count {
                path: root.into(),
                what: part,
                found: 0,
                expected: 1,
                fix: "no picture of that split has a label to use; see `data check`",
            }
            .into());
        }
    }
    apart(&train, &valid)?;
    Ok((train, valid))
}

/// Refuses a person, or a sequence, in both parts.
fn apart(train: &Pool, valid: &[Sample]) -> Result<(), LeakError> {
    let mut pictures: Vec<Identity<'_>> = match train {
        Pool::Memory(samples) => samples.iter().map(Identity::from).collect(),
        Pool::Streamed { entries, .. } => entries.iter().map(Identity::from).collect(),
    };
    pictures.extend(valid.iter().map(Identity::from));
    let roles = Roles {
        train: (0..train.len()).collect(),
        valid: (train.len()..pictures.len()).collect(),
        test: Vec::new(),
    };
    leak::check(&roles, &pictures)
}

/// Why there is nothing to learn from.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The data set cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What is judged on is learned from too.
    #[error(transparent)]
    Leak(#[from] LeakError),
}

fn loaded(recipe: &ExpressionRecipe, seed: u64, root: &Path) -> Result<Pool, DataError> {
    let mut samples = mien_data::open(&recipe.data, root, "train")?.samples;
    for sample in &mut samples {
        learn_by(recipe.fer7, sample);
    }
    samples.retain(|sample| sample.usable_for_training() && !sample.leaks);
    samples.extend(rendered(seed, recipe.rendered));
    Ok(Pool::Memory(samples))
}

fn streamed(recipe: &ExpressionRecipe, root: &Path) -> Result<Pool, DataError> {
    let manifest = (mien_data::list_adapter(&recipe.data)?.list)(root).whole()?;
    let usable = |entry: &&mien_data::manifest::Entry| {
        let annotation = &entry.annotation;
        let voted = annotation.votes.is_some_and(|votes| votes.iter().any(|&share| share > 0.0));
        !entry.leaks && (voted || annotation.expression.is_some())
    };
    let entries = manifest.part(Part::Train).filter(usable).cloned().collect();
    Ok(Pool::Streamed { entries, side: SIDE })
}

/// Mixes FER2013's own label into what is learned of a sample, with weight `share`; a sample
/// without votes has that label alone, one without that label none.
fn learn_by(share: f32, sample: &mut Sample) {
    if share <= 0.0 {
        return;
    }
    let Some(label) = sample.fer7 else {
        sample.target = [0.0; CLASSES];
        return;
    };
    let share = if sample.usable_for_training() { share } else { 1.0 };
    for (class, target) in sample.target.iter_mut().enumerate() {
        *target = (1.0 - share) * *target + if class == label.index() { share } else { 0.0 };
    }
}

/// Rendered faces, with ids that no data set's pictures have.
fn rendered(seed: u64, count: u64) -> Vec<Sample> {
    let mut faces = synth::dataset(seed, count, &TEMPLATE, SIDE).samples;
    for face in &mut faces {
        face.id |= RENDERED;
    }
    faces
}

#[cfg(test)]
mod tests {
    use mien_shared::{frame::Grey, label::Expression};

    use super::*;

    fn sample(target: [f32; CLASSES], fer7: Option<Expression>) -> Sample {
        let image = Grey::new(1, 1);
        Sample { id: 0, image, target, label: None, fer7, subject: None, leaks: false }
    }

    #[test]
    fn a_person_who_is_learned_from_and_judged_on_stops_the_run() {
        let of = |name: &str| Sample {
            subject: Some(name.to_owned()),
            ..sample([0.125; CLASSES], None)
        };
        let train = Pool::Memory(vec![of("ann"), of("ben")]);
        assert!(apart(&train, &[of("cy")]).is_ok());
        let error = apart(&train, &[of("cy"), of("ben")]).unwrap_err().to_string();
        assert!(error.contains("ben") && !error.contains("ann"), "{error}");
    }

    #[test]
    fn the_own_label_takes_its_share_of_the_votes() {
        let mut votes = [0.0; CLASSES];
        votes[Expression::Fear.index()] = 1.0;
        let mut mixed = sample(votes, Some(Expression::Surprise));
        learn_by(0.75, &mut mixed);
        assert!((mixed.target[Expression::Surprise.index()] - 0.75).abs() < 1e-6);
        assert!((mixed.target[Expression::Fear.index()] - 0.25).abs() < 1e-6);
        let mut alone = sample([0.0; CLASSES], Some(Expression::Anger));
        learn_by(0.75, &mut alone);
        assert!((alone.target[Expression::Anger.index()] - 1.0).abs() < 1e-6);
        let mut none = sample(votes, None);
        learn_by(0.75, &mut none);
        assert!(!none.usable_for_training());
    }
}
