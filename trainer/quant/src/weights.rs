//! Weights to int8: per output channel, symmetric, `w ≈ scale · code` with codes in -127..=127.
//!
//! Each channel's scale is the one of a few candidates below `max|w| / 127` that leaves the
//! smallest squared error: clipping a lone large weight often costs less than coarser steps for
//! all others. Biases stay f32. By itself this makes files small, not nets fast: arithmetic becomes
//! that of integers where values are coded too.

use mien_shared::graph::{Graph, Tensor, TensorData};

use crate::layer::parts_mut;

/// Candidate scales tried per channel, from `max|w| / 127` down.
const CANDIDATES: u32 = 40;

/// Each candidate lies this much of the largest scale below the one before.
const STEP: f32 = 0.01;

/// What rounding did to one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerError {
    /// The node's name.
    pub name: String,
    /// Number of weights.
    pub weights: usize,
    /// Signal to quantisation noise ratio of the weights in decibels.
    pub sqnr_db: f64,
}

/// `graph` with every weight tensor in int8, and what that did to each layer.
pub fn quantize_weights(graph: &Graph) -> (Graph, Vec<LayerError>) {
    quantize_weights_but(graph, &[])
}

/// `graph` with the weights of every layer in int8 whose name is not in `keep`, and what that did
/// to each.
pub fn quantize_weights_but(graph: &Graph, keep: &[String]) -> (Graph, Vec<LayerError>) {
    let mut quantized = graph.clone();
    let mut report = Vec::new();
    for node in &mut quantized.nodes {
        let Some((weight, _)) = parts_mut(&mut node.op) else { continue };
        if keep.contains(&node.name) {
            continue;
        }
        let before = weight.to_f32().to_vec();
        *weight = quantize(weight, &before);
        let sqnr_db = sqnr_db(&before, &weight.to_f32());
        report.push(LayerError { name: node.name.clone(), weights: before.len(), sqnr_db });
    }
    (quantized, report)
}

fn quantize(tensor: &Tensor, values: &[f32]) -> Tensor {
    let channels = tensor.shape[0] as usize;
    let (mut scales, mut codes) = (Vec::with_capacity(channels), Vec::with_capacity(values.len()));
    for channel in values.chunks_exact(values.len() / channels) {
        let scale = best_scale(channel);
        scales.push(scale);
        codes.extend(channel.iter().map(|&w| code(w, scale)));
    }
    Tensor { shape: tensor.shape.clone(), data: TensorData::I8 { scales, codes } }
}

fn best_scale(channel: &[f32]) -> f32 {
    let largest = channel.iter().fold(0.0_f32, |m, w| m.max(w.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    let candidate = |i: u32| largest / 127.0 * (1.0 - STEP * i as f32);
    let error = |scale: f32| -> f32 {
        channel.iter().map(|&w| (w - scale * f32::from(code(w, scale))).powi(2)).sum()
    };
    (0..CANDIDATES)
        .map(candidate)
        .min_by(|a, b| error(*a).total_cmp(&error(*b)))
        .unwrap_or(largest / 127.0)
}

/// Nearest code, ties away from zero, clipped to ±127.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i8 first")]
fn code(weight: f32, scale: f32) -> i8 {
    (weight / scale).round().clamp(-127.0, 127.0) as i8
}

/// Signal to quantisation noise ratio in decibels: `10 log10(Σ x² / Σ (x - q)²)`.
fn sqnr_db(before: &[f32], after: &[f32]) -> f64 {
    let signal: f64 = before.iter().map(|&w| f64::from(w).powi(2)).sum();
    let noise: f64 = before.iter().zip(after).map(|(&a, &b)| f64::from(a - b).powi(2)).sum();
    10.0 * (signal / noise.max(f64::MIN_POSITIVE)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[u32], values: &[f32]) -> Tensor {
        Tensor { shape: shape.to_vec(), data: TensorData::F32(values.to_vec()) }
    }

    #[test]
    fn weights_on_the_grid_come_back_exactly() {
        let values = [127.0, -64.0, 1.0, 0.0];
        let q = quantize(&tensor(&[1, 4], &values), &values);
        assert_eq!(q.to_f32().to_vec(), values);
    }

    #[test]
    fn each_channel_has_its_own_scale() {
        let values = [1.27, 0.64, 0.001_27, -0.000_64];
        let q = quantize(&tensor(&[2, 2], &values), &values);
        let back = q.to_f32().to_vec();
        for (a, b) in values.iter().zip(&back) {
            assert!((a - b).abs() <= a.abs() * 0.01, "{a} came back as {b}");
        }
    }

    #[test]
    fn a_channel_of_zeros_stays_zero() {
        let q = quantize(&tensor(&[1, 3], &[0.0; 3]), &[0.0; 3]);
        assert_eq!(q.to_f32().to_vec(), [0.0; 3]);
    }
}
