//! A contact that bounces, as one press.
//!
//! A press is told once the contact has stayed closed for [`SETTLE`] after its last edge. Spikes
//! shorter than that, and the chatter of closing and opening, tell nothing. The edges' own times
//! count, so a press between two looks is not lost.

use std::time::Duration;

use mien_shared::frame::Timestamp;

/// How long a contact stays before it is believed.
pub const SETTLE: Duration = Duration::from_millis(20);

/// One contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Debounce {
    /// What the last edge said, and when.
    down: bool,
    since: Timestamp,
    /// What is believed.
    believed: bool,
}

impl Debounce {
    /// Takes an edge; true when a press was complete before it.
    pub fn edge(&mut self, down: bool, at: Timestamp) -> bool {
        let told = self.settle(at);
        if self.down != down {
            (self.down, self.since) = (down, at);
        }
        told
    }

    /// True once for every press that has lasted long enough by `now`.
    pub fn settle(&mut self, now: Timestamp) -> bool {
        if self.down == self.believed || now.0.saturating_sub(self.since.0) < SETTLE {
            return false;
        }
        self.believed = self.down;
        self.believed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    #[test]
    fn a_bouncing_press_and_release_is_one_press() {
        let mut contact = Debounce::default();
        let edges =
            [(100, true), (101, false), (103, true), (300, false), (302, true), (304, false)];
        let told: Vec<_> =
            edges.iter().filter(|(ms, down)| contact.edge(*down, at(*ms))).map(|e| e.0).collect();
        assert_eq!(told, [300], "told with the edge that ends it, as nobody looked before");
        assert!(!contact.settle(at(1000)));
    }

    #[test]
    fn a_press_that_is_held_is_told_once_it_has_settled() {
        let mut contact = Debounce::default();
        assert!(!contact.edge(true, at(100)));
        assert!(!contact.settle(at(119)));
        assert!(contact.settle(at(120)));
        assert!(!contact.settle(at(5000)), "held is not pressed again");
    }

    #[test]
    fn a_spike_is_no_press() {
        let mut contact = Debounce::default();
        assert!(!contact.edge(true, at(100)));
        assert!(!contact.edge(false, at(105)));
        assert!(!contact.settle(at(1000)));
    }

    #[test]
    fn a_button_held_at_the_start_tells_nothing_when_let_go() {
        let mut contact = Debounce::default();
        assert!(!contact.edge(false, at(100)));
        assert!(!contact.settle(at(1000)));
    }

    #[test]
    fn times_that_run_backwards_are_survived() {
        let mut contact = Debounce::default();
        contact.edge(true, at(500));
        assert!(!contact.settle(at(100)));
        assert!(contact.settle(at(520)));
    }
}
