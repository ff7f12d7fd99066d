//! A bounded queue of frames between the pipeline, which never waits, and a thread that does.
//!
//! When the queue is full the oldest frame makes room for the newest and is counted. Buffers go
//! round, so a queue that has been full once allocates no more.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Frames that wait at most: two seconds of readings at 30 per second.
const CAPACITY: usize = 64;

/// The queue; share it behind an `Arc`.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
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

/// What a wait ended with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The oldest frame.
    Frame(Vec<u8>),
    /// The time is over and no frame has come.
    Nothing,
    /// Nothing waits and nothing will come.
    Closed,
}

impl Queue {
    /// Adds a copy of `frame`; the oldest one makes room where there is none.
    pub(super) fn push(&self, frame: &[u8]) {
        let mut state = self.lock();
        let mut buffer = if state.frames.len() < CAPACITY {
            state.spare.pop().unwrap_or_default()
        } else {
            state.dropped += 1;
            state.frames.pop_front().unwrap_or_default()
        };
        buffer.clear();
        buffer.extend_from_slice(frame);
        state.frames.push_back(buffer);
        self.changed.notify_all();
    }

    /// Waits up to `patience` for a frame.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let idle = |state: &mut State| state.frames.is_empty() && !state.closed;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.frames.pop_front() {
            Some(frame) => Next::Frame(frame),
            None if state.closed => Next::Closed,
            None => Next::Nothing,
        }
    }

    /// Gives a frame's buffer back, and counts the frame when it was not `delivered`.
    pub(super) fn give_back(&self, frame: Vec<u8>, delivered: bool) {
        let mut state = self.lock();
        state.dropped += u64::from(!delivered);
        state.spare.push(frame);
    }

    /// Sleeps for `time`, or until the queue is closed; `false` then.
    pub(super) fn sleep(&self, time: Duration) -> bool {
        let open = |state: &mut State| !state.closed;
        let waited = self.changed.wait_timeout_while(self.lock(), time, open);
        !waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// No frame will be added any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Says that the thread behind the queue has ended.
    pub(super) fn finish(&self) {
        self.lock().finished = true;
        self.changed.notify_all();
    }

    /// Waits up to `patience` until the thread behind the queue has ended.
    pub(super) fn wait_finished(&self, patience: Duration) {
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

    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    pub(super) fn set_trouble(&self, trouble: Option<String>) {
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
        let queue = Queue::default();
        for i in 0..70_u8 {
            queue.push(&[i]);
        }
        assert_eq!(queue.dropped(), 6);
        assert_eq!(queue.next(Duration::ZERO), Next::Frame(vec![6]));
    }

    #[test]
    fn a_closed_queue_still_gives_what_waits() {
        let queue = Queue::default();
        assert_eq!(queue.next(Duration::ZERO), Next::Nothing);
        queue.push(&[1]);
        queue.close();
        assert_eq!(queue.next(Duration::from_mins(1)), Next::Frame(vec![1]));
        assert_eq!(queue.next(Duration::from_mins(1)), Next::Closed);
        assert!(!queue.sleep(Duration::from_mins(1)));
    }
}
