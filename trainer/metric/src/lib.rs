//! How good a network is, measured the same way everywhere.
//!
//! A [`protocol::Protocol`] says which samples count and what is right; [`report::ClassReport`]
//! turns the judged samples into figures with 95 % intervals. Beside it, one figure a file:
//!
//! | what is judged | files |
//! |---|---|
//! | classes | [`classify`], [`calibration`], [`reliability`], [`folds`], [`subjects`], [`groups`] |
//! | presence of action units and other flags | [`binary`], [`action_unit`], [`auc`], [`attribute`] |
//! | intensities, valence, arousal | [`agreement`], [`deviation`], [`correlation`] |
//! | faces and landmarks | [`detect`], [`landmark`] |
//! | made faces | [`synthesis`], [`identity`] |
//! | how sure a figure is | [`interval`], [`spread`] |
//!
//! An undefined figure is `None`, never 0; input that is no number or does not pair up is an
//! [`input::MetricError`].

pub mod action_unit;
pub mod agreement;
pub mod attribute;
pub mod auc;
pub mod binary;
pub mod calibration;
pub mod classify;
pub mod correlation;
pub mod detect;
pub mod deviation;
pub mod folds;
pub mod groups;
pub mod identity;
pub mod input;
pub mod interval;
pub mod landmark;
pub mod protocol;
pub mod reliability;
pub mod report;
pub mod spread;
pub mod subjects;
pub mod synthesis;
