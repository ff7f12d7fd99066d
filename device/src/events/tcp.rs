//! `tcp://HOST:PORT`: a stream of telemetry frames to a host that listens.
//!
//! A thread of its own connects, writes and connects again; the pipeline only fills a bounded
//! [queue](super::queue). The host may be absent at the start, go away and come back:
//!
//! ```text
//! connect ──ok──▶ hello, then frames ──lost──▶ wait 0.1 s, 0.2 s … 5 s ──▶ connect
//!    └──failed──▶ wait, twice as long each time
//! ```
//!
//! Every connection begins with the last hello, so that a host which comes late knows who speaks.

use std::{
    io::{self, Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use mien_shared::telemetry::{self, Message};

use super::{
    EventError, Sink, address,
    queue::{Next, Queue},
};
use crate::spec::Spec;

/// How long one attempt to connect or to write may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The wait before the second attempt to connect.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often an idle connection is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Sends messages over a connection that it keeps up.
#[derive(Debug)]
pub struct TcpSink {
    link: Arc<Link>,
    frame: Vec<u8>,
}

/// What the sink and its thread share.
#[derive(Debug)]
struct Link {
    spec: String,
    host: String,
    port: u16,
    queue: Queue,
    hello: Mutex<Vec<u8>>,
}

impl TcpSink {
    /// The sink of `tcp://HOST:PORT`; the host need not be there yet.
    ///
    /// # Errors
    /// When the address is malformed or the thread cannot be started.
    pub fn open(spec: &Spec) -> Result<Self, EventError> {
        spec.allow(&[])?;
        let (host, port) = address(spec)?;
        let (queue, hello) = (Queue::default(), Mutex::default());
        let link = Arc::new(Link { spec: spec.text().to_owned(), host, port, queue, hello });
        let theirs = Arc::clone(&link);
        thread::Builder::new()
            .name("events-tcp".to_owned())
            .spawn(move || theirs.run())
            .map_err(|source| EventError::Open { spec: spec.text().to_owned(), source })?;
        Ok(Self { link, frame: Vec::new() })
    }
}

impl Sink for TcpSink {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.frame.clear();
        telemetry::encode(message, &mut self.frame)?;
        if matches!(message, Message::Hello(_)) {
            self.link.hello.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.frame);
        } else {
            self.link.queue.push(&self.frame);
        }
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.link.queue.dropped()
    }

    fn trouble(&self) -> Option<String> {
        self.link.queue.trouble()
    }
}

impl Drop for TcpSink {
    /// Lets what waits go out, for as long as one attempt may take.
    fn drop(&mut self) {
        self.link.queue.close();
        self.link.queue.wait_finished(PATIENCE);
    }
}

impl Link {
    fn run(&self) {
        let mut wait = FIRST_WAIT;
        loop {
            let ended = self.connect().and_then(|stream| {
                wait = FIRST_WAIT;
                self.queue.set_trouble(None);
                self.serve(stream)
            });
            let Err(error) = ended else { break };
            self.queue.set_trouble(Some(format!("{}: {error}; trying again", self.spec)));
            if !self.queue.sleep(wait) {
                break;
            }
            wait = (2 * wait).min(LONGEST_WAIT);
        }
        self.queue.finish();
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut refusal = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for to in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&to, PATIENCE) {
                Ok(stream) => {
                    stream.set_write_timeout(Some(PATIENCE))?;
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// Writes frames until the queue is closed; an error when the connection is lost.
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut said = Vec::new();
        loop {
            check_alive(&mut stream)?;
            let next = self.queue.next(LOOK);
            self.greet(&mut stream, &mut said)?;
            match next {
                Next::Nothing => {}
                Next::Closed => return Ok(()),
                Next::Frame(frame) => {
                    let written = stream.write_all(&frame);
                    self.queue.give_back(frame, written.is_ok());
                    written?;
                }
            }
        }
    }

    /// Writes the hello unless it is the one already `said` on this connection.
    fn greet(&self, stream: &mut TcpStream, said: &mut Vec<u8>) -> io::Result<()> {
        let hello = self.hello.lock().unwrap_or_else(PoisonError::into_inner);
        if *hello != *said {
            said.clone_from(&hello);
            drop(hello);
            stream.write_all(said)?;
        }
        Ok(())
    }
}

/// Notices that the other end has closed, which writing alone would only show a frame later.
fn check_alive(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    let heard = stream.read(&mut [0; 64]);
    stream.set_nonblocking(false)?;
    match heard {
        Ok(0) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the host has hung up")),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Instant};

    use mien_shared::telemetry::Decoder;

    use super::*;
    use crate::events::{open, samples};

    const SOON: Duration = Duration::from_secs(10);

    /// Reads from one connection until `count` messages are there.
    fn hear(stream: &mut TcpStream, count: usize) -> Vec<Message> {
        stream.set_read_timeout(Some(SOON)).unwrap();
        let (mut decoder, mut heard, mut bytes) = (Decoder::new(), Vec::new(), [0; 256]);
        while heard.len() < count {
            let length = stream.read(&mut bytes).unwrap();
            assert!(length > 0, "the stream ended after {} messages", heard.len());
            decoder.push(&bytes[..length], |message| heard.push(message.unwrap()));
        }
        heard
    }

    fn until(mut happens: impl FnMut() -> bool) {
        let start = Instant::now();
        while !happens() {
            assert!(start.elapsed() < SOON, "waited in vain");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn messages_arrive_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sink = open(&format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let sent = [samples::hello(), samples::reading(1), samples::reading(2)];
        for message in &sent {
            sink.send(message).unwrap();
        }
        let (mut stream, _) = listener.accept().unwrap();
        assert_eq!(hear(&mut stream, 3), sent);
        assert_eq!(sink.dropped(), 0);
    }

    #[test]
    fn a_host_that_dies_and_comes_back_is_greeted_and_served_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut sink = open(&format!("tcp://{address}")).unwrap();
        sink.send(&samples::hello()).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        assert_eq!(hear(&mut stream, 1), [samples::hello()]);
        drop((stream, listener));
        until(|| sink.trouble().is_some());
        sink.send(&samples::reading(5)).unwrap();

        let listener = TcpListener::bind(address).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        assert_eq!(hear(&mut stream, 2), [samples::hello(), samples::reading(5)]);
        until(|| sink.trouble().is_none());
    }

    #[test]
    fn an_absent_host_never_holds_the_pipeline_up() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut sink = open(&format!("tcp://127.0.0.1:{port}")).unwrap();
        let start = Instant::now();
        for frame in 0..1000 {
            sink.send(&samples::reading(frame)).unwrap();
        }
        assert!(start.elapsed() < Duration::from_secs(1));
        assert_eq!(sink.dropped(), 1000 - 64);
        until(|| sink.trouble().is_some());
        let trouble = sink.trouble().unwrap();
        assert!(trouble.starts_with(&format!("tcp://127.0.0.1:{port}: ")), "{trouble}");
    }

    #[test]
    fn what_waits_goes_out_before_the_sink_closes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sink = open(&format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        for frame in 0..50 {
            sink.send(&samples::reading(frame)).unwrap();
        }
        drop(sink);
        let (mut stream, _) = listener.accept().unwrap();
        assert_eq!(hear(&mut stream, 50).last(), Some(&samples::reading(49)));
    }
}
