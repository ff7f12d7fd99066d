//! Keeps one connection up, for months: tries, waits, tries again.
//!
//! ```text
//! attempt ──lost──▶ wait 0.1 s, 0.2 s … 2 s ──▶ attempt ──queue closed──▶ end
//! ```
//!
//! The longest wait and the longest attempt to connect, two seconds each, bound the time from a
//! host's return to its first message. The wait grows until a connection has held for a while, so
//! that a host which accepts and hangs up at once is not hammered.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{EventError, queue::Queue};

/// How long one attempt to connect may take, and how long nothing may move on a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// The wait before the second attempt.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// A connection that has held this long was a good one.
const STEADY: Duration = Duration::from_secs(10);

/// Starts the thread `name`, which calls `attempt` until the queue is over.
///
/// `attempt` connects, calls [`Queue::set_trouble`] with `None` when it is through, serves, and
/// returns why it ended; `Ok` only when the queue was closed.
pub(crate) fn keep_up(
    name: &'static str,
    spec: &str,
    queue: &Arc<Queue>,
    mut attempt: impl FnMut() -> io::Result<()> + Send + 'static,
) -> Result<(), EventError> {
    let (queue, label) = (Arc::clone(queue), spec.to_owned());
    let run = move || {
        let mut wait = FIRST_WAIT;
        loop {
            let start = Instant::now();
            let Err(error) = attempt() else { break };
            queue.set_trouble(Some(format!("{label}: {error}; trying again")));
            wait = if start.elapsed() > STEADY { FIRST_WAIT } else { wait };
            if !queue.sleep(wait) {
                break;
            }
            wait = (2 * wait).min(LONGEST_WAIT);
        }
        queue.finish();
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(drop)
        .map_err(|source| EventError::Open { spec: spec.to_owned(), source })
}
