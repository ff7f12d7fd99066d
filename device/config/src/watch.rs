//! The configuration's file, read again when it changes.
//!
//! The file is looked at, at most once a second, by inode, length and time of change: that needs
//! no library, sees an atomic rename, and works on every file system. A change is read when it has
//! stood still for one more look, so that a file half written is not read. A file with flaws is
//! reported once and not taken; so is one that has gone. A board file that it names is not watched.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use mien_shared::frame::Timestamp;

use crate::{Config, ConfigError, Overrides};

/// Least time between two looks.
pub const EVERY: Duration = Duration::from_secs(1);

/// A file that is watched.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    overrides: Overrides,
    /// The file as it was read last.
    read: Option<Mark>,
    /// The file at the last look.
    seen: Option<Mark>,
    next: Timestamp,
}

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    inode: u64,
    length: u64,
    changed: (i64, i64),
}

impl Watch {
    /// Watches the file at `path`, whose present content is known already.
    #[must_use]
    pub fn new(path: &Path, overrides: Overrides) -> Self {
        let mark = Mark::of(path);
        let next = Timestamp::default();
        Self { path: path.to_owned(), overrides, read: mark, seen: mark, next }
    }

    /// The file's new content where it has changed, or why that is not taken; each change once.
    pub fn poll(&mut self, now: Timestamp) -> Option<Result<Config, ConfigError>> {
        if now < self.next {
            return None;
        }
        self.next = Timestamp(now.0.saturating_add(EVERY));
        let mark = Mark::of(&self.path);
        let still = mark == self.seen;
        self.seen = mark;
        (still && mark != self.read).then(|| self.reload())
    }

    /// The file's content, changed or not: what SIGHUP asks for.
    ///
    /// # Errors
    /// As for [`Config::load`].
    pub fn reload(&mut self) -> Result<Config, ConfigError> {
        let mark = Mark::of(&self.path);
        (self.read, self.seen) = (mark, mark);
        Config::load(&self.path, &self.overrides)
    }
}

impl Mark {
    fn of(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok()?;
        let changed = (data.mtime(), data.mtime_nsec());
        Some(Self { inode: data.ino(), length: data.len(), changed })
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::store::write_atomically;
    use tempfile::TempDir;

    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    fn text(name: &str) -> String {
        format!("[deployment]\nname = {name:?}\ncontext = \"home\"\ncontact = \"me\"\n")
    }

    fn watched() -> (TempDir, PathBuf, Watch) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mien.toml");
        fs::write(&path, text("first")).unwrap();
        let watch = Watch::new(&path, Overrides::default());
        (folder, path, watch)
    }

    fn name(polled: Option<Result<Config, ConfigError>>) -> String {
        polled.unwrap().unwrap().deployment().name.clone()
    }

    #[test]
    fn a_file_that_stays_is_not_read_again() {
        let (_folder, _path, mut watch) = watched();
        assert!((0..100).all(|s| watch.poll(at(s * 1_000)).is_none()));
    }

    #[test]
    fn a_changed_file_is_read_once_when_it_stands_still() {
        let (_folder, path, mut watch) = watched();
        fs::write(&path, text("second")).unwrap();
        assert!(watch.poll(at(0)).is_none(), "it may still be written");
        assert!(watch.poll(at(500)).is_none(), "too early for a look");
        assert_eq!(name(watch.poll(at(1_000))), "second");
        assert!(watch.poll(at(2_000)).is_none());
    }

    #[test]
    fn an_atomic_rename_is_seen() {
        let (_folder, path, mut watch) = watched();
        write_atomically(&path, text("other").as_bytes()).unwrap();
        assert!(watch.poll(at(0)).is_none());
        assert_eq!(name(watch.poll(at(1_000))), "other");
    }

    #[test]
    fn a_file_with_flaws_is_reported_once_and_its_repair_is_taken() {
        let (_folder, path, mut watch) = watched();
        fs::write(&path, "[deployment]\nnmae = 1\n").unwrap();
        assert!(watch.poll(at(0)).is_none());
        let error = watch.poll(at(1_000)).unwrap().unwrap_err().to_string();
        assert!(error.contains("did you mean deployment.name?"), "{error}");
        assert!(watch.poll(at(2_000)).is_none());
        fs::write(&path, text("third")).unwrap();
        assert!(watch.poll(at(3_000)).is_none());
        assert_eq!(name(watch.poll(at(4_000))), "third");
    }

    #[test]
    fn a_file_that_is_gone_for_a_moment_is_nothing_and_for_longer_is_told_once() {
        let (_folder, path, mut watch) = watched();
        fs::remove_file(&path).unwrap();
        assert!(watch.poll(at(0)).is_none());
        assert!(matches!(watch.poll(at(1_000)), Some(Err(ConfigError::Read { .. }))));
        assert!(watch.poll(at(2_000)).is_none());
        fs::write(&path, text("back")).unwrap();
        assert!(watch.poll(at(3_000)).is_none());
        assert_eq!(name(watch.poll(at(4_000))), "back");
    }

    #[test]
    fn a_hangup_reads_a_file_that_has_not_changed() {
        let (_folder, _path, mut watch) = watched();
        assert_eq!(watch.reload().unwrap().deployment().name, "first");
    }
}
