//! The progress bar of an epoch, and its closing line.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::Validation;

const TEMPLATE: &str = "{prefix} [{bar:32}] {pos}/{len} {per_sec} eta {eta} loss {msg}";

/// Progress of one epoch on stderr.
pub struct Bar {
    shown: ProgressBar,
    steps: u64,
    started: Instant,
    prefix: String,
}

impl Bar {
    /// A bar for `epoch` of `epochs` with that many steps.
    pub fn new(epoch: u32, epochs: u32, steps: usize) -> Self {
        let prefix = format!("epoch {epoch}/{epochs}");
        let style =
            ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let steps = steps as u64;
        let shown = ProgressBar::new(steps).with_style(style).with_prefix(prefix.clone());
        Self { shown, steps, started: Instant::now(), prefix }
    }

    /// One step done with that loss.
    pub fn step(&self, loss: f64) {
        self.shown.set_message(format!("{loss:.4}"));
        self.shown.inc(1);
    }

    /// Steps of the epoch.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Steps per second since the start.
    pub fn rate(&self) -> f64 {
        self.steps as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }

    /// Replaces the bar by the epoch's result.
    pub fn finish(&self, loss: f64, validation: &Validation) {
        self.shown.finish_and_clear();
        let values: Vec<_> =
            validation.values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
        let seconds = self.started.elapsed().as_secs_f64();
        eprintln!("{} in {seconds:.0} s: loss {loss:.4}, {}", self.prefix, values.join(", "));
    }
}
