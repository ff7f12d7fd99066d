//! `udp://HOST:PORT`: one telemetry frame per datagram, sent and forgotten.
//!
//! A datagram nobody takes is counted, not reported as an error: the listener may come later, and
//! hears the last hello every ten seconds. The name is looked up by a thread of its own, again and
//! again until it resolves, and anew when sending fails for a while: a host may move.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs as _, UdpSocket},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mien_core::spec::Spec;

use crate::{
    EventError, address,
    outbox::Outbox,
    queue::Queue,
    socket::no_address,
    upkeep::{PATIENCE, keep_up},
};

/// Datagrams that wait at most for the name to resolve: two seconds of readings.
const CAPACITY: usize = 64;
/// How often the hello is repeated.
const REPEAT: Duration = Duration::from_secs(10);
/// How long sending may fail before a name is looked up anew.
const MOVED: Duration = Duration::from_secs(5);

/// The sink of `udp://HOST:PORT`; the name need not resolve yet.
///
/// # Errors
/// When the address is malformed or the thread cannot be started.
pub(crate) fn open(spec: &Spec) -> Result<Outbox, EventError> {
    spec.allow(&[])?;
    let (host, port) = address(spec)?;
    let text = spec.text().to_owned();
    let outbox = Outbox::new(CAPACITY, PATIENCE).map_err(|error| EventError::open(&text, error))?;
    let ((queue, greeting), label) = (outbox.other_end(), text.clone());
    let line = Arc::clone(&queue);
    keep_up("events-udp", &text, &queue, move || {
        let socket = connect(&host, port)?;
        line.set_trouble(None);
        let moves = host.parse::<IpAddr>().is_err();
        Sending { socket, moves, queue: &line, hello: &greeting, label: &label }.run()
    })?;
    Ok(outbox)
}

/// One address while it is believed in.
struct Sending<'a> {
    socket: UdpSocket,
    /// The address comes from a name.
    moves: bool,
    queue: &'a Queue,
    hello: &'a Mutex<Vec<u8>>,
    label: &'a str,
}

impl Sending<'_> {
    /// Sends until the queue is over; an error when the name is to be looked up anew.
    fn run(self) -> io::Result<()> {
        let (mut said, mut said_at, mut good_at) = (Vec::new(), Instant::now(), Instant::now());
        loop {
            self.queue.wait(None, false, REPEAT)?;
            self.greet(&mut said, &mut said_at);
            while let Some(frame) = self.queue.pop() {
                let sent = self.send(&frame);
                self.queue.give_back(frame, sent.is_ok());
                self.judge(sent, &mut good_at)?;
            }
            if self.queue.is_over() {
                return Ok(());
            }
        }
    }

    /// Passes a refusal on once nothing has been taken for a while and the host may have moved.
    fn judge(&self, sent: io::Result<()>, good_at: &mut Instant) -> io::Result<()> {
        if sent.is_ok() {
            *good_at = Instant::now();
        }
        if self.moves && good_at.elapsed() > MOVED { sent } else { Ok(()) }
    }

    /// Sends the hello when it is new or was said a while ago.
    fn greet(&self, said: &mut Vec<u8>, said_at: &mut Instant) {
        let hello = self.hello.lock().unwrap_or_else(PoisonError::into_inner);
        if hello.is_empty() || (*hello == *said && said_at.elapsed() < REPEAT) {
            return;
        }
        said.clone_from(&hello);
        drop(hello);
        *said_at = Instant::now();
        // A refused hello shows as trouble and comes again.
        let _refused = self.send(said);
    }

    fn send(&self, frame: &[u8]) -> io::Result<()> {
        // A connected socket reports the last datagram's refusal before it sends the next, so one
        // more try tells an old refusal from a new one.
        let sent = self.socket.send(frame).or_else(|_| self.socket.send(frame)).map(drop);
        let trouble = sent.as_ref().err().map(|error| format!("{}: not sent: {error}", self.label));
        self.queue.set_trouble(trouble);
        sent
    }
}

/// A socket of the address's own family, so that an IPv4-only or IPv6-only board will do.
fn connect(host: &str, port: u16) -> io::Result<UdpSocket> {
    let mut refusal = no_address();
    for to in (host, port).to_socket_addrs()? {
        let here = match to {
            SocketAddr::V4(_) => SocketAddr::from(([0; 4], 0)),
            SocketAddr::V6(_) => SocketAddr::from(([0_u16; 8], 0)),
        };
        let tried = UdpSocket::bind(here)
            .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
            .and_then(|socket| socket.connect(to).map(|()| socket));
        match tried {
            Ok(socket) => return Ok(socket),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mien_shared::telemetry::Decoder;

    use super::*;
    use crate::samples::{self, SOON, open};

    #[test]
    fn every_datagram_decodes_to_its_message() {
        let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
        listener.set_read_timeout(Some(SOON)).unwrap();
        let mut sink = open(&format!("udp://{}", listener.local_addr().unwrap())).unwrap();
        for message in [samples::hello(), samples::reading(7), samples::reading(8)] {
            sink.send(&message).unwrap();
            let mut datagram = [0; 2048];
            let length = listener.recv(&mut datagram).unwrap();
            let mut heard = Vec::new();
            Decoder::new().push(&datagram[..length], |result| heard.push(result.unwrap()));
            assert_eq!(heard, [message]);
        }
        assert_eq!((sink.dropped(), sink.trouble()), (0, None));
    }

    #[test]
    fn a_listener_that_is_not_there_is_no_error() {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut sink = open(&format!("udp://127.0.0.1:{port}")).unwrap();
        for frame in 0..20 {
            sink.send(&samples::reading(frame)).unwrap();
        }
    }

    #[test]
    fn a_name_that_does_not_resolve_at_boot_is_looked_up_again() {
        let mut sink = open("udp://no-such-host.invalid:9000").unwrap();
        for frame in 0..100 {
            sink.send(&samples::reading(frame)).unwrap();
        }
        assert_eq!(sink.dropped(), 100 - 64);
        let start = Instant::now();
        while sink.trouble().is_none() {
            assert!(start.elapsed() < Duration::from_mins(2), "the resolver never answers");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(sink.trouble().unwrap().ends_with("trying again"));
    }
}
