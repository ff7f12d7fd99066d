//! Softmax and normalisations along axes.

use super::layout::around;
use crate::graph::{Norm, NormOver};

/// Softmax along an axis.
pub(super) fn softmax(x: &[f32], dims: &[usize], axis: usize) -> Vec<f32> {
    along(x, dims, axis, |row| {
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = row.iter().map(|v| (v - highest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        powers.iter().map(|p| p / sum).collect()
    })
}

/// Rows along an axis over their length, or over `epsilon` where that is larger.
pub(super) fn unit_length(x: &[f32], dims: &[usize], axis: usize, epsilon: f32) -> Vec<f32> {
    along(x, dims, axis, |row| {
        let length = row.iter().map(|v| v * v).sum::<f32>().sqrt().max(epsilon);
        row.iter().map(|v| v / length).collect()
    })
}

/// Group or layer normalisation.
pub(super) fn norm(x: &[f32], norm: &Norm, dims: &[usize]) -> Vec<f32> {
    let length = match norm.over {
        NormOver::Groups(groups) => x.len() / groups as usize,
        NormOver::LastAxis => norm.scale.len(),
    };
    let standard = x.chunks(length).flat_map(|row| standardized(row, norm.epsilon));
    let constants = norm.scale.len();
    let index = |i: usize| match norm.over {
        NormOver::Groups(_) => i / dims[1..].iter().product::<usize>(),
        NormOver::LastAxis => i % constants,
    };
    standard.enumerate().map(|(i, v)| norm.scale[index(i)] * v + norm.bias[index(i)]).collect()
}

/// `(x - μ) / √(σ² + ε)`.
fn standardized(row: &[f32], epsilon: f32) -> Vec<f32> {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count;
    let deviation = (variance + epsilon).sqrt();
    row.iter().map(|v| (v - mean) / deviation).collect()
}

/// `of` each row along an axis.
fn along(x: &[f32], dims: &[usize], axis: usize, of: impl Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
    let [outer, extent, inner] = around(dims, axis);
    let mut made = vec![0.0; x.len()];
    for (o, i) in (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i))) {
        let at = |k: usize| (o * extent + k) * inner + i;
        let row: Vec<f32> = (0..extent).map(|k| x[at(k)]).collect();
        for (k, v) in of(&row).into_iter().enumerate() {
            made[at(k)] = v;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_sums_to_one_along_its_axis() {
        let even = softmax(&[0.0, 0.0, 0.0, 0.0], &[1, 2, 2], 1);
        assert_eq!(even, [0.5; 4]);
        let logs = [1.0_f32.ln(), 3.0_f32.ln()];
        let shares = softmax(&logs, &[2], 0);
        assert!((shares[1] - 0.75).abs() < 1e-6, "{shares:?}");
    }

    #[test]
    fn a_short_row_is_divided_by_epsilon() {
        assert_eq!(unit_length(&[3.0, 4.0], &[2], 0, 1e-6), [0.6, 0.8]);
        assert_eq!(unit_length(&[0.0, 0.5], &[2], 0, 1.0), [0.0, 0.5]);
    }

    #[test]
    fn groups_share_a_mean_and_channels_have_their_scale() {
        let over = NormOver::Groups(1);
        let of = |over, scale: &[f32], bias: &[f32]| {
            let norm = Norm { over, epsilon: 3.0, scale: scale.to_vec(), bias: bias.to_vec() };
            super::norm(&[1.0, 3.0, 1.0, 3.0], &norm, &[2, 1, 2])
        };
        // Mean 2, variance 1, deviation √(1 + 3) = 2.
        assert_eq!(of(over, &[1.0, 4.0], &[0.0, 1.0]), [-0.5, 0.5, -1.0, 3.0]);
        assert_eq!(of(NormOver::LastAxis, &[1.0, 4.0], &[0.0, 1.0]), [-0.5, 3.0, -0.5, 3.0]);
    }
}
