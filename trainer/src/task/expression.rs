//! Expression classification of face crops, trained on annotators' votes.

pub mod pool;
pub mod source;
pub mod teach;

use burn::tensor::{Device, Tensor, TensorData, activation::softmax};
use mien_shared::{
    frame::Grey,
    input::{Color, InputSpec},
};

use mien_data::augment::{self, Augment};
use mien_data::{
    DataError, Sample,
    sampler::{Sampler, class_weights},
};
use mien_metric::{classify::Confusion, protocol::Protocol};

use self::pool::Pool;
use crate::{
    arch::expression::ExpressionNet,
    loss::soft_cross_entropy,
    recipe::{ExpressionRecipe, Mixup},
    train::{Loss, Task, Validation},
};

/// Samples judged at once.
const JUDGED: usize = 256;

/// Classes of every expression network: the canonical eight.
pub const CLASSES: usize = 8;

/// How an expression network of that side wants its picture: luma, centred and scaled to ±1.
pub fn input_spec(side: u32) -> InputSpec {
    InputSpec { width: side, height: side, color: Color::Grey, mean: 127.5, std: 127.5 }
}

/// Expression classification of face crops.
#[derive(Debug)]
pub struct ExpressionTask {
    arch: String,
    augment: Augment,
    mixup: Option<Mixup>,
    seed: u64,
    protocol: Protocol,
    sampler: Box<dyn Sampler>,
    class_weights: Option<Vec<f32>>,
    train: Pool,
    valid: Vec<Sample>,
}

/// Prepared crops, `[N, 1, side, side]`, and their targets, `[N, 8]`.
pub struct Batch {
    pixels: TensorData,
    targets: TensorData,
}

/// What is right, and which pictures count, when judging.
pub fn protocol(recipe: &ExpressionRecipe) -> Protocol {
    if recipe.fer7 > 0.0 { Protocol::Fer7 } else { Protocol::Ferplus8 }
}

impl ExpressionTask {
    /// The task of a recipe whose architecture is in the table, on these pictures.
    pub fn new(recipe: &ExpressionRecipe, seed: u64, train: Pool, valid: Vec<Sample>) -> Self {
        let classes: Vec<usize> =
            train.classes().into_iter().map(Option::unwrap_or_default).collect();
        let mut counts = [0; CLASSES];
        for &class in &classes {
            counts[class] += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "weights are used in f32")]
        let class_weights = recipe.class_weights.and_then(|scheme| {
            let weights = class_weights(&counts, scheme).ok()?;
            Some(weights.into_iter().map(|weight| weight as f32).collect())
        });
        Self {
            arch: recipe.arch.clone(),
            augment: recipe.augment,
            mixup: recipe.mixup,
            seed,
            protocol: protocol(recipe),
            sampler: recipe.sampling.sampler(&classes),
            class_weights,
            train,
            valid,
        }
    }

    /// The sample at `index` as changed in that epoch, into `crop`; its target.
    fn sample(
        &self,
        epoch: u32,
        index: usize,
        crop: &mut Grey,
    ) -> Result<[f32; CLASSES], DataError> {
        let sample = self.train.get(index)?;
        let mut rng = augment::rng(self.seed, epoch, sample.id);
        self.augment.apply(&sample.image, &mut rng, crop);
        Ok(sample.target)
    }

    /// The blends of a batch, behind the pictures themselves where those are kept.
    fn blend(&self, epoch: u32, indices: &[usize], rows: &mut Rows) {
        let Some(mixup) = self.mixup else { return };
        let number = indices.first().map_or(0, |&index| index as u64);
        let pairs = augment::mixup::pairs(
            mixup.alpha,
            mixup.shares(),
            (self.seed, epoch, number),
            indices.len(),
        );
        // The recipe's check leaves no alpha that has no distribution.
        let Ok(pairs) = pairs else { return };
        let width = rows.pixels.len() / indices.len().max(1);
        let pixels = augment::mixup::blend(&pairs, &rows.pixels, width);
        let targets = augment::mixup::blend(&pairs, &rows.targets, CLASSES);
        if !mixup.keep_originals {
            rows.pixels.clear();
            rows.targets.clear();
        }
        rows.pixels.extend(pixels);
        rows.targets.extend(targets);
    }
}

/// Pixels and targets of a batch, row by row.
#[derive(Default)]
struct Rows {
    pixels: Vec<f32>,
    targets: Vec<f32>,
}

impl Task for ExpressionTask {
    type Net = ExpressionNet;
    type Batch = Batch;

    fn init(&self, device: &Device) -> ExpressionNet {
        ExpressionNet::new(&self.arch, CLASSES, device)
            .unwrap_or_else(|| unreachable!("the recipe's arch was checked when it was opened"))
    }

    fn samples(&self) -> usize {
        self.train.len()
    }

    fn order(&self, seed: u64, epoch: u32) -> Vec<usize> {
        self.sampler.epoch(seed, epoch)
    }

    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Batch, DataError> {
        let (mut crop, mut rows) = (Grey::default(), Rows::default());
        for &index in indices {
            rows.targets.extend(self.sample(epoch, index, &mut crop)?);
            append(&crop, &mut rows.pixels);
        }
        self.blend(epoch, indices, &mut rows);
        let (count, side) = (rows.targets.len() / CLASSES, crop.width as usize);
        Ok(Batch {
            pixels: TensorData::new(rows.pixels, [count, 1, side, side]),
            targets: TensorData::new(rows.targets, [count, CLASSES]),
        })
    }

    fn loss(&self, net: &ExpressionNet, batch: Batch, device: &Device) -> Loss {
        let logits = net.forward(Tensor::from_data(batch.pixels, device));
        let targets = Tensor::from_data(batch.targets, device);
        let loss = match &self.class_weights {
            Some(weights) => soft_cross_entropy::weighted(
                logits,
                targets,
                Tensor::from_floats(&weights[..], device),
            ),
            None => soft_cross_entropy::soft_cross_entropy(logits, targets),
        };
        Loss::new("cross_entropy", loss)
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let mut crop = Grey::default();
        self.sample(epoch, index, &mut crop).ok()?;
        Some(crop)
    }

    fn validate(&self, net: &ExpressionNet, device: &Device) -> Validation {
        let probabilities = predict(net, &self.valid, device);
        let mut confusion = Confusion::new(CLASSES);
        for case in self.protocol.cases(&self.valid, &probabilities) {
            confusion.add(case.truth.index(), argmax(&case.probabilities));
        }
        let values = vec![
            ("accuracy".to_owned(), confusion.accuracy()),
            ("macro_f1".to_owned(), confusion.macro_f1()),
        ];
        Validation { score: confusion.accuracy(), values }
    }
}

/// Class probabilities of each sample.
pub fn predict(net: &ExpressionNet, samples: &[Sample], device: &Device) -> Vec<[f32; CLASSES]> {
    let judge = |chunk: &[Sample]| {
        let mut pixels = Vec::new();
        for sample in chunk {
            append(&sample.image, &mut pixels);
        }
        let side = net.side() as usize;
        let x = TensorData::new(pixels, [chunk.len(), 1, side, side]);
        let probs = softmax(net.forward(Tensor::from_data(x, device)), 1).into_data();
        let flat: Vec<f32> = probs.iter::<f32>().collect();
        let (rows, _) = flat.as_chunks::<CLASSES>();
        rows.to_vec()
    };
    samples.chunks(JUDGED).flat_map(judge).collect()
}

/// Index of the largest value.
pub fn argmax(values: &[f32]) -> usize {
    values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i)
}

fn append(image: &Grey, pixels: &mut Vec<f32>) {
    let start = pixels.len();
    pixels.resize(start + image.data.len(), 0.0);
    input_spec(image.width).normalize(image, &mut pixels[start..]);
}
