//! A file that lines are appended to for months: bounded where its owner wants it, and opened again
//! when its place was gone.
//!
//! ```text
//! max=10MB, keep=3:   PATH ──full──▶ PATH.1 ──▶ PATH.2 ──▶ PATH.3 ──▶ removed
//! ```
//!
//! At most `max · (keep + 1)` bytes are on the disk, give or take a line. After a refused write the
//! file is opened anew for the next one: a stick may have been pulled and put back.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use mien_core::spec::Spec;

use crate::EventError;

/// The smallest file that is turned over: some readings.
const SMALLEST: u64 = 4_000;
/// Files kept beside the current one where no number is named.
const KEEP: u8 = 3;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    max: u64,
    keep: u8,
}

/// The file.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    limit: Option<Limit>,
    /// `None` after a refused write.
    file: Option<File>,
    /// Bytes in the file, as far as they are ours.
    size: u64,
}

impl Limit {
    /// What `max=SIZE` and `keep=FILES` ask for; nothing is bounded without `max`.
    ///
    /// # Errors
    /// When either is malformed, or `keep` stands alone.
    pub(crate) fn parse(spec: &Spec) -> Result<Option<Self>, EventError> {
        let (max, keep) = (spec.option::<Size>("max")?, spec.option::<u8>("keep")?);
        match (max, keep) {
            (None, None) => Ok(None),
            (Some(Size(max)), keep) if max >= SMALLEST => {
                Ok(Some(Self { max, keep: keep.unwrap_or(KEEP) }))
            }
            (Some(_), _) => Err(EventError::refused(spec, "max is 4kB at least")),
            (None, Some(_)) => Err(EventError::refused(spec, "keep needs max, as in max=10MB")),
        }
    }
}

impl Log {
    /// Opens the file, emptied when it is to be `replaced`.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn open(path: &str, replaced: bool, limit: Option<Limit>) -> io::Result<Self> {
        if replaced {
            File::create(path)?;
        }
        let mut log = Self { path: path.into(), limit, file: None, size: 0 };
        log.reopen()?;
        Ok(log)
    }

    /// Whether the file ends in the middle of a line.
    pub(crate) fn was_cut_short(&self) -> bool {
        let last = || {
            let mut file = File::open(&self.path)?;
            let mut byte = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut byte).map(|()| byte[0])
        };
        // What cannot be read back, such as a pipe, has no unfinished line to be closed.
        self.size > 0 && last().is_ok_and(|byte| byte != b'\n')
    }

    /// Appends `line` in one write.
    ///
    /// # Errors
    /// What the system says; the next line finds the file opened anew.
    pub(crate) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let written = self.try_append(line);
        if written.is_err() {
            self.file = None;
        }
        written
    }

    fn try_append(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.limit.is_some_and(|limit| self.size > 0 && self.size + length > limit.max) {
            self.turn_over()?;
        }
        if self.file.is_none() {
            self.reopen()?;
        }
        if let Some(file) = &mut self.file {
            // The end of an unfinished line has nothing to end in an empty file.
            let line = line.strip_prefix(b"\n").filter(|_| self.size == 0).unwrap_or(line);
            file.write_all(line)?;
        }
        self.size += length;
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let about = file.metadata()?;
        self.size = if about.is_file() { about.len() } else { 0 };
        self.file = Some(file);
        Ok(())
    }

    /// Moves every file one number on; the last one makes room.
    fn turn_over(&mut self) -> io::Result<()> {
        let keep = self.limit.map_or(KEEP, |limit| limit.keep);
        self.file = None;
        if !fs::metadata(&self.path).is_ok_and(|about| about.is_file()) {
            return self.reopen();
        }
        for number in (1..keep).rev() {
            let from = numbered(&self.path, number);
            if from.exists() {
                fs::rename(from, numbered(&self.path, number + 1))?;
            }
        }
        if keep == 0 {
            fs::remove_file(&self.path)?;
        } else {
            fs::rename(&self.path, numbered(&self.path, 1))?;
        }
        self.reopen()
    }
}

fn numbered(path: &Path, number: u8) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// A size as its owner writes it: `512kB`, `10MB`, `1GB`.
struct Size(u64);

impl FromStr for Size {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(())?;
        let (count, unit) = text.split_at(digits);
        let count: u64 = count.parse().map_err(|_not_a_number| ())?;
        let unit = match unit {
            "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(()),
        };
        count.checked_mul(unit).map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    fn limit(query: &str) -> Result<Option<Limit>, EventError> {
        Limit::parse(&Spec::parse(&format!("jsonl://e.jsonl{query}")).unwrap())
    }

    fn content(path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    #[test]
    fn a_limit_is_a_size_with_a_unit_and_a_number_of_files() {
        assert_eq!(limit("").unwrap(), None);
        assert_eq!(limit("?max=10MB").unwrap(), Some(Limit { max: 10_000_000, keep: 3 }));
        assert_eq!(limit("?max=5kB&keep=0").unwrap(), Some(Limit { max: 5_000, keep: 0 }));
        for bad in ["?max=1kB", "?max=10", "?max=MB", "?max=99999999999GB", "?keep=3", "?keep=-1"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_full_file_is_turned_over_and_the_oldest_removed() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("e");
        let limit = Some(Limit { max: 10, keep: 2 });
        let mut log = Log::open(path.to_str().unwrap(), false, limit).unwrap();
        for line in ["aaaa\n", "bbbb\n", "cccc\n", "dddd\n", "eeee\n", "ffff\n", "gggg\n"] {
            log.append(line.as_bytes()).unwrap();
        }
        let kept = [path.clone(), numbered(&path, 1), numbered(&path, 2), numbered(&path, 3)];
        let kept = kept.each_ref().map(|path| content(path));
        let expected = ["gggg\n", "eeee\nffff\n", "cccc\ndddd\n"].map(str::to_owned).map(Some);
        assert_eq!(kept[..3], expected);
        assert_eq!(kept[3], None);
    }

    #[test]
    fn a_line_longer_than_the_limit_has_a_file_of_its_own() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("e");
        let limit = Some(Limit { max: 4, keep: 1 });
        let mut log = Log::open(path.to_str().unwrap(), false, limit).unwrap();
        log.append(b"aaaaaaaa\n").unwrap();
        log.append(b"bbbbbbbb\n").unwrap();
        assert_eq!(content(&path).as_deref(), Some("bbbbbbbb\n"));
        assert_eq!(content(&numbered(&path, 1)).as_deref(), Some("aaaaaaaa\n"));
    }

    #[test]
    fn what_was_there_counts_towards_the_limit() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("e");
        fs::write(&path, "12345678\n").unwrap();
        let limit = Some(Limit { max: 10, keep: 0 });
        let mut log = Log::open(path.to_str().unwrap(), false, limit).unwrap();
        log.append(b"abc\n").unwrap();
        assert_eq!(content(&path).as_deref(), Some("abc\n"));
    }

    #[test]
    fn a_place_that_was_gone_is_written_to_again() {
        let folder = tempdir().unwrap();
        let stick = folder.path().join("stick");
        let path = stick.join("e");
        fs::create_dir(&stick).unwrap();
        let limit = Some(Limit { max: 10, keep: 1 });
        let mut log = Log::open(path.to_str().unwrap(), false, limit).unwrap();
        log.append(b"12345678\n").unwrap();
        fs::remove_dir_all(&stick).unwrap();
        assert!(log.append(b"lost...\n").is_err());
        fs::create_dir(&stick).unwrap();
        log.append(b"\nfound\n").unwrap();
        assert_eq!(content(&path).as_deref(), Some("found\n"));
    }

    #[test]
    fn an_unfinished_line_is_seen() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("e");
        for (text, cut) in [("", false), ("{}\n", false), ("{}\n{", true)] {
            fs::write(&path, text).unwrap();
            let log = Log::open(path.to_str().unwrap(), false, None).unwrap();
            assert_eq!(log.was_cut_short(), cut, "{text:?}");
        }
    }
}
