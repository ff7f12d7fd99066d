//! The last stage: an observation becomes a decision, a message for the sinks and a screen.

use std::{mem, time::Duration};

use mien_shared::{
    frame::{FrameId, Timestamp},
    telemetry::{Hello, Message, Reading},
};

use super::PipelineError;
use crate::{
    camera::clock,
    decide::{Decider, Policy},
    events::Sink,
    panel::{Panel, PanelError},
    reading::{MAX_FACES, Observation},
    stage::{Percentiles, Samples, Stage, Tally},
    ui::{Picture, Screen, Status, Thumbnail},
};

/// How long the screen shows an old reading before it says that no picture comes.
const SILENCE: Duration = Duration::from_secs(2);

/// Frames over which the frame rate is taken.
const RATE_WINDOW: usize = 32;

/// Where readings go.
#[derive(Default)]
pub struct Outputs {
    /// Panels to show the screen on.
    pub panels: Vec<Box<dyn Panel>>,
    /// Sinks to send messages to.
    pub sinks: Vec<Box<dyn Sink>>,
}

/// The stage that decides and tells.
pub struct App {
    decider: Decider,
    shown: Vec<Shown>,
    sinks: Vec<Box<dyn Sink>>,
    status: Status,
    rate: Rate,
    frames: u64,
    latency: Samples,
    tally: Tally,
    heard_at: Timestamp,
}

impl App {
    /// An app that tells `outputs` about frames from `source`, and greets its sinks with `hello`.
    ///
    /// # Errors
    /// When a sink refuses the greeting.
    pub fn new(
        outputs: Outputs,
        source: String,
        policy: Policy,
        hello: Hello,
    ) -> Result<Self, PipelineError> {
        let Outputs { panels, mut sinks } = outputs;
        let hello = Message::Hello(hello);
        sinks.iter_mut().try_for_each(|sink| sink.send(&hello))?;
        Ok(Self {
            decider: Decider::new(policy),
            shown: panels.into_iter().map(Shown::new).collect(),
            sinks,
            status: Status { reading: blank(MAX_FACES), fps: 0.0, source, message: None },
            rate: Rate::default(),
            frames: 0,
            latency: Samples::new(),
            tally: Tally::new(),
            heard_at: clock::now(),
        })
    }

    /// Decides about one observation and tells it.
    ///
    /// # Errors
    /// When a sink or a panel fails.
    pub fn take(&mut self, seen: &mut Observation) -> Result<(), PipelineError> {
        seen.laps.resume();
        let faces = self.decider.step(seen, seen.captured_at);
        let reading = &mut self.status.reading;
        reading.faces.clear();
        reading.faces.extend_from_slice(faces);
        seen.laps.lap(Stage::Decide);
        self.report(seen)?;
        seen.laps.lap(Stage::Report);
        self.tally.add(&seen.laps);
        self.frames += 1;
        self.status.fps = self.rate.add(seen.captured_at);
        self.status.message = None;
        self.show(Some(seen))
    }

    /// Says on the screen that no picture comes, once that lasts.
    ///
    /// # Errors
    /// When a panel fails.
    pub fn wait(&mut self) -> Result<(), PipelineError> {
        let silence = clock::now().0.saturating_sub(self.heard_at.0);
        if silence < SILENCE || self.status.message.is_some() {
            return Ok(());
        }
        self.status.message = Some("No picture comes from the camera.".to_owned());
        self.show(None)
    }

    /// Shows what a slow panel kept back.
    ///
    /// # Errors
    /// When a panel fails.
    pub fn finish(&mut self) -> Result<(), PipelineError> {
        Ok(self.shown.iter_mut().try_for_each(|shown| shown.panel.flush())?)
    }

    /// Frames taken so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// From capture to event, in milliseconds.
    pub fn latency(&self) -> Percentiles {
        self.latency.percentiles()
    }

    /// What the stages of the latest frames took.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Completes the reading and sends it.
    fn report(&mut self, seen: &Observation) -> Result<(), PipelineError> {
        self.heard_at = clock::now();
        let latency = self.heard_at.0.saturating_sub(seen.captured_at.0);
        self.latency.add(latency);
        let mut reading = mem::replace(&mut self.status.reading, blank(0));
        reading.frame = seen.frame;
        reading.captured_at_us = micros(seen.captured_at.0);
        reading.latency_us = micros(latency);
        reading.frame_size = [seen.picture.width, seen.picture.height];
        let message = Message::Reading(reading);
        let sent = self.sinks.iter_mut().try_for_each(|sink| sink.send(&message));
        // The reading comes back, so that its list of faces is used again.
        if let Message::Reading(reading) = message {
            self.status.reading = reading;
        }
        Ok(sent?)
    }

    fn show(&mut self, seen: Option<&Observation>) -> Result<(), PipelineError> {
        let face = seen.and_then(|seen| seen.faces.first());
        let thumbnail = seen.map(|seen| Thumbnail {
            picture: Picture::Grey(&seen.picture),
            rect: face.map(|face| face.rect),
            points: face.map(|face| face.points),
        });
        for shown in &mut self.shown {
            shown.show(&self.status, thumbnail)?;
        }
        Ok(())
    }
}

/// A panel with the screen that suits it.
struct Shown {
    panel: Box<dyn Panel>,
    screen: Screen,
}

impl Shown {
    fn new(panel: Box<dyn Panel>) -> Self {
        Self { screen: panel.screen(), panel }
    }

    fn show(
        &mut self,
        status: &Status,
        thumbnail: Option<Thumbnail<'_>>,
    ) -> Result<(), PanelError> {
        if self.screen.size() != self.panel.size() {
            self.screen = self.panel.screen();
        }
        self.screen.draw(status, thumbnail);
        self.panel.show(&self.screen)
    }
}

/// The frame rate over the latest frames.
#[derive(Debug, Default)]
struct Rate {
    times: [Timestamp; RATE_WINDOW],
    count: usize,
}

impl Rate {
    /// Adds a frame captured at `time`; returns frames per second, 0 until there are two.
    fn add(&mut self, time: Timestamp) -> f32 {
        let oldest = self.count.saturating_sub(RATE_WINDOW - 1);
        self.times[self.count % RATE_WINDOW] = time;
        let span = time.0.saturating_sub(self.times[oldest % RATE_WINDOW].0);
        let intervals = self.count - oldest;
        self.count += 1;
        if span.is_zero() { 0.0 } else { intervals as f32 / span.as_secs_f32() }
    }
}

/// A reading of nothing, with room for `faces`.
fn blank(faces: usize) -> Reading {
    Reading {
        frame: FrameId(0),
        captured_at_us: 0,
        latency_us: 0,
        frame_size: [0, 0],
        faces: Vec::with_capacity(faces),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_taken_over_the_latest_frames() {
        let mut rate = Rate::default();
        let at = |ms| Timestamp(Duration::from_millis(ms));
        assert!(rate.add(at(0)).abs() < 1e-6);
        assert!((rate.add(at(100)) - 10.0).abs() < 1e-4);
        let slow = (2..100).map(|i| rate.add(at(i * 100))).last().unwrap();
        assert!((slow - 10.0).abs() < 0.01, "{slow}");
        let fast = (1..=31).map(|i| rate.add(at(9900 + i * 20))).last().unwrap();
        assert!((fast - 50.0).abs() < 0.01, "{fast}");
    }
}
