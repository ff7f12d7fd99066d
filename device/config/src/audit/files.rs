//! The log's files: appending whole lines, closing a full file, and what is found at the start.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use super::{AuditError, Bounds, chain, chain::Link};

/// How much of a file's end is looked at for its last line; no line is longer.
pub(super) const TAIL: u64 = 64 * 1024;

/// The open file and its closed elders.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    bounds: Bounds,
    file: File,
    /// Bytes of whole lines in `file`.
    length: u64,
}

/// A log that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) files: Files,
    /// Its last record, if there is one.
    pub(super) last: Option<Link>,
    /// What was wrong with it, and what became of that.
    pub(super) damage: Option<String>,
}

impl Files {
    pub(super) fn open(path: &Path, bounds: Bounds) -> Result<Opened, AuditError> {
        let at = |source| AuditError::File { path: path.to_owned(), source };
        let file = lock(path)?;
        let mut files = Self { path: path.to_owned(), bounds, file, length: 0 };
        files.prune().map_err(at)?;
        let (last, torn) = tail(&mut files.file).map_err(at)?;
        files.length = files.file.metadata().map_err(at)?.len().saturating_sub(torn);
        let mut damage =
            (torn > 0).then(|| format!("an unfinished line of {torn} bytes was cut off"));
        if torn > 0 {
            files.file.set_len(files.length).map_err(at)?;
        }
        let last = match last.as_deref().map(chain::read) {
            Some(Ok(read)) => Some(read.link),
            Some(Err(_)) => {
                files.close()?;
                damage = Some(
                    "the last line is no record: its file was closed, a new chain begins".into(),
                );
                None
            }
            // A start after the old file was closed and before the new one had a line.
            None => elder(path),
        };
        Ok(Opened { files, last, damage })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a whole line and waits until it is on the disk.
    pub(super) fn append(&mut self, line: &[u8]) -> Result<(), AuditError> {
        let more = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.length > 0 && self.length.saturating_add(more) > self.bounds.file {
            self.close()?;
        }
        self.write(line).map_err(|source| self.error(source))?;
        self.length += more;
        Ok(())
    }

    /// What an earlier write left unfinished goes first.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.file.metadata()?.len() != self.length {
            self.file.set_len(self.length)?;
        }
        self.file.write_all(line)?;
        self.file.sync_data()
    }

    /// Closes the file that is written and begins another.
    fn close(&mut self) -> Result<(), AuditError> {
        for at in (1..=self.bounds.keep).rev() {
            let (from, to) = (closed(&self.path, at - 1), closed(&self.path, at));
            match fs::rename(&from, &to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(|source| self.error(source))?,
            }
        }
        self.file = lock(&self.path)?;
        self.length = self.file.metadata().map_err(|source| self.error(source))?.len();
        Ok(())
    }

    /// Removes what a larger bound kept: the chain would have a gap before it.
    fn prune(&self) -> io::Result<()> {
        let beyond = (self.bounds.keep + 1..).map(|at| closed(&self.path, at));
        beyond.take_while(|file| file.exists()).try_for_each(fs::remove_file)
    }

    /// Writes to another file from now on; returns the one before.
    #[cfg(test)]
    pub(super) fn replace(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }

    fn error(&self, source: io::Error) -> AuditError {
        AuditError::File { path: self.path.clone(), source }
    }
}

/// The path of the `at`-th closed file, newest first; 0 is the one that is written.
pub(super) fn closed(path: &Path, at: u32) -> PathBuf {
    if at == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{at}"));
    PathBuf::from(name)
}

/// Opens the file for this process alone.
fn lock(path: &Path) -> Result<File, AuditError> {
    let at = |source| AuditError::File { path: path.to_owned(), source };
    let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(at)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AuditError::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(at(source)),
    }
}

/// The last record of the newest closed file.
fn elder(path: &Path) -> Option<Link> {
    let (last, _) = tail(&mut File::open(closed(path, 1)).ok()?).ok()?;
    chain::read(&last?).ok().map(|read| read.link)
}

/// The last whole line of a file, without its break, and how many bytes stand after it.
fn tail(file: &mut File) -> io::Result<(Option<String>, u64)> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n') else {
        return Ok((None, length));
    };
    let torn = u64::try_from(bytes.len() - end - 1).unwrap_or(u64::MAX);
    let start = bytes[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    Ok((Some(String::from_utf8_lossy(&bytes[start..end]).into_owned()), torn))
}
