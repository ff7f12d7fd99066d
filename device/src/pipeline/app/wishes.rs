//! What the owner asks for, obeyed and written down.

use mien_config::audit;
use mien_shared::frame::Timestamp;

use super::App;
use crate::pipeline::{
    duty::Halt,
    owner::{Wanted, Wish},
};

impl App {
    pub(super) fn listen(&mut self, now: Timestamp) {
        let mut wishes = [None; 8];
        let mut count = 0;
        self.owner.listen(now, |wish| {
            if let Some(place) = wishes.get_mut(count) {
                *place = Some(wish);
                count += 1;
            }
        });
        wishes.into_iter().flatten().for_each(|wish| self.obey(wish, now));
    }

    pub(super) fn obey(&mut self, wish: Wish, now: Timestamp) {
        let Wish { command, by } = wish;
        let event = match command {
            Wanted::Read(on) => Some(read(on)),
            Wanted::ToggleRead => Some(read(self.halt == Some(Halt::Paused))),
            Wanted::Calibrate => Some(audit::Event::Calibrated),
            Wanted::NextPage | Wanted::Report => None,
        };
        if let Some(event) = event {
            self.note(by, &event);
        }
        match command {
            Wanted::Read(on) => self.pause(!on),
            Wanted::ToggleRead => self.pause(self.halt != Some(Halt::Paused)),
            Wanted::Calibrate => {
                self.decider.calibrate(now);
                self.calibrating_since = Some(now);
            }
            Wanted::NextPage => self.turn_page(),
            Wanted::Report => self.told.asked = true,
        }
    }

    /// Shows the page after this one, the first after the last.
    pub(super) fn turn_page(&mut self) {
        let pages = &self.manners.pages;
        let here = pages.iter().position(|page| *page == self.status.page);
        let next = here.map_or(0, |here| (here + 1) % pages.len());
        self.status.page = pages.get(next).copied().unwrap_or_default();
    }

    /// Stops looking, or goes on.
    pub fn pause(&mut self, paused: bool) {
        self.set_halt(Halt::Paused, paused);
    }

    /// Begins or ends a halt; the owner's pause outweighs heat, stopping outweighs both.
    pub(super) fn set_halt(&mut self, halt: Halt, begins: bool) {
        self.halt = match (self.halt, begins) {
            (Some(Halt::Stopping), _) => return,
            (Some(Halt::Paused), _) if halt == Halt::Hot => return,
            (_, true) => Some(halt),
            (Some(now), false) if now == halt => None,
            (other, false) => other,
        };
        self.gate.set_open(self.halt.is_none());
        if self.halt.is_some() {
            self.status.reading.faces.clear();
        }
    }
}

/// What is written down when looking begins or ends.
fn read(on: bool) -> audit::Event {
    if on { audit::Event::Resumed } else { audit::Event::Paused }
}
