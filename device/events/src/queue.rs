//! A bounded queue of frames between the pipeline, which never waits, and a thread that does.
//!
//! When the queue is full the oldest frame makes room for the newest and is counted. Buffers go
//! round, so a queue that has been full once allocates no more. The queue also carries what the
//! thread has to say to the pipeline: frames lost, the trouble of the moment, that it has ended.

use std::{
    collections::VecDeque,
    io,
    os::fd::BorrowedFd,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::bell::{Bell, Ready};

/// The queue; share it behind an `Arc`.
#[derive(Debug)]
pub(crate) struct Queue {
    capacity: usize,
    state: Mutex<State>,
    changed: Condvar,
    bell: Bell,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Vec<u8>>,
    spare: Vec<Vec<u8>>,
    dropped: u64,
    trouble: Option<String>,
    closed: bool,
    finished: bool,
}

impl Queue {
    /// A queue in which at most `capacity` frames wait.
    pub(crate) fn new(capacity: usize) -> io::Result<Self> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Ok(Self { capacity, state, changed, bell: Bell::new()? })
    }

    /// Adds a copy of `frame`; the oldest one makes room where there is none.
    pub(crate) fn push(&self, frame: &[u8]) {
        let mut state = self.lock();
        let mut buffer = if state.frames.len() < self.capacity {
            state.spare.pop().unwrap_or_default()
        } else {
            state.dropped += 1;
            state.frames.pop_front().unwrap_or_default()
        };
        buffer.clear();
        buffer.extend_from_slice(frame);
        state.frames.push_back(buffer);
        drop(state);
        self.bell.ring();
    }

    /// The oldest frame, if one waits; [`Queue::give_back`] wants it back.
    pub(crate) fn pop(&self) -> Option<Vec<u8>> {
        self.lock().frames.pop_front()
    }

    /// Gives a frame's buffer back, and counts the frame when it was not `delivered`.
    pub(crate) fn give_back(&self, frame: Vec<u8>, delivered: bool) {
        let mut state = self.lock();
        state.dropped += u64::from(!delivered);
        state.spare.push(frame);
    }

    /// Waits up to `patience` for a frame, for another ring, or for `other`; see [`Bell::wait`].
    pub(crate) fn wait(
        &self,
        other: Option<BorrowedFd<'_>>,
        to_write: bool,
        patience: Duration,
    ) -> io::Result<Ready> {
        self.bell.wait(other, to_write, patience)
    }

    /// Wakes the thread behind the queue.
    pub(crate) fn ring(&self) {
        self.bell.ring();
    }

    /// Sleeps for `time`, or until the queue is closed; `false` then.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let open = |state: &mut State| !state.closed;
        let waited = self.changed.wait_timeout_while(self.lock(), time, open);
        !waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// No frame will be added any more.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
        self.bell.ring();
    }

    /// Whether nothing waits and nothing will come.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.lock();
        state.closed && state.frames.is_empty()
    }

    /// Says that the thread behind the queue has ended; what still waits is lost.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        let lost = state.frames.drain(..).count();
        state.dropped += u64::try_from(lost).unwrap_or(u64::MAX);
        state.finished = true;
        self.changed.notify_all();
    }

    /// Waits up to `patience` until the thread behind the queue has ended.
    pub(crate) fn wait_finished(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        while !state.finished {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        self.lock().trouble = trouble;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_it() {
        let queue = Queue::new(64).unwrap();
        for i in 0..70_u8 {
            queue.push(&[i]);
        }
        assert_eq!(queue.dropped(), 6);
        assert_eq!(queue.pop(), Some(vec![6]));
    }

    #[test]
    fn a_closed_queue_still_gives_what_waits() {
        let queue = Queue::new(4).unwrap();
        assert_eq!(queue.pop(), None);
        queue.push(&[1]);
        queue.close();
        assert!(!queue.is_over());
        assert_eq!(queue.pop(), Some(vec![1]));
        assert!(queue.is_over());
        assert!(!queue.sleep(Duration::from_mins(1)));
    }

    #[test]
    fn what_the_thread_leaves_behind_is_lost() {
        let queue = Queue::new(4).unwrap();
        queue.push(&[1]);
        queue.push(&[2]);
        queue.finish();
        queue.wait_finished(Duration::from_mins(1));
        assert_eq!(queue.dropped(), 2);
    }

    #[test]
    fn a_frame_wakes_the_thread_that_waits() {
        let queue = Queue::new(4).unwrap();
        queue.push(&[1]);
        let start = Instant::now();
        queue.wait(None, false, Duration::from_mins(1)).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
