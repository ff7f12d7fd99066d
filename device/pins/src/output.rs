//! One line as an output, for drivers that need one (a display's data/command or reset line).

use std::fmt;

use embedded_hal::digital::{Error, ErrorKind, ErrorType, OutputPin};
use gpiocdev::{Request, line::Value};

use crate::{Level, Line, PinError, gpio::chip::Chip, raspberry};

/// A line that is driven high or low.
#[derive(Debug)]
pub struct Output(Driver);

#[derive(Debug)]
enum Driver {
    Chip(Request),
    Pi(rppal::gpio::OutputPin),
}

impl Output {
    /// Takes `line` of the GPIO chip `chip` (a label, a device, or `auto`) and drives it to
    /// `level`.
    ///
    /// # Errors
    /// When there is no such chip or line, or it is not ours to take.
    pub fn open(chip: &str, line: &Line, level: Level) -> Result<Self, PinError> {
        let chip = Chip::find(chip)?;
        let lines = chip.take(std::iter::once(line))?;
        let mut request = chip.request();
        request.with_lines(&lines).as_output(Value::from(level == Level::High));
        chip.granted(&mut request).map(|request| Self(Driver::Chip(request)))
    }

    /// Takes `line` of a Raspberry Pi's header through its registers and drives it to `level`.
    ///
    /// # Errors
    /// When this is no Raspberry Pi, or it has no such line.
    pub fn open_pi(line: &Line, level: Level) -> Result<Self, PinError> {
        let pin = raspberry::pin(line)?;
        Ok(Self(Driver::Pi(match level {
            Level::High => pin.into_output_high(),
            Level::Low => pin.into_output_low(),
        })))
    }

    fn drive(&mut self, high: bool) -> Result<(), OutputError> {
        match &mut self.0 {
            Driver::Chip(request) => request.set_lone_value(Value::from(high)).map_err(OutputError),
            Driver::Pi(pin) => {
                pin.write(rppal::gpio::Level::from(high));
                Ok(())
            }
        }
    }
}

/// Why a line cannot be driven.
#[derive(Debug)]
pub struct OutputError(gpiocdev::Error);

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GPIO line: {}", self.0)
    }
}

impl std::error::Error for OutputError {}

impl Error for OutputError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Output {
    type Error = OutputError;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), OutputError> {
        self.drive(false)
    }

    fn set_high(&mut self) -> Result<(), OutputError> {
        self.drive(true)
    }
}
