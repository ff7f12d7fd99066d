//! Telemetry frames over a stream of bytes that a thread keeps up, a TCP connection or a serial
//! line; commands come back on the same stream.
//!
//! The pipeline only fills a bounded [queue](crate::queue): on a stream that is slow or gone, whole
//! frames give way to newer ones and are counted. A frame that was cut off midway is lost and
//! counted, too, and never continued: the next connection begins with a new one. Whatever the
//! system had taken when a connection broke counts as sent; nothing on a plain stream tells.
//!
//! Every connection begins with the last hello, so that a host which comes late knows who speaks;
//! on a line, where nobody can tell that a host has come, the hello is repeated.

use std::{
    fmt,
    io::{self, Read, Write},
    mem,
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mien_core::command::Asker;

use crate::{
    EventError, Link,
    commands::Commands,
    outbox::Outbox,
    queue::Queue,
    upkeep::{PATIENCE, keep_up},
};

/// How often an idle stream is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Where a stream comes from.
pub(crate) trait Dial: fmt::Debug + Send + 'static {
    /// The stream; it must not block.
    type Stream: Read + Write + AsFd;

    /// The thread's name.
    const NAME: &'static str;
    /// Frames that wait at most.
    const CAPACITY: usize;
    /// How often the hello is repeated on one stream.
    const REPEAT: Option<Duration>;

    /// A new stream.
    ///
    /// # Errors
    /// When it cannot be had now; it is dialled again.
    fn dial(&self) -> io::Result<Self::Stream>;
}

/// The queue of a stream that a thread dials and writes; the other end need not be there yet.
///
/// # Errors
/// When the thread cannot be started.
pub(crate) fn start<D: Dial>(spec: &str, dial: D, link: &Link) -> Result<Outbox, EventError> {
    let outbox =
        Outbox::new(D::CAPACITY, PATIENCE).map_err(|error| EventError::open(spec, error))?;
    let ((queue, greeting), asker) = (outbox.other_end(), link.asker.clone());
    let line = Arc::clone(&queue);
    keep_up(D::NAME, spec, &queue, move || {
        let stream = dial.dial()?;
        line.set_trouble(None);
        Serving::<D>::new(stream, &line, &greeting, &asker).run()
    })?;
    Ok(outbox)
}

/// One stream while it holds.
struct Serving<'a, D: Dial> {
    stream: D::Stream,
    queue: &'a Queue,
    hello: &'a Mutex<Vec<u8>>,
    said: Vec<u8>,
    said_at: Instant,
    sending: Sending,
    moved_at: Instant,
    commands: Commands<'a>,
}

/// The frame on its way out.
enum Sending {
    /// None.
    Nothing,
    /// The hello, up to this byte.
    Hello(usize),
    /// A frame of the queue, up to this byte.
    Frame(Vec<u8>, usize),
}

impl<'a, D: Dial> Serving<'a, D> {
    fn new(
        stream: D::Stream,
        queue: &'a Queue,
        hello: &'a Mutex<Vec<u8>>,
        asker: &'a Asker,
    ) -> Self {
        let now = Instant::now();
        let (said, sending, commands) = (Vec::new(), Sending::Nothing, Commands::new(asker));
        Self { stream, queue, hello, said, said_at: now, sending, moved_at: now, commands }
    }

    /// Writes frames until the queue is over; an error when the stream is lost.
    fn run(mut self) -> io::Result<()> {
        loop {
            let to_write = !matches!(self.sending, Sending::Nothing);
            let ready = self.queue.wait(Some(self.stream.as_fd()), to_write, LOOK)?;
            if ready.readable {
                self.commands.read_from(&mut self.stream)?;
            }
            self.speak()?;
            let idle = matches!(self.sending, Sending::Nothing);
            if idle && self.queue.is_over() {
                return Ok(());
            }
            if !idle && self.moved_at.elapsed() > PATIENCE {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the other end takes nothing"));
            }
        }
    }

    /// Writes as much as the stream takes now.
    fn speak(&mut self) -> io::Result<()> {
        loop {
            if matches!(self.sending, Sending::Nothing) && !self.load() {
                return Ok(());
            }
            let left = match &self.sending {
                Sending::Nothing => &[],
                Sending::Hello(at) => &self.said[*at..],
                Sending::Frame(frame, at) => &frame[*at..],
            };
            match self.stream.write(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.moved(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the next thing to send; false when there is none.
    fn load(&mut self) -> bool {
        self.moved_at = Instant::now();
        if self.must_greet() {
            self.sending = Sending::Hello(0);
        } else if let Some(frame) = self.queue.pop() {
            self.sending = Sending::Frame(frame, 0);
        }
        !matches!(self.sending, Sending::Nothing)
    }

    /// Whether the hello is due: it is not the one already said, or was said too long ago.
    fn must_greet(&mut self) -> bool {
        let hello = self.hello.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = D::REPEAT.is_some_and(|after| self.said_at.elapsed() > after);
        if hello.is_empty() || (*hello == self.said && !stale) {
            return false;
        }
        self.said.clone_from(&hello);
        self.said_at = Instant::now();
        true
    }

    /// Books `count` bytes that the stream has taken.
    fn moved(&mut self, count: usize) {
        self.moved_at = Instant::now();
        let done = match &mut self.sending {
            Sending::Nothing => false,
            Sending::Hello(at) => {
                *at += count;
                *at >= self.said.len()
            }
            Sending::Frame(frame, at) => {
                *at += count;
                *at >= frame.len()
            }
        };
        if done && let Sending::Frame(frame, _) = mem::replace(&mut self.sending, Sending::Nothing)
        {
            self.queue.give_back(frame, true);
        }
    }
}

impl<D: Dial> Drop for Serving<'_, D> {
    fn drop(&mut self) {
        if let Sending::Frame(frame, _) = mem::replace(&mut self.sending, Sending::Nothing) {
            self.queue.give_back(frame, false);
        }
    }
}
