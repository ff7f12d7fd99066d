//! `demo`: the real pipeline with a built-in moving face in place of a camera.

use std::{
    fs,
    io::{IsTerminal as _, Write, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use mien_shared::{label::Expression, telemetry::Message};
use mien_supervisor::signals::Signals;

use super::{CliError, NetworksFrom, hello, run::sentence};
use crate::{
    camera::Supply,
    command,
    events::{EventError, Link, Sink, Sinks},
    face::Vision,
    panel,
    pins::NoPins,
    pipeline::{self, App, Ending, Makers, Manners, Outputs, Owner},
    track::Watching,
};

/// The built-in face: eight expressions of three seconds each.
const CAMERA: &str = "performer://?seed=1&size=640x480&fps=30";

/// How to show it.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many frames to show, 30 per second; 720 show every expression once
    #[arg(long, value_name = "N", default_value_t = 720)]
    frames: u64,
    /// Folder for events.jsonl and panel.png
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    models: NetworksFrom,
}

impl Default for DemoArgs {
    fn default() -> Self {
        Self { frames: 720, out: PathBuf::from("."), models: NetworksFrom::default() }
    }
}

/// Shows the demo and says what came of it.
pub(super) fn execute(args: &DemoArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let models = args.models.load()?;
    let folder = |source| CliError::Folder { path: args.out.clone(), source };
    fs::create_dir_all(&args.out).map_err(folder)?;
    let outputs = outputs(&args.out)?;
    let greeting = hello("demo", &models);
    let mut app = App::new(outputs, "built-in face".to_owned(), Manners::default(), greeting)?;
    let ending = Ending { frames: Some(args.frames), stop: Signals::listen()?.stop_flag() };
    let makers = Makers {
        supply: Arc::new(|| Supply::open(CAMERA)),
        vision: Arc::new(move || Vision::with(&models, Watching::default())),
    };
    let summary = pipeline::run(makers, &mut app, &ending, &mut ())?;
    drop(app);
    writeln!(out, "{}", sentence(&summary))?;
    writeln!(out, "events: {}", args.out.join("events.jsonl").display())?;
    writeln!(out, "last screen: {}", args.out.join("panel.png").display())?;
    Ok(ExitCode::SUCCESS)
}

/// A live panel where there is a terminal, lines of text where there is none; two files always.
fn outputs(folder: &Path) -> Result<Outputs, CliError> {
    let path = |name| folder.join(name).display().to_string();
    let mut panels = vec![panel::open(&format!("png://{}", path("panel.png")))?];
    let (asker, asked) = command::channel();
    let link = Link { device: "demo".to_owned(), asker };
    let events = format!("jsonl://{}?mode=replace", path("events.jsonl"));
    let mut sinks = Sinks::open(&[events], &link)?;
    if stdout().is_terminal() {
        panels.push(panel::open("terminal://")?);
    } else {
        sinks.add(Box::new(Narrator::new(stdout())));
    }
    Ok(Outputs { panels, sinks, owner: Owner::new(asked, Box::new(NoPins)) })
}

/// Tells in lines of text when the reading of the largest face changes.
struct Narrator<W> {
    out: W,
    /// What was said last, in words.
    said: Option<&'static str>,
}

impl<W: Write> Narrator<W> {
    fn new(out: W) -> Self {
        Self { out, said: None }
    }
}

impl<W: Write> Sink for Narrator<W> {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        let Message::Reading(reading) = message else { return Ok(()) };
        let face = reading.faces.first();
        let shown = face.and_then(|face| face.expression);
        let what = shown.and_then(|shown| shown.label).map_or("unknown", Expression::name);
        if self.said.replace(what) == Some(what) {
            return Ok(());
        }
        let percent = shown.map_or(0.0, |shown| shown.confidence * 100.0);
        let (frame, seconds) = (reading.frame.0, reading.captured_at_us as f64 / 1e6);
        writeln!(self.out, "{seconds:6.2} s  frame {frame:4}  {what:<10} {percent:3.0} %")
            .map_err(|source| EventError::Write { spec: "standard output".to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        frame::FrameId,
        geometry::Rect,
        telemetry::{ExpressionReading, FaceReading, Reading},
    };

    use super::*;

    fn reading(frame: u64, expression: Option<Expression>) -> Message {
        let face = FaceReading {
            id: 1,
            rect: Rect::default(),
            score: 1.0,
            expression: Some(ExpressionReading {
                label: expression,
                confidence: 0.9,
                ..ExpressionReading::default()
            }),
            ..FaceReading::default()
        };
        Message::Reading(Reading {
            sequence: frame,
            frame: FrameId(frame),
            captured_at_us: frame * 1_000_000,
            latency_us: 0,
            frame_size: [640, 480],
            faces: vec![face],
        })
    }

    #[test]
    fn only_changes_are_told() {
        let mut narrator = Narrator::new(Vec::new());
        let said = [None, None, Some(Expression::Fear), Some(Expression::Fear), None];
        for (frame, expression) in (0..).zip(said) {
            narrator.send(&reading(frame, expression)).unwrap();
        }
        let text = String::from_utf8(narrator.out).unwrap();
        let expected = "  0.00 s  frame    0  unknown     90 %\n  \
                        2.00 s  frame    2  fear        90 %\n  \
                        4.00 s  frame    4  unknown     90 %\n";
        assert_eq!(text, expected);
    }
}
