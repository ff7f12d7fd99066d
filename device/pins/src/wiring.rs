//! Which lamp and which button is on which line, from a specification's options.
//!
//! | option | means |
//! |---|---|
//! | `reading` `paused` `fault` `neutral` … `surprise` | the line of that lamp |
//! | `privacy` `calibrate` `page` | the line of that button |
//! | `active=high` or `low` | the level at which lamps are lit; high if not given |
//! | `pull=up`, `down` or `none` | up, and `none` with a resistor of your own: a button ties its line to ground; down: to 3.3 V. Up if not given |
//! | `pwm=CHIP:CHANNEL` (rppal: `pwm=CHANNEL`) | the PWM channel that dims the lamps |
//!
//! A line is a number, or the name that its chip gives it (`GPIO17`, `PQ.05`).

use std::{convert::Infallible, fmt, str::FromStr};

use mien_core::spec::Spec;
use mien_shared::label::Expression;

use crate::{Button, Light, PinError};

/// A line of a GPIO chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// By its number on the chip.
    Offset(u32),
    /// By the name that the chip gives it.
    Name(String),
}

impl FromStr for Line {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_name| Self::Name(text.to_owned()), Self::Offset))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "{offset}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The level of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// 0 V.
    Low,
    /// 3.3 V.
    #[default]
    High,
}

/// What holds a button's line while nobody presses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pull {
    /// The chip, at 3.3 V; pressed is low.
    #[default]
    Up,
    /// The chip, at 0 V; pressed is high.
    Down,
    /// A resistor outside, at 3.3 V; pressed is low.
    None,
}

impl Pull {
    /// The level of a line whose button is pressed.
    pub fn pressed(self) -> Level {
        if self == Self::Down { Level::High } else { Level::Low }
    }
}

/// What is wired to a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// Lamps and their lines.
    pub lamps: Vec<(Light, Line)>,
    /// Buttons and their lines.
    pub buttons: Vec<(Button, Line)>,
    /// The level at which lamps are lit.
    pub lit: Level,
    /// What holds the buttons' lines.
    pub pull: Pull,
    /// The PWM channel that dims the lamps, as it was written.
    pub pwm: Option<String>,
}

impl Wiring {
    /// The wiring that `spec`'s options tell.
    ///
    /// # Errors
    /// When an option is unknown or malformed, a line is named twice, or nothing is wired.
    pub fn parse(spec: &Spec) -> Result<Self, PinError> {
        spec.allow(&known())?;
        let mut wired = Wired { spec, taken: Vec::new() };
        let mut lamps = Vec::new();
        for (name, light) in lights() {
            lamps.extend(wired.take(name)?.map(|line| (light, line)));
        }
        let mut buttons = Vec::new();
        for button in Button::ALL {
            buttons.extend(wired.take(button.name())?.map(|line| (button, line)));
        }
        let pwm = spec.option::<String>("pwm")?;
        if lamps.is_empty() && buttons.is_empty() && pwm.is_none() {
            return Err(PinError::NothingWired { spec: spec.text().to_owned() });
        }
        Ok(Self { lamps, buttons, lit: lit(spec)?, pull: pull(spec)?, pwm })
    }
}

/// Lamps by their option's name.
fn lights() -> impl Iterator<Item = (&'static str, Light)> {
    let expressions = Expression::ALL.into_iter().map(|e| (e.name(), Light::Expression(e)));
    [("reading", Light::Reading), ("paused", Light::Paused), ("fault", Light::Fault)]
        .into_iter()
        .chain(expressions)
}

fn known() -> Vec<&'static str> {
    let buttons = Button::ALL.into_iter().map(Button::name);
    lights().map(|(name, _)| name).chain(buttons).chain(["active", "pull", "pwm"]).collect()
}

/// The lines that options have named so far.
struct Wired<'a> {
    spec: &'a Spec,
    taken: Vec<(&'static str, Line)>,
}

impl Wired<'_> {
    fn take(&mut self, name: &'static str) -> Result<Option<Line>, PinError> {
        let Some(line) = self.spec.option::<Line>(name)? else { return Ok(None) };
        if let Some((first, _)) = self.taken.iter().find(|(_, taken)| *taken == line) {
            return Err(PinError::LineTwice {
                spec: self.spec.text().to_owned(),
                line: line.to_string(),
                first: (*first).to_owned(),
                second: name.to_owned(),
            });
        }
        self.taken.push((name, line.clone()));
        Ok(Some(line))
    }
}

fn lit(spec: &Spec) -> Result<Level, PinError> {
    match spec.option::<String>("active")?.as_deref() {
        None | Some("high") => Ok(Level::High),
        Some("low") => Ok(Level::Low),
        Some(value) => Err(bad(spec, "active", value, "active=high or active=low")),
    }
}

fn pull(spec: &Spec) -> Result<Pull, PinError> {
    match spec.option::<String>("pull")?.as_deref() {
        None | Some("up") => Ok(Pull::Up),
        Some("down") => Ok(Pull::Down),
        Some("none") => Ok(Pull::None),
        Some(value) => Err(bad(spec, "pull", value, "pull=up, pull=down or pull=none")),
    }
}

/// The refusal of an option's value.
pub(crate) fn bad(spec: &Spec, key: &'static str, value: &str, expected: &'static str) -> PinError {
    PinError::BadValue { spec: spec.text().to_owned(), key, value: value.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wiring(options: &str) -> Result<Wiring, PinError> {
        Wiring::parse(&Spec::parse(&format!("gpio://auto?{options}")).unwrap())
    }

    fn refusal(options: &str) -> String {
        wiring(options).unwrap_err().to_string()
    }

    #[test]
    fn a_wiring_is_read_from_options() {
        let wiring = wiring("reading=17&happiness=GPIO5&privacy=22&active=low&pwm=0:2").unwrap();
        let expected = Wiring {
            lamps: vec![
                (Light::Reading, Line::Offset(17)),
                (Light::Expression(Expression::Happiness), Line::Name("GPIO5".to_owned())),
            ],
            buttons: vec![(Button::Privacy, Line::Offset(22))],
            lit: Level::Low,
            pull: Pull::Up,
            pwm: Some("0:2".to_owned()),
        };
        assert_eq!(wiring, expected);
    }

    #[test]
    fn a_pressed_button_ties_its_line_away_from_the_pull() {
        assert_eq!(Pull::Up.pressed(), Level::Low);
        assert_eq!(Pull::None.pressed(), Level::Low);
        assert_eq!(wiring("page=4&pull=down").unwrap().pull.pressed(), Level::High);
    }

    #[test]
    fn one_line_cannot_be_two_things() {
        assert_eq!(
            refusal("reading=17&privacy=17"),
            "pins gpio://auto?reading=17&privacy=17: line 17 cannot be both reading and privacy; \
             wire one of them elsewhere"
        );
    }

    #[test]
    fn nonsense_is_refused_with_what_to_write() {
        assert!(refusal("").contains("nothing is wired; name lines"));
        assert!(refusal("reading=1&active=yes").contains("write active=high or active=low"));
        assert!(refusal("page=1&pull=left").contains("write pull=up, pull=down or pull=none"));
        assert!(refusal("joy=5").contains("unknown option \"joy\""));
    }
}
