//! Expression classification of face crops, trained on annotators' votes.

use burn::tensor::{Device, Tensor, TensorData, activation::softmax};
use mien_shared::{
    frame::Grey,
    input::{Color, InputSpec},
};

use mien_data::augment::{self, Augment};
use mien_data::{DataError, Sample};
use mien_metric::{classify::Confusion, protocol::Protocol};

use crate::{
    arch::expression::ExpressionNet,
    loss::soft_cross_entropy::soft_cross_entropy,
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
pub struct ExpressionTask {
    /// Architecture, one of [`crate::arch::expression::NAMES`].
    pub arch: String,
    /// Random changes of the training pictures.
    pub augment: Augment,
    /// Seed of the run.
    pub seed: u64,
    /// What is right, and which pictures count, when judging.
    pub protocol: Protocol,
    /// Pictures learned from.
    pub train: Vec<Sample>,
    /// Pictures judged on.
    pub valid: Vec<Sample>,
}

/// Prepared crops, `[N, 1, side, side]`, and their targets, `[N, 8]`.
pub struct Batch {
    pixels: TensorData,
    targets: TensorData,
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

    fn batch(&self, epoch: u32, indices: &[usize]) -> Result<Batch, DataError> {
        let mut crop = Grey::default();
        let mut pixels = Vec::new();
        for &index in indices {
            self.crop(epoch, index, &mut crop);
            append(&crop, &mut pixels);
        }
        let targets: Vec<f32> = indices.iter().flat_map(|&i| self.train[i].target).collect();
        let side = self.train[0].image.width as usize;
        Ok(Batch {
            pixels: TensorData::new(pixels, [indices.len(), 1, side, side]),
            targets: TensorData::new(targets, [indices.len(), CLASSES]),
        })
    }

    fn loss(&self, net: &ExpressionNet, batch: Batch, device: &Device) -> Loss {
        let logits = net.forward(Tensor::from_data(batch.pixels, device));
        let targets = Tensor::from_data(batch.targets, device);
        Loss::new("cross_entropy", soft_cross_entropy(logits, targets))
    }

    fn picture(&self, epoch: u32, index: usize) -> Option<Grey> {
        let mut crop = Grey::default();
        self.crop(epoch, index, &mut crop);
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

impl ExpressionTask {
    /// The crop of a training sample as changed in that epoch.
    fn crop(&self, epoch: u32, index: usize, crop: &mut Grey) {
        let sample = &self.train[index];
        let mut rng = augment::rng(self.seed, epoch, sample.id);
        self.augment.apply(&sample.image, &mut rng, crop);
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
