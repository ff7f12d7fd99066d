//! What a frame costs on this machine: camera bytes to event, on one thread.
//!
//! The frames come from the built-in performer, drawn beforehand as a camera would deliver them,
//! 640×480 YUYV; events go to a sink that encodes them and throws them away. Times are wall-clock.

pub mod choose;
pub mod net;

use std::{fmt, fs, time::Instant};

use mien_shared::{
    bundle::Bundle,
    frame::Frame,
    telemetry::{self, Message},
};
use serde::Serialize;

use crate::{
    camera::{self, CameraError, clock},
    cli::CliError,
    decide::Policy,
    events::{EventError, Sink},
    face::Vision,
    models::{Entry, Models},
    pipeline::{App, Outputs},
    reading::Observation,
    stage::{Counter, Laps, Percentiles, Stage},
};

/// What is measured: the first frame of one performance per seed, as fast as it can be drawn.
const SOURCE: &str = "performer://?size=640x480&format=yuyv&fps=0&seed=";

/// Frames held in memory and read in turn, each of another person.
const POOL: usize = 12;

/// Frames before the measurement, while buffers grow and caches fill.
const WARM_UP: usize = 20;

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Frames measured.
    pub frames: u32,
    /// Where they came from.
    pub source: &'static str,
    /// Faces found per frame, on average.
    pub faces_per_frame: f64,
    /// Camera frame to event, in milliseconds.
    pub whole: Percentiles,
    /// Each stage, in order.
    pub stages: Vec<StageRow>,
    /// Each network.
    pub models: Vec<ModelRow>,
    /// Allocations per frame outside the inference engine, the most of any frame.
    pub allocations_ours: u64,
    /// Allocations per frame inside the inference engine, the most of any frame.
    pub allocations_engine: u64,
    /// Reading the bundles, building both networks and reading the first frame, in milliseconds.
    pub start_ms: f64,
    /// Resident memory at the end, in MiB.
    pub rss_mib: Option<f64>,
    /// Most resident memory so far, in MiB.
    pub peak_rss_mib: Option<f64>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageRow {
    /// Its name.
    pub stage: &'static str,
    /// Milliseconds per frame.
    #[serde(flatten)]
    pub ms: Percentiles,
    /// Allocations per frame, the most of any frame.
    pub allocations: u64,
}

/// One network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelRow {
    /// What it is.
    #[serde(flatten)]
    pub entry: Entry,
    /// Milliseconds per frame, half of the frames.
    pub ms: f64,
    /// Multiply-accumulates per second while it runs, in 10⁹.
    pub gmacs_per_s: f64,
}

/// Measures `frames` frames with the networks that `load` brings.
///
/// # Errors
/// When a network, the performer or the sink fails.
pub fn measure(
    load: impl FnOnce() -> Result<Models, CliError>,
    frames: u32,
    allocations: Counter,
) -> Result<Report, CliError> {
    let mut pool = draw()?;
    let started = Instant::now();
    let models = load()?;
    let mut bench = Bench::new(&models, allocations)?;
    bench.read(&mut pool[0])?;
    let start_ms = started.elapsed().as_secs_f64() * 1e3;
    for turn in 0..WARM_UP {
        bench.read(&mut pool[turn % POOL])?;
    }
    // Forget the warm-up.
    bench.app = app()?;
    (bench.most, bench.faces) = (Default::default(), 0);
    for turn in 0..frames as usize {
        bench.read(&mut pool[turn % POOL])?;
    }
    bench.report(&models, frames, start_ms)
}

/// The pipeline on one thread.
struct Bench {
    vision: Vision,
    app: App,
    observation: Observation,
    /// Most allocations of any frame, per stage.
    most: [u64; Stage::ALL.len()],
    faces: usize,
}

impl Bench {
    fn new(models: &Models, allocations: Counter) -> Result<Self, CliError> {
        let mut observation = Observation::empty();
        observation.laps = Laps::counting(allocations);
        Ok(Self {
            vision: Vision::new(models)?,
            app: app()?,
            observation,
            most: Default::default(),
            faces: 0,
        })
    }

    fn read(&mut self, frame: &mut Frame) -> Result<(), CliError> {
        frame.captured_at = clock::now();
        self.vision.look(frame, &mut self.observation)?;
        self.app.take(&mut self.observation)?;
        self.faces += self.observation.faces.len();
        for stage in Stage::ALL {
            let most = &mut self.most[stage as usize];
            *most = (*most).max(self.observation.laps.cost(stage).allocations);
        }
        Ok(())
    }

    fn report(&self, models: &Models, frames: u32, start_ms: f64) -> Result<Report, CliError> {
        let tally = self.app.tally();
        let row = |stage: Stage| StageRow {
            stage: stage.name(),
            ms: tally.stage(stage),
            allocations: self.most[stage as usize],
        };
        let total = |network: bool| {
            let stages = Stage::ALL.into_iter().filter(|stage| stage.is_network() == network);
            stages.map(|stage| self.most[stage as usize]).sum()
        };
        let per_frame = self.faces as f64 / f64::from(frames);
        let networks = [
            model_row(&models.detector, tally.stage(Stage::Detect).p50, 1.0)?,
            model_row(&models.expression, tally.stage(Stage::Express).p50, per_frame)?,
        ];
        Ok(Report {
            frames,
            source: SOURCE,
            faces_per_frame: per_frame,
            whole: tally.whole(),
            stages: Stage::ALL.into_iter().map(row).collect(),
            models: networks.to_vec(),
            allocations_ours: total(false),
            allocations_engine: total(true),
            start_ms,
            rss_mib: memory("VmRSS:"),
            peak_rss_mib: memory("VmHWM:"),
        })
    }
}

/// A network that took `ms` for `runs` runs.
fn model_row(bundle: &Bundle, ms: f64, runs: f64) -> Result<ModelRow, CliError> {
    let entry = Entry::of(bundle)?;
    let macs = entry.macs as f64 * runs;
    let gmacs_per_s = if ms > 0.0 { macs / ms / 1e6 } else { 0.0 };
    Ok(ModelRow { entry, ms, gmacs_per_s })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} frames of {}, {:.2} faces each",
            self.frames, self.source, self.faces_per_frame
        )?;
        writeln!(
            f,
            "{:<10} {:>9} {:>9} {:>9} {:>12}",
            "stage", "p50 ms", "p95 ms", "p99 ms", "allocations"
        )?;
        for StageRow { stage, ms, allocations } in &self.stages {
            writeln!(
                f,
                "{stage:<10} {:9.3} {:9.3} {:9.3} {allocations:12}",
                ms.p50, ms.p95, ms.p99
            )?;
        }
        let Percentiles { p50, p95, p99 } = self.whole;
        let (ours, engine) = (self.allocations_ours, self.allocations_engine);
        writeln!(
            f,
            "{:<10} {p50:9.3} {p95:9.3} {p99:9.3} {:12} ours, {engine} the engine's",
            "whole", ours
        )?;
        for ModelRow { entry, ms, gmacs_per_s } in &self.models {
            writeln!(f, "{entry}\n            {ms:.3} ms, {gmacs_per_s:.1} GMAC/s")?;
        }
        let mib =
            |value: Option<f64>| value.map_or("unknown".to_owned(), |v| format!("{v:.1} MiB"));
        let (now, most) = (mib(self.rss_mib), mib(self.peak_rss_mib));
        writeln!(f, "start to first reading {:.0} ms; memory {now}, at most {most}", self.start_ms)
    }
}

/// Encodes every message as it would go over a line, and throws it away.
struct Encode {
    bytes: Vec<u8>,
}

impl Sink for Encode {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.bytes.clear();
        Ok(telemetry::encode(message, &mut self.bytes)?)
    }
}

/// An app that sends to [`Encode`] and shows nothing.
fn app() -> Result<App, CliError> {
    let sink = Box::new(Encode { bytes: Vec::with_capacity(telemetry::MAX_FRAME) });
    let outputs = Outputs { panels: Vec::new(), sinks: vec![sink] };
    let hello = telemetry::Hello {
        firmware: env!("CARGO_PKG_VERSION").to_owned(),
        board: "bench".to_owned(),
        models: Vec::new(),
    };
    Ok(App::new(outputs, SOURCE.to_owned(), Policy::default(), hello)?)
}

/// Draws the frames to read.
fn draw() -> Result<Vec<Frame>, CameraError> {
    let draw = |seed| {
        let mut frame = Frame::empty();
        camera::open(&format!("{SOURCE}{seed}"))?.next(&mut frame)?;
        Ok(frame)
    };
    (1..=POOL).map(draw).collect()
}

/// A figure of `/proc/self/status` in MiB; `None` where the system has no such file.
fn memory(key: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fixture;

    #[test]
    fn a_report_adds_up() {
        let load = || Ok(Models::of(fixture::detector(), fixture::expression()));
        let report = measure(load, 30, || 0).unwrap();
        assert_eq!(report.stages.len(), Stage::ALL.len());
        let convert = &report.stages[0];
        assert!(convert.ms.p50 > 0.0 && convert.ms.p50 <= convert.ms.p99);
        assert!(report.whole.p50 >= report.stages.iter().map(|s| s.ms.p50).fold(0.0, f64::max));
        assert!(report.rss_mib.is_none_or(|mib| mib > 1.0));
        assert_eq!(report.to_string().lines().count(), 2 + Stage::ALL.len() + 1 + 4 + 1);
    }
}
