//! A bell that wakes a thread which waits for a file descriptor: an `eventfd(2)` beside it in one
//! `poll(2)`.

use std::{
    io,
    os::fd::{AsFd as _, BorrowedFd, OwnedFd},
    time::Duration,
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll},
    io::{Errno, read, write},
};

/// The bell; ringing it twice wakes once.
#[derive(Debug)]
pub(crate) struct Bell(OwnedFd);

/// What a wait has shown about the descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ready {
    /// Bytes, an error or the end wait to be read.
    pub(crate) readable: bool,
    /// Bytes can be written.
    pub(crate) writable: bool,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?))
    }

    /// Wakes whoever waits, or will wait next.
    pub(crate) fn ring(&self) {
        // The one refusal is a full counter: the bell is rung already.
        let _rung = write(&self.0, &1_u64.to_ne_bytes());
    }

    /// Waits up to `patience` for a ring, for `other` to be readable, or, where `to_write`, to be
    /// writable.
    pub(crate) fn wait(
        &self,
        other: Option<BorrowedFd<'_>>,
        to_write: bool,
        patience: Duration,
    ) -> io::Result<Ready> {
        let mut interest = PollFlags::IN;
        interest.set(PollFlags::OUT, to_write);
        // Without a descriptor the bell stands for it, too.
        let other = PollFd::from_borrowed_fd(other.unwrap_or(self.0.as_fd()), interest);
        let mut fds = [PollFd::new(&self.0, PollFlags::IN), other];
        let timeout = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Ready::default()),
            Err(error) => return Err(error.into()),
        }
        let (rung, seen) = (!fds[0].revents().is_empty(), fds[1].revents());
        if rung {
            // Empty already when another thread was faster; the bell is quiet either way.
            let _count = read(&self.0, &mut [0; 8]);
        }
        let writable = seen.contains(PollFlags::OUT);
        Ok(Ready { readable: !(seen - PollFlags::OUT).is_empty(), writable })
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, os::unix::net::UnixStream};

    use super::*;

    #[test]
    fn a_ring_before_or_during_the_wait_wakes_once() {
        let bell = Bell::new().unwrap();
        bell.ring();
        bell.ring();
        let start = std::time::Instant::now();
        bell.wait(None, false, Duration::from_mins(1)).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30));
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let ready = bell.wait(Some(ours.as_fd()), false, Duration::ZERO).unwrap();
        assert_eq!(ready, Ready::default());
    }

    #[test]
    fn bytes_and_the_end_are_readable() {
        let bell = Bell::new().unwrap();
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(b"x").unwrap();
        let ready = bell.wait(Some(ours.as_fd()), true, Duration::from_mins(1)).unwrap();
        assert_eq!(ready, Ready { readable: true, writable: true });
        drop(theirs);
        assert!(bell.wait(Some(ours.as_fd()), false, Duration::from_mins(1)).unwrap().readable);
    }
}
