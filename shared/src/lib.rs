//! What Mien's trainer and device agree on.
//!
//! Frames and pixels come in, a face is cut out the same way on both sides, a model bundle says
//! how its network wants that face, and a telemetry message carries the reading out. Nothing here
//! trains, infers or touches a device.

pub mod au;
mod bounded;
pub mod bundle;
pub mod crop;
pub mod detection;
pub mod frame;
pub mod geometry;
pub mod graph;
pub mod input;
pub mod label;
pub mod pixels;
pub mod store;
pub mod telemetry;
