//! Mien's host side: trains, distils, quantises, exports and evaluates the networks a device runs.

pub mod arch;
pub mod backend;
pub mod command;
pub mod export;
pub mod judge;
pub mod loss;
pub mod ops;
pub mod quant;
pub mod recipe;
pub mod saliency;
pub mod task;
pub mod teachers;
pub mod train;
pub mod weights;
