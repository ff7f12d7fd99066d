//! Mien's firmware: camera in, facial expression out, nothing leaves the board unless its owner says so.
//!
//! ```text
//! camera ─▶ face (detect, crop, express) ─▶ decide ─▶ events · ui ─▶ panel
//!           └────────────── pipeline: one thread per stage ──────────────┘
//! ```

pub mod bench;
pub mod camera;
pub mod cli;
pub mod decide;
pub mod events;
pub mod face;
pub mod models;
pub mod panel;
pub mod pipeline;
pub mod precision;
pub mod read;
pub mod reading;
pub mod spec;
pub mod stage;
pub mod ui;
