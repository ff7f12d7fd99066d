//! The configuration while the device runs: a changed file is taken part by part.
//!
//! ```text
//! file changed, or SIGHUP ──▶ valid? ──no──▶ fault, the old one stays
//!                               │yes
//!          live fields ─────────┼──▶ the app behaves so
//!          panel, sinks, pins ──┼──▶ opened anew; one that fails is a fault, the old one stays
//!          camera, networks ────┴──▶ new stages
//!          the rest ─────────────▶ said to need a start
//! ```

use mien_config::{
    Change, Config, Effect, Part,
    audit::{Actor, Event},
    watch::Watch,
};
use mien_shared::{frame::Timestamp, telemetry::FaultKind};
use mien_supervisor::signals::Signals;

use super::{hello, makers, manners, models, panels, sinks};
use crate::{
    cli::CliError,
    command::Asker,
    pins,
    pipeline::{App, Makers, Steward},
};

/// Keeps a running device to its configuration.
pub struct Keeper {
    config: Config,
    /// The file, where there is one.
    watch: Option<Watch>,
    signals: Signals,
    asker: Asker,
}

impl Keeper {
    /// Keeps the device to `config`, read anew from what is watched.
    #[must_use]
    pub fn new(config: Config, watch: Option<Watch>, signals: Signals, asker: Asker) -> Self {
        Self { config, watch, signals, asker }
    }

    /// Takes a new configuration; returns what makes new stages, where it needs them.
    fn take(&mut self, new: Config, app: &mut App) -> Option<Makers> {
        let changes = Config::changes(&self.config, &new);
        for change in &changes {
            log::info!("{change}");
            app.note(Actor::File, &Event::from(change));
        }
        let parts = |part| changes.iter().any(|change| change.effect == Effect::Part(part));
        let taken = self.open(&new, app, parts);
        if changes.iter().any(|Change { effect, .. }| *effect == Effect::Process) {
            log::warn!("some changes need a start: see the lines above");
        }
        app.behave(manners(&new));
        match taken {
            Ok(makers) => {
                app.set_fault(FaultKind::Config, None);
                self.config = new;
                makers
            }
            // The old configuration stays known, so that the next change tries its parts again.
            Err(error) => {
                refuse(&error.to_string(), app);
                None
            }
        }
    }

    /// Opens anew the parts that changed.
    fn open(
        &self,
        new: &Config,
        app: &mut App,
        changed: impl Fn(Part) -> bool,
    ) -> Result<Option<Makers>, CliError> {
        if changed(Part::Display) {
            app.set_panels(panels(new)?);
        }
        if changed(Part::Pins) {
            app.set_pins(pins::open(&new.pins().source)?);
        }
        if changed(Part::Events) {
            app.set_sinks(sinks(new, &self.asker)?, hello(new, &models(new)?))?;
        } else if changed(Part::Models) {
            app.greet(hello(new, &models(new)?))?;
        }
        if changed(Part::Audit) {
            app.set_diary(super::diary(new));
        }
        let stages = changed(Part::Camera) || changed(Part::Models);
        stages.then(|| makers(new)).transpose()
    }
}

impl Steward for Keeper {
    fn visit(&mut self, now: Timestamp, app: &mut App) -> Option<Makers> {
        let asked = self.signals.take_reload();
        let watch = self.watch.as_mut()?;
        let read = if asked { Some(watch.reload()) } else { watch.poll(now) };
        match read? {
            Ok(new) => self.take(new, app),
            Err(error) => {
                refuse(&error.to_string(), app);
                None
            }
        }
    }
}

/// Says that a changed configuration was not taken.
fn refuse(reason: &str, app: &mut App) {
    log::error!("the changed configuration is not taken: {reason}");
    app.note(Actor::File, &Event::Refused { reason: reason.to_owned() });
    let sentence = "The changed configuration is not valid and was not taken.";
    app.set_fault(FaultKind::Config, Some(sentence.to_owned()));
}
