//! Network architectures: one family per file, blocks they share, and an explicit table.
//!
//! Every architecture can be lowered into [`mien_shared::graph::Graph`] through [`crate::export`].

pub mod blocks;
pub mod detector;
pub mod expression;
pub mod mini_xception;
pub mod resnet;
