//! What libv4l2 calls `v4l2_*`, as the plain calls of the C library.
//!
//! Each is one call and nothing else; what must hold is what the C library's function demands.
//! Only `close` keeps its error to itself: Linux closes the descriptor whatever it answers (a camera
//! that was pulled out may answer EIO), and the `v4l` crate would panic.

use std::ffi::{c_char, c_int, c_void};

/// `open(2)`.
///
/// # Safety
/// `path` points to a string that ends with a zero byte, and `flags` create no file.
pub unsafe fn v4l2_open(path: *const c_char, flags: c_int) -> c_int {
    // SAFETY: as the caller promises; without O_CREAT, the third argument is not read.
    unsafe { libc::open(path, flags) }
}

/// `close(2)`; always 0.
///
/// # Safety
/// `fd` is the caller's own and is not used afterwards.
pub unsafe fn v4l2_close(fd: c_int) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { libc::close(fd) };
    0
}

/// `ioctl(2)`.
///
/// # Safety
/// `argument` points to what `request` reads and writes.
pub unsafe fn v4l2_ioctl(fd: c_int, request: libc::Ioctl, argument: *mut c_void) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { libc::ioctl(fd, request, argument) }
}

/// `mmap(2)`.
///
/// # Safety
/// As for `mmap`: no memory that is in use is mapped over.
#[expect(clippy::too_many_arguments, reason = "as many as the system call has")]
pub unsafe fn v4l2_mmap(
    start: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    offset: i64,
) -> *mut c_void {
    // SAFETY: as the caller promises.
    unsafe { libc::mmap(start, length, protection, flags, fd, offset) }
}

/// `munmap(2)`.
///
/// # Safety
/// Nothing refers to the mapping any more.
pub unsafe fn v4l2_munmap(start: *mut c_void, length: usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { libc::munmap(start, length) }
}
