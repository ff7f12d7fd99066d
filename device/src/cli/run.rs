//! `run`: the firmware, until its source ends or it is told to stop.

use std::{path::PathBuf, process::ExitCode, sync::atomic::Ordering};

use clap::Args;
use mien_config::{Config, Overrides, audit, watch::Watch};
use mien_supervisor::{
    journal::{Form, Journal},
    signals::Signals,
};

use super::{CliError, NetworksFrom};
use crate::{
    command,
    deploy::{self, Keeper},
    pipeline::{self, App, Ending, Summary},
    precision::Wanted,
};

const CAMERA_HELP: &str = "Where frames come from, in place of the configuration's camera: \
    v4l2://auto, v4l2:///dev/video0, dir://PATH, mjpeg://PATH, y4m://PATH, \
    pipe://-?size=WxH&format=F, performer://, faulty://…";
const PANEL_HELP: &str = "What to show readings on: terminal://, png://PATH, fb:///dev/fb0, \
    drm://auto, spi://…, i2c://…, none://";
const EVENTS_HELP: &str = "Where readings go; may be given several times: jsonl://-, jsonl://PATH, \
    udp://HOST:PORT, tcp://HOST:PORT, serial://DEVICE, mqtt://HOST/PREFIX, http://127.0.0.1:8080";

/// What to run on.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The deployment's configuration; it is read again when it changes
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Name of a built-in board, or a board file
    #[arg(long, value_name = "NAME|FILE")]
    board: Option<String>,
    #[arg(long, value_name = "SPEC", help = CAMERA_HELP)]
    camera: Option<String>,
    #[arg(long, value_name = "SPEC", help = PANEL_HELP)]
    panel: Option<String>,
    #[arg(long, value_name = "SPEC", help = EVENTS_HELP)]
    pub(super) events: Vec<String>,
    /// Any field of the configuration, for example faces.enter=0.6
    #[arg(long, value_name = "SECTION.FIELD=VALUE")]
    set: Vec<String>,
    /// Stop after so many frames
    #[arg(long, value_name = "N")]
    frames: Option<u64>,
    #[command(flatten)]
    pub(super) models: NetworksFrom,
}

/// Runs the firmware.
pub(super) fn execute(args: &RunArgs) -> Result<ExitCode, CliError> {
    // Where there is a logger already, this is a test, and that one will do.
    drop(Journal::install(Form::detect(), log::LevelFilter::Info));
    let overrides = args.overrides()?;
    let config = args.load(&overrides)?;
    let signals = Signals::listen()?;
    let (asker, asked) = command::channel();
    let makers = deploy::makers(&config)?;
    let models = deploy::models(&config)?;
    let outputs = deploy::outputs(&config, &asker, asked)?;
    let source = deploy::source(&config);
    let greeting = deploy::hello(&config, &models);
    let mut app = App::new(outputs, source, deploy::manners(&config), greeting)?;
    app.set_diary(deploy::diary(&config));
    app.pause(config.privacy().start_paused);
    begin(&config, &mut app);
    let ending = Ending { frames: args.frames, stop: signals.stop_flag() };
    let watch = args.config.as_deref().map(|path| Watch::new(path, overrides));
    let mut keeper = Keeper::new(config, watch, signals, asker);
    let outcome = pipeline::run(makers, &mut app, &ending, &mut keeper);
    let reason = match &outcome {
        Ok(summary) => sentence(summary),
        Err(error) => error.to_string(),
    };
    app.note(audit::Actor::Device, &audit::Event::Stopped { reason });
    if ending.stop.load(Ordering::Relaxed) {
        app.say_goodbye();
    }
    let live = app.is_live();
    drop(app);
    let summary = outcome?;
    eprintln!("mien-device: {}", sentence(&summary));
    eprint!("{}", summary.table());
    Ok(verdict(&summary, live))
}

impl RunArgs {
    fn load(&self, overrides: &Overrides) -> Result<Config, CliError> {
        Ok(match &self.config {
            Some(path) => Config::load(path, overrides)?,
            None => Config::without_file(overrides)?,
        })
    }

    /// What the command line says in place of the file.
    fn overrides(&self) -> Result<Overrides, CliError> {
        let mut overrides = Overrides::default();
        let fields = [
            ("deployment.board", &self.board),
            ("camera.source", &self.camera),
            ("display.panel", &self.panel),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                overrides.set(field, value.clone());
            }
        }
        if !self.events.is_empty() {
            overrides.set("events.sinks", self.events.clone());
        }
        let paths = &self.models.models.paths;
        if !paths.is_empty() {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            overrides.set("models.paths", paths);
        }
        match self.models.precision {
            Wanted::Auto => {}
            Wanted::F32 => overrides.set("models.precision", "f32"),
            Wanted::Int8 => overrides.set("models.precision", "int8"),
        }
        for assignment in &self.set {
            overrides.parse(assignment).map_err(CliError::Assignment)?;
        }
        Ok(overrides)
    }
}

/// Says and writes down what a start is worth.
fn begin(config: &Config, app: &mut App) {
    let deployment = config.deployment();
    log::info!("{} on {}", deployment.name, deployment.board);
    if let Some(duty) = deploy::duty(config) {
        log::warn!("{duty}");
    }
    for record in deploy::first_records(config) {
        app.note(audit::Actor::Device, &record);
    }
}

/// Names the first damaged frame. A live camera may lose some; files must not, and a source of
/// which nothing could be read has failed.
fn verdict(summary: &Summary, live: bool) -> ExitCode {
    let Some(fault) = &summary.fault else { return ExitCode::SUCCESS };
    eprintln!("mien-device: {} damaged, the first: {fault}", summary.damaged);
    if live && summary.frames > 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// What a pipeline did, in words.
pub(super) fn sentence(summary: &Summary) -> String {
    let Summary { frames, dropped, damaged, fps, latency, .. } = summary;
    format!(
        "{frames} frames at {fps:.1} per second, {dropped} dropped, {damaged} damaged; \
         capture to event {:.1} ms (half), {:.1} ms (95 %)",
        latency.p50, latency.p95
    )
}
