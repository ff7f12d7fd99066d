//! The vision thread: frames in, observations out.
//!
//! A damaged frame is passed over. A network that fails is asked again with the next frame, then
//! built anew, and given up when that does not help: what the table of
//! [faults](mien_supervisor::fault) says.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mien_shared::{frame::Frame, telemetry::FaultKind};
use mien_supervisor::{
    fault::{Action, Faults},
    heartbeat::Heartbeat,
};

use super::{
    Gate, Makers, News, PATIENCE, PipelineError, Slot,
    slot::{Delivery, Taken},
    stages::Outcome,
};
use crate::{
    clock,
    face::{Vision, VisionError},
    reading::Observation,
};

/// What the vision thread works with.
pub(super) struct Watch {
    pub(super) makers: Makers,
    pub(super) frames: Arc<Slot<Frame>>,
    pub(super) observations: Arc<Slot<Observation>>,
    pub(super) gate: Arc<Gate>,
    pub(super) news: Arc<News>,
    pub(super) heart: Heartbeat,
    /// The device stops, or another thread took over.
    pub(super) stop: Arc<AtomicBool>,
}

impl Watch {
    /// Looks at frames until none will come or nobody takes what was seen.
    pub(super) fn run(self, mut vision: Vision) -> Outcome {
        let (mut frame, mut seen) = (Frame::empty(), Observation::empty());
        let mut faults = Faults::default();
        while !self.stop.load(Ordering::Relaxed) {
            self.heart.beat(clock::now());
            match self.frames.take(&mut frame, PATIENCE) {
                Taken::Nothing => continue,
                Taken::Closed => break,
                Taken::Fresh => {}
            }
            vision.read_every(self.gate.read_every());
            match vision.look(&frame, &mut seen) {
                Ok(()) => self.works(&mut faults),
                Err(error) if error.is_skippable() => {
                    self.news.damaged(error.to_string());
                    continue;
                }
                Err(error) => {
                    self.fails(error, &mut faults, &mut vision)?;
                    continue;
                }
            }
            if !self.hand_on(&mut seen) {
                break;
            }
        }
        Ok(())
    }

    /// The network works, again where it did not.
    fn works(&self, faults: &mut Faults) {
        if faults.worst(clock::now()).is_some() {
            faults.mended(FaultKind::Model);
            self.news.model(None);
        }
    }

    /// Answers a network that failed.
    fn fails(
        &self,
        error: VisionError,
        faults: &mut Faults,
        vision: &mut Vision,
    ) -> Result<(), PipelineError> {
        self.news.model(Some(error.to_string()));
        match faults.step(FaultKind::Model, clock::now()).action {
            Action::CarryOn => {}
            Action::RestartStage => *vision = (self.makers.vision)()?,
            _ => return Err(error.into()),
        }
        Ok(())
    }

    /// Hands on what was seen; a consumer that is waited for is not this thread's silence.
    fn hand_on(&self, seen: &mut Observation) -> bool {
        self.heart.rest();
        self.observations.put(seen, Delivery::Every)
    }
}
