//! Eight-bit codes of values, and the one rule by which integer steps round.
//!
//! A value is `scale * (code - zero)` with codes 0..=255; weights are `scale[o] * code` with codes
//! -127..=127 ([`TensorData::I8`](super::TensorData)). An integer step adds exact products in i32
//! and then makes codes in IEEE 754 binary32, each operation rounded on its own (no fused
//! multiply-add), nearest with ties to even:
//!
//! ```text
//! conv, linear   acc = round(bias[o] / (sx·sw[o])) + Σ w · (x - zx)        padding adds nothing
//!                y   = clip(round(acc · (sx·sw[o] / sy))) + zy
//!                without codes for y: y = acc · (sx·sw[o])
//! mean           y   = clip(round(Σ (x - zx) · (sx / n / sy))) + zy
//! add            y   = clip(round((a - za) · (sa / sy) + (b - zb) · (sb / sy))) + zy
//! concat         y   = clip(round((a - za) · (sa / sy))) + zy
//! max, relu, enlarge   codes as they are: both ends share one coding
//! ```
//!
//! `clip` limits to `low - zy ..= 255 - zy`, where `low` is `zy` when a relu follows and 0 else.
//! These are the formulas of ONNX's `QuantizeLinear` and `QLinearConv` as onnxruntime computes them.

use serde::{Deserialize, Serialize};

/// How a value is coded in eight bits: `value = scale * (code - zero)`, codes 0..=255.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Affine {
    /// The difference that one code makes; positive and finite.
    pub scale: f32,
    /// The code of zero.
    pub zero: u8,
}

impl Affine {
    /// The code nearest to `value`, ties to even; the ends stand for everything beyond them.
    pub fn code(self, value: f32) -> u8 {
        self.shifted((value / self.scale).round_ties_even(), 0)
    }

    /// The value that `code` stands for.
    pub fn value(self, code: u8) -> f32 {
        self.scale * self.offset(code)
    }

    /// `code - zero`.
    pub fn offset(self, code: u8) -> f32 {
        f32::from(code) - f32::from(self.zero)
    }

    /// The code of `steps` scales rounded, not below `low`.
    pub fn requantize(self, steps: f32, low: u8) -> u8 {
        self.shifted(steps.round_ties_even(), low)
    }

    /// The lowest code after a relu when `relu`, else 0.
    pub fn low(self, relu: bool) -> u8 {
        if relu { self.zero } else { 0 }
    }

    #[expect(clippy::cast_possible_truncation, reason = "clipped to 0..=255 first")]
    #[expect(clippy::cast_sign_loss, reason = "clipped to 0..=255 first")]
    fn shifted(self, rounded: f32, low: u8) -> u8 {
        let zero = f32::from(self.zero);
        (rounded.clamp(f32::from(low) - zero, 255.0 - zero) + zero) as u8
    }
}

/// Most products that an integer step may add per element, so that no sum leaves i32.
pub const MAX_TERMS: usize = 1 << 15;

/// Largest magnitude of a bias in steps of its products' scale.
const MAX_BIAS: f32 = (1 << 30) as f32;

/// A bias in steps of `scale`, the product of the input's and the channel's.
#[expect(clippy::cast_possible_truncation, reason = "clipped to ±2^30 first")]
pub fn bias_code(bias: f32, scale: f32) -> i32 {
    (bias / scale).round_ties_even().clamp(-MAX_BIAS, MAX_BIAS) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALVES: Affine = Affine { scale: 0.5, zero: 10 };

    #[test]
    fn codes_round_ties_to_even_and_clip() {
        let codes = [0.0, 0.25, 0.75, -0.25, 1e9, -1e9].map(|v| HALVES.code(v));
        assert_eq!(codes, [10, 10, 12, 10, 255, 0]);
        assert_eq!(HALVES.code(f32::INFINITY), 255);
    }

    #[test]
    fn a_code_stands_for_its_distance_from_zero() {
        for (code, value) in [(0, -5.0), (10, 0.0), (255, 122.5_f32)] {
            assert_eq!(HALVES.value(code).to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_relu_lifts_codes_to_zero() {
        assert_eq!(HALVES.requantize(-3.0, HALVES.low(true)), 10);
        assert_eq!(HALVES.requantize(-3.0, HALVES.low(false)), 7);
    }

    #[test]
    fn a_bias_saturates_far_outside_the_useful_range() {
        assert_eq!(bias_code(1.25, 0.5), 2);
        assert_eq!(bias_code(-1e30, 1e-6), -(1 << 30));
    }
}
