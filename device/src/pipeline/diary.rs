//! The audit log in use: what cannot be written is said once and ends nothing.

use std::path::Path;

use mien_config::audit::{Actor, AuditError, AuditLog, Bounds, Event, Moment};

/// An audit log that is written as long as it can be.
#[derive(Debug)]
pub struct Diary(AuditLog);

impl Diary {
    /// Opens the log at `path`, or begins one.
    ///
    /// # Errors
    /// As [`AuditLog::open`].
    pub fn open(path: &Path, bounds: Bounds) -> Result<Self, AuditError> {
        AuditLog::open(path, bounds, Moment::now()).map(Self)
    }

    /// Writes down what `by` did. At start and stop the log's last hash is told the journal, too:
    /// noted there, it keeps the log's end from being cut off unseen.
    pub fn note(&mut self, by: Actor, event: &Event) {
        if let Err(error) = self.0.record(by, event, Moment::now()) {
            log::warn!("{error}");
        }
        if matches!(event, Event::Started { .. } | Event::Stopped { .. }) {
            log::info!("audit log {}: {}", self.0.path().display(), self.0.head());
        }
    }
}
