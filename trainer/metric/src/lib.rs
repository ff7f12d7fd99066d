//! How good a network is, measured the same way everywhere.
//!
//! A [`protocol::Protocol`] says which samples count and what is right; [`report::ClassReport`]
//! turns the judged samples into figures with 95 % intervals.

pub mod calibration;
pub mod classify;
pub mod detect;
pub mod interval;
pub mod protocol;
pub mod report;
