//! A source kept alive for months: cameras that are not there yet, fall silent, are pulled out or
//! come back under another number.
//!
//! ```text
//!            a frame                  silent for `stall`, failed, ended
//!          ┌───────┐               ┌──────────────────────────────┐
//!          ▼       │               │                              ▼
//!   open ─► running ───────────────┘              waiting 0.1 s, 0.2 s … 1 s ─┐
//!    │     ▲                                        ▲                         │
//!    │     └──── opened anew, names resolved anew ──┴─────── failed ◄─────────┘
//!    └── not there yet ────────────────────────────►┘
//! ```
//!
//! Ids keep growing and capture times never run back over all of it. A file's end is its end; a
//! device or a named pipe has none. Every wait is at most [`SLICE`] long before the stop flag is
//! looked at again. Time is passed in.

mod event;
mod order;
mod retry;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use mien_shared::frame::{Frame, Timestamp};

pub(crate) use self::retry::patience;
use self::{event::fault, order::Order};
pub use self::{
    event::{Counts, Event},
    retry::{Retry, delay},
};
use crate::{Camera, CameraError, Source};

/// The longest wait between two looks at the stop flag.
pub const SLICE: Duration = Duration::from_millis(50);

/// A source that is opened again and again.
pub struct Supply {
    source: Source,
    camera: Option<Box<dyn Camera>>,
    /// What has happened and is not told yet.
    news: Option<Event>,
    /// Since when there is no frame, and how often it was tried.
    loss: Option<Loss>,
    /// When the source is tried next, while there is no camera.
    due: Timestamp,
    /// When the last good frame came, or the camera was opened.
    fresh: Timestamp,
    ended: bool,
    live: bool,
    about: String,
    order: Order,
    counts: Counts,
}

#[derive(Debug, Clone, Copy)]
struct Loss {
    since: Timestamp,
    attempts: u32,
}

/// What a look at the camera gave.
enum Look {
    Filled,
    Nothing,
    End,
}

impl Supply {
    /// Opens the source that `spec` names, or begins to wait for it where it may come later.
    ///
    /// # Errors
    /// A malformed spec, always; any failure to open where the source is not tried again: files,
    /// standard input, `retry=0`.
    pub fn open(spec: &str) -> Result<Self, CameraError> {
        Self::of(Source::of(spec)?)
    }

    /// Opens `source`, or begins to wait for it.
    ///
    /// # Errors
    /// As [`Supply::open`].
    pub fn of(source: Source) -> Result<Self, CameraError> {
        let now = source.time.now();
        let mut supply = Self {
            live: source.retry != Retry::Never,
            about: source.name.clone(),
            source,
            camera: None,
            news: None,
            loss: None,
            due: now,
            fresh: now,
            ended: false,
            order: Order::default(),
            counts: Counts::default(),
        };
        supply.news = supply.connect()?;
        Ok(supply)
    }

    /// Waits for what happens next; `frame` is filled where [`Event::has_frame`] says so.
    ///
    /// # Errors
    /// Any failure of a source that is not tried again; it has then ended.
    pub fn next(&mut self, frame: &mut Frame, stop: &AtomicBool) -> Result<Event, CameraError> {
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(Event::Stopped);
            }
            if let Some(event) = self.step(frame)? {
                return Ok(event);
            }
        }
    }

    /// Waits for what happens next, but no longer than a [`SLICE`]; `None` when nothing did.
    ///
    /// # Errors
    /// As [`Supply::next`].
    pub fn step(&mut self, frame: &mut Frame) -> Result<Option<Event>, CameraError> {
        if self.ended {
            return Ok(Some(Event::Ended));
        }
        match self.news.take() {
            Some(news) => Ok(Some(news)),
            None if self.camera.is_some() => self.watch(frame),
            None => self.wait(),
        }
    }

    /// Lets go of a source that is tried again, without a loss: the next step opens it anew. One
    /// that is not tried again would begin from its start, and stays as it is.
    pub fn release(&mut self) {
        if self.source.retry != Retry::Never {
            (self.camera, self.news, self.loss) = (None, None, None);
            self.due = self.source.time.now();
        }
    }

    /// Whether the clock drives the source; see [`Camera::is_live`].
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// One line for a person: the camera, or what is waited for.
    pub fn describe(&self) -> &str {
        &self.about
    }

    /// What it did so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Looks at the camera once, for at most a slice.
    fn watch(&mut self, frame: &mut Frame) -> Result<Option<Event>, CameraError> {
        let Some(camera) = &mut self.camera else { return Ok(None) };
        let look = look(camera.as_mut(), frame);
        let silent = self.source.time.now().0.saturating_sub(self.fresh.0);
        let stalled = self.source.retry.stall().filter(|&stall| silent >= stall);
        match (look, stalled) {
            (Ok(Look::Filled), _) => Ok(Some(self.deliver(frame))),
            (Ok(Look::Nothing), None) => Ok(None),
            (Ok(Look::Nothing), Some(after)) => self.hush(after),
            (Ok(Look::End), _) => self.close(),
            (Err(error), None) if error.is_skippable() => {
                self.counts.damaged += 1;
                Ok(Some(Event::Skipped { reason: error.to_string() }))
            }
            (Err(error), _) => {
                self.counts.damaged += u64::from(error.is_skippable());
                self.lose(error)
            }
        }
    }

    /// The source has been silent `after` its last frame.
    fn hush(&mut self, after: Duration) -> Result<Option<Event>, CameraError> {
        let error = CameraError::Stalled { path: self.source.name.clone().into(), after };
        if !self.camera.as_ref().is_some_and(|camera| camera.outlasts_silence()) {
            return self.lose(error);
        }
        self.fresh = self.source.time.now();
        let attempt = self.miss();
        Ok(Some(Event::Lost { fault: fault(&error), attempt, retry_in: after }))
    }

    /// The source has come to an end.
    fn close(&mut self) -> Result<Option<Event>, CameraError> {
        if let Retry::Always { .. } = self.source.retry {
            return self.lose(CameraError::Vanished { path: self.source.name.clone().into() });
        }
        self.end();
        Ok(Some(Event::Ended))
    }

    /// Waits a slice for the next attempt, or makes it.
    fn wait(&mut self) -> Result<Option<Event>, CameraError> {
        let left = self.due.0.saturating_sub(self.source.time.now().0);
        if left.is_zero() {
            return self.connect();
        }
        self.source.time.sleep(left.min(SLICE));
        Ok(None)
    }

    /// Makes an attempt to open the source.
    fn connect(&mut self) -> Result<Option<Event>, CameraError> {
        match self.source.opener.open() {
            Ok(camera) => {
                self.live = camera.is_live();
                self.about = camera.describe();
                self.camera = Some(camera);
                self.fresh = self.source.time.now();
                self.order.restart();
                Ok(None)
            }
            Err(error) => {
                self.counts.failed += 1;
                self.lose(error)
            }
        }
    }

    /// Accepts a good frame.
    fn deliver(&mut self, frame: &mut Frame) -> Event {
        let now = self.source.time.now();
        self.order.place(frame, now);
        self.fresh = now;
        self.counts.frames += 1;
        match self.loss.take() {
            None => Event::Frame,
            Some(loss) => {
                self.counts.reopened += 1;
                Event::Back { after: now.0.saturating_sub(loss.since.0) }
            }
        }
    }

    /// Lets go of the camera and plans the next attempt, where there is one.
    fn lose(&mut self, error: CameraError) -> Result<Option<Event>, CameraError> {
        if self.source.retry == Retry::Never || error.is_refusal() {
            self.end();
            return Err(error);
        }
        self.camera = None;
        let attempt = self.miss();
        let retry_in = delay(attempt);
        self.due = Timestamp(self.source.time.now().0.saturating_add(retry_in));
        Ok(Some(Event::Lost { fault: fault(&error), attempt, retry_in }))
    }

    /// Counts a loss, or one more failure in it; the number of the attempt that comes next.
    fn miss(&mut self) -> u32 {
        let since = self.source.time.now();
        self.counts.losses += u64::from(self.loss.is_none());
        let loss = self.loss.get_or_insert(Loss { since, attempts: 0 });
        loss.attempts = loss.attempts.saturating_add(1);
        loss.attempts
    }

    fn end(&mut self) {
        self.camera = None;
        self.ended = true;
    }
}

/// Takes a frame, if one comes within a slice.
fn look(camera: &mut dyn Camera, frame: &mut Frame) -> Result<Look, CameraError> {
    if !camera.ready(SLICE)? {
        return Ok(Look::Nothing);
    }
    Ok(if camera.next(frame)? { Look::Filled } else { Look::End })
}

#[cfg(test)]
mod tests;
