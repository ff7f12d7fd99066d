//! A training run made readable: one self-contained page, one JSON document, one event file.
//!
//! ```text
//! metrics.jsonl ──curve──> epochs ─┬─> run::RunReport ──page──> report.html
//! features ─────embed──> points ───┤         └────────────────> report.json
//! pictures, heat maps, figures ────┘   tensorboard <── epochs, pictures
//! ```
//!
//! Plain data comes in and files go out: nothing here trains, infers or knows burn. The trainer
//! gathers a [`run::RunReport`] from a run folder.

pub mod curve;
pub mod embed;
pub mod headline;
pub mod page;
pub mod picture;
pub mod run;
pub mod study;
pub mod tensorboard;
