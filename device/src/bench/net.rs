//! What one network costs on this core, by itself: how long an inference takes.

use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use mien_engine::{Choice, Engine, EngineError, peak};
use mien_shared::{
    bundle::{Bundle, BundleError},
    frame::Grey,
    input::InputSpec,
};
use serde::Serialize;

use super::explained::{Explained, is_integer};

/// Runs before a measurement.
const WARM_UP: u32 = 20;

/// Most runs of one request.
const MAX_BURST: u32 = 100_000;

/// A network with an input in place.
#[derive(Debug)]
pub struct Net {
    name: String,
    macs: u64,
    choice: Choice,
    engine: Engine,
    /// A picture for a bundle; an ONNX model's input is filled once.
    picture: Option<(Grey, InputSpec)>,
}

/// What was measured of a network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetReport {
    /// Its name.
    pub name: String,
    /// `f32` or `int8`.
    pub precision: &'static str,
    /// The instructions of our kernels; `tract` where there are none.
    pub isa: String,
    /// Multiply-accumulates an inference.
    pub macs: u64,
    /// Inferences measured.
    pub runs: u32,
    /// Milliseconds an inference.
    pub ms: Milliseconds,
    /// What this core can do at most in this precision, in 10⁹ multiply-accumulates a second.
    pub peak_gmacs_per_s: f64,
}

/// Times of many inferences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Milliseconds {
    /// Half of them within.
    pub p50: f64,
    /// The shortest.
    pub min: f64,
}

impl Net {
    /// Prepares the bundle, or the ONNX model, at `path`.
    ///
    /// # Errors
    /// [`NetError`] when it cannot be read or built.
    pub fn open(path: &Path, choice: Choice) -> Result<Self, NetError> {
        if path.extension().is_some_and(|kind| kind == "onnx") {
            return Self::from_onnx(path, choice);
        }
        Self::from_bundle(&Bundle::read(path)?, choice)
    }

    /// Prepares a bundle's network.
    ///
    /// # Errors
    /// [`NetError`] when it cannot be built.
    pub fn from_bundle(bundle: &Bundle, choice: Choice) -> Result<Self, NetError> {
        let name = bundle.manifest.name.clone();
        let engine = Engine::load_as(bundle, choice)
            .map_err(|source| NetError::Engine { name: name.clone(), source })?;
        let spec = bundle.manifest.input;
        let mut picture = Grey::new(spec.width, spec.height);
        picture.data.iter_mut().zip(ramp()).for_each(|(pixel, value)| *pixel = value);
        let picture = Some((picture, spec));
        Ok(Self { name, macs: bundle.graph.macs(), choice, engine, picture })
    }

    #[cfg(feature = "onnx")]
    fn from_onnx(path: &Path, choice: Choice) -> Result<Self, NetError> {
        let name = path.display().to_string();
        let limits = mien_engine::Limits::default();
        let mut engine = Engine::read_onnx(path, &limits, choice)
            .map_err(|source| NetError::Engine { name: name.clone(), source })?;
        let fill = |input: &mut [f32]| {
            input.iter_mut().zip(ramp()).for_each(|(x, value)| *x = f32::from(value) / 255.0);
        };
        engine.run(fill).map_err(|source| NetError::Engine { name: name.clone(), source })?;
        let macs = engine.explain(0).iter().map(|node| node.macs).sum();
        Ok(Self { name, macs, choice, engine, picture: None })
    }

    #[cfg(not(feature = "onnx"))]
    fn from_onnx(path: &Path, _: Choice) -> Result<Self, NetError> {
        Err(NetError::NoOnnx { path: path.to_owned() })
    }

    /// Runs once.
    fn infer(&mut self) -> Result<(), NetError> {
        let name = &self.name;
        let made = match &self.picture {
            Some((picture, spec)) => self.engine.look(picture, spec),
            None => self.engine.run(|_| {}),
        };
        made.map(drop).map_err(|source| NetError::Engine { name: name.clone(), source })
    }

    /// Seconds of each of `runs` inferences.
    ///
    /// # Errors
    /// [`NetError`] when one fails.
    pub fn times(&mut self, runs: u32) -> Result<Vec<f64>, NetError> {
        let mut time = |_| {
            let started = Instant::now();
            self.infer()?;
            Ok(started.elapsed().as_secs_f64())
        };
        (0..runs).map(&mut time).collect()
    }

    /// Measures `runs` inferences.
    ///
    /// # Errors
    /// [`NetError`] when one fails.
    pub fn measure(&mut self, runs: u32) -> Result<NetReport, NetError> {
        self.times(WARM_UP)?;
        let mut times = self.times(runs.max(1))?;
        times.sort_by(f64::total_cmp);
        let [p50, min] = [times[times.len() / 2], times[0]].map(|seconds| seconds * 1e3);
        Ok(NetReport {
            name: self.name.clone(),
            precision: if self.is_integer() { "int8" } else { "f32" },
            isa: self.choice.isa.map_or_else(|| "tract".to_owned(), |isa| isa.name().to_owned()),
            macs: self.macs,
            runs,
            ms: Milliseconds { p50, min },
            peak_gmacs_per_s: self.peak() / 1e9,
        })
    }

    /// Answers each line `N` with a JSON array of the microseconds of `N` inferences, until the
    /// input ends.
    ///
    /// # Errors
    /// [`NetError`] when a line is no number, an inference fails or the answer cannot be written.
    pub fn serve(&mut self, input: impl BufRead, out: &mut dyn Write) -> Result<(), NetError> {
        for line in input.lines() {
            let line = line?;
            let runs = line.trim().parse().ok().filter(|&n| n <= MAX_BURST);
            let runs = runs.ok_or(NetError::Request { line })?;
            let times: Vec<f64> = self.times(runs)?.iter().map(|t| t * 1e6).collect();
            serde_json::to_writer(&mut *out, &times).map_err(std::io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
        }
        Ok(())
    }

    /// Its operators, ours timed, with the peak their products are to be held against.
    pub fn explain(&mut self, runs: usize) -> Explained {
        let peak = self.choice.isa.and_then(peak);
        Explained::new(self.name.clone(), self.engine.explain(runs), peak)
    }

    fn is_integer(&mut self) -> bool {
        self.engine.explain(0).iter().any(is_integer)
    }

    /// What this core can do at most in the network's precision; of f32 for tract.
    fn peak(&mut self) -> f64 {
        let isa = self.choice.isa.unwrap_or_else(mien_engine::Isa::best);
        let integer = self.is_integer();
        peak(isa).map_or(0.0, |peak| if integer { peak.integer } else { peak.float })
    }
}

/// Bytes that are neither even nor random.
fn ramp() -> impl Iterator<Item = u8> {
    (0_u32..).map(|i| (i.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0])
}

/// Why a network cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The bundle cannot be read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The network cannot be built or run.
    #[error("network {name}: {source}")]
    Engine {
        /// Its name.
        name: String,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// An ONNX file in a program without the feature.
    #[error(
        "{path}: this program was built without ONNX; build it with `--features onnx`, \
         or give a .mien bundle",
        path = path.display()
    )]
    NoOnnx {
        /// The file.
        path: PathBuf,
    },
    /// A request that is no number of inferences.
    #[error("{line:?} is no number of inferences within 0..={MAX_BURST}")]
    Request {
        /// The line.
        line: String,
    },
    /// A request cannot be read or its answer written.
    #[error("cannot serve: {0}")]
    Io(#[from] std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    fn net() -> Net {
        Net::from_bundle(&fixture::expression(), Choice::default()).unwrap()
    }

    #[test]
    fn a_report_states_times_and_peak() {
        let report = net().measure(50).unwrap();
        assert_eq!((report.precision, report.runs), ("f32", 50));
        assert!(report.ms.min > 0.0 && report.ms.min <= report.ms.p50);
        assert!(report.peak_gmacs_per_s > 0.0);
    }

    #[test]
    fn a_server_answers_each_line_with_as_many_times() {
        let mut out = Vec::new();
        net().serve("3\n0\n".as_bytes(), &mut out).unwrap();
        let lines = String::from_utf8(out).unwrap();
        let counts: Vec<usize> = lines
            .lines()
            .map(|line| serde_json::from_str::<Vec<f64>>(line).unwrap().len())
            .collect();
        assert_eq!(counts, [3, 0]);
        let error = net().serve("many\n".as_bytes(), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().starts_with("\"many\" is no number"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_bundle_is_named() {
        let error = Net::open(Path::new("/nonexistent.mien"), Choice::default()).unwrap_err();
        assert!(error.to_string().contains("/nonexistent.mien"), "{error}");
    }
}
