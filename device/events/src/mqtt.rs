//! `mqtt://HOST[:PORT]/PREFIX?…`: readings and states for home automation and fleets, MQTT 5.
//!
//! Below `PREFIX/<device>/`:
//!
//! | topic | payload | retained |
//! |---|---|---|
//! | `available` | `online`; `offline` at the end, or as last will | yes |
//! | `hello`, `status` | the message as JSON | yes |
//! | `reading` | each reading as JSON | no |
//! | `expression` | what the largest face shows, `unknown`, or `none` without a face | yes |
//! | `faces` | how many faces are in view | yes |
//! | `reading/state` | `OFF` while the owner has paused the device, else `ON` | yes |
//! | `stats` | the figures of each status as JSON | no |
//! | `reading/set` | taken: `ON` or `OFF` | |
//! | `calibrate/set`, `page/set` | taken: anything | |
//!
//! | option | meaning | without it |
//! |---|---|---|
//! | `user`, `password`, `password_file` | who the device is to the broker | nobody |
//! | `client` | the client's name, one per device | `mien-<device>` |
//! | `qos` | 0 or 1 | 1 |
//! | `every` | at most one reading in this time: `500ms`, `10s`, `1m` | every reading |
//! | `on=change` | a reading only when faces come, go or change what they show | every reading |
//! | `discovery=homeassistant` | announces the device to Home Assistant | no |
//!
//! **Loss.** A bounded queue of readings and the latest value of each state wait for the broker; the
//! pipeline never does. With `qos=1` a reading counts as delivered when the broker says so. One
//! whose receipt was not confirmed before a connection broke counts as lost and is not sent again,
//! so that no reading arrives twice; the count may be too high by those in flight, never too low.
//! With `qos=0` a reading counts as delivered when the system has taken its bytes. States are sent
//! anew on each connection. A retained command is not obeyed: it was meant for another moment.
//!
//! A connection is plain TCP; to cross a network that is not yours, bridge from a broker on it.

mod board;
mod connection;
mod discovery;
mod pace;
mod packets;
mod session;
mod settings;

use std::sync::Arc;

use mien_core::spec::Spec;
use mien_shared::{
    label::Expression,
    telemetry::{ExpressionReading, Hello, Message, Reading, State, Status},
};

use self::{
    board::{Board, Slot},
    connection::Connection,
    pace::Pace,
    settings::Settings,
};
use crate::{
    EventError, Link, Sink, json,
    queue::Queue,
    socket,
    upkeep::{PATIENCE, keep_up},
};

/// Readings that wait at most: two seconds at 30 per second.
const CAPACITY: usize = 64;

/// Publishes messages and takes commands through a broker.
#[derive(Debug)]
pub struct MqttSink {
    shared: Arc<Shared>,
    pace: Pace,
    text: Vec<u8>,
}

/// What the sink and its thread share.
#[derive(Debug)]
struct Shared {
    settings: Settings,
    queue: Arc<Queue>,
    board: Board,
}

impl MqttSink {
    /// The sink of `mqtt://HOST[:PORT]/PREFIX?…`; the broker need not be there yet.
    ///
    /// # Errors
    /// When the specification is malformed, the password's file cannot be read, or the thread
    /// cannot be started.
    pub(crate) fn open(spec: &Spec, link: &Link) -> Result<Self, EventError> {
        let settings = Settings::parse(spec, link)?;
        let pace = Pace::parse(spec)?;
        let queue = Queue::new(CAPACITY).map_err(|error| EventError::open(spec.text(), error))?;
        let (queue, board) = (Arc::new(queue), Board::new());
        let shared = Arc::new(Shared { settings, queue, board });
        shared.board.set(Slot::Available, b"online");
        let (theirs, asker) = (Arc::clone(&shared), link.asker.clone());
        keep_up("events-mqtt", spec.text(), &shared.queue, move || {
            let stream = socket::connect(&theirs.settings.host, theirs.settings.port)?;
            Connection::new(stream, &theirs, &asker).run()
        })?;
        Ok(Self { shared, pace, text: Vec::new() })
    }

    fn greet(&mut self, message: &Message, hello: &Hello) -> Result<(), EventError> {
        self.pin(Slot::Hello, message)?;
        if self.shared.settings.discovery {
            let config = discovery::config(&self.shared.settings, hello);
            self.shared.board.set(Slot::Discovery, config.as_bytes());
        }
        Ok(())
    }

    fn read(&mut self, message: &Message, reading: &Reading) -> Result<(), EventError> {
        if self.pace.takes(reading) {
            self.compose(message)?;
            self.shared.queue.push(&self.text);
        }
        let largest = reading.faces.first();
        let shown = largest.map_or("none", |face| name(face.expression.as_ref()));
        self.shared.board.set(Slot::Expression, shown.as_bytes());
        self.shared.board.set_number(Slot::Faces, reading.faces.len());
        Ok(())
    }

    fn be(&mut self, message: &Message, status: &Status) -> Result<(), EventError> {
        self.pin(Slot::Status, message)?;
        if status.state != State::Reading {
            // What was seen last is not what is there now.
            self.shared.board.set(Slot::Expression, b"unknown");
            self.shared.board.set_number(Slot::Faces, 0);
        }
        let state = if status.state == State::Paused { "OFF" } else { "ON" };
        self.shared.board.set(Slot::ReadingState, state.as_bytes());
        self.text.clear();
        serde_json::to_writer(&mut self.text, &status.health)
            .map_err(|error| self.no_form(&error))?;
        self.shared.board.set(Slot::Stats, &self.text);
        Ok(())
    }

    /// Pins the JSON of `message` to a slot of the board.
    fn pin(&mut self, slot: Slot, message: &Message) -> Result<(), EventError> {
        self.compose(message)?;
        self.shared.board.set(slot, &self.text);
        Ok(())
    }

    /// Writes the JSON of `message` into `text`.
    fn compose(&mut self, message: &Message) -> Result<(), EventError> {
        self.text.clear();
        json::write(message, &mut self.text).map_err(|error| self.no_form(&error))
    }

    fn no_form(&self, _error: &serde_json::Error) -> EventError {
        EventError::NoForm { spec: self.shared.settings.label.clone() }
    }
}

/// What a face shows, in one word.
fn name(expression: Option<&ExpressionReading>) -> &'static str {
    expression.and_then(|shown| shown.label).map_or("unknown", Expression::name)
}

impl Sink for MqttSink {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        match message {
            Message::Hello(hello) => self.greet(message, hello)?,
            Message::Reading(reading) => self.read(message, reading)?,
            Message::Status(status) => self.be(message, status)?,
            _ => return Err(EventError::NoForm { spec: self.shared.settings.label.clone() }),
        }
        self.shared.queue.ring();
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.shared.queue.dropped()
    }

    fn trouble(&self) -> Option<String> {
        self.shared.queue.trouble()
    }
}

impl Drop for MqttSink {
    /// Lets what waits go out, says goodbye, for as long as one attempt may take.
    fn drop(&mut self) {
        self.shared.board.set(Slot::Available, b"offline");
        self.shared.queue.close();
        self.shared.queue.wait_finished(PATIENCE);
    }
}

#[cfg(test)]
mod tests;
