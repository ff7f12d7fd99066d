//! The last stage: an observation becomes a decision, a message for the sinks and a screen; between
//! observations it listens to its owner and looks after the device.

mod display;
mod figures;
mod health;
mod manners;
mod wishes;

use std::{mem, sync::Arc, time::Duration};

use mien_shared::{
    frame::Timestamp,
    telemetry::{FaultKind, Hello, Message, Reading, State},
};

use self::figures::Figures;
pub use self::manners::{Manners, Outputs};
use super::{
    Gate, News, PipelineError,
    care::{Care, Checkup},
    diary::Diary,
    duty::Halt,
    faults::Faults,
    notice::Notice,
    owner::Owner,
    rate::Rate,
    screens::Screens,
};
use crate::{
    clock,
    decide::Decider,
    events::Sinks,
    reading::{MAX_FACES, Observation},
    stage::Stage,
    ui::Status,
};

/// The least time between two screens: nobody sees more of them.
const GLANCE: Duration = Duration::from_millis(30);

/// How often the screen is drawn anew while no picture comes.
const REDRAW: Duration = Duration::from_millis(250);

/// The stage that decides and tells.
pub struct App {
    manners: Manners,
    decider: Decider,
    screens: Screens,
    sinks: Sinks,
    owner: Owner,
    pub(super) care: Care,
    pub(super) gate: Arc<Gate>,
    pub(super) news: Arc<News>,
    status: Status,
    faults: Faults,
    notice: Notice,
    checkup: Checkup,
    halt: Option<Halt>,
    rate: Rate,
    figures: Figures,
    told: Told,
    drawn_at: Timestamp,
    calibrating_since: Option<Timestamp>,
    diary: Option<Diary>,
}

/// What the sinks were told last.
#[derive(Debug, Default)]
struct Told {
    state: State,
    fault: Option<FaultKind>,
    at: Timestamp,
    asked: bool,
}

impl App {
    /// An app that tells `outputs` about frames from `source`, and greets its sinks with `hello`.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn new(
        outputs: Outputs,
        source: String,
        manners: Manners,
        hello: Hello,
    ) -> Result<Self, PipelineError> {
        let Outputs { panels, mut sinks, owner } = outputs;
        let models = hello.models.clone();
        sinks.send(&mut Message::Hello(hello), clock::now())?;
        let reading = blank(MAX_FACES);
        let mut app = Self {
            decider: Decider::new(manners.policy),
            screens: Screens::new(panels),
            sinks,
            owner,
            care: Care::of_system(manners.limits),
            gate: Arc::new(Gate::new(true)),
            news: Arc::default(),
            status: Status { reading, source, models, ..Status::default() },
            faults: Faults::default(),
            notice: Notice::new(manners.notice),
            checkup: Checkup::default(),
            halt: None,
            rate: Rate::default(),
            figures: Figures::default(),
            told: Told::default(),
            drawn_at: Timestamp::default(),
            calibrating_since: None,
            diary: None,
            manners,
        };
        app.take_manners();
        Ok(app)
    }

    /// Decides about one observation and tells it.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn take(&mut self, seen: &mut Observation) -> Result<(), PipelineError> {
        if self.halt.is_some() {
            return Ok(());
        }
        seen.laps.resume();
        let faces = self.decider.step(seen, seen.captured_at);
        let reading = &mut self.status.reading;
        reading.faces.clear();
        reading.faces.extend_from_slice(faces);
        if self.manners.withheld {
            reading.faces.iter_mut().for_each(|face| face.expression = None);
        }
        seen.laps.lap(Stage::Decide);
        let now = clock::now();
        self.report(seen, now)?;
        seen.laps.lap(Stage::Report);
        self.figures.tally.add(&seen.laps);
        self.status.health.fps = self.rate.add(seen.captured_at);
        self.status.notice = self.notice.step(!self.status.reading.faces.is_empty(), now);
        self.tend(now)?;
        if now.0.saturating_sub(self.drawn_at.0) >= GLANCE {
            self.show(Some(seen), now);
        }
        Ok(())
    }

    /// Listens to the owner, looks after the device, and tells what has changed.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn tend(&mut self, now: Timestamp) -> Result<(), PipelineError> {
        self.listen(now);
        if let Some(checkup) = self.care.checkup(now) {
            self.check(checkup, now);
        }
        self.look_at_the_camera(now);
        self.tell(now)?;
        if now.0.saturating_sub(self.drawn_at.0) >= REDRAW {
            self.show(None, now);
        }
        Ok(())
    }

    /// Takes note of the frames that gave way to newer ones.
    pub(super) fn count_dropped(&mut self, dropped: u64) {
        self.figures.dropped = dropped;
    }

    /// Says that it stops, and shows what slow panels kept back.
    ///
    /// # Errors
    /// When the reader of standard output has gone.
    pub fn finish(&mut self) -> Result<(), PipelineError> {
        self.care.stopping();
        self.set_halt(Halt::Stopping, true);
        let now = clock::now();
        self.look_at_the_camera(now);
        let told = self.tell(now);
        self.screens.flush();
        told
    }

    /// Shows that it stops, where someone stops it.
    pub fn say_goodbye(&mut self) {
        self.show(None, clock::now());
        self.screens.flush();
    }

    /// Completes the reading and sends it.
    fn report(&mut self, seen: &Observation, now: Timestamp) -> Result<(), PipelineError> {
        let latency = now.0.saturating_sub(seen.captured_at.0);
        self.figures.take(latency, now);
        let mut reading = mem::take(&mut self.status.reading);
        reading.frame = seen.frame;
        reading.captured_at_us = micros(seen.captured_at.0);
        reading.latency_us = micros(latency);
        reading.frame_size = [seen.picture.width, seen.picture.height];
        let mut message = Message::Reading(reading);
        let sent = self.sinks.send(&mut message, now);
        // The reading comes back, so that its list of faces is used again.
        if let Message::Reading(reading) = message {
            self.status.reading = reading;
        }
        if self.sinks.wants_pictures() {
            self.sinks.picture(&seen.picture);
        }
        Ok(sent?)
    }
}

/// A reading of nothing, with room for `faces`.
fn blank(faces: usize) -> Reading {
    Reading { faces: Vec::with_capacity(faces), ..Reading::default() }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
