//! Mien's firmware: camera in, facial expression out, nothing leaves the board unless its owner says so.
//!
//! ```text
//! camera ─▶ face (detect, crop, express) ─▶ decide ─▶ events · ui ─▶ panel
//!           └────────────── pipeline: one thread per stage ──────────────┘
//! ```

pub use mien_camera as camera;
pub use mien_core::{clock, command, reading, spec, stage};
pub use mien_decide as decide;
pub use mien_events as events;
pub use mien_panel as panel;
pub use mien_pins as pins;
pub use mien_track as track;
pub use mien_ui as ui;

pub mod bench;
pub mod cli;
pub mod deploy;
pub mod face;
pub mod models;
pub mod pipeline;
pub mod precision;
pub mod read;
