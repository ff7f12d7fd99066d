//! From a trained module to files: lowering into a graph, ONNX, and the bundle a device loads.

pub mod card;
mod channels;
pub mod execute;
pub mod lower;
pub mod model;
pub mod onnx;
pub mod package;

pub use lower::{Builder, Lower, Value, lower};
