//! The kernel's V4L2 types and constants, generated once and checked in, so that no build needs
//! libclang.
//!
//! Stands in for the published `v4l2-sys-mit` 0.3.0, whose build script runs bindgen; its one
//! user is the `v4l` crate. `generate.sh` makes `bindings.rs` again. The text is the same on
//! every 64-bit Linux, and each structure's size and offsets are asserted at compile time.

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!(
    "these V4L2 bindings are for 64-bit Linux only: run device/v4l2-sys/generate.sh with the \
     headers of your target and give it a file of its own"
);

#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated: the names are the kernel's"
)]
mod bindings;

pub use bindings::*;
