//! A TCP connection fit for months: a peer that has gone without a word is noticed.
//!
//! Bytes that stay unacknowledged for [`SILENCE`] end the connection (`TCP_USER_TIMEOUT`, RFC
//! 5482), and an idle one is probed (keep-alive), so a host whose cable was pulled does not hold
//! the connection for the quarter of an hour that retransmission takes. A small send buffer keeps
//! what a slow reader gets fresh.

use std::{
    io,
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use rustix::net::sockopt;

use crate::upkeep::PATIENCE;

/// How long bytes may stay unacknowledged, and a probe unanswered.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a connection is idle before it is probed.
const IDLE: Duration = Duration::from_secs(5);
/// Bytes of the send buffer: some two seconds of readings.
const SEND_BUFFER: usize = 32 * 1024;

/// Connects to the first address of `host` that answers; the stream does not block.
///
/// # Errors
/// When the name has no address now, or no address answers.
pub(crate) fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut refusal = no_address();
    for to in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&to, PATIENCE) {
            Ok(stream) => return prepare(&stream).map(|()| stream),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// The error of a name that resolves to nothing.
pub(crate) fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the host has no address")
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, IDLE)?;
    sockopt::set_tcp_keepintvl(stream, Duration::from_secs(1))?;
    sockopt::set_tcp_keepcnt(stream, 3)?;
    let silence = u32::try_from(SILENCE.as_millis()).unwrap_or(u32::MAX);
    sockopt::set_tcp_user_timeout(stream, silence)?;
    Ok(sockopt::set_socket_send_buffer_size(stream, SEND_BUFFER)?)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_connection_notices_a_silent_peer_and_keeps_little_back() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = connect("127.0.0.1", listener.local_addr().unwrap().port()).unwrap();
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_user_timeout(&stream).unwrap(), 5_000);
        // The kernel doubles what it is asked for, for its own bookkeeping (socket(7)).
        assert_eq!(sockopt::socket_send_buffer_size(&stream).unwrap(), 2 * SEND_BUFFER);
    }
}
