//! Values that are flags, numbers or times, within a range.

use std::{ops::RangeInclusive, time::Duration};

use toml::Value as Toml;

use super::Value;

/// Yes or no.
pub(crate) struct Flag<'a>(pub(crate) &'a mut bool);

impl Value for Flag<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        *self.0 = given.as_bool().ok_or("write true or false")?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some((*self.0).into())
    }
}

/// A number within a range.
pub(crate) struct Number<'a>(pub(crate) &'a mut f32, pub(crate) RangeInclusive<f32>);

impl Value for Number<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked as f32")]
        let number = real(given).map(|number| number as f32);
        let (least, most) = (self.1.start(), self.1.end());
        let number = number.filter(|number| self.1.contains(number));
        *self.0 = number.ok_or_else(|| format!("choose {least} to {most}"))?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        // By its shortest decimal, so that 0.35 does not come back as 0.3499999940395355.
        self.0.to_string().parse::<f64>().ok().map(Toml::from)
    }
}

/// A whole number within a range.
pub(crate) struct Count<'a>(pub(crate) &'a mut u32, pub(crate) RangeInclusive<u32>);

impl Value for Count<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let number = given.as_integer().and_then(|number| u32::try_from(number).ok());
        let (least, most) = (self.1.start(), self.1.end());
        let number = number.filter(|number| self.1.contains(number));
        *self.0 = number.ok_or_else(|| format!("choose {least} to {most}, a whole number"))?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(i64::from(*self.0).into())
    }
}

/// A time in seconds within a range.
pub(crate) struct Seconds<'a>(pub(crate) &'a mut Duration, pub(crate) RangeInclusive<f64>);

impl Value for Seconds<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let seconds = real(given).filter(|seconds| self.1.contains(seconds));
        let (least, most) = (self.1.start(), self.1.end());
        let fix = || format!("choose {least} to {most} seconds");
        let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        *self.0 = seconds.ok_or_else(fix)?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.as_secs_f64().into())
    }
}

/// A number, written with or without a point.
fn real(given: &Toml) -> Option<f64> {
    given.as_float().or_else(|| given.as_integer().map(|number| number as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_with_and_without_a_point_and_refused_beyond_their_range() {
        let mut number = 0.5;
        let mut value = Number(&mut number, 0.0..=1.0);
        assert_eq!(value.set(&Toml::from(1)), Ok(()));
        assert_eq!(value.set(&Toml::from(0.35)), Ok(()));
        for wrong in [Toml::from(1.01), Toml::from(f64::NAN), Toml::from("0.5"), Toml::from(true)] {
            assert_eq!(value.set(&wrong), Err("choose 0 to 1".to_owned()), "{wrong}");
        }
        assert_eq!(value.get(), Some(Toml::from(0.35)));
    }

    #[test]
    fn a_whole_number_has_no_point_and_no_sign() {
        let mut count = 3;
        let mut value = Count(&mut count, 1..=60);
        for wrong in [Toml::from(1.0), Toml::from(-1), Toml::from(61), Toml::from(i64::MAX)] {
            assert!(value.set(&wrong).is_err(), "{wrong}");
        }
        assert_eq!(value.set(&Toml::from(60)), Ok(()));
    }

    #[test]
    fn times_beyond_any_clock_are_refused() {
        let mut time = Duration::ZERO;
        let mut value = Seconds(&mut time, 0.2..=60.0);
        for wrong in [f64::INFINITY, f64::NAN, -1.0, 0.0, 1e300] {
            assert_eq!(value.set(&Toml::from(wrong)), Err("choose 0.2 to 60 seconds".to_owned()));
        }
        assert_eq!(value.set(&Toml::from(2.5)), Ok(()));
        assert_eq!(time, Duration::from_millis(2_500));
    }
}
