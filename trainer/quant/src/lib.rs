//! Mien's quantiser: an f32 graph becomes one whose steps run in eight-bit integers.
//!
//! ```text
//! f32 graph, batch norms folded; pictures nobody is judged on
//!   input      the mean moves to an integer: pixel bytes are the input's codes
//!   equalise   channels between two convolutions get equal ranges, where asked for
//!   observe    every value's histogram, in f32
//!   calibrate  histogram -> range
//!   place      which values have codes, and which share one coding
//!   weights    int8, per output channel, symmetric
//!   correct    biases take up the mean error of each channel
//!   report     signal to noise of every step; choose: the layers that go back to f32
//! ```
//!
//! [`Quantiser`] does these in order; each also stands alone. The arithmetic of a coded graph is
//! stated in [`mien_shared::graph::affine`]. Nothing here learns: weights are tuned where gradients
//! are, in the trainer.

pub mod calibrate;
pub mod choose;
mod coded;
pub mod correct;
pub mod equalise;
mod error;
#[cfg(test)]
mod fixture;
pub mod input;
pub mod layer;
pub mod observe;
pub mod place;
mod quantiser;
pub mod report;
pub mod weights;

pub use self::{
    calibrate::Calibration,
    coded::run_coded,
    error::QuantError,
    layer::layer_names,
    quantiser::{Options, Quantiser},
    report::StepError,
};
