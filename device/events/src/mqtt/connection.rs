//! One connection to the broker: moves bytes between its socket and the [session](super::session).

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    os::fd::AsFd as _,
    time::Duration,
};

use mien_core::{clock, command::Asker};
use mqtt_proto::TopicName;

use super::{
    Shared, packets,
    session::{Heard, Session},
};

/// How often an idle connection is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes that wait to be written at most before more is composed.
const ENOUGH: usize = 16 * 1024;

pub(super) struct Connection<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    asker: &'a Asker,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Bytes of `output` that are written.
    written: usize,
    text: Vec<u8>,
}

impl<'a> Connection<'a> {
    pub(super) fn new(stream: TcpStream, shared: &'a Shared, asker: &'a Asker) -> Self {
        let (input, output, text) = (Vec::new(), Vec::new(), Vec::new());
        Self { stream, shared, asker, input, output, written: 0, text }
    }

    /// Publishes until the queue is over; an error when the connection is lost.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut session = Session::begin(&self.shared.settings, &mut self.output, clock::now())?;
        let ended = self.serve(&mut session);
        for frame in session.release() {
            self.shared.queue.give_back(frame, false);
        }
        ended
    }

    fn serve(&mut self, session: &mut Session) -> io::Result<()> {
        let topic = TopicName::try_from(self.shared.settings.below("reading").as_str());
        let topic = topic.map_err(io::Error::other)?;
        loop {
            self.compose(session, &topic)?;
            session.watch(&mut self.output, clock::now())?;
            self.flush(session)?;
            if self.output.is_empty() && session.is_settled() && self.is_over() {
                return self.part();
            }
            let to_write = !self.output.is_empty();
            let ready = self.shared.queue.wait(Some(self.stream.as_fd()), to_write, LOOK)?;
            if ready.readable {
                self.hear(session)?;
            }
        }
    }

    /// Whether nothing is to be published any more; the last state is set before the queue closes.
    fn is_over(&self) -> bool {
        self.shared.queue.is_over() && !self.shared.board.is_due()
    }

    /// Reads what has come and does what it means.
    fn hear(&mut self, session: &mut Session) -> io::Result<()> {
        let mut bytes = [0; 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => {
                let client = &self.shared.settings.client;
                let why = format!("the broker has hung up; is there another client {client}?");
                return Err(io::Error::other(why));
            }
            Ok(count) => self.input.extend_from_slice(&bytes[..count]),
            Err(error) if is_passing(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
        while let Some(packet) = packets::take(&mut self.input)? {
            if self.output.len() > 2 * ENOUGH {
                return Err(io::Error::other("the broker talks and does not listen"));
            }
            let heard = session.hear(packet, &self.shared.settings, &mut self.output)?;
            self.obey(heard, session)?;
        }
        Ok(())
    }

    fn obey(&mut self, heard: Heard, session: &mut Session) -> io::Result<()> {
        let Shared { settings, queue, board } = self.shared;
        match heard {
            Heard::Nothing => {}
            Heard::Up => {
                queue.set_trouble(None);
                board.renew();
                session.subscribe(settings, &mut self.output, clock::now())?;
            }
            Heard::Receipt { frame, refusal } => {
                if let Some(frame) = frame {
                    queue.give_back(frame, refusal.is_none());
                }
                self.complain(refusal);
            }
            Heard::Deaf(why) => self.complain(Some(why)),
            Heard::Asked(command) => {
                // Where too many wait, the state tells that this one was not obeyed.
                let _taken = self.asker.ask(command);
            }
        }
        Ok(())
    }

    /// Says `why` until the next connection.
    fn complain(&self, why: Option<String>) {
        if let Some(why) = why {
            self.shared.queue.set_trouble(Some(format!("{}: {why}", self.shared.settings.label)));
        }
    }

    /// Composes states, then readings, as many as the window lets through.
    fn compose(&mut self, session: &mut Session, topic: &TopicName) -> io::Result<()> {
        while session.may_publish() && self.output.len() < ENOUGH {
            if !self.compose_state(session)? && !self.compose_reading(session, topic)? {
                break;
            }
        }
        Ok(())
    }

    /// Composes the next state; false when none is due.
    fn compose_state(&mut self, session: &mut Session) -> io::Result<bool> {
        let Some(slot) = self.shared.board.next(&mut self.text) else { return Ok(false) };
        let topic = self.shared.settings.topic(slot);
        let topic = TopicName::try_from(topic.as_str()).map_err(io::Error::other)?;
        if session.publish(&topic, &self.text, slot.is_retained(), &mut self.output)? {
            session.expect_receipt(None, clock::now());
        }
        Ok(true)
    }

    /// Composes the next reading; false when none waits.
    fn compose_reading(&mut self, session: &mut Session, topic: &TopicName) -> io::Result<bool> {
        let Some(frame) = self.shared.queue.pop() else { return Ok(false) };
        if session.publish(topic, &frame, false, &mut self.output)? {
            session.expect_receipt(Some(frame), clock::now());
        } else {
            self.shared.queue.give_back(frame, false);
        }
        Ok(true)
    }

    /// Writes as much as the socket takes now.
    fn flush(&mut self, session: &mut Session) -> io::Result<()> {
        while self.written < self.output.len() {
            match self.stream.write(&self.output[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.output.clear();
        self.written = 0;
        if !self.shared.settings.confirmed {
            session.release().for_each(|frame| self.shared.queue.give_back(frame, true));
        }
        Ok(())
    }

    /// Says goodbye; the bytes are few, and whether they arrive changes nothing that was promised.
    fn part(&mut self) -> io::Result<()> {
        let goodbye = packets::disconnect().encode().map_err(io::Error::other)?;
        self.stream.set_nonblocking(false)?;
        self.stream.set_write_timeout(Some(LOOK))?;
        self.stream.write_all(goodbye.as_ref())
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
