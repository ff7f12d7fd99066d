//! What the screen and the lamps show.

use mien_shared::frame::Timestamp;

use super::App;
use crate::{
    pins::Lamps,
    reading::Observation,
    ui::{Picture, Thumbnail},
};

impl App {
    /// How much of a calibration is done, while one goes on.
    pub(super) fn calibration(&mut self, now: Timestamp) -> Option<f32> {
        let gone = now.0.saturating_sub(self.calibrating_since?.0).as_secs_f32();
        let done = gone / self.manners.policy.calibration.as_secs_f32();
        if done < 1.0 {
            return Some(done);
        }
        self.calibrating_since = None;
        None
    }

    pub(super) fn show(&mut self, seen: Option<&Observation>, now: Timestamp) {
        self.drawn_at = now;
        self.status.calibrating = self.calibration(now);
        let face = seen.and_then(|seen| seen.faces.first());
        let thumbnail = seen.filter(|_| !self.manners.avatar).map(|seen| Thumbnail {
            picture: Picture::Grey(&seen.picture),
            rect: face.map(|face| face.rect),
            points: face.map(|face| face.points),
        });
        self.screens.show(&self.status, thumbnail);
        let shown = self.status.reading.faces.first().and_then(|face| face.expression);
        let lamps = Lamps {
            state: self.status.state,
            expression: shown.and_then(|shown| shown.label),
            fault: self.status.fault.is_some(),
            brightness: self.manners.brightness,
        };
        self.owner.show(lamps, now);
    }
}
