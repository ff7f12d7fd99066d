//! How a network wants its picture: size, colour and normalisation. Travels in the bundle.

use serde::{Deserialize, Serialize};

use crate::frame::Grey;

/// What a network's input is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Colour of the picture.
    pub color: Color,
    /// Subtracted from a pixel byte (0–255) first.
    pub mean: f32,
    /// Divides the difference: `x = (byte - mean) / std`.
    pub std: f32,
}

/// Colour of a network's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// One channel of luma.
    Grey,
}

impl InputSpec {
    /// Writes `image` as the network's input `[1, 1, H, W]`.
    ///
    /// # Panics
    /// When `image` or `out` is not of the specified size: the caller made them from this spec.
    pub fn normalize(&self, image: &Grey, out: &mut [f32]) {
        assert_eq!((image.width, image.height), (self.width, self.height), "image size");
        assert_eq!(out.len(), image.data.len(), "tensor size");
        let scale = 1.0 / self.std;
        for (x, &byte) in out.iter_mut().zip(&image.data) {
            *x = (f32::from(byte) - self.mean) * scale;
        }
    }
}
