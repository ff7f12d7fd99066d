//! Quantisation where gradients are needed: tuning coded graphs. All else is [`mien_quant`].

pub mod fake;
#[cfg(test)]
mod fixture;
pub mod tune;

pub use mien_quant::weights::{LayerError, quantize_weights};
