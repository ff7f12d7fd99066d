//! The pictures a recipe names, as they are learned from and judged on.

use std::path::Path;

use mien_data::{
    CLASSES, DataError, Sample,
    manifest::{Cut, Entry},
    sampler::{SamplerError, SubsetError},
    split::{
        Identity, Part,
        fold::Roles,
        leak::{self, LeakError},
    },
    synth,
};
use mien_metric::protocol::Protocol;
use mien_shared::label::Expression;
use thiserror::Error;

use super::{argmax, pool::Pool, protocol};
use crate::{
    export::model::TEMPLATE,
    recipe::{CropName, ExpressionRecipe},
};

/// Bit that the ids of rendered faces have and no data set's pictures.
const RENDERED: u64 = 1 << 48;

/// Opens the recipe's data set in `root`: what is learned from, and what is judged on.
///
/// # Errors
/// When the data set is unknown, not whole, without the landmarks or as many pictures as the recipe
/// asks for, holds nothing to learn from or to judge on, or shows a person in both.
pub fn open(
    recipe: &ExpressionRecipe,
    seed: u64,
    root: &Path,
) -> Result<(Pool, Vec<Sample>), SourceError> {
    let cut = recipe.cut(CropName::Whole);
    let mut train =
        if recipe.stream { streamed(recipe, root, cut)? } else { loaded(recipe, root, &cut)? };
    let mut valid = match recipe.holdout {
        Some(count) => train.hold_out(count, seed)?,
        None => mien_data::open_cut(&recipe.data, root, "valid", &cut)?.samples,
    };
    valid.retain(|sample| protocol(recipe).truth(sample).is_some());
    if let Some(count) = recipe.pictures {
        train.draw(count, seed)?;
    }
    if let Pool::Memory(samples) = &mut train {
        samples.extend(rendered(seed, recipe));
    }
    if let Some(share) = recipe.bag {
        train.bag(share, seed)?;
    }
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
    /// There are not as many pictures as the recipe asks for.
    #[error(transparent)]
    Subset(#[from] SubsetError),
    /// There is no bag of that share.
    #[error(transparent)]
    Bag(#[from] SamplerError),
    /// What is judged on is learned from too.
    #[error(transparent)]
    Leak(#[from] LeakError),
}

fn loaded(recipe: &ExpressionRecipe, root: &Path, cut: &Cut) -> Result<Pool, DataError> {
    let mut samples = mien_data::open_cut(&recipe.data, root, "train", cut)?.samples;
    for sample in &mut samples {
        learn_by(recipe.fer7, sample);
    }
    samples.retain(|sample| sample.usable_for_training() && !sample.leaks);
    samples.retain_mut(|sample| narrow(recipe.protocol, &mut sample.target));
    Ok(Pool::Memory(samples))
}

fn streamed(recipe: &ExpressionRecipe, root: &Path, cut: Cut) -> Result<Pool, DataError> {
    let manifest = mien_data::listed(&recipe.data, root)?;
    let usable = |entry: &&Entry| {
        let annotation = &entry.annotation;
        let voted = annotation.votes.is_some_and(|votes| votes.iter().any(|&share| share > 0.0));
        !entry.leaks && (voted || annotation.expression.is_some()) && within(recipe, entry)
    };
    let entries: Vec<Entry> = manifest.part(Part::Train).filter(usable).cloned().collect();
    cut.check(&entries, root)?;
    Ok(Pool::Streamed { entries, cut })
}

/// Whether all that an entry's label holds is learned: the votes of streamed pictures stay as they
/// are.
fn within(recipe: &ExpressionRecipe, entry: &Entry) -> bool {
    let Some(protocol) = recipe.protocol else { return true };
    let learned = |expression: &Expression| protocol.labels().contains(expression);
    match &entry.annotation.votes {
        Some(votes) => Expression::ALL.iter().all(|e| votes[e.index()] <= 0.0 || learned(e)),
        None => entry.annotation.expression.as_ref().is_some_and(learned),
    }
}

/// Takes what `protocol` does not know out of a target; whether the target is one of its labels.
fn narrow(protocol: Option<Protocol>, target: &mut [f32; CLASSES]) -> bool {
    let Some(protocol) = protocol else { return true };
    let top = argmax(target);
    *target = protocol.among_labels(*target);
    protocol.labels().iter().any(|label| label.index() == top)
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
fn rendered(seed: u64, recipe: &ExpressionRecipe) -> Vec<Sample> {
    let mut faces = synth::dataset(seed, recipe.rendered, &TEMPLATE, recipe.side()).samples;
    for face in &mut faces {
        face.id |= RENDERED;
    }
    faces.retain_mut(|face| narrow(recipe.protocol, &mut face.target));
    faces
}

#[cfg(test)]
mod tests {
    use mien_data::manifest::Source;
    use mien_shared::frame::Grey;

    use super::*;

    fn sample(target: [f32; CLASSES], fer7: Option<Expression>) -> Sample {
        let image = Grey::new(1, 1);
        Sample {
            id: 0,
            image,
            target,
            label: None,
            fer7,
            subject: None,
            points: None,
            leaks: false,
        }
    }

    #[test]
    fn six_leave_neutral_pictures_out_and_share_their_votes_out() {
        let [neutral, anger] = [Expression::Neutral, Expression::Anger].map(Expression::index);
        let mut target = [0.0; CLASSES];
        [target[neutral], target[anger]] = [0.2, 0.8];
        assert!(narrow(Some(Protocol::Six), &mut target));
        assert!(target[neutral].abs() < 1e-6 && (target[anger] - 1.0).abs() < 1e-6);
        let mut target = [0.0; CLASSES];
        [target[neutral], target[anger]] = [0.6, 0.4];
        assert!(!narrow(Some(Protocol::Six), &mut target));
    }

    #[test]
    fn streamed_pictures_whose_label_holds_another_expression_are_left_out() {
        use crate::arch::expression::Arch;
        let recipe = ExpressionRecipe::new(Arch::ResNetS, "folder");
        let six = ExpressionRecipe { protocol: Some(Protocol::Six), ..recipe.clone() };
        let mut entry = Entry::of(Source::Memory(std::sync::Arc::new(Grey::new(1, 1))));
        entry.annotation.expression = Some(Expression::Neutral);
        assert!(within(&recipe, &entry) && !within(&six, &entry));
        entry.annotation.expression = Some(Expression::Fear);
        assert!(within(&six, &entry));
        let mut votes = [0.0; CLASSES];
        [votes[Expression::Fear.index()], votes[Expression::Neutral.index()]] = [0.9, 0.1];
        entry.annotation.votes = Some(votes);
        assert!(!within(&six, &entry));
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
