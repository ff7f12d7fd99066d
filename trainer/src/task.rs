//! What the networks learn, each as a [`crate::train::Task`].

pub mod detect;
pub mod expression;
pub mod identity;
pub mod landmarks;
