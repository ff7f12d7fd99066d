//! Tuning: the coded graph learns the outputs of its own f32 graph, without labels.
//!
//! Weights and biases are trained by Adam through [fake quantisation](super::fake) on training
//! pictures; what they should yield is what the f32 graph yields (Jacob et al. 2018, arXiv
//! 1712.05877; distilled as in Mishra and Marr 2018, arXiv 1711.05852). The loss is `KL(p‖q)` of
//! the class probabilities for an output called `logits` and the mean squared difference for any
//! other. Every eighth picture is held out: the weights that do best on those are kept, the
//! given ones among them, so tuning never does worse there.

use burn::{
    module::Module as _,
    optim::{AdamConfig, GradientsParams},
    tensor::{
        Device, Tensor, TensorData,
        activation::{log_softmax, softmax},
    },
};
use mien_data::augment;
use mien_shared::{frame::Grey, graph::Graph, input::InputSpec};
use rand::seq::SliceRandom as _;

use super::fake::Weights;
use crate::export::execute::Step;

/// One in this many pictures is held out.
const HELD_OUT: usize = 8;

/// How the coded graph learns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// Passes over the pictures.
    pub epochs: u32,
    /// Pictures per step.
    pub batch: usize,
    /// Learning rate at the start; it falls linearly to zero.
    pub rate: f64,
    /// Seed of the pictures' order.
    pub seed: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { epochs: 2, batch: 32, rate: 1e-4, seed: 1 }
    }
}

/// What tuning made.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// The coded graph with the best weights.
    pub graph: Graph,
    /// Mean loss on the held-out pictures before, and after each epoch.
    pub losses: Vec<f64>,
}

/// A graph in f32 and the same graph coded, which read their input as `input` says.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// In f32.
    pub float: &'a Graph,
    /// Coded.
    pub coded: &'a Graph,
    /// How both read a picture.
    pub input: InputSpec,
}

/// The coded graph of `pair` after learning from `pictures`, all of the network's size; `device`
/// is without autodiff. Equal arguments give equal bits.
pub fn tune(pair: Pair<'_>, pictures: &[Grey], tuning: Tuning, device: &Device) -> Tuned {
    let held: Vec<&Grey> = pictures.iter().step_by(HELD_OUT).collect();
    let rest = pictures.iter().enumerate().filter(|(index, _)| index % HELD_OUT != 0);
    let mut learned: Vec<&Grey> = rest.map(|(_, picture)| picture).collect();
    let mut weights = Weights::new(pair.float, pair.coded, &device.clone().autodiff());
    let judge = |weights: &Weights| mean_loss(pair, &weights.valid(), &held, tuning.batch, device);
    let mut best = (judge(&weights), weights.clone());
    let mut losses = vec![best.0];
    let mut optimizer = AdamConfig::new().init();
    let steps = tuning.epochs as usize * learned.len().div_ceil(tuning.batch.max(1));
    let mut done = 0_u32;
    for epoch in 0..tuning.epochs {
        learned.shuffle(&mut augment::rng(tuning.seed, epoch, 0));
        for batch in learned.chunks(tuning.batch.max(1)) {
            let gradients = loss(pair, &weights, batch, device).backward();
            let gradients = GradientsParams::from_grads(gradients, &weights);
            let rate = tuning.rate * (1.0 - f64::from(done) / steps as f64);
            weights = optimizer.step(rate, weights, gradients);
            done += 1;
        }
        let loss = judge(&weights);
        losses.push(loss);
        if loss < best.0 {
            best = (loss, weights.clone());
        }
    }
    Tuned { graph: best.1.valid().into_graph(pair.coded), losses }
}

/// The loss over all `pictures`, `batch` at a time.
fn mean_loss(
    pair: Pair<'_>,
    weights: &Weights,
    pictures: &[&Grey],
    batch: usize,
    device: &Device,
) -> f64 {
    let sum: f64 = pictures
        .chunks(batch.max(1))
        .map(|chunk| {
            let loss = loss(pair, weights, chunk, device).into_scalar::<f32>();
            f64::from(loss) * chunk.len() as f64
        })
        .sum();
    sum / pictures.len().max(1) as f64
}

/// How far the coded outputs are from those of the f32 graph; on the device of `weights`.
fn loss(pair: Pair<'_>, weights: &Weights, pictures: &[&Grey], device: &Device) -> Tensor<1> {
    let x = pixels(pair.input, pictures, device);
    let wanted = float_outputs(pair.float, x.clone(), device);
    let own = weights.devices().into_iter().next().unwrap_or_else(|| device.clone());
    let seen = weights.forward(pair.coded, on(x, &own));
    let each = pair.coded.outputs.iter().zip(wanted).zip(seen);
    let losses =
        each.map(|((output, wanted), seen)| difference(&output.name, on(wanted, &own), seen));
    losses.reduce(|a, b| a + b).unwrap_or_else(|| Tensor::zeros([1], &own))
}

/// `KL(p‖q)` per picture for logits, else the mean squared difference.
fn difference(name: &str, wanted: Tensor<4>, seen: Tensor<4>) -> Tensor<1> {
    let pictures = wanted.dims()[0] as f32;
    if name == "logits" {
        let gap = log_softmax(wanted.clone(), 1) - log_softmax(seen, 1);
        return (softmax(wanted, 1) * gap).sum() / pictures;
    }
    (seen - wanted).square().mean()
}

/// The outputs of the f32 graph.
fn float_outputs(graph: &Graph, x: Tensor<4>, device: &Device) -> Vec<Tensor<4>> {
    let shapes = graph.validate().unwrap_or_default();
    let mut made = vec![x];
    for node in &graph.nodes {
        let step = Step { node, values: &made, shapes: &shapes, device };
        made.push(step.run());
    }
    graph.outputs.iter().map(|output| made[output.value as usize].clone()).collect()
}

/// The pictures as the network reads them, `[N, 1, H, W]`.
fn pixels(spec: InputSpec, pictures: &[&Grey], device: &Device) -> Tensor<4> {
    let size = (spec.width * spec.height) as usize;
    let mut pixels = vec![0.0; pictures.len() * size];
    for (picture, out) in pictures.iter().zip(pixels.chunks_exact_mut(size)) {
        spec.normalize(picture, out);
    }
    let shape = [pictures.len(), 1, spec.height as usize, spec.width as usize];
    Tensor::from_data(TensorData::new(pixels, shape), device)
}

/// The same numbers on another device.
fn on(x: Tensor<4>, device: &Device) -> Tensor<4> {
    Tensor::from_data(x.into_data(), device)
}

#[cfg(test)]
mod tests {
    use mien_shared::input::Color;

    use super::*;
    use crate::quant::fixture::{coarse_net, coded_net, pictures};

    fn pair<'a>(float: &'a Graph, coded: &'a Graph) -> Pair<'a> {
        let input = InputSpec { width: 8, height: 8, color: Color::Grey, mean: 128.0, std: 128.0 };
        Pair { float, coded, input }
    }

    #[test]
    fn a_coarsely_coded_net_comes_nearer_to_its_float_self() {
        let (float, coded) = coarse_net();
        let tuning = Tuning { epochs: 4, batch: 8, rate: 2e-3, seed: 1 };
        let tuned = tune(pair(&float, &coded), &pictures(96), tuning, &Device::flex());
        let best = tuned.losses.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(best < 0.8 * tuned.losses[0], "{:?}", tuned.losses);
        assert_eq!(tuned.graph.codes, coded.codes);
        assert_ne!(tuned.graph, coded);
    }

    #[test]
    fn equal_arguments_give_equal_bits() {
        let (float, coded) = coarse_net();
        let tuning = Tuning { epochs: 1, batch: 8, rate: 1e-3, seed: 2 };
        let run = || tune(pair(&float, &coded), &pictures(32), tuning, &Device::flex());
        assert_eq!(run(), run());
    }

    #[test]
    fn no_epoch_changes_nothing() {
        let (float, coded) = coded_net();
        let tuning = Tuning { epochs: 0, ..Tuning::default() };
        let tuned = tune(pair(&float, &coded), &pictures(16), tuning, &Device::flex());
        assert_eq!((tuned.graph, tuned.losses.len()), (coded, 1));
    }

    #[test]
    fn the_loss_of_logits_is_a_divergence_and_of_others_a_square() {
        let device = Device::flex();
        let [p, q] = [[0.0_f32, 3.0_f32.ln()], [0.0, 0.0]].map(|row| {
            Tensor::<4>::from_data(TensorData::new(row.to_vec(), [1, 2, 1, 1]), &device)
        });
        let loss = |name: &str| difference(name, p.clone(), q.clone()).into_scalar::<f32>();
        let wanted = 0.25 * 0.5_f32.ln() + 0.75 * 1.5_f32.ln();
        assert!((loss("logits") - wanted).abs() < 1e-6);
        assert!((loss("cells") - 3.0_f32.ln().powi(2) / 2.0).abs() < 1e-6);
    }
}
