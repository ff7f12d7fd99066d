//! The pages in black and white.

pub(super) mod actions;
pub(super) mod health;
pub(super) mod reading;
