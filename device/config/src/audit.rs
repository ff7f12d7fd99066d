//! What was done with the device: one JSON object per line, each bound to the one before.
//!
//! ```text
//! {"seq":1,"time":"2026-11-26T08:00:00Z","up_ms":412,"by":"device","event":"started",…,"prev":"000…","hash":"9a1…"}
//! {"seq":2,"time":"2026-11-26T08:03:11Z","up_ms":191530,"by":"command","event":"paused","prev":"9a1…","hash":"c07…"}
//!
//! hash = SHA-256 of the line up to `,"hash"`, closed by `}`      prev = hash of the line before
//! ```
//!
//! **What it shows.** Whoever changes, removes or inserts a record breaks the chain at that place
//! ([`verify`]). Whoever rewrites everything after it, or cuts off the end, is found out only by a
//! hash that was noted elsewhere: log [`AuditLog::head`] at start and stop and give it to `verify`.
//!
//! **Bounds.** Texts are cut at [`LONGEST`] letters, a file is closed at its size
//! (`audit.jsonl` → `audit.jsonl.1` → …), and only so many closed ones are kept; the chain goes on
//! from file to file. Each record is on the disk before the call returns. A line that a power cut
//! left unfinished is cut off, which is a record of its own.
//!
//! Nothing here says what a face showed.

mod chain;
mod files;
mod record;
mod verify;

use std::{
    io,
    path::{Path, PathBuf},
};

use mien_shared::frame::Timestamp;

use self::{
    chain::{Link, line},
    files::Files,
};
pub use self::{
    record::{Actor, Event, LONGEST, Moment},
    verify::{Break, Verified, verify},
};

/// How much of the log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes of one file; a record is written whole in any case.
    pub file: u64,
    /// How many closed files are kept.
    pub keep: u32,
}

impl From<&crate::Audit> for Bounds {
    fn from(audit: &crate::Audit) -> Self {
        Self { file: u64::from(audit.file_kib) * 1024, keep: audit.keep }
    }
}

/// The log that is written.
#[derive(Debug)]
pub struct AuditLog {
    files: Files,
    last: Link,
    /// Records that could not be written since the last that could.
    lost: u64,
}

impl AuditLog {
    /// Opens the log at `path`, or begins one; its folder must exist.
    ///
    /// # Errors
    /// [`AuditError`] where the place is read-only or full, or another process writes this log. A
    /// device runs on without its log, and says so once.
    pub fn open(path: &Path, bounds: Bounds, at: Moment) -> Result<Self, AuditError> {
        let opened = Files::open(path, bounds)?;
        let last = opened.last.unwrap_or_default();
        let mut log = Self { files: opened.files, last, lost: 0 };
        if let Some(damage) = opened.damage {
            log.write(Actor::Device, &Event::Recovered { damage }, at)?;
        }
        Ok(log)
    }

    /// Writes down that `by` did what `event` says.
    ///
    /// # Errors
    /// When it cannot be written: the first time only, later ones are counted until a record can
    /// be written again, which then begins with their number.
    pub fn record(&mut self, by: Actor, event: &Event, at: Moment) -> Result<(), AuditError> {
        let written = self.tell_lost(at).and_then(|()| self.write(by, event, at));
        match written {
            Ok(()) => Ok(()),
            Err(error) => {
                self.lost += 1;
                if self.lost == 1 { Err(error) } else { Ok(()) }
            }
        }
    }

    /// The hash of the last record: note it elsewhere, and the log's end cannot be cut off unseen.
    pub fn head(&self) -> &str {
        self.last.hash()
    }

    /// The file that is written.
    pub fn path(&self) -> &Path {
        self.files.path()
    }

    fn tell_lost(&mut self, at: Moment) -> Result<(), AuditError> {
        if self.lost > 0 {
            self.write(Actor::Device, &Event::Lost { records: self.lost }, at)?;
            self.lost = 0;
        }
        Ok(())
    }

    fn write(&mut self, by: Actor, event: &Event, at: Moment) -> Result<(), AuditError> {
        let (text, link) = line(&self.last, by, event, at)?;
        self.files.append(text.as_bytes())?;
        self.last = link;
        Ok(())
    }
}

/// Why the log cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The system refused.
    #[error(
        "audit log {}: {source}; set audit.path to a file on a disk that can be written, or go \
         without a log",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process writes it.
    #[error("audit log {}: another process writes it; give each its own audit.path", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A record has no JSON form.
    #[error("audit log: a record cannot be written as JSON: {0}")]
    Form(#[from] serde_json::Error),
    /// There is no log to verify.
    #[error("audit log {}: there is no such file", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;
