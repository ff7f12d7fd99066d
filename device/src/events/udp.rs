//! `udp://HOST:PORT`: one telemetry frame per datagram, sent and forgotten.
//!
//! A datagram nobody takes is counted, not reported as an error: the listener may come later.

use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};

use mien_shared::telemetry::{self, Message};

use super::{EventError, Sink, address};
use crate::spec::Spec;

/// Sends messages as datagrams.
#[derive(Debug)]
pub struct UdpSink {
    spec: String,
    socket: UdpSocket,
    frame: Vec<u8>,
    dropped: u64,
    trouble: Option<std::io::Error>,
}

impl UdpSink {
    /// The sink of `udp://HOST:PORT`.
    ///
    /// # Errors
    /// When the address is malformed or its host's name cannot be found.
    pub fn open(spec: &Spec) -> Result<Self, EventError> {
        spec.allow(&[])?;
        let (host, port) = address(spec)?;
        let text = spec.text();
        let socket = connect(&host, port)
            .map_err(|source| EventError::Open { spec: text.to_owned(), source })?;
        let (spec, frame) = (text.to_owned(), Vec::new());
        Ok(Self { spec, socket, frame, dropped: 0, trouble: None })
    }
}

impl Sink for UdpSink {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.frame.clear();
        telemetry::encode(message, &mut self.frame)?;
        // A connected socket reports the last datagram's refusal before it sends the next, so one
        // more try tells an old refusal from a new one.
        let sent = self.socket.send(&self.frame).or_else(|_| self.socket.send(&self.frame));
        self.trouble = sent.err();
        self.dropped += u64::from(self.trouble.is_some());
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.dropped
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|error| format!("{}: not sent: {error}", self.spec))
    }
}

/// A socket of the address's own family, so that an IPv4-only or IPv6-only board will do.
fn connect(host: &str, port: u16) -> std::io::Result<UdpSocket> {
    let mut refusal = std::io::Error::new(std::io::ErrorKind::NotFound, "the host has no address");
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
    use crate::events::{open, samples};

    #[test]
    fn every_datagram_decodes_to_its_message() {
        let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
        listener.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
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
}
