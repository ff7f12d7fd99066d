//! When a lost source is tried again, and when silence is a loss.

use std::time::Duration;

use crate::{CameraError, options};
use mien_core::spec::Spec;

/// Before the first attempt.
const FIRST: Duration = Duration::from_millis(100);
/// Between later attempts at most, so that a camera plugged in again shows pictures within 2 s.
const MOST: Duration = Duration::from_secs(1);
/// A frame may take as long, unless the owner says otherwise.
const STALL: Duration = Duration::from_secs(3);

/// What becomes of a source that fails, ends or falls silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It is given up: its end is the end and its failure is the caller's.
    Never,
    /// It is opened anew when it fails or falls silent; its end is the end.
    Failures {
        /// How long it may be silent, or give nothing but damaged frames.
        stall: Duration,
    },
    /// It is opened anew until it is back; an end is a failure, too.
    Always {
        /// How long it may be silent, or give nothing but damaged frames.
        stall: Duration,
    },
}

impl Retry {
    /// [`Retry::Failures`] with the patience of any other source.
    pub const FAILURES: Self = Self::Failures { stall: STALL };

    /// How long the source may be silent.
    pub fn stall(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Failures { stall } | Self::Always { stall } => Some(stall),
        }
    }

    /// `retry=0|1`, 1 when absent, and the [`patience`] with it.
    pub(crate) fn read(spec: &Spec) -> Result<Self, CameraError> {
        let stall = patience(spec)?;
        let never = spec.option::<String>("retry")?.is_some() && !options::flag(spec, "retry")?;
        Ok(if never { Self::Never } else { Self::Always { stall } })
    }
}

/// How long a frame of the source that `spec` names may take: `timeout=SECONDS`, else 3 s, or the
/// time of three frames at the rate that was asked for.
pub(crate) fn patience(spec: &Spec) -> Result<Duration, CameraError> {
    let period = options::fps(spec)?.filter(|&fps| fps > 0.0).map_or(0.0, |fps| 1.0 / fps);
    let usual = STALL.max(Duration::from_secs_f64(3.0 * period));
    Ok(options::timeout(spec)?.unwrap_or(usual))
}

/// How long to wait before attempt number `attempt`, counted from 1: 0.1, 0.2, 0.4, 0.8, 1, 1 … s.
#[must_use]
pub fn delay(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    (FIRST * (1 << doublings)).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_a_second() {
        let millis = [1, 2, 3, 4, 5, 6, u32::MAX].map(|attempt| delay(attempt).as_millis());
        assert_eq!(millis, [100, 200, 400, 800, 1000, 1000, 1000]);
        assert_eq!(delay(0), FIRST);
    }

    #[test]
    fn a_slow_camera_is_given_the_time_of_three_frames() {
        for (query, seconds) in [("", 3), ("fps=30", 3), ("fps=0.5", 6), ("fps=0", 3)] {
            let spec = Spec::parse(&format!("v4l2://auto?{query}")).unwrap();
            assert_eq!(patience(&spec).unwrap(), Duration::from_secs(seconds), "{query}");
        }
        let spec = Spec::parse("v4l2://auto?fps=0.5&timeout=1").unwrap();
        assert_eq!(patience(&spec).unwrap(), Duration::from_secs(1));
    }

    #[test]
    fn the_owner_says_whether_and_when() {
        let read =
            |query: &str| Retry::read(&Spec::parse(&format!("v4l2://auto?{query}")).unwrap());
        assert_eq!(read("").unwrap(), Retry::Always { stall: Duration::from_secs(3) });
        assert_eq!(read("retry=0").unwrap(), Retry::Never);
        let patient = Retry::Always { stall: Duration::from_millis(500) };
        assert_eq!(read("retry=1&timeout=0.5").unwrap(), patient);
        for query in ["retry=2", "retry=", "timeout=0", "timeout=nan"] {
            assert!(matches!(read(query), Err(CameraError::BadOption { .. })), "{query}");
        }
    }
}
