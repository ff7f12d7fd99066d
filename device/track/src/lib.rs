//! Faces over time: followed between detections, with head pose and picture quality.
//!
//! | module | what |
//! |---|---|
//! | [`pose`] | where a head turns, from its five points |
//! | [`quality`] | how well a face can be seen, from its crop |
//! | [`tracker`] | the faces of a stream: followed from frame to frame, found anew from time to time |
//! | [`watching`] | how often the networks look |
//!
//! Pure: pictures and detections in, faces out; no network, no clock, no device.

pub mod pose;
pub mod quality;
pub mod tracker;
pub mod watching;

mod fit;
#[cfg(test)]
mod fixture;
mod flow;
mod follow;
mod patch;

pub use self::{
    tracker::{Seen, Tracker},
    watching::{Watching, WatchingError},
};
