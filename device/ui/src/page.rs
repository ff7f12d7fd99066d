//! The screen's pages, each drawn between header and footer.

pub(super) mod actions;
pub(super) mod health;
pub(super) mod reading;
