//! What a record says: who did what, when.

use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};
use serde::{Serialize, Serializer};

use super::Timestamp;
use crate::{Effect, law::Exception};

/// Most letters of a text in a record.
pub const LONGEST: usize = 1000;

/// Who or what did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The device itself.
    Device,
    /// A signal, such as systemd's.
    Signal,
    /// A command through a sink.
    Command,
    /// A press of a button.
    Button,
    /// The configuration's file.
    File,
    /// The command line.
    CommandLine,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event {
    /// The firmware started.
    Started {
        /// Its version.
        version: String,
        /// The deployment's name.
        #[serde(serialize_with = "bounded")]
        name: String,
        /// Where it stands.
        context: String,
    },
    /// The firmware stopped.
    Stopped {
        /// Why.
        #[serde(serialize_with = "bounded")]
        reason: String,
    },
    /// Nothing is looked at any more.
    Paused,
    /// Faces are looked at again.
    Resumed,
    /// The faces in view were taken as neutral.
    Calibrated,
    /// A field of the configuration changed; without secrets.
    Changed {
        /// `section.field`.
        field: String,
        /// What it was.
        #[serde(serialize_with = "bounded_option")]
        from: Option<String>,
        /// What it is.
        #[serde(serialize_with = "bounded_option")]
        to: Option<String>,
        /// What the change needs.
        effect: Effect,
    },
    /// A changed configuration was not taken.
    Refused {
        /// Why.
        #[serde(serialize_with = "bounded")]
        reason: String,
    },
    /// Expressions are withheld where the device stands.
    Withheld {
        /// Why.
        #[serde(serialize_with = "bounded")]
        reason: String,
    },
    /// Expressions are read where they would be withheld, by an exception.
    Excepted {
        /// Which.
        exception: Exception,
        /// Why, in the owner's words.
        #[serde(serialize_with = "bounded")]
        reason: String,
    },
    /// Records could not be written before this one.
    Lost {
        /// How many.
        records: u64,
    },
    /// The log was found damaged.
    Recovered {
        /// How, and what became of it.
        damage: String,
    },
}

impl From<&crate::Change> for Event {
    fn from(change: &crate::Change) -> Self {
        let crate::Change { field, from, to, effect } = change.clone();
        Self::Changed { field, from, to, effect }
    }
}

/// When something was done, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Wall time; it may jump.
    pub wall: SystemTime,
    /// Since the process started; it does not.
    pub up: Timestamp,
}

impl Moment {
    /// The present moment.
    #[must_use]
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::Realtime);
        // A clock set to before 1970 is told as 1970.
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        Self { wall, up: mien_core::clock::now() }
    }
}

fn bounded<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => to.collect_str(&format_args!("{}…", &text[..end])),
        None => to.serialize_str(text),
    }
}

// `serialize_with` hands the field over as it is.
#[expect(clippy::ref_option, reason = "serde's own form")]
fn bounded_option<S: Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => bounded(text, to),
        None => to.serialize_none(),
    }
}
