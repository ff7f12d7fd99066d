//! The training step's costliest operators on plain slices: convolutions and their gradients.
//!
//! A convolution is a product of matrices: weights times a matrix of windows, gathered panel by
//! panel into cache (Chellapilla et al. 2006, "High performance convolutional neural networks for
//! document processing"). Its gradients are two more such products. Vector instructions are chosen
//! at run time. Every sum is taken in an order that depends on the shapes alone, so that results
//! are the same bits on any number of threads.

#![expect(
    clippy::inline_always,
    reason = "vector instructions chosen at run time reach only what is inlined into their dispatch"
)]
#![expect(clippy::excessive_nesting, reason = "one loop for each axis of a tensor")]

pub mod conv;
pub mod depthwise;
pub mod norm;
mod product;
