//! Scanned and sculpted 3D heads, moved by action units and rendered with exact labels.
//!
//! ```text
//! ict · makehuman ──> Head ── subject(Identity) ──> Subject ┐
//!                                                           ├─ Studio::render ──> picture, Truth
//! Scene (mien-synth) · Lighting · Sensor ──────────> Shot ──┘
//! ```
//!
//! [`Faces`] draws subjects and shots from a seed; [`dataset`] writes them to a folder. Scenes,
//! action units, people's colours and labels are those of the procedural head ([`mien_synth`]), so
//! that all three heads are one kind of data. Models and maps are the user's: nothing here holds
//! or fetches any.

pub mod dataset;
pub mod faces;
pub mod head;
pub mod ict;
pub mod labels;
pub mod light;
pub mod makehuman;
pub mod mesh;
pub mod render;
pub mod rig;
pub mod sensor;
pub mod texture;

mod error;
mod eye;
mod front;
mod guide;
mod hair;
mod obj;
mod occlusion;
mod pack;
mod sheet;
mod shell;
mod skin;
mod stage;
mod worn;

#[cfg(test)]
mod fixture;

pub use error::HeadError;
pub use faces::{Face, Faces, Maker, Workshop};
pub use head::{Head, Subject};
pub use labels::Truth;
pub use light::{Environment, Lighting, Sky};
pub use render::{Behind, Shot, Studio};
pub use sensor::Sensor;
