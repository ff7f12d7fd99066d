//! `jsonl://`: one [JSON](json) object per line, for scripts and for people.
//!
//! A line reaches the system in one write, so a reader never sees half of one that fits, and a
//! line that a full disk or a power cut left unfinished is closed before the next begins. With
//! `max=SIZE` a [log](crate::logfile) of bounded size is kept: `PATH`, `PATH.1` … `PATH.<keep>`.

use std::io::{self, Write as _};

use mien_core::spec::Spec;
use mien_shared::telemetry::Message;

use crate::{
    EventError, Sink, json,
    logfile::{Limit, Log},
};

/// Writes messages as lines of JSON.
#[derive(Debug)]
pub struct JsonLines {
    spec: String,
    out: Out,
    line: Vec<u8>,
    /// The last write failed and may have left part of a line.
    torn: bool,
}

#[derive(Debug)]
enum Out {
    Stdout(io::Stdout),
    File(Log),
}

impl JsonLines {
    /// The sink of `jsonl://-` or `jsonl://PATH?mode=append|replace&max=SIZE&keep=FILES`.
    ///
    /// # Errors
    /// When the file or mode is missing or unknown, or the file cannot be opened.
    pub fn open(spec: &Spec) -> Result<Self, EventError> {
        spec.allow(&["mode", "max", "keep"])?;
        let bad = || EventError::BadFile { spec: spec.text().to_owned() };
        let replace = match spec.option::<String>("mode")?.as_deref() {
            None | Some("append") => false,
            Some("replace") => true,
            Some(_) => return Err(bad()),
        };
        let limit = Limit::parse(spec)?;
        let out = match spec.target() {
            "" => return Err(bad()),
            "-" if limit.is_some() => {
                return Err(EventError::refused(spec, "only a file has a max and a keep"));
            }
            "-" => Out::Stdout(io::stdout()),
            path => Out::File(
                Log::open(path, replace, limit)
                    .map_err(|error| EventError::open(spec.text(), error))?,
            ),
        };
        let torn = matches!(&out, Out::File(log) if log.was_cut_short());
        Ok(Self { spec: spec.text().to_owned(), out, line: Vec::new(), torn })
    }

    fn compose(&mut self, message: &Message) -> Result<(), EventError> {
        self.line.clear();
        if self.torn {
            self.line.push(b'\n');
        }
        json::write(message, &mut self.line)
            .map_err(|_unwritable| EventError::NoForm { spec: self.spec.clone() })?;
        self.line.push(b'\n');
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::File(log) => log.append(&self.line),
            Out::Stdout(out) => {
                let mut out = out.lock();
                out.write_all(&self.line)?;
                out.flush()
            }
        }
    }

    fn failed(&self, source: io::Error) -> EventError {
        let (spec, kind) = (self.spec.clone(), source.kind());
        match &self.out {
            Out::Stdout(_) if kind == io::ErrorKind::BrokenPipe => {
                EventError::ReaderGone { spec, source }
            }
            _ => EventError::Write { spec, source },
        }
    }
}

impl Sink for JsonLines {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.compose(message)?;
        let written = self.write();
        self.torn = written.is_err();
        written.map_err(|source| self.failed(source))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::tempdir;

    use super::*;
    use crate::samples::{self, open};

    fn spec(path: &Path, query: &str) -> String {
        format!("jsonl://{}{query}", path.display())
    }

    #[test]
    fn every_message_is_a_line() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut sink = open(&spec(&path, "")).unwrap();
        let messages = [samples::hello(), samples::full_reading(), samples::status()];
        let mut expected = Vec::new();
        for message in &messages {
            sink.send(message).unwrap();
            json::write(message, &mut expected).unwrap();
            expected.push(b'\n');
        }
        assert_eq!(fs::read(path).unwrap(), expected);
    }

    #[test]
    fn a_file_is_appended_to_unless_it_is_to_be_replaced() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let lines = || fs::read_to_string(&path).unwrap().lines().count();
        for (query, expected) in [("", 1), ("", 2), ("?mode=append", 3), ("?mode=replace", 1)] {
            open(&spec(&path, query)).unwrap().send(&samples::hello()).unwrap();
            assert_eq!(lines(), expected, "{query}");
        }
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file_and_the_fix() {
        if !Path::new("/dev/full").exists() {
            eprintln!("SKIPPED: this system has no /dev/full");
            return;
        }
        let mut sink = open("jsonl:///dev/full").unwrap();
        let error = sink.send(&samples::hello()).unwrap_err().to_string();
        assert!(error.starts_with("events jsonl:///dev/full: cannot write:"), "{error}");
        assert!(error.ends_with("free some space or name another place"), "{error}");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file_and_the_fix() {
        let error = open("jsonl:///nowhere/at/all/e.jsonl").err().unwrap().to_string();
        assert!(error.contains("/nowhere/at/all/e.jsonl"), "{error}");
        assert!(error.ends_with("make the folder first"), "{error}");
    }

    #[test]
    fn a_bounded_file_is_turned_over_between_lines() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut sink = open(&spec(&path, "?max=4kB&keep=1")).unwrap();
        (0..100).for_each(|frame| sink.send(&samples::reading(frame)).unwrap());
        for name in ["events.jsonl", "events.jsonl.1"] {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(text.len() <= 4_000 && text.starts_with('{') && text.ends_with("}\n"));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(open("jsonl://-?max=1MB").is_err());
    }

    #[test]
    fn a_line_cut_short_is_closed_before_the_next() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, "{\"type\":\"rea").unwrap();
        let mut sink = open(&spec(&path, "")).unwrap();
        sink.send(&samples::hello()).unwrap();
        sink.send(&samples::hello()).unwrap();
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}
