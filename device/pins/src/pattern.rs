//! What a lamp says, and when it is lit to say it.
//!
//! | lamp | looks | means |
//! |---|---|---|
//! | `reading` | slow blink, half a second on, half off | starting: no frame has come yet |
//! | | steady | faces are read |
//! | | off | paused: nothing is looked at |
//! | | double blink, once per 1.2 s | no camera |
//! | | one short flash every two seconds | cooling down |
//! | | fast blink, five times per second | stopping |
//! | `paused` | steady | paused: nothing is looked at |
//! | `fault` | fast blink | something is wrong; the screen and the sinks say what |
//! | an expression's name | steady | the largest face shows that expression |
//!
//! A pattern begins lit whenever it changes.

use std::time::Duration;

use mien_shared::{frame::Timestamp, label::Expression, telemetry::State};

use crate::Lamps;

/// One lamp, by what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// What the device does.
    Reading,
    /// Nothing is looked at.
    Paused,
    /// Something is wrong.
    Fault,
    /// The largest face shows this.
    Expression(Expression),
}

impl Light {
    /// How this lamp looks when the device shows `lamps`.
    pub fn pattern(self, lamps: &Lamps) -> Pattern {
        match self {
            Self::Reading => Pattern::of(lamps.state),
            Self::Paused => Pattern::steady(lamps.state == State::Paused),
            Self::Fault if lamps.fault => Pattern::FastBlink,
            Self::Fault => Pattern::Off,
            Self::Expression(shown) => Pattern::steady(lamps.expression == Some(shown)),
        }
    }
}

/// How a lamp looks over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pattern {
    /// Dark.
    #[default]
    Off,
    /// Lit.
    Steady,
    /// Half a second lit, half a second dark.
    SlowBlink,
    /// Five times per second.
    FastBlink,
    /// Two short flashes, then a pause.
    DoubleBlink,
    /// One short flash every two seconds.
    Flash,
}

impl Pattern {
    /// How the lamp of a device's state looks.
    pub fn of(state: State) -> Self {
        match state {
            State::Reading => Self::Steady,
            State::Paused => Self::Off,
            State::NoCamera => Self::DoubleBlink,
            State::Cooling => Self::Flash,
            State::Stopping => Self::FastBlink,
            _ => Self::SlowBlink,
        }
    }

    /// [`Self::Steady`] or [`Self::Off`].
    pub fn steady(lit: bool) -> Self {
        if lit { Self::Steady } else { Self::Off }
    }

    /// Milliseconds lit and dark in turn, again and again; lit first.
    fn beats(self) -> &'static [u16] {
        match self {
            Self::Off => &[0, 1000],
            Self::Steady => &[1000],
            Self::SlowBlink => &[500, 500],
            Self::FastBlink => &[100, 100],
            Self::DoubleBlink => &[100, 150, 100, 850],
            Self::Flash => &[50, 1950],
        }
    }

    /// Whether a lamp is lit that has shown this pattern for `elapsed`.
    pub fn lit(self, elapsed: Duration) -> bool {
        let beats = self.beats();
        let cycle = beats.iter().map(|beat| u128::from(*beat)).sum::<u128>();
        let mut left = elapsed.as_millis() % cycle;
        for (turn, beat) in beats.iter().enumerate() {
            let Some(rest) = left.checked_sub(u128::from(*beat)) else { return turn % 2 == 0 };
            left = rest;
        }
        false
    }
}

/// A lamp in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blinker {
    pattern: Pattern,
    since: Timestamp,
}

impl Blinker {
    /// Shows `pattern` from `now` on; the one that is shown already goes on as it is.
    pub fn show(&mut self, pattern: Pattern, now: Timestamp) {
        if self.pattern != pattern {
            (self.pattern, self.since) = (pattern, now);
        }
    }

    /// Whether the lamp is lit at `now`.
    pub fn at(&self, now: Timestamp) -> bool {
        self.pattern.lit(now.0.saturating_sub(self.since.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    /// What a pattern looks like every 50 ms for two seconds.
    fn strip(pattern: Pattern) -> String {
        (0..40).map(|i| if pattern.lit(at(50 * i).0) { '#' } else { '.' }).collect()
    }

    #[test]
    fn patterns_look_as_their_names_say() {
        assert_eq!(strip(Pattern::Off), "........................................");
        assert_eq!(strip(Pattern::Steady), "########################################");
        assert_eq!(strip(Pattern::SlowBlink), "##########..........##########..........");
        assert_eq!(strip(Pattern::FastBlink), "##..##..##..##..##..##..##..##..##..##..");
        assert_eq!(strip(Pattern::DoubleBlink), "##...##.................##...##.........");
        assert_eq!(strip(Pattern::Flash), "#.......................................");
    }

    #[test]
    fn states_can_be_told_apart_by_one_lamp() {
        let states = [
            State::Starting,
            State::Reading,
            State::Paused,
            State::NoCamera,
            State::Cooling,
            State::Stopping,
        ];
        let strips = states.map(|state| strip(Pattern::of(state)));
        for (i, one) in strips.iter().enumerate() {
            assert!(!strips[..i].contains(one), "{:?}", states[i]);
        }
    }

    #[test]
    fn lamps_say_what_they_stand_for() {
        let lamps = Lamps {
            state: State::Paused,
            expression: Some(Expression::Happiness),
            fault: true,
            ..Lamps::default()
        };
        assert_eq!(Light::Reading.pattern(&lamps), Pattern::Off);
        assert_eq!(Light::Paused.pattern(&lamps), Pattern::Steady);
        assert_eq!(Light::Fault.pattern(&lamps), Pattern::FastBlink);
        assert_eq!(Light::Expression(Expression::Happiness).pattern(&lamps), Pattern::Steady);
        assert_eq!(Light::Expression(Expression::Fear).pattern(&lamps), Pattern::Off);
    }

    #[test]
    fn a_pattern_begins_lit_when_it_changes_and_goes_on_when_it_does_not() {
        let mut blinker = Blinker::default();
        blinker.show(Pattern::SlowBlink, at(700));
        assert!(blinker.at(at(700)));
        blinker.show(Pattern::SlowBlink, at(1300));
        assert!(!blinker.at(at(1300)), "dark from 1200 on");
        assert!(blinker.at(at(600)), "times before the change count as the change");
    }
}
