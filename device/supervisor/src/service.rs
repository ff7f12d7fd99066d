//! What systemd is told about the service, by the `sd_notify` protocol.
//!
//! ```text
//! READY=1            the first frame was read, or the safe screen stands
//! STATUS=…           a sentence for `systemctl status`, when it changes
//! WATCHDOG=1         at half of WatchdogSec, while every stage beats
//! RELOADING=1, MONOTONIC_USEC=…     and READY=1 when that is done
//! STOPPING=1
//! ```
//!
//! Where nobody listens (`NOTIFY_SOCKET` is not set) nothing is sent and nothing fails.
//! See `sd_notify(3)` and `systemd.service(5)`.

use std::{io, time::Duration};

use mien_shared::frame::Timestamp;
use sd_notify::NotifyState::{self, Ready, Reloading, Status, Stopping};

use crate::heartbeat::Verdict;

/// The service as systemd sees it.
#[derive(Debug)]
pub struct Service {
    watchdog: Watchdog,
    status: String,
}

/// When systemd next expects a sign of life.
#[derive(Debug)]
struct Watchdog {
    every: Option<Duration>,
    next: Timestamp,
}

impl Service {
    /// The service of this process, as its environment says.
    #[must_use]
    pub fn from_environment() -> Self {
        let every = sd_notify::watchdog_enabled().map(|limit| limit / 2);
        Self { watchdog: Watchdog { every, next: Timestamp::default() }, status: String::new() }
    }

    /// How often systemd expects a sign of life; `None` where it expects none.
    pub fn watchdog_interval(&self) -> Option<Duration> {
        self.watchdog.every
    }

    /// The service has started, or has taken its new configuration.
    ///
    /// # Errors
    /// [`ServiceError`] when systemd does not take the message; so for all that follow.
    pub fn ready(&mut self, status: &str) -> Result<(), ServiceError> {
        status.clone_into(&mut self.status);
        send(&[Ready, Status(&line(status))])
    }

    /// Tells a new sentence about the service; the same one again is not sent.
    ///
    /// # Errors
    /// As for [`ready`](Self::ready).
    pub fn status(&mut self, status: &str) -> Result<(), ServiceError> {
        if self.status == status {
            return Ok(());
        }
        status.clone_into(&mut self.status);
        send(&[Status(&line(status))])
    }

    /// Gives the sign of life when it is due and no stage hangs. Call it several times in each
    /// [`watchdog_interval`](Self::watchdog_interval).
    ///
    /// # Errors
    /// As for [`ready`](Self::ready).
    pub fn step(&mut self, verdict: Verdict, now: Timestamp) -> Result<(), ServiceError> {
        if self.watchdog.step(verdict, now) { send(&[NotifyState::Watchdog]) } else { Ok(()) }
    }

    /// The service takes a new configuration; [`ready`](Self::ready) ends that.
    ///
    /// # Errors
    /// As for [`ready`](Self::ready).
    pub fn reloading(&self) -> Result<(), ServiceError> {
        let now = NotifyState::monotonic_usec_now().map_err(ServiceError)?;
        send(&[Reloading, now])
    }

    /// The service ends.
    ///
    /// # Errors
    /// As for [`ready`](Self::ready).
    pub fn stopping(&self) -> Result<(), ServiceError> {
        send(&[Stopping])
    }
}

impl Watchdog {
    /// Whether the sign of life is due at `now`.
    fn step(&mut self, verdict: Verdict, now: Timestamp) -> bool {
        let Some(every) = self.every else { return false };
        let due = verdict == Verdict::Alive && now >= self.next;
        if due {
            self.next = Timestamp(now.0.saturating_add(every));
        }
        due
    }
}

/// Systemd did not take a message.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot tell systemd how the service is: {0}; check NOTIFY_SOCKET and NotifyAccess= of the unit"
)]
pub struct ServiceError(#[source] io::Error);

fn send(states: &[NotifyState<'_>]) -> Result<(), ServiceError> {
    sd_notify::notify(states).map_err(ServiceError)
}

/// `text` in one line: a line break would begin another assignment.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
