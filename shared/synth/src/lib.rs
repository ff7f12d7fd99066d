//! Mien's procedural head: action-unit-driven faces with exact labels, from a seed.
//!
//! A [`Scene`] says who is seen doing what under which light; [`render`] makes the picture and
//! its [`Labels`]: expression, action units, 68 landmarks, pose, identity, attributes and box.
//! The head is a grid over a smooth skull ([`Identity`] decides its shape and colours), slit at
//! lids and lips and moved by muscle fields; everything is drawn by a z-buffer rasteriser on the
//! CPU. The same scene gives the same bytes. Nothing here models a camera's noise or optics.

pub mod action;
pub mod identity;
pub mod performer;
pub mod scene;

mod anatomy;
mod backdrop;
mod body;
mod camera;
mod eyeball;
mod face;
mod features;
mod grid;
mod hair;
mod landmarks;
mod math;
mod muscle;
mod noise;
mod oral;
mod raster;
mod renderer;
mod skin;
mod tone;
mod worn;

pub use action::{AUS, Au, AuVector, Side};
pub use identity::{HairStyle, Identity};
pub use math::Vec3;
pub use performer::{Performance, Performer};
pub use renderer::{Attributes, Labels, Renderer, render};
pub use scene::{Background, Glasses, Hat, Light, Placement, Pose, Scene, Worn};
