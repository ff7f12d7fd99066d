//! What is looked after once a second: heat, supply, memory, the watchdog.

use std::{path::Path, time::Duration};

use mien_shared::frame::Timestamp;
use mien_supervisor::{
    heartbeat::{Heartbeats, Verdict},
    heat::{Ladder, Level, Limits, Sensors},
    service::Service,
    vitals::{Vitals, VitalsReader},
};

/// How often the sensors are read.
const PERIOD: Duration = Duration::from_secs(1);

/// The sensors, the watchdog and what they led to.
pub(super) struct Care {
    sensors: Sensors,
    ladder: Ladder,
    vitals: VitalsReader,
    service: Service,
    /// The stages that are watched.
    pub(super) hearts: Heartbeats,
    due: Timestamp,
}

/// What a look at the sensors gave.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Checkup {
    pub(super) vitals: Vitals,
    pub(super) temperature_c: Option<f32>,
    /// The firmware's throttling bits, where there are any.
    pub(super) throttled: Option<u32>,
    pub(super) weakly_powered: bool,
    pub(super) level: Level,
}

impl Care {
    /// Looks after this system: sensors below `/sys`, memory from `/proc`, systemd's watchdog from
    /// the environment.
    #[must_use]
    pub(super) fn of_system(limits: Limits) -> Self {
        Self {
            sensors: Sensors::find(Path::new("/sys")),
            ladder: Ladder::new(limits),
            vitals: VitalsReader::new(Path::new("/proc")),
            service: Service::from_environment(),
            hearts: Heartbeats::default(),
            due: Timestamp::default(),
        }
    }

    /// Takes other limits of temperature.
    pub(super) fn limit(&mut self, limits: Limits) {
        self.ladder.limit(limits);
    }

    /// Tells the watchdog how the stages are.
    pub(super) fn watch(&mut self, now: Timestamp) -> Verdict {
        let verdict = self.hearts.watch(now);
        if let Err(error) = self.service.step(verdict, now) {
            log::warn!("{error}");
        }
        verdict
    }

    /// Reads the sensors, when a second has passed since the last time.
    pub(super) fn checkup(&mut self, now: Timestamp) -> Option<Checkup> {
        if now < self.due {
            return None;
        }
        self.due = Timestamp(now.0 + PERIOD);
        let reading = self.sensors.read();
        let level = self.ladder.step(&reading, now);
        if let Some(news) = self.ladder.take_news() {
            log::info!("{news}");
        }
        let vitals = self.vitals.read().unwrap_or_else(|error| {
            log::warn!("{error}");
            Vitals::default()
        });
        Some(Checkup {
            vitals,
            temperature_c: reading.temperature_c(),
            throttled: self.sensors.tell_throttling().then_some(reading.throttling.0),
            weakly_powered: reading.is_weakly_powered(),
            level,
        })
    }

    /// Tells systemd that the device works, in a sentence.
    pub(super) fn tell(&mut self, sentence: &str, ready: bool) {
        let told = if ready { self.service.ready(sentence) } else { self.service.status(sentence) };
        if let Err(error) = told {
            log::warn!("{error}");
        }
    }

    /// Tells systemd that the device stops.
    pub(super) fn stopping(&self) {
        if let Err(error) = self.service.stopping() {
            log::warn!("{error}");
        }
    }
}
