//! Mien's fused operators: a graph becomes a program of f32 and int8 kernels for this processor.
//!
//! ```text
//! Graph --steps, fuse--> operators --pack weights, lay out values--> Program --run--> outputs
//! ```
//!
//! Values lie pixel by pixel (`[H, W, C]`) with a border as wide as the paddings that read them, so
//! a convolution sees no edges: per row of its kernel it multiplies one contiguous run of inputs.
//! Convolutions take bias, residual, relu and the step to codes with them. Everything is laid out
//! and packed when the program is built; a run allocates nothing.
//!
//! Integer steps are bit-identical to [`mien_shared::graph::reference`] on every [`Isa`]; f32
//! convolutions add in one order (bias, then kernel row, column, channel, each product fused), so
//! they are bit-identical to each other.
//!
//! This is the one crate with hand-written `unsafe`: instructions behind a token that proves them
//! (`simd`), and, in `conv`, pointers into slices that are checked once per tile to hold all that the
//! tile reads or writes.
#![allow(unsafe_code, reason = "vector instructions and unchecked reads in measured inner loops")]
#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled without the instructions"
)]

mod arena;
mod coder;
mod conv;
mod fuse;
mod isa;
mod operator;
mod peak;
mod program;
mod simd;

pub use self::{
    isa::Isa,
    peak::{Peak, peak},
    program::{Cost, Input, Program, Unsupported},
};
