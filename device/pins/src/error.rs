//! Why pins cannot be used, each with what to do about it.

use std::{io, path::PathBuf};

use mien_core::spec::SpecError;

/// Why pins cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The specification is malformed.
    #[error("pins {0}")]
    Spec(#[from] SpecError),
    /// No pins have that scheme.
    #[error("pins {spec}: no such pins; there are gpio://, rppal://, scripted:// and none://")]
    UnknownScheme {
        /// The whole specification.
        spec: String,
    },
    /// Neither a lamp nor a button is wired.
    #[error(
        "pins {spec}: nothing is wired; name lines, for example gpio://auto?reading=17&privacy=22, \
         or write none://"
    )]
    NothingWired {
        /// The whole specification.
        spec: String,
    },
    /// One line would be two things.
    #[error(
        "pins {spec}: line {line} cannot be both {first} and {second}; wire one of them elsewhere"
    )]
    LineTwice {
        /// The whole specification.
        spec: String,
        /// The line.
        line: String,
        /// What it was named for first.
        first: String,
        /// What else it was named for.
        second: String,
    },
    /// An option's value is not among those there are.
    #[error("pins {spec}: {key} cannot be {value:?}; write {expected}")]
    BadValue {
        /// The whole specification.
        spec: String,
        /// The option's name.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// No GPIO chip answers to the name.
    #[error(
        "no GPIO chip {wanted:?}; there {found}: name a chip there is by its label, or write none:// \
         for a board without"
    )]
    NoChip {
        /// The label or device asked for.
        wanted: String,
        /// The chips there are, in words.
        found: String,
    },
    /// The chip does not have such a line.
    #[error("GPIO chip {chip} has no line {line}; `gpioinfo` lists those it has")]
    NoLine {
        /// The chip's device.
        chip: PathBuf,
        /// The line's number or name.
        line: String,
    },
    /// The user may not open the device.
    #[error(
        "{}: permission denied; add the user to its group (`sudo usermod -aG gpio $USER`, then log \
         in anew), or in a systemd unit write SupplementaryGroups=gpio", path.display()
    )]
    Denied {
        /// The device.
        path: PathBuf,
    },
    /// Someone else holds the line.
    #[error(
        "line {line} of {} is in use by {consumer:?}; wire another line, or stop that user (an \
         overlay in /boot/firmware/config.txt, or another program)", chip.display()
    )]
    Busy {
        /// The chip's device.
        chip: PathBuf,
        /// The line's number.
        line: u32,
        /// Who holds it.
        consumer: String,
    },
    /// The GPIO chip refused something else.
    #[error("GPIO chip {}: {source}", chip.display())]
    Gpio {
        /// The chip's device.
        chip: PathBuf,
        /// What it said.
        #[source]
        source: gpiocdev::Error,
    },
    /// The Raspberry Pi's registers cannot be used.
    #[error("rppal: {source}; rppal:// works on a Raspberry Pi only, gpio://auto on every board")]
    Pi {
        /// What it said.
        #[source]
        source: rppal::gpio::Error,
    },
    /// The Raspberry Pi's PWM cannot be used.
    #[error(
        "rppal: PWM {channel}: {source}; write dtoverlay=pwm-2chan into /boot/firmware/config.txt \
         and start the board anew"
    )]
    PiPwm {
        /// The channel's number.
        channel: u8,
        /// What it said.
        #[source]
        source: rppal::pwm::Error,
    },
    /// A PWM channel cannot be used.
    #[error(
        "{}: {source}; turn PWM on (Raspberry Pi: dtoverlay=pwm-2chan in \
         /boot/firmware/config.txt) and let the user write there", path.display()
    )]
    Pwm {
        /// The file that was read or written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A script cannot be read.
    #[error("pins script {}: {source}", path.display())]
    NoScript {
        /// The script.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A script says something else than presses.
    #[error(
        "pins script: {item:?} is no press; write BUTTON@SECONDS, for example privacy@2.5, with \
         privacy, calibrate or page"
    )]
    BadPress {
        /// What it says.
        item: String,
    },
    /// The lamps cannot be recorded.
    #[error("lamps cannot be recorded in {}: {source}", path.display())]
    Record {
        /// The recording.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}
