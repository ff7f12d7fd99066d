//! Whether the camera is looked through, and at how many of its frames: set by the app, obeyed by
//! the other threads.
//!
//! A closed gate is more than frames thrown away: the source is let go, so that the camera's own
//! lamp goes out.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The gate; share it behind an `Arc`.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy)]
struct State {
    open: bool,
    /// One frame of so many passes.
    every: u32,
    /// Expressions are read in one of so many of those.
    read_every: u32,
}

impl Gate {
    /// A gate that is open, or closed, for every frame.
    #[must_use]
    pub fn new(open: bool) -> Self {
        Self { state: Mutex::new(State { open, every: 1, read_every: 1 }), changed: Condvar::new() }
    }

    /// Opens or closes it.
    pub fn set_open(&self, open: bool) {
        self.lock().open = open;
        self.changed.notify_all();
    }

    /// Lets one frame of `every` pass, and expressions be read in one of `read_every` of those;
    /// zero counts as one.
    pub fn set_every(&self, every: u32, read_every: u32) {
        let mut state = self.lock();
        (state.every, state.read_every) = (every.max(1), read_every.max(1));
    }

    /// In one of how many frames expressions are read.
    pub fn read_every(&self) -> u32 {
        self.lock().read_every
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Whether the `turn`th frame passes.
    pub fn passes(&self, turn: u64) -> bool {
        let state = *self.lock();
        state.open && turn.is_multiple_of(u64::from(state.every))
    }

    /// Waits until it is open, but no longer than `patience`; whether it is.
    pub fn wait_open(&self, patience: Duration) -> bool {
        let closed = |state: &mut State| !state.open;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.open
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Sound between any two statements above, so a panic elsewhere is no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_gate_lets_nothing_pass_and_an_open_one_every_nth() {
        let gate = Gate::new(false);
        assert!(!gate.wait_open(Duration::ZERO) && !gate.passes(0));
        gate.set_open(true);
        gate.set_every(3, 1);
        let passed: Vec<u64> = (0..7).filter(|&turn| gate.passes(turn)).collect();
        assert_eq!((gate.wait_open(Duration::ZERO), passed), (true, vec![0, 3, 6]));
        gate.set_every(0, 0);
        assert!(gate.passes(1), "zero counts as one");
    }
}
