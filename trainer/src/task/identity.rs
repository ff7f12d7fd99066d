//! Telling people apart: identity classification, the start of face networks.
//!
//! A person's pictures are learned from and, some, held out; the validation score is the share of
//! held-out pictures whose person is named. Beside it stands verification on people nobody has
//! learned from (`identity/verify.rs`). Whoever is in a data set's valid or test part is never learned from
//! ([`people`]), so that a network which starts here may be judged on them.

pub mod people;
mod verify;

use burn::tensor::{Device, Tensor, TensorData};
use mien_data::{
    DataError,
    augment::{self, Augment},
    sampler::Sampler,
};
use mien_shared::frame::Grey;

use self::people::{People, Portrait};
use super::expression::{argmax, batch::append};
use crate::{
    arch::{identity::IdentityNet, trunk::TrunkName},
    loss::soft_cross_entropy::soft_cross_entropy,
    recipe::IdentityRecipe,
    train::{Loss, Task, Validation},
};

/// Pictures judged at once.
const JUDGED: usize = 256;

/// Identity classification.
#[derive(Debug)]
pub struct IdentityTask {
    trunk: TrunkName,
    augment: Augment,
    side: u32,
    seed: u64,
    sampler: Box<dyn Sampler>,
    people: People,
}

/// Pictures and who they show.
#[derive(Debug)]
pub struct Batch {
    /// `[N, 1, side, side]`
    pixels: TensorData,
    /// `[N, people]`, 1 for who it is
    targets: TensorData,
}

impl IdentityTask {
    /// The task of a recipe on these people.
    pub fn new(recipe: &IdentityRecipe, seed: u64, people: People) -> Self {
        let classes: Vec<usize> = people.train.iter().map(|portrait| portrait.person).collect();
        Self {
            trunk: recipe.trunk,
            augment: recipe.augment,
            side: recipe.side(),
            seed,
            sampler: recipe.sampling.sampler(&classes),
            people,
        }
    }

    fn change(&self, epoch: u32, index: usize, to: &mut Grey) {
        let mut rng = augment::rng(self.seed, epoch, index as u64);
        self.augment.apply(&self.people.train[index].image, &mut rng, to);
    }

    fn pixels(&self, values: Vec<f32>) -> TensorData {
        let side = self.side as usize;
        let count = values.len() / (side * side);
        TensorData::new(values, [count, 1, side, side])
    }

    /// What `net` makes of each picture: a row of `read`, in order.
    fn judge(
        &self,
        portraits: &[Portrait],
        device: &Device,
        read: impl Fn(Tensor<4>) -> Tensor<2>,
    ) -> Vec<Vec<f32>> {
        let chunk = |portraits: &[Portrait]| {
            let mut pixels = Vec::new();
            for portrait in portraits {
                append(&portrait.image, &mut pixels);
            }
            let rows = read(Tensor::from_data(self.pixels(pixels), device));
            let [_, width] = rows.dims();
            let values: Vec<f32> = rows.into_data().iter::<f32>().collect();
            values.chunks(width).map(<[f32]>::to_vec).collect::<Vec<_>>()
        };
        portraits.chunks(JUDGED).flat_map(chunk).collect()
    }
}

impl Task for IdentityTask {
    type Net = IdentityNet;
    type Batch = Batch;

    fn init(&self, device: &Device) -> IdentityNet {
        IdentityNet::new(self.trunk, self.people.count, device)
    }

    fn samples(&self) -> usize {
        self.people.train.len()
    }

    fn order(&self, seed: u64, epoch: u32) -> Vec<usize> {
        self.sampler.epoch(seed, epoch)
    }

    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Batch, DataError> {
        let (mut crop, mut pixels) = (Grey::default(), Vec::new());
        let mut targets = vec![0.0_f32; indices.len() * self.people.count];
        for (&index, row) in indices.iter().zip(targets.chunks_mut(self.people.count)) {
            self.change(epoch, index, &mut crop);
            append(&crop, &mut pixels);
            row[self.people.train[index].person] = 1.0;
        }
        let targets = TensorData::new(targets, [indices.len(), self.people.count]);
        Ok(Batch { pixels: self.pixels(pixels), targets })
    }

    fn loss(&self, net: &IdentityNet, batch: Batch, device: &Device) -> Loss {
        let logits = net.forward(Tensor::from_data(batch.pixels, device));
        let targets = Tensor::from_data(batch.targets, device);
        Loss::new("cross_entropy", soft_cross_entropy(logits, targets))
    }

    fn validate(&self, net: &IdentityNet, device: &Device) -> Validation {
        let named = self.judge(&self.people.valid, device, |x| net.forward(x));
        let right = self.people.valid.iter().zip(&named);
        let right = right.filter(|(portrait, row)| argmax(row) == portrait.person).count();
        let accuracy = right as f64 / self.people.valid.len().max(1) as f64;
        let mut values = vec![("accuracy".to_owned(), accuracy)];
        let embeddings = self.judge(&self.people.strangers, device, |x| net.embedding(x));
        if let Some(area) = verify::area(&self.people.strangers, &embeddings) {
            values.push(("verification_auc".to_owned(), area));
        }
        Validation { score: accuracy, values }
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let mut crop = Grey::default();
        self.change(epoch, index, &mut crop);
        Some(crop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Sampling;

    /// Two people, one bright, one dark.
    fn task() -> IdentityTask {
        let portrait = |person: usize| {
            let mut image = Grey::new(32, 32);
            image.data.fill(if person == 0 { 40 } else { 200 });
            Portrait { image, person }
        };
        let all: Vec<_> = [0, 1, 0, 1].map(portrait).into();
        let people = People { count: 2, train: all.clone(), valid: all.clone(), strangers: all };
        let recipe = IdentityRecipe {
            trunk: TrunkName::Resnet18S,
            data: vec!["lfw_expressions".to_owned()],
            side: Some(32),
            least: 2,
            held_out: 0.2,
            people: None,
            start: None,
            start_parts: Vec::new(),
            sampling: Sampling::default(),
            augment: Augment::NONE,
        };
        IdentityTask::new(&recipe, 1, people)
    }

    #[test]
    fn the_loss_is_that_of_the_person_shown() {
        let (task, device) = (task(), Device::flex());
        let net = task.init(&device);
        let batch = task.batch(0, &[1, 2]).unwrap();
        assert_eq!(batch.targets.iter::<f32>().collect::<Vec<_>>(), [0.0, 1.0, 1.0, 0.0]);
        let pixels = Tensor::from_data(batch.pixels.clone(), &device);
        let logits: Vec<f32> = net.forward(pixels).into_data().iter().collect();
        let cost = |own: f32, other: f32| (1.0 + (other - own).exp()).ln();
        let wanted = f32::midpoint(cost(logits[1], logits[0]), cost(logits[2], logits[3]));
        let found: f32 = task.loss(&net, batch, &device).total().into_scalar();
        assert!((found - wanted).abs() < 1e-5, "{found}, wanted {wanted}");
    }

    #[test]
    fn strangers_are_verified_beside_the_people_that_are_named() {
        let (task, device) = (task(), Device::flex());
        let judged = task.validate(&task.init(&device), &device);
        let names: Vec<_> = judged.values.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accuracy", "verification_auc"]);
        // Pictures of one person are the same here: no pair of two people is nearer.
        assert!(judged.values[1].1 > 0.99, "{judged:?}");
    }
}
