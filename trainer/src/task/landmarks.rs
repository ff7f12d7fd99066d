//! Landmark detection in face crops, learned from rendered and annotated faces.
//!
//! Crops are aligned at their five points, then turned, shifted and covered as the recipe's
//! `augment` says: a point whose place is covered is learned where it would be seen, so that the
//! network must guess it, learns how far such guesses are off, and that it does not see it.

pub mod find;
mod judge;

use std::path::Path;

use burn::{nn::loss::BinaryCrossEntropyLossConfig, tensor::Device};
use mien_data::{
    DataError, FacePoints, Sample, augment, list_adapter,
    manifest::{Crop, Cut, Entry},
    split::Part,
};
use mien_shared::frame::Grey;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use self::judge::Judge;
use super::expression::batch::{Batch, Rows};
use crate::{
    arch::landmarks::{EYES, LandmarkNet},
    export::model::TEMPLATE,
    loss::distance,
    recipe::LandmarkRecipe,
    train::{Loss, Task, Validation},
};

/// Landmark detection.
#[derive(Debug)]
pub struct LandmarkTask {
    recipe: LandmarkRecipe,
    seed: u64,
    train: Vec<Sample>,
    judge: Judge,
}

impl LandmarkTask {
    /// The task of `recipe`, whose data sets lie in `folders`.
    ///
    /// # Errors
    /// When a set is unknown, is not whole or has no face with 68 landmarks.
    pub fn open(recipe: &LandmarkRecipe, seed: u64, folders: &[&Path]) -> Result<Self, DataError> {
        let faces = |part| -> Result<Vec<Sample>, DataError> {
            let sets = recipe.data.iter().zip(folders);
            let of = |(data, root): (&String, &&Path)| faces(data, part, recipe.side(), root);
            Ok(sets.map(of).collect::<Result<Vec<_>, _>>()?.concat())
        };
        Ok(Self::new(recipe, seed, faces(Part::Train)?, faces(Part::Valid)?))
    }

    /// The task on these faces; those without landmarks are left out.
    pub fn new(
        recipe: &LandmarkRecipe,
        seed: u64,
        mut train: Vec<Sample>,
        valid: Vec<Sample>,
    ) -> Self {
        train.retain(|sample| sample.points.is_some());
        let judge = Judge::new(valid, &recipe.augment.occlude);
        Self { recipe: recipe.clone(), seed, train, judge }
    }

    /// Faces learned from and judged on.
    pub fn counts(&self) -> [usize; 2] {
        [self.train.len(), self.judge.len()]
    }

    /// The face at `index` as changed in that epoch, into `crop`, and its landmarks there; sets
    /// number their pictures alike, so that the draw goes by the place among all.
    fn change(&self, epoch: u32, index: usize, crop: &mut Grey) -> Option<FacePoints> {
        let (sample, augment) = (&self.train[index], &self.recipe.augment);
        let mut rng = augment::rng(self.seed, epoch, index as u64);
        let points = sample.points.as_deref()?;
        Some(augment.apply_to_points(&sample.image, points, &mut rng, crop))
    }
}

impl Task for LandmarkTask {
    type Net = LandmarkNet;
    type Batch = Batch;

    fn init(&self, device: &Device) -> LandmarkNet {
        self.recipe.init(device)
    }

    fn samples(&self) -> usize {
        self.train.len()
    }

    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Batch, DataError> {
        let (mut crop, mut rows) = (Grey::default(), Rows::default());
        for &index in indices {
            let points = self.change(epoch, index, &mut crop);
            rows.push(&crop, self.train[index].target);
            rows.push_points(points.as_ref(), crop.width);
        }
        Ok(rows.batch(crop.width))
    }

    fn loss(&self, net: &LandmarkNet, batch: Batch, device: &Device) -> Loss {
        let faces = batch.on(None, device);
        let found = net.forward(faces.pixels);
        let Some(points) = faces.points else { unreachable!("every row of a batch has landmarks") };
        let truth = points.clone().narrow(2, 0, 2);
        let seen = points.narrow(2, 2, 1).squeeze_dim::<2>(2);
        let distance = distance::likelihood(found.places, found.log_errors, truth, EYES);
        let sight = BinaryCrossEntropyLossConfig::new().with_logits(true).init(device);
        let sight = sight.forward(found.seen, seen.greater_elem(0.5).int());
        Loss::new("distance", distance).and("sight", 1.0, sight)
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let mut crop = Grey::default();
        self.change(epoch, index, &mut crop);
        Some(crop)
    }

    fn validate(&self, net: &LandmarkNet, device: &Device) -> Validation {
        self.judge.judge(net, device)
    }
}

/// The faces of a part of the set called `data` in `root` that have 68 landmarks, aligned at `side`
/// × `side` pixels.
fn faces(data: &str, part: Part, side: u32, root: &Path) -> Result<Vec<Sample>, DataError> {
    let manifest = (list_adapter(data)?.list)(root).whole()?;
    let cut = Cut { crop: Crop::Aligned(TEMPLATE), side };
    let usable = |entry: &&Entry| entry.annotation.landmarks.len() == 68 && !entry.leaks;
    let entries: Vec<&Entry> = manifest.part(part).filter(usable).collect();
    if entries.is_empty() {
        return Err(DataError::Count {
            path: root.to_owned(),
            what: "faces with 68 landmarks",
            found: 0,
            expected: 1,
            fix: "name another set in task.data: this one has none in that part",
        });
    }
    entries.into_par_iter().map(|entry| entry.cut(&cut)).collect()
}

#[cfg(test)]
mod tests;
