//! Reading small files of `/proc` and `/sys` into the stack: no allocation, bounded size.

use std::{fs::File, io::Read as _, mem::MaybeUninit, path::Path};

use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{CWD, Mode, OFlags, RawDir, RawDirEntry},
    io::Errno,
    path::Arg,
};

/// Longest text that is read whole.
const LONGEST: usize = 4096;

/// Reads the file at `path` and gives its text to `parse`; `None` when it cannot be read, is no
/// text, or `parse` has no use for it.
pub(crate) fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    take(&mut File::open(path).ok()?, parse)
}

/// Reads the file at `path` below `folder` as [`read`] does.
pub(crate) fn read_at<T>(
    folder: BorrowedFd<'_>,
    path: impl Arg,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, path, flags, Mode::empty()).ok()?;
    take(&mut File::from(file), parse)
}

/// The text as a number.
pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

/// Opens the folder at `path`.
pub(crate) fn folder(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty())
}

/// Gives every entry of `folder` to `each`.
pub(crate) fn entries(
    folder: impl AsFd,
    mut each: impl FnMut(&RawDirEntry<'_>),
) -> Result<(), Errno> {
    let mut room = [MaybeUninit::<u8>::uninit(); LONGEST];
    let mut entries = RawDir::new(folder, &mut room);
    while let Some(entry) = entries.next() {
        each(&entry?);
    }
    Ok(())
}

fn take<T>(file: &mut File, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let (mut room, mut length) = ([0_u8; LONGEST], 0);
    loop {
        match file.read(&mut room[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    parse(std::str::from_utf8(&room[..length]).ok()?)
}
