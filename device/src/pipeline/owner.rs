//! What the owner asks for: by a button, or through a sink that takes commands.

use mien_config::audit::Actor;
use mien_shared::frame::Timestamp;

use crate::{
    command::{Asked, Command},
    pins::{Button, Lamps, PinError, Pins},
};

/// Most commands that are heard in one turn; the others wait for the next.
const AT_ONCE: usize = 4;

/// The owner's voice, and the lamps that answer.
pub struct Owner {
    asked: Asked,
    pins: Box<dyn Pins>,
    trouble: Option<String>,
}

/// A command and how it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) command: Wanted,
    pub(super) by: Actor,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Look, or do not.
    Read(bool),
    /// The other of both.
    ToggleRead,
    Calibrate,
    NextPage,
    Report,
}

impl Owner {
    /// An owner who asks through `asked` and presses buttons on `pins`.
    #[must_use]
    pub fn new(asked: Asked, pins: Box<dyn Pins>) -> Self {
        Self { asked, pins, trouble: None }
    }

    pub(super) fn set_pins(&mut self, pins: Box<dyn Pins>) {
        (self.pins, self.trouble) = (pins, None);
    }

    /// Hands what the owner wants now to `obey`, in order.
    pub(super) fn listen(&mut self, now: Timestamp, mut obey: impl FnMut(Wish)) {
        for command in std::iter::from_fn(|| self.asked.next()).take(AT_ONCE) {
            if let Some(command) = wanted(command) {
                obey(Wish { command, by: Actor::Command });
            }
        }
        for _ in 0..AT_ONCE {
            let pressed = self.pins.pressed(now);
            let button = self.note(pressed).flatten();
            let Some(button) = button else { break };
            let command = match button {
                Button::Privacy => Wanted::ToggleRead,
                Button::Calibrate => Wanted::Calibrate,
                Button::Page => Wanted::NextPage,
            };
            obey(Wish { command, by: Actor::Button });
        }
    }

    /// Shows the lamps.
    pub(super) fn show(&mut self, lamps: Lamps, now: Timestamp) {
        let shown = self.pins.show(&lamps, now);
        self.note(shown);
    }

    /// Why the pins do not answer.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    fn note<T>(&mut self, outcome: Result<T, PinError>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.trouble = Some(error.to_string());
                None
            }
        }
    }
}

/// A command of this release; none for one that is not known here.
fn wanted(command: Command) -> Option<Wanted> {
    match command {
        Command::Read(on) => Some(Wanted::Read(on)),
        Command::Calibrate => Some(Wanted::Calibrate),
        Command::NextPage => Some(Wanted::NextPage),
        Command::Report => Some(Wanted::Report),
        _ => None,
    }
}
