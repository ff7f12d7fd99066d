//! sRGB encoding and decoding of linear light, by table.

use std::sync::LazyLock;

use crate::math::index;

const STEPS: usize = 4096;

static ENCODE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..=STEPS).map(|i| byte(255.0 * (i as f32 / STEPS as f32).powf(1.0 / 2.2))).collect()
});

static DECODE: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..256).map(|i| (i as f32 / 255.0).powf(2.2)).collect());

/// The byte for linear light, 1 being white; brighter light is clipped.
pub fn encode(light: f32) -> u8 {
    ENCODE[index(light.clamp(0.0, 1.0) * STEPS as f32 + 0.5)]
}

/// The linear light of a byte.
pub fn decode(byte: u8) -> f32 {
    DECODE[usize::from(byte)]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=255")]
fn byte(x: f32) -> u8 {
    x.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bright_bytes_survive_a_round_trip() {
        for b in 60..=255 {
            assert!(encode(decode(b)).abs_diff(b) <= 1, "{b}");
        }
    }
}
