//! Losses, one per file with its formula.

pub mod detect;
pub mod distance;
pub mod soft_cross_entropy;
