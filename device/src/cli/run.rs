//! `run`: the firmware, until its source ends or it is told to stop.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
};

use clap::Args;
use mien_board::Board;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::{CliError, NetworksFrom, hello};
use crate::{
    camera,
    decide::Policy,
    events,
    face::Vision,
    panel,
    pipeline::{self, App, Ending, Outputs, Summary},
    spec::Spec,
};

const CAMERA_HELP: &str = "Where frames come from, in place of the board's camera: \
    v4l2://auto, v4l2:///dev/video0, dir://PATH, mjpeg://PATH, y4m://PATH, \
    pipe://-?size=WxH&format=F, performer://";
const PANEL_HELP: &str = "What to show readings on, in place of the board's panel: \
    terminal://, png://PATH, none://";
const EVENTS_HELP: &str = "Where readings go, in place of the board's; may be given several times: \
    jsonl://-, jsonl://PATH, udp://HOST:PORT, tcp://HOST:PORT";

/// What to run on.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Name of a built-in board, or a board file
    #[arg(long, value_name = "NAME|FILE", default_value = "host")]
    board: String,
    #[arg(long, value_name = "SPEC", help = CAMERA_HELP)]
    camera: Option<String>,
    #[arg(long, value_name = "SPEC", help = PANEL_HELP)]
    panel: Option<String>,
    #[arg(long, value_name = "SPEC", help = EVENTS_HELP)]
    pub(super) events: Vec<String>,
    /// Stop after so many frames
    #[arg(long, value_name = "N")]
    frames: Option<u64>,
    #[command(flatten)]
    pub(super) models: NetworksFrom,
}

/// Runs the firmware.
pub(super) fn execute(args: &RunArgs) -> Result<ExitCode, CliError> {
    let board = Board::load(&args.board)?;
    let models = args.models.load()?;
    let vision = Vision::new(&models)?;
    let outputs = outputs(args, &board)?;
    let source = camera_spec(args, &board);
    let camera = camera::open(&source)?;
    let live = camera.is_live();
    let greeting = hello(board.name(), &models);
    let mut app = App::new(outputs, source, Policy::default(), greeting)?;
    eprintln!("mien-device: {} on {}", camera.describe(), board.name());
    let ending = Ending { frames: args.frames, stop: stop_on_signal()? };
    let summary = pipeline::run(camera, vision, &mut app, &ending)?;
    drop(app);
    eprintln!("mien-device: {}", sentence(&summary));
    Ok(verdict(&summary, live))
}

/// Names the first damaged frame. A live camera may lose some; files must not, and a source of
/// which nothing could be read has failed.
fn verdict(summary: &Summary, live: bool) -> ExitCode {
    let Some(fault) = &summary.fault else { return ExitCode::SUCCESS };
    eprintln!("mien-device: {} damaged, the first: {fault}", summary.damaged);
    if live && summary.frames > 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// A flag that becomes true on Ctrl-C or a polite kill; a second Ctrl-C ends the process at once.
pub(super) fn stop_on_signal() -> Result<Arc<AtomicBool>, CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let armed = Arc::clone(&stop);
        flag::register_conditional_shutdown(signal, 130, armed).map_err(CliError::Signal)?;
        flag::register(signal, Arc::clone(&stop)).map_err(CliError::Signal)?;
    }
    Ok(stop)
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

/// The camera asked for, or the board's with the board's picture.
fn camera_spec(args: &RunArgs, board: &Board) -> String {
    let spec = board.camera();
    match &args.camera {
        Some(asked) => asked.clone(),
        None if spec.starts_with("v4l2://") && !spec.contains('?') => {
            let picture = board.picture();
            let (width, height, fps) = (picture.width(), picture.height(), picture.fps());
            format!("{spec}?size={width}x{height}&fps={fps}")
        }
        None => spec.to_owned(),
    }
}

/// Opens the panel and the sinks that were asked for, or else the board's.
fn outputs(args: &RunArgs, board: &Board) -> Result<Outputs, CliError> {
    let spec = args.panel.as_deref().unwrap_or(board.panel());
    let panel = panel::open(spec)?;
    // Nothing is drawn for a board without a panel.
    let blind = Spec::parse(spec).is_ok_and(|spec| spec.scheme() == "none");
    let panels = if blind { Vec::new() } else { vec![panel] };
    let events = if args.events.is_empty() { board.events() } else { &args.events };
    let sinks = events.iter().map(|spec| events::open(spec)).collect::<Result<_, _>>()?;
    Ok(Outputs { panels, sinks })
}
