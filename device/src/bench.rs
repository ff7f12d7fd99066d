//! What a frame costs on this machine: camera bytes to event, on one thread.
//!
//! The frames are a second and a half of the built-in performer, drawn beforehand as a camera would
//! deliver them, 640×480 YUYV, and played to and fro; events go to a sink that encodes them and
//! throws them away. Times are wall-clock. A stage's are of the frames that went through it.

pub mod choose;
pub mod explained;
pub mod net;

use std::{fmt, fs, time::Instant};

use mien_shared::{
    bundle::Bundle,
    frame::Frame,
    telemetry::{self, Message},
};
use serde::Serialize;

use crate::{
    camera::{self, CameraError},
    cli::CliError,
    clock, command,
    events::{EventError, Sink, Sinks},
    face::Vision,
    models::{Entry, Models},
    pins::NoPins,
    pipeline::{App, Manners, Outputs, Owner},
    reading::Observation,
    stage::{Counter, Laps, Percentiles, Stage},
    track::Watching,
};

/// What is measured: one performance, as fast as it can be drawn.
const SOURCE: &str = "performer://?size=640x480&format=yuyv&fps=0&seed=1";

/// Frames held in memory.
const POOL: usize = 48;

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
    /// Share of the frames that went through it.
    pub share: f64,
    /// Milliseconds per frame that did.
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
    /// Milliseconds per frame that it looks at, half of them.
    pub ms: f64,
    /// Multiply-accumulates per second while it runs, in 10⁹.
    pub gmacs_per_s: f64,
}

/// Measures `frames` frames with the networks that `load` brings, run as often as `watching` says.
///
/// # Errors
/// When a network, the performer or the sink fails.
pub fn measure(
    load: impl FnOnce() -> Result<Models, CliError>,
    frames: u32,
    watching: Watching,
    allocations: Counter,
) -> Result<Report, CliError> {
    let mut pool = draw()?;
    let started = Instant::now();
    let models = load()?;
    let mut bench = Bench::new(&models, watching, allocations)?;
    bench.read(&mut pool[0])?;
    let start_ms = started.elapsed().as_secs_f64() * 1e3;
    for turn in 0..WARM_UP {
        bench.read(&mut pool[to_and_fro(turn)])?;
    }
    // Forget the warm-up.
    bench.app = app()?;
    (bench.most, bench.through, bench.faces) = Default::default();
    for turn in 0..frames as usize {
        bench.read(&mut pool[to_and_fro(turn)])?;
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
    /// Frames that went through each stage.
    through: [u32; Stage::ALL.len()],
    faces: usize,
}

impl Bench {
    fn new(models: &Models, watching: Watching, allocations: Counter) -> Result<Self, CliError> {
        let mut observation = Observation::empty();
        observation.laps = Laps::counting(allocations);
        Ok(Self {
            vision: Vision::with(models, watching)?,
            app: app()?,
            observation,
            most: Default::default(),
            through: Default::default(),
            faces: 0,
        })
    }

    fn read(&mut self, frame: &mut Frame) -> Result<(), CliError> {
        frame.captured_at = clock::now();
        self.vision.look(frame, &mut self.observation)?;
        self.app.take(&mut self.observation)?;
        self.faces += self.observation.faces.len();
        for stage in Stage::ALL {
            let cost = self.observation.laps.cost(stage);
            let most = &mut self.most[stage as usize];
            *most = (*most).max(cost.allocations);
            self.through[stage as usize] += u32::from(!cost.time.is_zero());
        }
        Ok(())
    }

    fn report(&self, models: &Models, frames: u32, start_ms: f64) -> Result<Report, CliError> {
        let tally = self.app.tally();
        let row = |stage: Stage| StageRow {
            stage: stage.name(),
            share: f64::from(self.through[stage as usize]) / f64::from(frames),
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
            "{:<10} {:>9} {:>9} {:>9} {:>12} {:>7}",
            "stage", "p50 ms", "p95 ms", "p99 ms", "allocations", "frames"
        )?;
        for StageRow { stage, share, ms, allocations } in &self.stages {
            writeln!(
                f,
                "{stage:<10} {:9.3} {:9.3} {:9.3} {allocations:12} {:5.0} %",
                ms.p50,
                ms.p95,
                ms.p99,
                share * 100.0
            )?;
        }
        let Percentiles { p50, p95, p99, .. } = self.whole;
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
    let (_, asked) = command::channel();
    let owner = Owner::new(asked, Box::new(NoPins));
    let outputs = Outputs { panels: Vec::new(), sinks: Sinks::of(vec![sink]), owner };
    let hello = telemetry::Hello {
        firmware: env!("CARGO_PKG_VERSION").to_owned(),
        board: "bench".to_owned(),
        models: Vec::new(),
    };
    Ok(App::new(outputs, SOURCE.to_owned(), Manners::default(), hello)?)
}

/// Draws the frames to read.
fn draw() -> Result<Vec<Frame>, CameraError> {
    let mut camera = camera::open(SOURCE)?;
    let draw = |_| {
        let mut frame = Frame::empty();
        camera.next(&mut frame)?;
        Ok(frame)
    };
    (0..POOL).map(draw).collect()
}

/// Position of the frame whose turn it is: 0, 1 … POOL - 1, POOL - 1 … 1, 0, 0, 1 …
fn to_and_fro(turn: usize) -> usize {
    let at = turn % (2 * POOL);
    at.min(2 * POOL - 1 - at)
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
    fn frames_are_played_to_and_fro() {
        let turns: Vec<_> = [0, 1, 47, 48, 94, 95, 96].map(to_and_fro).into();
        assert_eq!(turns, [0, 1, 47, 47, 1, 0, 0]);
    }

    #[test]
    fn a_report_adds_up() {
        let load = || Ok(Models::of(fixture::detector(), fixture::expression()));
        let report = measure(load, 30, Watching::default(), || 0).unwrap();
        assert_eq!(report.stages.len(), Stage::ALL.len());
        let convert = &report.stages[0];
        assert!(convert.ms.p50 > 0.0 && convert.ms.p50 <= convert.ms.p99);
        assert!(report.whole.p50 >= report.stages.iter().map(|s| s.ms.p50).fold(0.0, f64::max));
        assert!(report.rss_mib.is_none_or(|mib| mib > 1.0));
        assert!((convert.share - 1.0).abs() < 1e-9);
        assert_eq!(report.to_string().lines().count(), 2 + Stage::ALL.len() + 1 + 4 + 1);
    }
}
