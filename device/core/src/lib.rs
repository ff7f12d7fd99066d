//! What every part of the firmware has in common.
//!
//! | module | what |
//! |---|---|
//! | [`clock`] | the one time base, monotonic |
//! | [`command`] | what an owner asks of a running device, from whichever side |
//! | [`reading`] | what was seen in one frame |
//! | [`spec`] | how an owner names a camera, a panel or a sink |
//! | [`stage`] | what a frame goes through, and what each step costs |

pub mod clock;
pub mod command;
pub mod reading;
pub mod spec;
pub mod stage;
