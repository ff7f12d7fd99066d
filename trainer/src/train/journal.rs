//! What a run leaves to be read: a line an epoch, TensorBoard's curves, and where it was run.
//!
//! ```text
//! <run>/
//!   metrics.jsonl                one line per epoch
//!   environment.json             program, revision and machine of every call that trained it
//!   events.out.tfevents.*.mien   the same curves for TensorBoard, a file for each call
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use mien_report::tensorboard::{self, EventWriter};
use mien_shared::store;
use serde::{Deserialize, Serialize};

use super::{
    EpochLog,
    run::{Run, RunError},
};

/// Where and by what a run was trained, from one call of the program to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Version of the program.
    pub version: String,
    /// Revision of its source, `unknown` where it was not built from a repository.
    pub revision: String,
    /// Operating system and architecture.
    pub machine: String,
    /// Name of the processor, where the system tells.
    pub processor: Option<String>,
    /// Threads the machine runs at once.
    pub threads: usize,
    /// When the call began, seconds since the Unix epoch.
    pub began: u64,
}

impl Environment {
    /// The present call's.
    pub fn here(began: Duration) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: env!("MIEN_REVISION").to_owned(),
            machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: processor(),
            threads: thread::available_parallelism().map_or(1, usize::from),
            began: began.as_secs(),
        }
    }

    /// Those of a run folder, one a call, in order; none where the file is missing or of another
    /// program.
    pub fn read(folder: &Path) -> Vec<Self> {
        let text = fs::read(folder.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

const FILE: &str = "environment.json";

/// An open journal.
pub(super) struct Journal {
    folder: PathBuf,
    events: EventWriter<BufWriter<File>>,
}

impl Journal {
    /// Begins a call's part of the journal of `run`.
    pub(super) fn open(run: &Run) -> Result<Self, RunError> {
        let folder = run.folder().to_path_buf();
        let fault = |source| RunError::Folder { folder: folder.clone(), source };
        let began = wall();
        let mut calls = Environment::read(&folder);
        calls.push(Environment::here(began));
        let json = serde_json::to_vec_pretty(&calls).map_err(|e| fault(io::Error::other(e)))?;
        store::write_atomically(&folder.join(FILE), &json)?;
        let file = File::create(folder.join(tensorboard::file_name(began))).map_err(fault)?;
        let events = EventWriter::new(BufWriter::new(file), began).map_err(fault)?;
        Ok(Self { folder, events })
    }

    /// Adds an epoch.
    pub(super) fn add(&mut self, epoch: &EpochLog) -> Result<(), RunError> {
        let written = self.append(epoch).and_then(|()| {
            self.events.epoch(wall(), epoch)?;
            self.events.flush()
        });
        written.map_err(|source| RunError::Folder { folder: self.folder.clone(), source })
    }

    fn append(&self, epoch: &EpochLog) -> io::Result<()> {
        let mut line = serde_json::to_vec(epoch)?;
        line.push(b'\n');
        let path = self.folder.join("metrics.jsonl");
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// Time since the Unix epoch, for people and TensorBoard; nothing is computed from it.
#[expect(clippy::disallowed_methods, reason = "event files and the record of calls hold wall time")]
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The processor's name as Linux tells it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
