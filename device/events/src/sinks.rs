//! Every sink of a device as one, numbered and fault tolerant.
//!
//! ```text
//! message ──number──▶ each sink ──taken──▶ next
//!                        ├──refused──▶ counted, named among the troubles, tried again next time
//!                        └──its reader has gone──▶ the caller is told, after the others had it
//! ```
//!
//! Readings and statuses get one [sequence](mien_shared::telemetry), so that a listener sees loss,
//! repetition and restart. A sink that cannot be opened now (a stick that is not plugged in yet)
//! is opened again, with a growing wait, and greeted with the last hello then; one whose
//! specification is wrong is refused at once. Only standard output whose reader has ended is an
//! error at run time: then the program has no more to do for it.

use std::time::Duration;

use mien_core::{command, spec::Spec};
use mien_shared::{
    frame::{Grey, Timestamp},
    telemetry::Message,
};

use crate::{EventError, Link, Sink, open};

/// The wait before a sink is opened a second time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait before a sink is opened again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The sinks of one device.
#[derive(Debug)]
pub struct Sinks {
    link: Link,
    entries: Vec<Entry>,
    hello: Option<Message>,
    sequence: u64,
}

#[derive(Debug)]
struct Entry {
    /// As the owner wrote it, secrets included: never shown.
    spec: Secret,
    outlet: Outlet,
    lost: u64,
    trouble: Option<String>,
}

enum Outlet {
    Open(Box<dyn Sink>),
    Closed { since: Option<Timestamp>, wait: Duration },
}

struct Secret(String);

impl Sinks {
    /// Opens the sinks that `specs` name; see [`open`].
    ///
    /// # Errors
    /// When a specification is malformed or names no sink there is. A sink that the system does not
    /// open now is among the [`troubles`](Self::troubles) and tried again.
    pub fn open(specs: &[impl AsRef<str>], link: &Link) -> Result<Self, EventError> {
        let entries = specs.iter().map(|spec| Entry::open(spec.as_ref(), link));
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Self { link: link.clone(), entries, hello: None, sequence: 0 })
    }

    /// The sinks given, and none that could be opened again.
    #[must_use]
    pub fn of(sinks: Vec<Box<dyn Sink>>) -> Self {
        let (asker, _) = command::channel();
        let link = Link { device: String::new(), asker };
        let mut all = Self { link, entries: Vec::new(), hello: None, sequence: 0 };
        for sink in sinks {
            all.add(sink);
        }
        all
    }

    /// Adds a sink that is open.
    pub fn add(&mut self, sink: Box<dyn Sink>) {
        let (spec, outlet) = (Secret(String::new()), Outlet::Open(sink));
        self.entries.push(Entry { spec, outlet, lost: 0, trouble: None });
    }

    /// Goes on with the numbers of the sinks before.
    pub fn number_from(&mut self, before: &Self) {
        self.sequence = self.sequence.max(before.sequence);
    }

    /// Numbers `message` and hands it to every sink; never waits.
    ///
    /// # Errors
    /// [`EventError::ReaderGone`] when the program that read standard output has ended; the other
    /// sinks have taken the message.
    pub fn send(&mut self, message: &mut Message, now: Timestamp) -> Result<(), EventError> {
        self.number(message);
        let mut gone = Ok(());
        for entry in &mut self.entries {
            entry.revive(&self.link, self.hello.as_ref(), now);
            if let Err(error) = entry.send(message) {
                gone = Err(error);
            }
        }
        if matches!(message, Message::Hello(_)) {
            self.hello = Some(message.clone());
        }
        gone
    }

    /// Whether any sink wants pictures, too.
    pub fn wants_pictures(&self) -> bool {
        self.outlets().any(Sink::wants_pictures)
    }

    /// Hands the picture of the last reading to the sinks that want it.
    pub fn picture(&mut self, picture: &Grey) {
        for entry in &mut self.entries {
            if let Outlet::Open(sink) = &mut entry.outlet
                && sink.wants_pictures()
            {
                sink.picture(picture);
            }
        }
    }

    /// Messages that the sinks lost so far, all together.
    pub fn dropped(&self) -> u64 {
        let refused: u64 = self.entries.iter().map(|entry| entry.lost).sum();
        refused + self.outlets().map(Sink::dropped).sum::<u64>()
    }

    /// What stands in the way of delivery just now, a sentence per sink in trouble.
    pub fn troubles(&self) -> impl Iterator<Item = String> {
        self.entries.iter().filter_map(Entry::trouble)
    }

    fn outlets(&self) -> impl Iterator<Item = &dyn Sink> {
        self.entries.iter().filter_map(|entry| match &entry.outlet {
            Outlet::Open(sink) => Some(sink.as_ref()),
            Outlet::Closed { .. } => None,
        })
    }

    fn number(&mut self, message: &mut Message) {
        let slot = match message {
            Message::Reading(reading) => &mut reading.sequence,
            Message::Status(status) => &mut status.sequence,
            _ => return,
        };
        self.sequence += 1;
        *slot = self.sequence;
    }
}

impl Entry {
    fn open(spec: &str, link: &Link) -> Result<Self, EventError> {
        let (outlet, trouble) = match open(spec, link) {
            Ok(sink) => (Outlet::Open(sink), None),
            Err(error @ EventError::Open { .. }) => {
                (Outlet::Closed { since: None, wait: FIRST_WAIT }, Some(error.to_string()))
            }
            Err(error) => return Err(error),
        };
        Ok(Self { spec: Secret(spec.to_owned()), outlet, lost: 0, trouble })
    }

    /// Opens a closed sink once its wait is over.
    fn revive(&mut self, link: &Link, hello: Option<&Message>, now: Timestamp) {
        let Outlet::Closed { since, wait } = &mut self.outlet else { return };
        let asleep_since = *since.get_or_insert(now);
        if now.0.saturating_sub(asleep_since.0) < *wait {
            return;
        }
        (*since, *wait) = (Some(now), (2 * *wait).min(LONGEST_WAIT));
        match open(&self.spec.0, link) {
            Ok(mut sink) => {
                self.trouble =
                    hello.and_then(|hello| sink.send(hello).err()).map(|error| error.to_string());
                self.outlet = Outlet::Open(sink);
            }
            Err(error) => self.trouble = Some(error.to_string()),
        }
    }

    /// An error only when the reader of standard output has gone.
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        let Outlet::Open(sink) = &mut self.outlet else {
            // The last hello is kept for later.
            self.lost += u64::from(!matches!(message, Message::Hello(_)));
            return Ok(());
        };
        match sink.send(message) {
            Ok(()) => self.trouble = None,
            Err(gone @ EventError::ReaderGone { .. }) => return Err(gone),
            Err(error) => {
                self.lost += 1;
                self.trouble = Some(error.to_string());
            }
        }
        Ok(())
    }

    fn trouble(&self) -> Option<String> {
        let theirs = match &self.outlet {
            Outlet::Open(sink) => sink.trouble(),
            Outlet::Closed { .. } => None,
        };
        self.trouble.clone().or(theirs)
    }
}

impl std::fmt::Debug for Outlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(_) => f.write_str("Open"),
            Self::Closed { since, wait } => {
                f.debug_struct("Closed").field("since", since).field("wait", wait).finish()
            }
        }
    }
}

impl std::fmt::Debug for Secret {
    /// As it may be shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Spec::parse(&self.0).as_ref().map_or("?", Spec::text))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::tempdir;

    use super::*;
    use crate::samples;

    fn link() -> Link {
        Link { device: "test".into(), asker: command::channel().0 }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp(Duration::from_secs(seconds))
    }

    fn sequence(message: &Message) -> u64 {
        match message {
            Message::Reading(reading) => reading.sequence,
            Message::Status(status) => status.sequence,
            _ => 0,
        }
    }

    #[test]
    fn readings_and_statuses_are_numbered_together_from_one() {
        let mut sinks = Sinks::open(&[] as &[&str], &link()).unwrap();
        let mut messages =
            [samples::hello(), samples::reading(9), samples::status(), samples::reading(9)];
        for message in &mut messages {
            sinks.send(message, at(0)).unwrap();
        }
        assert_eq!(messages.each_ref().map(sequence), [0, 1, 2, 3]);
    }

    #[test]
    fn a_wrong_specification_is_refused_at_once() {
        assert!(Sinks::open(&["jsonl://-", "pigeon://loft"], &link()).is_err());
    }

    #[test]
    fn a_sink_that_cannot_be_opened_does_not_stop_the_others_and_is_tried_again() {
        let folder = tempdir().unwrap();
        let (good, stick) = (folder.path().join("a.jsonl"), folder.path().join("stick"));
        let late = stick.join("b.jsonl");
        let spec = |path: &Path| format!("jsonl://{}", path.display());
        let mut sinks = Sinks::open(&[spec(&late), spec(&good)], &link()).unwrap();
        assert!(sinks.troubles().next().unwrap().ends_with("make the folder first"));
        sinks.send(&mut samples::hello(), at(0)).unwrap();
        sinks.send(&mut samples::reading(1), at(0)).unwrap();
        assert_eq!((sinks.troubles().count(), sinks.dropped()), (1, 1));

        fs::create_dir(&stick).unwrap();
        sinks.send(&mut samples::reading(2), at(1)).unwrap();
        assert_eq!((sinks.troubles().count(), sinks.dropped()), (0, 1));
        let lines = |path: &Path| fs::read_to_string(path).unwrap().lines().count();
        assert_eq!((lines(&good), lines(&late)), (3, 2), "a hello and what came since");
    }

    #[test]
    fn a_full_disk_is_trouble_and_counted() {
        if !Path::new("/dev/full").exists() {
            eprintln!("SKIPPED: this system has no /dev/full");
            return;
        }
        let mut sinks = Sinks::open(&["jsonl:///dev/full"], &link()).unwrap();
        sinks.send(&mut samples::reading(1), at(0)).unwrap();
        assert_eq!(sinks.dropped(), 1);
        assert!(sinks.troubles().next().unwrap().contains("free some space"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let specs = ["mqtt://127.0.0.1:1/x?user=me&password=hunter2"];
        let sinks = Sinks::open(&specs, &link()).unwrap();
        assert!(!format!("{sinks:?}").contains("hunter2"));
    }
}
