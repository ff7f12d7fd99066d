//! Replacing a file so that a reader, or a power cut, sees the old content or the new, never half.
//!
//! The bytes go to a temporary name in the same folder, reach the disk, and then take the final
//! name in one rename; the folder is synced so that the rename itself survives a power cut.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Makes temporary names unique between the threads of this process.
static SERIAL: AtomicU32 = AtomicU32::new(0);

/// Gives the file at `path` the content `bytes`, all of it or nothing.
///
/// The folder must exist. An existing file keeps its content until the new one is on the disk.
///
/// # Errors
/// [`StoreError::NotAFile`] when `path` has no file name, [`StoreError::Write`] when the folder
/// is missing or read-only or the disk is full; no temporary file stays behind.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace(path, |file| file.write_all(bytes))
}

/// Why a file could not be replaced.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The path ends in no file name.
    #[error("cannot write {}: it names no file; give a path that ends in a file name", path.display())]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// The system refused; the file's earlier content, if any, is untouched.
    #[error("cannot write {}: {}", path.display(), fix(cause))]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Writes through `fill` into a temporary neighbour of `path`, then renames it onto `path`.
fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), StoreError> {
    let name = path.file_name().ok_or_else(|| StoreError::NotAFile { path: path.into() })?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let temporary = folder.join(temporary_name(name));
    create(&temporary, fill)
        .and_then(|()| fs::rename(&temporary, path))
        .inspect_err(|_| drop(fs::remove_file(&temporary)))
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|cause| StoreError::Write { path: path.into(), cause })
}

/// A hidden name no other writer uses.
fn temporary_name(name: &std::ffi::OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    hidden.push(format!(".{}-{serial}.tmp", process::id()));
    hidden
}

/// Makes a new file, fills it and waits until it is on the disk.
fn create(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    fill(&mut file)?;
    file.sync_all()
}

/// What the system said, and what to do about it where that is known.
fn fix(error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space on that disk",
        io::ErrorKind::NotFound => "create its folder first",
        io::ErrorKind::PermissionDenied => "choose a folder this user may write to",
        io::ErrorKind::ReadOnlyFilesystem => "remount that file system read-write",
        io::ErrorKind::IsADirectory => "a folder of that name is in the way",
        _ => return error.to_string(),
    };
    format!("{error}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_holds_the_bytes_and_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        write_atomically(&path, b"first").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names_in(folder.path()), ["a.bundle"]);
    }

    #[test]
    fn an_existing_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        write_atomically(&path, b"a long first content").unwrap();
        write_atomically(&path, b"short").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn a_disk_that_fills_up_midway_leaves_the_old_file_and_no_rubbish() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bundle");
        write_atomically(&path, b"old").unwrap();
        let error = replace(&path, |file| {
            file.write_all(b"ha")?;
            // The system's own "no space left on device".
            OpenOptions::new().write(true).open("/dev/full")?.write_all(b"lf")
        })
        .unwrap_err()
        .to_string();
        assert!(error.starts_with(&format!("cannot write {}: ", path.display())), "{error}");
        assert!(error.ends_with("free some space on that disk"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names_in(folder.path()), ["a.bundle"]);
    }

    #[test]
    fn a_missing_folder_is_named_with_its_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent/a.bundle");
        let error = write_atomically(&path, b"x").unwrap_err().to_string();
        assert!(error.contains("absent/a.bundle"), "{error}");
        assert!(error.ends_with("create its folder first"), "{error}");
    }

    #[test]
    fn a_folder_in_the_way_is_refused_and_leaves_no_rubbish() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("taken")).unwrap();
        let error = write_atomically(&folder.path().join("taken"), b"x").unwrap_err().to_string();
        assert!(error.ends_with("a folder of that name is in the way"), "{error}");
        assert_eq!(names_in(folder.path()), ["taken"]);
    }

    #[test]
    fn a_path_without_a_file_name_is_refused() {
        let error = write_atomically(Path::new("/"), b"x").unwrap_err();
        assert!(matches!(error, StoreError::NotAFile { .. }), "{error}");
    }
}
