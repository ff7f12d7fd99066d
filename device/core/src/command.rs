//! What an owner asks of a running device: by a button, over MQTT, over HTTP.
//!
//! Commands travel through one bounded queue to the thread that owns the pipeline. Whoever asks
//! never waits: when [`ROOM`] commands are waiting already, the next one is refused.

use std::sync::mpsc::{self, Receiver, SyncSender};

pub use mien_shared::telemetry::Command;

/// Most commands that wait.
pub const ROOM: usize = 16;

/// The asking end; clone it for everyone who may ask.
#[derive(Debug, Clone)]
pub struct Asker(SyncSender<Command>);

/// The answering end.
#[derive(Debug)]
pub struct Asked(Receiver<Command>);

/// Both ends of an empty queue.
#[must_use]
pub fn channel() -> (Asker, Asked) {
    let (asker, asked) = mpsc::sync_channel(ROOM);
    (Asker(asker), Asked(asked))
}

impl Asker {
    /// Asks for `command`; false when nobody listens or too many wait.
    pub fn ask(&self, command: Command) -> bool {
        self.0.try_send(command).is_ok()
    }
}

impl Asked {
    /// The next command, if one waits.
    pub fn next(&self) -> Option<Command> {
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_arrive_in_order_and_a_flood_is_refused() {
        let (asker, asked) = channel();
        assert!(asker.ask(Command::Read(false)));
        assert!((1..ROOM).all(|_| asker.ask(Command::Calibrate)));
        assert!(!asker.ask(Command::NextPage), "the queue is full");
        assert_eq!(asked.next(), Some(Command::Read(false)));
        assert_eq!(std::iter::from_fn(|| asked.next()).count(), ROOM - 1);
    }

    #[test]
    fn asking_where_nobody_listens_is_refused() {
        let (asker, asked) = channel();
        drop(asked);
        assert!(!asker.ask(Command::Calibrate));
    }
}
