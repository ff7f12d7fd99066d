//! The kernel's V4L2 types and constants, generated once and checked in, so that no build needs
//! libclang; and the five calls a camera needs, through the C library.
//!
//! Stands in for the published `v4l-sys` 0.3.0, whose build script runs bindgen and links libv4l2;
//! its one user is the `v4l` crate with its feature `libv4l`. That feature calls `v4l2_open`,
//! `v4l2_ioctl` and so on; here they are the C library's `open`, `ioctl` and so on, by name. So
//! whatever is preloaded in front of the C library sees every call: `libcamerify`, which makes a
//! CSI camera of a Raspberry Pi look like a V4L2 device, and the fake device of the tests. (The
//! `v4l` crate's other feature, `v4l2`, issues `ioctl` as a raw system call, which nothing sees.)
//!
//! `generate.sh` makes `bindings.rs` again. The text is the same on every 64-bit Linux, and each
//! structure's size and offsets are asserted at compile time.

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!(
    "these V4L2 bindings are for 64-bit Linux only: run device/v4l-sys/generate.sh with the \
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
mod calls;

pub use bindings::*;
pub use calls::{v4l2_close, v4l2_ioctl, v4l2_mmap, v4l2_munmap, v4l2_open};
