//! `rppal://?…`: the header of a Raspberry Pi through its registers.
//!
//! Lamps are switched without a system call. Buttons are sampled whenever they are asked for, so
//! a press must last longer than that takes; `gpio://` misses none and is the better choice
//! wherever the GPIO character device is there.

use mien_core::spec::Spec;
use mien_shared::frame::Timestamp;
use rppal::{
    gpio::{self, Gpio, InputPin, OutputPin},
    pwm::{Channel, Polarity, Pwm},
};

use crate::{Dimmer, Edge, Level, Line, LinePins, Lines, PinError, Pull, Wiring, wiring::bad};

/// Frequency of the brightness, in hertz.
const PWM_HZ: f64 = 1000.0;

/// Lines of a Raspberry Pi's header.
#[derive(Debug)]
pub struct PiLines {
    lamps: Vec<OutputPin>,
    lit: Level,
    buttons: Vec<Sampled>,
    pressed: gpio::Level,
}

/// A button and what it was when it was last looked at.
#[derive(Debug)]
struct Sampled {
    pin: InputPin,
    down: bool,
}

/// The pins of `rppal://?…`.
pub(crate) fn open(spec: &Spec) -> Result<LinePins<PiLines>, PinError> {
    let wiring = Wiring::parse(spec)?;
    let dimmer = match &wiring.pwm {
        Some(channel) => Some(Box::new(PiPwm::parse(spec, channel)?) as Box<dyn Dimmer>),
        None => None,
    };
    let lines = PiLines::open(&wiring)?;
    Ok(LinePins::new(&wiring, lines, dimmer))
}

/// Takes one line of the header.
pub(crate) fn pin(line: &Line) -> Result<gpio::Pin, PinError> {
    let number = match line {
        Line::Offset(offset) => u8::try_from(*offset).ok(),
        Line::Name(name) => name.strip_prefix("GPIO").and_then(|number| number.parse().ok()),
    };
    let Some(number) = number else {
        return Err(PinError::NoLine { chip: "rppal".into(), line: line.to_string() });
    };
    Gpio::new().and_then(|gpio| gpio.get(number)).map_err(|source| PinError::Pi { source })
}

impl PiLines {
    /// Takes the lines of `wiring`.
    ///
    /// # Errors
    /// When this is no Raspberry Pi, or a line is not there or taken.
    pub fn open(wiring: &Wiring) -> Result<Self, PinError> {
        let dark = |pin: gpio::Pin| match wiring.lit {
            Level::High => pin.into_output_low(),
            Level::Low => pin.into_output_high(),
        };
        let pulled = |pin: gpio::Pin| match wiring.pull {
            Pull::Up => pin.into_input_pullup(),
            Pull::Down => pin.into_input_pulldown(),
            Pull::None => pin.into_input(),
        };
        let lamps = wiring.lamps.iter().map(|(_, line)| pin(line).map(dark));
        let pressed = gpio::Level::from(wiring.pull.pressed() == Level::High);
        // What is held down while the device starts is no press.
        let sampled = |pin: InputPin| Sampled { down: pin.read() == pressed, pin };
        let buttons =
            wiring.buttons.iter().map(|(_, line)| pin(line).map(|pin| sampled(pulled(pin))));
        Ok(Self {
            lamps: lamps.collect::<Result<_, _>>()?,
            lit: wiring.lit,
            buttons: buttons.collect::<Result<_, _>>()?,
            pressed,
        })
    }
}

impl Lines for PiLines {
    fn set(&mut self, lamp: usize, lit: bool) -> Result<(), PinError> {
        if let Some(pin) = self.lamps.get_mut(lamp) {
            pin.write((lit == (self.lit == Level::High)).into());
        }
        Ok(())
    }

    fn edge(&mut self, now: Timestamp) -> Result<Option<Edge>, PinError> {
        for (button, sampled) in self.buttons.iter_mut().enumerate() {
            let down = sampled.pin.read() == self.pressed;
            if down != sampled.down {
                sampled.down = down;
                return Ok(Some(Edge { button, down, at: now }));
            }
        }
        Ok(None)
    }
}

/// A PWM channel of a Raspberry Pi, by the number that its manual gives it.
#[derive(Debug)]
pub struct PiPwm {
    pwm: Pwm,
    channel: u8,
}

impl PiPwm {
    /// The channel that option `pwm` of `spec` names; dark at first.
    ///
    /// # Errors
    /// When the name is malformed, or the channel cannot be used.
    pub fn parse(spec: &Spec, channel: &str) -> Result<Self, PinError> {
        let (number, name) = match channel {
            "0" => (0, Channel::Pwm0),
            "1" => (1, Channel::Pwm1),
            "2" => (2, Channel::Pwm2),
            "3" => (3, Channel::Pwm3),
            _ => return Err(bad(spec, "pwm", channel, "pwm=0 to pwm=3")),
        };
        let pwm = Pwm::with_frequency(name, PWM_HZ, 0.0, Polarity::Normal, true)
            .map_err(|source| PinError::PiPwm { channel: number, source })?;
        Ok(Self { pwm, channel: number })
    }
}

impl Dimmer for PiPwm {
    fn dim(&mut self, level: f32) -> Result<(), PinError> {
        let level = if level.is_nan() { 0.0 } else { level.clamp(0.0, 1.0) };
        self.pwm
            .set_duty_cycle(f64::from(level))
            .map_err(|source| PinError::PiPwm { channel: self.channel, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_number_or_a_name_with_one() {
        for line in [Line::Offset(300), Line::Name("PQ.05".to_owned())] {
            assert!(matches!(pin(&line), Err(PinError::NoLine { .. })), "{line}");
        }
    }

    #[test]
    fn a_pwm_channel_is_a_number_from_0_to_3() {
        let spec = Spec::parse("rppal://?pwm=0:2").unwrap();
        let error = PiPwm::parse(&spec, "0:2").unwrap_err().to_string();
        assert!(error.contains("write pwm=0 to pwm=3"), "{error}");
    }
}
