//! What a bundle is, in one entry, and whether its network still computes what it should.

use std::fmt;

use mien_engine::{Engine, EngineError};
use mien_shared::bundle::{Bundle, BundleError, Metric, Precision, Task};
use serde::Serialize;

/// Largest difference to a golden that another order of summation explains.
const TOLERANCE: f32 = 1e-4;

/// What a bundle is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// `detect` or `expression`.
    pub task: &'static str,
    /// How weights are stored and arithmetic is done.
    pub precision: Precision,
    /// Width and height of its input in pixels.
    pub input: [u32; 2],
    /// Multiply-accumulates per picture.
    pub macs: u64,
    /// Weights and biases.
    pub parameters: u64,
    /// Size of its file.
    pub bytes: usize,
    /// SHA-256 of its content.
    pub digest: String,
    /// What was measured when it was made.
    pub metrics: Vec<Metric>,
}

impl Entry {
    /// Describes `bundle`.
    ///
    /// # Errors
    /// When the bundle breaks a rule of its format.
    pub fn of(bundle: &Bundle) -> Result<Self, BundleError> {
        let manifest = &bundle.manifest;
        Ok(Self {
            name: manifest.name.clone(),
            task: match manifest.task {
                Task::Detect { .. } => "detect",
                Task::Expression { .. } => "expression",
            },
            precision: manifest.precision,
            input: [manifest.input.width, manifest.input.height],
            macs: bundle.graph.macs(),
            parameters: bundle.graph.parameters(),
            bytes: bundle.to_bytes()?.len(),
            digest: bundle.digest()?.to_string(),
            metrics: manifest.metrics.clone(),
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [width, height] = self.input;
        write!(
            f,
            "{:<11} {}  {width}x{height}  {:.1} MMAC  {:.1} k parameters  {:.1} kB  {}",
            self.task,
            self.name,
            self.macs as f64 / 1e6,
            self.parameters as f64 / 1e3,
            self.bytes as f64 / 1e3,
            self.digest.get(..12).unwrap_or_default(),
        )?;
        for Metric { name, value, data, split, n } in &self.metrics {
            write!(f, "\n            {name} {value:.4} on {data} {split} (n = {n})")?;
        }
        Ok(())
    }
}

/// Whether a network computes what its exporter saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The bundle's name.
    pub name: String,
    /// Number of inputs tried.
    pub goldens: usize,
    /// Largest absolute difference to the expected outputs.
    pub worst: f32,
    /// Whether that is no more than rounding.
    pub pass: bool,
}

impl Check {
    /// Runs the goldens of `bundle` on this machine.
    ///
    /// # Errors
    /// When the network cannot be built or run, or has no goldens.
    pub fn of(bundle: &Bundle) -> Result<Self, EngineError> {
        let worst = Engine::verify(bundle)?;
        Ok(Self {
            name: bundle.manifest.name.clone(),
            goldens: bundle.goldens.len(),
            worst,
            pass: worst <= TOLERANCE,
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, goldens, worst, pass } = self;
        let verdict = if *pass { "PASS" } else { "FAIL" };
        write!(f, "{verdict} {name}: {goldens} goldens, largest difference {worst:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    #[test]
    fn a_sound_bundle_passes_and_a_changed_golden_fails() {
        let mut bundle = fixture::expression();
        assert!(Check::of(&bundle).unwrap().pass);
        bundle.goldens[0].outputs[0][5] += 0.001;
        let check = Check::of(&bundle).unwrap();
        assert!(check.to_string().starts_with("FAIL brightness: 1 goldens"), "{check}");
    }

    #[test]
    fn an_entry_counts_what_the_network_costs() {
        let entry = Entry::of(&fixture::detector()).unwrap();
        assert_eq!((entry.macs, entry.parameters), (15 * 64 * 48, 15 * 65));
        assert_eq!((entry.task, entry.input), ("detect", [64, 48]));
    }
}
