//! Lamps, buttons and brightness on a board's pins.
//!
//! | specification | pins |
//! |---|---|
//! | `gpio://CHIP?…` | the lines of a GPIO chip, by its label (`pinctrl-rp1`), its device or `auto` |
//! | `rppal://?…` | the same on a Raspberry Pi, through its registers |
//! | `scripted://FILE` or `scripted://?presses=page@2` | presses from a script, for tests and demonstrations |
//! | `none://` | none |
//!
//! What is wired to which line are the options of [`Wiring`], what lamps say is the table of
//! [`Pattern`]. Time is handed in, and nothing here waits: [`Pins::show`] and [`Pins::pressed`]
//! belong into a loop that turns at least ten times per second, or blinking looks uneven.

mod debounce;
mod error;
mod gpio;
mod lines;
mod output;
mod pattern;
mod pwm;
mod raspberry;
mod scripted;
mod wiring;

use mien_core::spec::Spec;
use mien_shared::{frame::Timestamp, label::Expression, telemetry::State};

pub use debounce::{Debounce, SETTLE};
pub use error::PinError;
pub use gpio::GpioLines;
pub use lines::{Edge, LinePins, Lines};
pub use output::{Output, OutputError};
pub use pattern::{Blinker, Light, Pattern};
pub use pwm::{Dimmer, SysfsPwm};
pub use raspberry::{PiLines, PiPwm};
pub use scripted::ScriptedPins;
pub use wiring::{Level, Line, Pull, Wiring};

/// What the pins show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lamps {
    /// What the device does.
    pub state: State,
    /// The expression of the largest face; `None` when there is none or it is unknown.
    pub expression: Option<Expression>,
    /// Something is wrong.
    pub fault: bool,
    /// How bright, 0..=1.
    pub brightness: f32,
}

impl Default for Lamps {
    fn default() -> Self {
        Self { state: State::default(), expression: None, fault: false, brightness: 1.0 }
    }
}

/// What a person can press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Stop or start looking.
    Privacy,
    /// Take the faces in view as neutral.
    Calibrate,
    /// Turn the screen's page.
    Page,
}

impl Button {
    /// Every button.
    pub const ALL: [Self; 3] = [Self::Privacy, Self::Calibrate, Self::Page];

    /// Lower-case name, as specifications write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Calibrate => "calibrate",
            Self::Page => "page",
        }
    }
}

/// Lamps and buttons.
pub trait Pins: Send {
    /// Shows `lamps` as they are to look at `now`; cheap when nothing changed.
    ///
    /// # Errors
    /// When the pins do not answer.
    fn show(&mut self, lamps: &Lamps, now: Timestamp) -> Result<(), PinError>;

    /// The oldest press up to `now` that was not told yet; never waits.
    ///
    /// # Errors
    /// When the pins do not answer.
    fn pressed(&mut self, now: Timestamp) -> Result<Option<Button>, PinError>;
}

/// Opens the pins that `spec` names; see the head of this module.
///
/// # Errors
/// When the specification is malformed, names no pins there are, or they cannot be used.
pub fn open(spec: &str) -> Result<Box<dyn Pins>, PinError> {
    let spec = Spec::parse(spec)?;
    match spec.scheme() {
        "gpio" => Ok(Box::new(gpio::open(&spec)?)),
        "rppal" => Ok(Box::new(raspberry::open(&spec)?)),
        "scripted" => Ok(Box::new(ScriptedPins::open(&spec)?)),
        "none" => {
            spec.allow(&[])?;
            Ok(Box::new(NoPins))
        }
        _ => Err(PinError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

/// A board without lamps and buttons.
#[derive(Debug, Clone, Copy)]
pub struct NoPins;

impl Pins for NoPins {
    fn show(&mut self, _lamps: &Lamps, _now: Timestamp) -> Result<(), PinError> {
        Ok(())
    }

    fn pressed(&mut self, _now: Timestamp) -> Result<Option<Button>, PinError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(spec: &str) -> String {
        open(spec).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn pins_that_do_not_exist_are_refused_with_those_that_do() {
        assert_eq!(
            refusal("lamp://1"),
            "pins lamp://1: no such pins; there are gpio://, rppal://, scripted:// and none://"
        );
    }

    #[test]
    fn no_pins_show_nothing_and_take_no_options() {
        let mut pins = open("none://").unwrap();
        pins.show(&Lamps::default(), Timestamp::default()).unwrap();
        assert_eq!(pins.pressed(Timestamp::default()).unwrap(), None);
        assert!(refusal("none://?reading=17").contains("unknown option \"reading\""));
    }
}
