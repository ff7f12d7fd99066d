//! Mien's procedural head: action-unit-driven faces with exact labels, from a seed.
//!
//! A [`Scene`] says who is seen doing what under which light; [`render`] makes the picture and
//! its [`Labels`]: expression, action units, 68 landmarks, pose, identity, attributes and box.
//! The head is a grid over a smooth skull ([`Identity`] decides its shape and colours), slit at
//! lids and lips and moved by muscle fields; everything is drawn by a z-buffer rasteriser on the
//! CPU. The same scene gives the same bytes. Nothing here models a camera's noise or optics.
//!
//! [`camera`], [`raster`], [`backdrop`], [`math`], [`noise`] and [`tone`] are open to renderers of other heads.

pub mod action;
pub mod backdrop;
pub mod camera;
pub mod identity;
pub mod math;
pub mod noise;
pub mod performer;
pub mod raster;
pub mod scene;
pub mod tone;

mod anatomy;
mod body;
mod eyeball;
mod face;
mod features;
mod grid;
mod hair;
mod landmarks;
mod muscle;
mod oral;
mod renderer;
mod skin;
mod worn;

pub use action::{AUS, Au, AuVector, Side};
pub use identity::{HairStyle, Identity};
pub use math::Vec3;
pub use performer::{Performance, Performer};
pub use renderer::{Attributes, Labels, Renderer, render};
pub use scene::{Background, Glasses, Hat, Light, Placement, Pose, Scene, Worn};
