//! `tcp://HOST:PORT`: a [stream](crate::stream) of telemetry frames to a host that listens.
//!
//! The host may be absent at the start, without a name that resolves, go away and come back.
//! Commands it writes to the connection are taken: the owner named this host.

use std::{io, net::TcpStream, time::Duration};

use mien_core::spec::Spec;

use crate::{
    EventError, Link, address,
    outbox::Outbox,
    socket,
    stream::{self, Dial},
};

#[derive(Debug)]
struct Tcp {
    host: String,
    port: u16,
}

/// The sink of `tcp://HOST:PORT`; the host need not be there yet.
///
/// # Errors
/// When the address is malformed or the thread cannot be started.
pub(crate) fn open(spec: &Spec, link: &Link) -> Result<Outbox, EventError> {
    spec.allow(&[])?;
    let (host, port) = address(spec)?;
    stream::start(spec.text(), Tcp { host, port }, link)
}

impl Dial for Tcp {
    type Stream = TcpStream;

    const NAME: &'static str = "events-tcp";
    /// Two seconds of readings at 30 per second.
    const CAPACITY: usize = 64;
    const REPEAT: Option<Duration> = None;

    fn dial(&self) -> io::Result<TcpStream> {
        socket::connect(&self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        time::Instant,
    };

    use mien_core::command::{self, Command};
    use mien_shared::telemetry::{Decoder, Message};

    use super::*;
    use crate::samples::{self, SOON, open, until};

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

    fn frame(message: &Message) -> u64 {
        if let Message::Reading(reading) = message { reading.frame.0 } else { u64::MAX }
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
        for frame in 0..1000 {
            sink.send(&samples::reading(frame)).unwrap();
        }
        assert_eq!(sink.dropped(), 1000 - 64);
        until(|| sink.trouble().is_some());
        let trouble = sink.trouble().unwrap();
        assert!(trouble.starts_with(&format!("tcp://127.0.0.1:{port}: ")), "{trouble}");
    }

    #[test]
    fn a_name_that_does_not_resolve_is_trouble_not_an_error() {
        let sink = open("tcp://no-such-host.invalid:9000").unwrap();
        let start = Instant::now();
        while sink.trouble().is_none() {
            assert!(start.elapsed() < Duration::from_mins(2), "the resolver never answers");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(sink.trouble().unwrap().ends_with("trying again"));
    }

    #[test]
    fn a_host_that_reads_nothing_loses_whole_readings_and_the_newest_arrive() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sink = open(&format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut sent = 0;
        while sink.dropped() < 100 {
            sink.send(&samples::reading(sent)).unwrap();
            sent += 1;
        }
        let (mut decoder, mut frames, mut bytes) = (Decoder::new(), Vec::new(), [0; 4096]);
        while frames.last() != Some(&(sent - 1)) {
            stream.set_read_timeout(Some(SOON)).unwrap();
            let length = stream.read(&mut bytes).unwrap();
            if length == 0 {
                // The sink has given this connection up; a frame may be cut off at its end.
                (stream, decoder) = (listener.accept().unwrap().0, Decoder::new());
            }
            decoder.push(&bytes[..length], |message| frames.push(frame(&message.unwrap())));
        }
        assert!(frames.is_sorted_by(|a, b| a < b), "no reading comes twice");
        assert_eq!(frames.len() as u64 + sink.dropped(), sent);
    }

    #[test]
    fn the_host_commands_over_its_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (asker, asked) = command::channel();
        let spec = Spec::parse(&format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
        let _sink = super::open(&spec, &Link { device: "test".into(), asker }).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(&samples::command(Command::Read(false))).unwrap();
        until(|| asked.next() == Some(Command::Read(false)));
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
