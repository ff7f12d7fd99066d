//! Any source with faults: what a bad cable, a bad driver and a child with a camera do.
//!
//! ```text
//! faulty://performer://?seed=1&fps=0#drop=0.05,corrupt=0.02,stall=3s@100,unplug=2s@200,seed=7
//!          └── any source, as ever ┘ └── a schedule ─────────────────────────────────────┘
//! faulty://performer://?fps=0#random,seed=42,time=virtual
//! ```
//!
//! What a schedule may hold is in [`schedule`]. The same one over the same source gives the same
//! faults. Frames are counted over everything that befalls them, so a fault happens once, however
//! often the source is opened; a source that was unplugged starts from its beginning. With
//! `time=virtual` months pass in milliseconds, as long as those who wait do so on the source's own
//! [`Time`].

mod past;
pub mod schedule;
mod spoil;

use std::{
    mem,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use mien_shared::frame::{Frame, FrameId};

use self::past::{Past, lock};
pub use self::schedule::{Event, Kind, Schedule};
use crate::{
    Camera, CameraError, Opener, Source,
    supply::{Retry, SLICE, patience},
    time::{Time, VirtualTime},
};
use mien_core::spec::Spec;

/// Between two frames in virtual time.
const PERIOD: Duration = Duration::from_nanos(33_333_333);

/// The source that `text`, a whole `faulty://` specification, names.
pub(crate) fn read(text: &str) -> Result<Source, CameraError> {
    let (_, rest) = text.split_once("://").unwrap_or(("", text));
    let (inner, faults) = rest.rsplit_once('#').unwrap_or((rest, ""));
    let spec = Spec::parse(inner)?;
    if spec.scheme() == "faulty" {
        return Err(CameraError::UnknownScheme { spec: inner.to_owned() });
    }
    let schedule = Schedule::parse(faults).map_err(|item| CameraError::BadOption {
        spec: text.to_owned(),
        key: "faults",
        value: item,
        want: "faults behind a #, such as #drop=0.05,stall=3s@100,unplug=2s@200,seed=7",
    })?;
    let mut inner = Source::of(inner)?;
    if inner.retry == Retry::Never {
        inner.retry = Retry::Failures { stall: patience(&spec)? };
    }
    Ok(source(inner, schedule))
}

/// `inner` with the faults of `schedule`; where it waits, it waits on the new source's time.
#[must_use]
pub fn source(inner: Source, schedule: Schedule) -> Source {
    let (time, period): (Arc<dyn Time>, _) = if schedule.is_virtual() {
        (Arc::new(VirtualTime::default()), PERIOD)
    } else {
        (inner.time, Duration::ZERO)
    };
    let retry = match inner.retry {
        Retry::Never => Retry::FAILURES,
        retry => retry,
    };
    let opener = Replugged {
        inner: inner.opener,
        name: PathBuf::from(&inner.name),
        past: Arc::new(Mutex::new(Past::default())),
        schedule: Arc::new(schedule),
        time: Arc::clone(&time),
        period,
    };
    Source { name: format!("faulty {}", inner.name), opener: Box::new(opener), retry, time }
}

/// Opens the inner source when it is not unplugged.
struct Replugged {
    inner: Box<dyn Opener>,
    name: PathBuf,
    past: Arc<Mutex<Past>>,
    schedule: Arc<Schedule>,
    time: Arc<dyn Time>,
    period: Duration,
}

impl Opener for Replugged {
    fn open(&mut self) -> Result<Box<dyn Camera>, CameraError> {
        if lock(&self.past).absent_until > self.time.now() {
            return Err(CameraError::Missing { path: self.name.clone() });
        }
        Ok(Box::new(FaultyCamera {
            inner: self.inner.open()?,
            name: self.name.clone(),
            past: Arc::clone(&self.past),
            schedule: Arc::clone(&self.schedule),
            time: Arc::clone(&self.time),
            period: self.period,
            held: Frame::empty(),
            repeats: 0,
        }))
    }
}

/// What comes next.
enum Step {
    Unplug,
    Repeat,
    Silence(Duration),
    Drop,
    Take,
}

struct FaultyCamera {
    inner: Box<dyn Camera>,
    name: PathBuf,
    past: Arc<Mutex<Past>>,
    schedule: Arc<Schedule>,
    time: Arc<dyn Time>,
    period: Duration,
    /// A frame to be repeated, or one that is lost.
    held: Frame,
    repeats: u32,
}

impl FaultyCamera {
    fn step(&self) -> Step {
        let (mut past, now) = (lock(&self.past), self.time.now());
        past.begin(self.schedule.events(), now);
        let silence = past.silent_until.0.saturating_sub(now.0);
        if past.unplugged {
            Step::Unplug
        } else if !silence.is_zero() {
            Step::Silence(silence)
        } else if self.repeats > 0 {
            Step::Repeat
        } else if self.schedule.befalls(Kind::Drop, past.taken) {
            Step::Drop
        } else {
            Step::Take
        }
    }

    /// Lets a frame get lost, if one comes within `patience`; false at the end of the source.
    fn lose(&mut self, patience: Duration) -> Result<bool, CameraError> {
        if !self.inner.ready(patience)? {
            return Ok(true);
        }
        let more = self.inner.next(&mut self.held)?;
        self.time.sleep(self.period);
        let mut past = lock(&self.past);
        past.taken += u64::from(more);
        past.id += u64::from(more);
        Ok(more)
    }

    fn repeat(&mut self, frame: &mut Frame) {
        self.repeats -= 1;
        frame.clone_from(&self.held);
        let mut past = lock(&self.past);
        frame.id = FrameId(past.id);
        past.id += 1;
    }

    fn take(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        if !self.inner.next(frame)? {
            return Ok(false);
        }
        self.time.sleep(self.period);
        let n = {
            let mut past = lock(&self.past);
            let time = if self.period.is_zero() { frame.captured_at } else { self.time.now() };
            (frame.id, frame.captured_at) = (FrameId(past.id), past.stated(time));
            self.repeats = mem::take(&mut past.burst);
            past.id += 1;
            past.taken += 1;
            past.taken - 1
        };
        if self.repeats > 0 {
            self.held.clone_from(frame);
        }
        self.spoil(n, frame).map(|()| true)
    }

    /// Does to frame `n` of the source what befalls it.
    fn spoil(&self, n: u64, frame: &mut Frame) -> Result<(), CameraError> {
        let schedule = &self.schedule;
        if schedule.befalls(Kind::Damaged, n) {
            let reason = format!("frame {n} is damaged, as its schedule says");
            return Err(CameraError::BadFrame { path: self.name.clone(), reason });
        }
        if schedule.befalls(Kind::Format, n) {
            spoil::reformat(frame);
        }
        if schedule.befalls(Kind::Corrupt, n) {
            spoil::corrupt(frame, &mut schedule.spoiling(Kind::Corrupt, n));
        }
        if schedule.befalls(Kind::Length, n) {
            spoil::resize(frame, &mut schedule.spoiling(Kind::Length, n));
        }
        if schedule.befalls(Kind::Lie, n) {
            spoil::lie(frame, &mut schedule.spoiling(Kind::Lie, n));
        }
        Ok(())
    }
}

impl Camera for FaultyCamera {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        match self.step() {
            Step::Unplug | Step::Repeat => Ok(true),
            Step::Silence(left) => {
                self.time.sleep(left.min(patience));
                Ok(false)
            }
            Step::Drop => Ok(!self.lose(patience)?),
            Step::Take => self.inner.ready(patience),
        }
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        loop {
            match self.step() {
                Step::Unplug => {
                    lock(&self.past).unplugged = false;
                    return Err(CameraError::Vanished { path: self.name.clone() });
                }
                Step::Repeat => {
                    self.repeat(frame);
                    return Ok(true);
                }
                Step::Silence(left) => self.time.sleep(left),
                Step::Drop if !self.lose(SLICE)? => return Ok(false),
                Step::Drop => {}
                Step::Take => return self.take(frame),
            }
        }
    }

    fn is_live(&self) -> bool {
        self.inner.is_live()
    }

    fn outlasts_silence(&self) -> bool {
        self.inner.outlasts_silence()
    }

    fn describe(&self) -> String {
        format!("{} with faults {}", self.inner.describe(), self.schedule)
    }
}

#[cfg(test)]
mod tests;
