//! How the device is: its state, its faults, its figures, and who is told.

use std::{mem, time::Duration};

use mien_shared::{
    frame::Timestamp,
    telemetry::{self, FaultKind, Message, State},
};
use mien_supervisor::heat::Level;

use super::{App, Told, micros};
use crate::pipeline::{
    PipelineError,
    care::Checkup,
    duty::{self, Halt, Pictures},
};

impl App {
    /// Takes in what a look at the sensors gave.
    pub(super) fn check(&mut self, checkup: Checkup, now: Timestamp) {
        self.checkup = checkup;
        let (frames, level) = (checkup.level.frames(), checkup.level);
        self.set_halt(Halt::Hot, frames.is_none());
        self.gate.set_every(frames.unwrap_or(1), level.expressions());
        let hot = (level > Level::Full)
            .then(|| format!("The processor is hot; less is computed ({}).", level.name()));
        self.faults.set(FaultKind::Hot, hot);
        let power = checkup.weakly_powered.then(|| "The power supply is too weak.".to_owned());
        self.faults.set(FaultKind::Power, power);
        self.faults.set(FaultKind::SinkLost, self.sinks.troubles().next());
        let panel = self.screens.trouble().or(self.owner.trouble());
        self.faults.set(FaultKind::PanelLost, panel.map(str::to_owned));
        let (model, lost) = self.news.read(|told| (told.model.clone(), told.lost.clone()));
        self.faults.set(FaultKind::Model, model);
        self.set_lost(lost.as_ref().map(|(fault, _)| fault));
        self.fill_health(now);
    }

    pub(super) fn set_lost(&mut self, lost: Option<&telemetry::Fault>) {
        let text = |kind| lost.filter(|fault| fault.kind == kind).map(|f| f.text.clone());
        for kind in [FaultKind::CameraLost, FaultKind::CameraStalled, FaultKind::CameraDamaged] {
            self.faults.set(kind, text(kind));
        }
    }

    /// What the camera does, at once when it changes.
    pub(super) fn look_at_the_camera(&mut self, now: Timestamp) {
        let (delivered, retry_at) =
            self.news.read(|told| (told.delivered, told.lost.as_ref().map(|(_, at)| *at)));
        let pictures = match retry_at {
            Some(_) => Pictures::Missing,
            None if delivered => Pictures::Coming,
            None => Pictures::Awaited,
        };
        self.status.retry = retry_at.map(|at| at.0.saturating_sub(now.0));
        let state = duty::state(self.halt, pictures);
        if state == self.status.state && self.told.at != Timestamp::default() {
            return;
        }
        self.status.state = state;
        self.status.message = duty::sentence(state).map(str::to_owned);
        let lost = self.news.read(|told| told.lost.clone());
        self.set_lost(lost.as_ref().map(|(fault, _)| fault));
        if state != State::Reading {
            self.status.reading.faces.clear();
        }
        self.care.tell(&format!("{state:?}"), matches!(state, State::Reading | State::NoCamera));
    }

    pub(super) fn fill_health(&mut self, now: Timestamp) {
        let (damaged, reopened) = self.news.read(|told| (told.damaged, told.reopened));
        let Checkup { vitals, temperature_c, throttled, .. } = self.checkup;
        let health = &mut self.status.health;
        (health.frames, health.dropped) = (self.figures.frames, self.figures.dropped);
        (health.damaged, health.reopened) = (damaged, reopened);
        health.lost = self.sinks.dropped();
        let p99_us = Duration::try_from_secs_f64(self.figures.latency.percentiles().p99 / 1e3);
        health.latency_p99_us = micros(p99_us.unwrap_or_default());
        (health.temperature_c, health.throttled) = (temperature_c, throttled);
        (health.memory, health.files) = (vitals.memory, vitals.files);
        self.status.uptime = now.0;
    }

    /// Sends a status when the state or the fault changed, when it is due, or when it was asked
    /// for.
    pub(super) fn tell(&mut self, now: Timestamp) -> Result<(), PipelineError> {
        let kind = self.faults.worst_kind();
        let changed = (self.told.state, self.told.fault) != (self.status.state, kind);
        let due = now.0.saturating_sub(self.told.at.0) >= self.manners.status_every;
        if !changed && !due && !mem::take(&mut self.told.asked) {
            return Ok(());
        }
        if changed {
            self.status.fault = self.faults.worst();
        }
        self.told = Told { state: self.status.state, fault: kind, at: now, asked: false };
        self.fill_health(now);
        let mut message = Message::Status(telemetry::Status {
            sequence: 0,
            at_us: micros(now.0),
            state: self.status.state,
            fault: self.status.fault.clone(),
            health: self.status.health,
        });
        Ok(self.sinks.send(&mut message, now)?)
    }
}
