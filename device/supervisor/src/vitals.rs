//! What the process takes of its board, from `/proc`: memory, open files, processor time.
//!
//! The reader holds its folders open and reads into the stack: nothing is allocated at a read.

pub mod threads;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{fd::AsFd as _, io::Errno};

use crate::small;

pub use threads::{Share, Threads};

/// What the process takes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vitals {
    /// Resident memory in bytes.
    pub memory: u64,
    /// Open file descriptors, without the reader's own.
    pub files: u32,
    /// How long the board has been up.
    pub uptime: Duration,
}

/// Reads [`Vitals`].
#[derive(Debug, Clone)]
pub struct VitalsReader {
    status: PathBuf,
    files: PathBuf,
    uptime: PathBuf,
}

impl VitalsReader {
    /// A reader of this process below `root`, which is `/proc` but in tests.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            status: root.join("self/status"),
            files: root.join("self/fd"),
            uptime: root.join("uptime"),
        }
    }

    /// What the process takes now.
    ///
    /// # Errors
    /// [`VitalsError`] with the file that cannot be read or says something else.
    pub fn read(&self) -> Result<Vitals, VitalsError> {
        let memory = small::read(&self.status, resident).ok_or_else(|| odd(&self.status))?;
        let files = open_files(&self.files)
            .map_err(|source| VitalsError::Folder { path: self.files.clone(), source })?;
        let uptime = small::read(&self.uptime, uptime).ok_or_else(|| odd(&self.uptime))?;
        Ok(Vitals { memory, files, uptime })
    }
}

/// Why vitals cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum VitalsError {
    /// A file is missing or has another form.
    #[error("{}: not what Linux writes there; is /proc mounted?", path.display())]
    File {
        /// The file.
        path: PathBuf,
    },
    /// A folder cannot be listed.
    #[error("{}: cannot list it: {source}; is /proc mounted?", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Errno,
    },
}

fn odd(path: &Path) -> VitalsError {
    VitalsError::File { path: path.to_owned() }
}

/// The number of the line `VmRSS: 24680 kB`, in bytes.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    small::number::<u64>(line.trim().strip_suffix("kB")?)?.checked_mul(1024)
}

/// The first number of `/proc/uptime`, in seconds with two decimals.
fn uptime(text: &str) -> Option<Duration> {
    let seconds = small::number::<f64>(text.split_ascii_whitespace().next()?)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Counts the descriptors; that of the folder itself is open only here.
fn open_files(path: &Path) -> Result<u32, Errno> {
    use std::os::fd::AsRawFd as _;

    let folder = small::folder(path)?;
    let own = folder.as_raw_fd();
    let mut count = 0;
    small::entries(folder.as_fd(), |entry| {
        let number = entry.file_name().to_str().ok().and_then(small::number::<i32>);
        count += u32::from(number.is_some_and(|number| number != own));
    })?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;

    fn tree(status: &str) -> TempDir {
        let root = tempdir().unwrap();
        fs::create_dir_all(root.path().join("self/fd")).unwrap();
        for name in ["0", "1", "2", "900", "901"] {
            fs::write(root.path().join("self/fd").join(name), "").unwrap();
        }
        fs::write(root.path().join("self/status"), status).unwrap();
        fs::write(root.path().join("uptime"), "350735.47 234388.90\n").unwrap();
        root
    }

    #[test]
    fn memory_files_and_uptime_are_read() {
        let root = tree("Name:\tmien\nVmHWM:\t   30000 kB\nVmRSS:\t   24680 kB\nThreads:\t4\n");
        let vitals = VitalsReader::new(root.path()).read().unwrap();
        assert_eq!((vitals.memory, vitals.files), (24_680 * 1024, 5));
        assert_eq!(vitals.uptime.as_millis(), 350_735_470);
    }

    #[test]
    fn a_file_that_says_something_else_is_named() {
        let root = tree("VmRSS:\tmuch\n");
        let error = VitalsReader::new(root.path()).read().unwrap_err().to_string();
        assert!(error.contains("self/status"), "{error}");
        let error = VitalsReader::new(Path::new("/nonexistent")).read().unwrap_err();
        assert!(error.to_string().contains("/nonexistent"), "{error}");
    }

    #[test]
    fn this_process_has_memory_and_its_files_are_counted_exactly() {
        let reader = VitalsReader::new(Path::new("/proc"));
        let before = reader.read().unwrap();
        assert!(before.memory > 100_000 && before.uptime > Duration::ZERO);
        let held = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect::<Vec<_>>();
        let during = reader.read().unwrap().files;
        drop(held);
        // Other tests of this process open files, too, but never so many.
        assert!(during >= before.files + 25, "{} then {during}", before.files);
    }
}
