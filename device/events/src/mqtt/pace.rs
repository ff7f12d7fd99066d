//! Which readings are published: all, at most one in a time, or those in which something changed.

use std::{str::FromStr, time::Duration};

use mien_core::spec::Spec;
use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, Reading},
};

use crate::EventError;

#[derive(Debug)]
pub(super) enum Pace {
    All,
    Every { time: Duration, next_at: Option<Duration> },
    Change { last: Option<Vec<Seen>> },
}

/// What counts as a change of a face.
type Seen = (u32, Option<Expression>);

impl Pace {
    pub(super) fn parse(spec: &Spec) -> Result<Self, EventError> {
        let every = spec.option::<Time>("every")?;
        let on = spec.option::<String>("on")?;
        match (every, on.as_deref()) {
            (None, None) => Ok(Self::All),
            (Some(Time(time)), None) => Ok(Self::Every { time, next_at: None }),
            (None, Some("change")) => Ok(Self::Change { last: None }),
            _ => Err(EventError::refused(spec, "give either every=TIME or on=change")),
        }
    }

    /// Whether `reading` is to be published.
    pub(super) fn takes(&mut self, reading: &Reading) -> bool {
        match self {
            Self::All => true,
            Self::Every { time, next_at } => {
                let now = Duration::from_micros(reading.captured_at_us);
                let due = next_at.is_none_or(|at| now >= at);
                if due {
                    *next_at = Some(now.saturating_add(*time));
                }
                due
            }
            Self::Change { last } => {
                let same = last
                    .as_ref()
                    .is_some_and(|last| last.iter().copied().eq(reading.faces.iter().map(seen)));
                if !same {
                    let last = last.get_or_insert_default();
                    last.clear();
                    last.extend(reading.faces.iter().map(seen));
                }
                !same
            }
        }
    }
}

fn seen(face: &FaceReading) -> Seen {
    (face.id, face.expression.as_ref().and_then(|shown| shown.label))
}

/// A time as its owner writes it: `500ms`, `10s`, `1m`.
struct Time(Duration);

impl FromStr for Time {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(())?;
        let (count, unit) = text.split_at(digits);
        let count: u32 = count.parse().map_err(|_not_a_number| ())?;
        let unit = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            _ => return Err(()),
        };
        Ok(Self(unit * count))
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::ExpressionReading;

    use super::*;

    fn pace(query: &str) -> Result<Pace, EventError> {
        Pace::parse(&Spec::parse(&format!("mqtt://broker/{query}")).unwrap())
    }

    fn reading(seconds: u64, faces: &[(u32, Option<Expression>)]) -> Reading {
        let face = |&(id, label): &(u32, Option<Expression>)| {
            let expression = Some(ExpressionReading { label, ..ExpressionReading::default() });
            FaceReading { id, expression, ..FaceReading::default() }
        };
        Reading {
            captured_at_us: seconds * 1_000_000,
            faces: faces.iter().map(face).collect(),
            ..Reading::default()
        }
    }

    #[test]
    fn every_thins_readings_by_their_own_time() {
        let mut pace = pace("?every=2s").unwrap();
        let taken = [0, 1, 2, 3, 5, 6].map(|second| pace.takes(&reading(second, &[])));
        assert_eq!(taken, [true, false, true, false, true, false]);
    }

    #[test]
    fn on_change_takes_faces_that_come_go_or_change() {
        let mut pace = pace("?on=change").unwrap();
        let (calm, glad) = (Some(Expression::Neutral), Some(Expression::Happiness));
        let steps: [(&[Seen], bool); 7] = [
            (&[], true),
            (&[], false),
            (&[(1, calm)], true),
            (&[(1, calm)], false),
            (&[(1, glad)], true),
            (&[(1, glad), (2, None)], true),
            (&[(2, None)], true),
        ];
        for (faces, expected) in steps {
            assert_eq!(pace.takes(&reading(0, faces)), expected, "{faces:?}");
        }
    }

    #[test]
    fn a_pace_is_one_thing_with_a_unit() {
        assert!(pace("?every=2s&on=change").is_err());
        for bad in ["?every=2", "?every=s", "?every=2h", "?on=sunday", "?every=99999999999s"] {
            assert!(pace(bad).is_err(), "{bad}");
        }
        assert!(pace("?every=500ms").is_ok());
    }
}
