//! The place between two stages: room for one buffer, which both sides swap for their own.
//!
//! Three buffers are in use whatever happens: the producer's, the consumer's and the slot's.

use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Room for one buffer between a producer and a consumer.
#[derive(Debug)]
pub struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// What happens to a buffer that was not taken yet when the next one comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It gives way and is counted as dropped.
    Newest,
    /// The producer waits.
    Every,
}

/// What a consumer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// A full buffer.
    Fresh,
    /// None in time.
    Nothing,
    /// None, and none will come.
    Closed,
}

impl<T> Slot<T> {
    /// An open slot; `spare` is the buffer that lies in it while it is empty.
    #[must_use]
    pub fn new(spare: T) -> Self {
        let state = State { buffer: spare, full: false, closed: false, dropped: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Swaps the producer's full buffer for one to fill; false when the slot is closed.
    pub fn put(&self, buffer: &mut T, delivery: Delivery) -> bool {
        let blocked = |s: &mut State<T>| s.full && delivery == Delivery::Every && !s.closed;
        let waited = self.changed.wait_while(self.lock(), blocked);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return false;
        }
        mem::swap(&mut state.buffer, buffer);
        state.dropped += u64::from(mem::replace(&mut state.full, true));
        self.changed.notify_all();
        true
    }

    /// Swaps the consumer's spent buffer for a full one, waiting for it no longer than `patience`.
    pub fn take(&self, buffer: &mut T, patience: Duration) -> Taken {
        let empty = |s: &mut State<T>| !s.full && !s.closed;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !mem::replace(&mut state.full, false) {
            return if state.closed { Taken::Closed } else { Taken::Nothing };
        }
        mem::swap(&mut state.buffer, buffer);
        self.changed.notify_all();
        Taken::Fresh
    }

    /// Refuses further buffers; one that is in the slot can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Closes the slot when the guard goes out of scope, in a panic as well.
    pub fn closing(&self) -> Closing<'_, T> {
        Closing(self)
    }

    /// Buffers that gave way to newer ones.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // The state is sound between any two statements above, so a panic elsewhere is no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes its slot when dropped.
#[derive(Debug)]
pub struct Closing<'a, T>(&'a Slot<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[derive(Debug)]
struct State<T> {
    buffer: T,
    full: bool,
    closed: bool,
    dropped: u64,
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_millis(1);
    const LATER: Duration = Duration::from_secs(10);

    #[test]
    fn the_newest_wins_and_the_rest_is_counted() {
        let slot = Slot::new(0);
        for mut value in 1..=5 {
            assert!(slot.put(&mut value, Delivery::Newest));
        }
        let mut got = 0;
        assert_eq!((slot.take(&mut got, SOON), got, slot.dropped()), (Taken::Fresh, 5, 4));
        assert_eq!(slot.take(&mut got, SOON), Taken::Nothing);
    }

    #[test]
    fn every_buffer_arrives_in_order_when_the_producer_waits() {
        let slot = Slot::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                let _closing = slot.closing();
                (1..=100).for_each(|mut value| assert!(slot.put(&mut value, Delivery::Every)));
            });
            let (mut got, mut value) = (Vec::new(), 0);
            while slot.take(&mut value, LATER) == Taken::Fresh {
                got.push(value);
            }
            assert_eq!(got, (1..=100).collect::<Vec<_>>());
        });
        assert_eq!(slot.dropped(), 0);
    }

    #[test]
    fn the_same_three_buffers_go_round() {
        let slot = Slot::new(vec![0]);
        let (mut ours, mut theirs) = (vec![1], vec![2]);
        for _ in 0..10 {
            slot.put(&mut ours, Delivery::Every);
            slot.take(&mut theirs, SOON);
        }
        slot.put(&mut ours, Delivery::Every);
        let mut third = Vec::new();
        slot.take(&mut third, SOON);
        let mut all = [ours[0], theirs[0], third[0]];
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    }

    #[test]
    fn a_closed_slot_gives_its_last_buffer_and_takes_no_more() {
        let slot = Slot::new(0);
        slot.put(&mut 7, Delivery::Every);
        slot.close();
        assert!(!slot.put(&mut 8, Delivery::Newest));
        let mut got = 0;
        assert_eq!((slot.take(&mut got, SOON), got), (Taken::Fresh, 7));
        assert_eq!(slot.take(&mut got, SOON), Taken::Closed);
    }

    #[test]
    fn closing_wakes_a_waiting_producer() {
        let slot = Slot::new(0);
        slot.put(&mut 1, Delivery::Every);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| slot.put(&mut 2, Delivery::Every));
            thread::sleep(Duration::from_millis(20));
            slot.close();
            assert!(!waiting.join().unwrap());
        });
    }
}
