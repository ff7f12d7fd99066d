//! Network architectures: one family per file, blocks they share, and an explicit table.
//!
//! Every network a device runs can be lowered into [`mien_shared::graph::Graph`] through
//! [`crate::export`]; of the published [`trunk`]s those can whose operations the graph has.

pub mod blocks;
pub mod dan;
pub mod detector;
pub mod expression;
pub mod faces;
pub mod fn2en;
pub mod fran;
pub mod identity;
pub mod landmarks;
pub mod lsd;
pub mod mini_xception;
pub mod oadn;
pub mod resnet;
pub mod trunk;
