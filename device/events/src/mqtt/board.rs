//! The latest value of each state, waiting to be published; newest wins, so its memory is bounded.

use std::{
    io::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A state, in the order in which they are published on a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Available,
    Hello,
    Discovery,
    Status,
    ReadingState,
    Expression,
    Faces,
    Stats,
}

impl Slot {
    pub(super) const ALL: [Self; 8] = [
        Self::Available,
        Self::Hello,
        Self::Discovery,
        Self::Status,
        Self::ReadingState,
        Self::Expression,
        Self::Faces,
        Self::Stats,
    ];

    /// Whether the broker is to keep it for those who come later.
    pub(super) fn is_retained(self) -> bool {
        self != Self::Stats
    }
}

#[derive(Debug)]
pub(super) struct Board(Mutex<[Note; Slot::ALL.len()]>);

#[derive(Debug, Default)]
struct Note {
    text: Vec<u8>,
    /// It was set once.
    known: bool,
    /// It is to be published.
    due: bool,
}

impl Board {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Sets a state; it is published when it differs from what was, or is not retained.
    pub(super) fn set(&self, slot: Slot, text: &[u8]) {
        let note = &mut self.lock()[slot as usize];
        if !note.known || note.text != text || !slot.is_retained() {
            note.text.clear();
            note.text.extend_from_slice(text);
            (note.known, note.due) = (true, true);
        }
    }

    /// [`Board::set`] with a number.
    pub(super) fn set_number(&self, slot: Slot, number: usize) {
        let mut text = [0; 20];
        let mut rest = text.as_mut_slice();
        if write!(rest, "{number}").is_ok() {
            let length = 20 - rest.len();
            self.set(slot, &text[..length]);
        }
    }

    /// Everything retained is to be published again: the broker may have forgotten.
    pub(super) fn renew(&self) {
        for (note, slot) in self.lock().iter_mut().zip(Slot::ALL) {
            note.due |= note.known && slot.is_retained();
        }
    }

    /// The first state to be published, its text in `text`; it is then no longer due.
    pub(super) fn next(&self, text: &mut Vec<u8>) -> Option<Slot> {
        let mut notes = self.lock();
        let slot = Slot::ALL.into_iter().find(|slot| notes[*slot as usize].due)?;
        let note = &mut notes[slot as usize];
        note.due = false;
        text.clone_from(&note.text);
        Some(slot)
    }

    /// Whether any state is to be published.
    pub(super) fn is_due(&self) -> bool {
        self.lock().iter().any(|note| note.due)
    }

    fn lock(&self) -> MutexGuard<'_, [Note; Slot::ALL.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(board: &Board) -> Vec<(Slot, String)> {
        let mut text = Vec::new();
        std::iter::from_fn(|| {
            let slot = board.next(&mut text)?;
            Some((slot, String::from_utf8(text.clone()).unwrap()))
        })
        .collect()
    }

    #[test]
    fn a_state_is_published_when_it_changes_and_on_a_new_connection() {
        let board = Board::new();
        board.set_number(Slot::Faces, 2);
        board.set(Slot::Available, b"online");
        let both = [(Slot::Available, "online".to_owned()), (Slot::Faces, "2".to_owned())];
        assert_eq!(all(&board), both);
        board.set_number(Slot::Faces, 2);
        assert_eq!(all(&board), []);
        board.renew();
        assert_eq!(all(&board), both);
    }

    #[test]
    fn figures_are_published_each_time_and_not_again_on_a_new_connection() {
        let board = Board::new();
        for _ in 0..2 {
            board.set(Slot::Stats, b"{}");
            assert_eq!(all(&board), [(Slot::Stats, "{}".to_owned())]);
        }
        board.renew();
        assert_eq!(all(&board), []);
    }

    #[test]
    fn slots_index_themselves() {
        for (index, slot) in Slot::ALL.into_iter().enumerate() {
            assert_eq!(slot as usize, index);
        }
    }
}
