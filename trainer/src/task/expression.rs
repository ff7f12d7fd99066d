//! Expression classification of face crops, trained on annotators' votes.

pub mod batch;
pub mod guide;
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
    DataError, FacePoints, Sample,
    sampler::{Sampler, class_weights},
};
use mien_metric::{classify::Confusion, protocol::Protocol};

use self::{
    batch::{Batch, Rows, append, points_of},
    guide::Guide,
    pool::Pool,
};
use crate::{
    arch::expression::ExpressionNet,
    recipe::{ExpressionRecipe, Mixup},
    train::{Loss, Task, Validation},
};

/// Sets the draws of upright copies apart from those of the crops.
const UPRIGHT: u64 = 0x5DEE_CE66_D1CE_4E5B;

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
    recipe: ExpressionRecipe,
    augment: Augment,
    mixup: Option<Mixup>,
    seed: u64,
    protocol: Protocol,
    sampler: Box<dyn Sampler>,
    class_weights: Option<Vec<f32>>,
    train: Pool,
    valid: Vec<Sample>,
    guide: Option<Guide>,
}

/// What is right, and which pictures count, when judging.
pub fn protocol(recipe: &ExpressionRecipe) -> Protocol {
    let usual = if recipe.fer7 > 0.0 { Protocol::Fer7 } else { Protocol::Ferplus8 };
    recipe.protocol.unwrap_or(usual)
}

impl ExpressionTask {
    /// The task of a recipe whose architecture is in the table, on these pictures.
    pub fn new(recipe: &ExpressionRecipe, seed: u64, train: Pool, valid: Vec<Sample>) -> Self {
        let classes = train.known_classes();
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
            recipe: recipe.clone(),
            augment: recipe.augment,
            mixup: recipe.mixup,
            seed,
            protocol: protocol(recipe),
            sampler: recipe.sampling.sampler(&classes),
            class_weights,
            train,
            valid,
            guide: None,
        }
    }

    /// The same task, learned and judged by following `guide`, where there is one.
    #[must_use]
    pub fn guided_by(self, guide: Option<Guide>) -> Self {
        Self { guide, ..self }
    }

    /// The crop of `sample` as changed in that epoch, into `crop`; its landmarks, where it has any.
    fn change(&self, epoch: u32, sample: &Sample, crop: &mut Grey) -> Option<FacePoints> {
        let mut rng = augment::rng(self.seed, epoch, sample.id);
        let points = sample.points.as_deref().filter(|_| self.recipe.arch.reads_points());
        let found = points
            .map(|points| self.augment.apply_to_points(&sample.image, points, &mut rng, crop));
        if found.is_none() {
            self.augment.apply(&sample.image, &mut rng, crop);
        }
        found
    }

    /// Adds the sample at `index` as it is learned from in that epoch.
    fn add(
        &self,
        epoch: u32,
        index: usize,
        crop: &mut Grey,
        rows: &mut Rows,
    ) -> Result<(), DataError> {
        let sample = self.train.get(index)?;
        let points = self.change(epoch, &sample, crop);
        rows.push(crop, sample.target);
        if self.recipe.arch.reads_points() {
            rows.push_points(points.as_ref(), crop.width);
        }
        if self.recipe.arch.reads_upright() {
            let mut rng = augment::rng(self.seed ^ UPRIGHT, epoch, sample.id);
            self.augment.light_only().apply(&sample.image, &mut rng, crop);
            rows.push_upright(crop, &sample);
        }
        Ok(())
    }

    /// What `net`, in inference mode, takes the validation pictures for.
    fn judge(&self, net: &ExpressionNet, device: &Device) -> Confusion {
        let probabilities = predict(net, &self.valid, device);
        let mut confusion = Confusion::new(CLASSES);
        for case in self.protocol.cases(&self.valid, &probabilities) {
            confusion.add(case.truth.index(), argmax(&case.probabilities));
        }
        confusion
    }

    /// The blends of a batch, behind the pictures themselves where those are kept.
    fn blend(&self, epoch: u32, indices: &[usize], rows: &mut Rows) {
        let Some(mixup) = self.mixup else { return };
        let number = indices.first().map_or(0, |&index| index as u64);
        let draw = (self.seed, epoch, number);
        let pairs = augment::mixup::pairs(mixup.alpha, mixup.shares(), draw, indices.len());
        // The recipe's check leaves no alpha that has no distribution.
        let Ok(pairs) = pairs else { return };
        rows.blend(&pairs, mixup.keep_originals);
    }
}

impl Task for ExpressionTask {
    type Net = ExpressionNet;
    type Batch = Batch;

    fn init(&self, device: &Device) -> ExpressionNet {
        self.recipe.init(device)
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
            self.add(epoch, index, &mut crop, &mut rows)?;
        }
        let side = crop.width;
        self.blend(epoch, indices, &mut rows);
        Ok(rows.batch(side))
    }

    fn loss(&self, net: &ExpressionNet, batch: Batch, device: &Device) -> Loss {
        let faces = batch.on(self.class_weights.as_deref(), device);
        match &self.guide {
            Some(guide) => Loss::new("distance", guide.loss(net, faces.pixels)),
            None => net.learn(&faces),
        }
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let mut crop = Grey::default();
        self.change(epoch, &*self.train.get(index).ok()?, &mut crop);
        Some(crop)
    }

    fn validate(&self, net: &ExpressionNet, device: &Device) -> Validation {
        if let Some(guide) = &self.guide {
            return guide.validate(net, &self.valid, device);
        }
        let confusion = self.judge(net, device);
        let mut values = vec![
            ("accuracy".to_owned(), confusion.accuracy()),
            ("macro_f1".to_owned(), confusion.macro_f1()),
        ];
        for (rule, net) in net.other_rules() {
            values.push((format!("accuracy_{rule}"), self.judge(&net, device).accuracy()));
        }
        Validation { score: self.recipe.score.of(&confusion), values }
    }
}

/// Class probabilities of each sample, by its landmarks too where the network reads them; a sample
/// without any has none that is visible.
pub fn predict(net: &ExpressionNet, samples: &[Sample], device: &Device) -> Vec<[f32; CLASSES]> {
    let judge = |chunk: &[Sample]| {
        let points = net.reads_points().then(|| Tensor::from_data(points_of(chunk), device));
        let logits = net.forward_with(pixels(chunk, device), points);
        let flat: Vec<f32> = softmax(logits, 1).into_data().iter::<f32>().collect();
        let (rows, _) = flat.as_chunks::<CLASSES>();
        rows.to_vec()
    };
    samples.chunks(JUDGED).flat_map(judge).collect()
}

/// The pictures of `samples`, as networks read them.
///
/// # Shapes
/// `-> [N, 1, side, side]`
fn pixels(samples: &[Sample], device: &Device) -> Tensor<4> {
    let mut pixels = Vec::new();
    for sample in samples {
        append(&sample.image, &mut pixels);
    }
    let side = samples.first().map_or(0, |sample| sample.image.width as usize);
    Tensor::from_data(TensorData::new(pixels, [samples.len(), 1, side, side]), device)
}

/// Index of the largest value.
pub fn argmax(values: &[f32]) -> usize {
    values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i)
}
