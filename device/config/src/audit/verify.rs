//! Whether a log is as it was written.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    AuditError,
    chain::{Link, follows, read},
    files::{TAIL, closed},
};

/// Most breaks that are listed; a log that is none would have one at each line.
const LISTED: usize = 20;

/// What was found in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Records that are whole.
    pub records: u64,
    /// The number of the first one; more than 1 where older files were no longer kept.
    pub first: u64,
    /// The number of the last one.
    pub last: u64,
    /// The hash of the last one.
    pub head: String,
    /// Whether the hash that was noted elsewhere is in the log; `None` where none was given.
    pub noted: Option<bool>,
    /// Where the chain is broken, at most so many as can be read.
    pub breaks: Vec<Break>,
}

/// A place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub what: String,
}

impl Verified {
    /// Whether nothing was changed, removed or inserted, and what was noted is there.
    pub fn is_intact(&self) -> bool {
        self.breaks.is_empty() && self.noted != Some(false)
    }
}

/// Follows the chain of the log at `path` through all of its files, oldest first. `noted` is a
/// [head](super::AuditLog::head) that was noted elsewhere: it must be in the log.
///
/// # Errors
/// [`AuditError`] when there is no log or a file cannot be read. A broken chain is no error but
/// what this finds.
pub fn verify(path: &Path, noted: Option<&str>) -> Result<Verified, AuditError> {
    let newest_last = (0..).map(|at| closed(path, at)).take_while(|file| file.exists());
    let files = newest_last.collect::<Vec<_>>();
    if files.is_empty() {
        return Err(AuditError::Absent { path: path.to_owned() });
    }
    let mut walk = Walk { noted, found: false, ..Walk::default() };
    for file in files.iter().rev() {
        walk.file(file).map_err(|source| AuditError::File { path: file.clone(), source })?;
    }
    let last = walk.last.unwrap_or_default();
    Ok(Verified {
        records: walk.records,
        first: walk.first,
        last: last.seq,
        head: last.hash().to_owned(),
        noted: noted.map(|_| walk.found),
        breaks: walk.breaks,
    })
}

/// Following a chain.
#[derive(Debug, Default)]
struct Walk<'a> {
    noted: Option<&'a str>,
    found: bool,
    records: u64,
    first: u64,
    last: Option<Link>,
    breaks: Vec<Break>,
}

impl Walk<'_> {
    fn file(&mut self, path: &Path) -> io::Result<()> {
        let mut reader = BufReader::new(File::open(path)?);
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            // A line longer than any record is read in pieces, none of which is a record.
            if reader.by_ref().take(TAIL).read_until(b'\n', &mut text)? == 0 {
                break;
            }
            if let Err(what) = self.line(&text) {
                self.note(path, line, what);
            }
        }
        Ok(())
    }

    fn line(&mut self, text: &[u8]) -> Result<(), &'static str> {
        let whole = text.strip_suffix(b"\n").ok_or("the line is unfinished")?;
        let text = std::str::from_utf8(whole).map_err(|_any| "this is no text")?;
        let next = read(text)?;
        // Where older files are no longer kept the chain begins in its middle.
        let before = self.last.take().or_else(|| (next.link.seq == 1).then(Link::default));
        let result = before.map_or(Ok(()), |last| follows(&last, &next));
        self.records += 1;
        self.first = if self.records == 1 { next.link.seq } else { self.first };
        self.found |= self.noted == Some(next.link.hash());
        self.last = Some(next.link);
        result
    }

    fn note(&mut self, file: &Path, line: u64, what: &str) {
        if self.breaks.len() < LISTED {
            let (file, what) = (file.to_owned(), what.to_owned());
            self.breaks.push(Break { file, line, what });
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, first, last, head, .. } = self;
        for Break { file, line, what } in &self.breaks {
            writeln!(f, "{}:{line}: {what}", file.display())?;
        }
        if self.noted == Some(false) {
            writeln!(
                f,
                "the noted hash is not in the log: its end was cut off or it was rewritten"
            )?;
        }
        let verdict = if self.is_intact() { "intact" } else { "not intact" };
        write!(f, "{verdict}: {records} records, {first} to {last}, the last one's hash {head}")
    }
}
