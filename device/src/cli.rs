//! The `mien-device` command: what can be asked of it, and where each question is answered.
//!
//! Results go to the `out` given, everything else to standard error. The names here are stable:
//! scripts rely on them.

mod audit;
mod bench;
mod config;
mod demo;
mod models;
mod read;
mod run;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use mien_board::BoardError;
use mien_config::{ConfigError, Flaw, audit::AuditError};
use mien_engine::EngineError;
use mien_shared::{bundle::BundleError, telemetry::Hello};
use mien_supervisor::signals::SignalError;

use crate::{
    bench::net::NetError,
    camera::CameraError,
    events::EventError,
    face::VisionError,
    models::{ModelError, Models},
    panel::PanelError,
    pins::PinError,
    pipeline::PipelineError,
    precision::{PrecisionError, Precisions, Wanted, record_path},
    stage::Counter,
};

/// Read facial expressions on the device; nothing leaves it unless its owner says so.
#[derive(Debug, Parser)]
#[command(name = "mien-device", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// Without a command: demo.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  mien-device                                          the demo: a built-in face, no hardware needed
  mien-device run                                      the first camera, shown in this terminal
  mien-device run --events http://127.0.0.1:8080       … and as a live page in the browser
  mien-device run --board pi5 --events tcp://host:9000
  mien-device config example > mien.toml               a deployment; then run --config mien.toml
  mien-device run --camera dir://pictures --panel none:// --events jsonl://-
  mien-device read photo.jpg
  find . -name '*.png' | mien-device read --format csv - > faces.csv
  mien-device bench --json";

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what it does, with a built-in moving face in place of a camera
    Demo(demo::DemoArgs),
    /// Run the firmware: camera in, readings out, until stopped
    Run(run::RunArgs),
    /// Check, show or write a deployment's configuration
    Config(config::ConfigArgs),
    /// Check that an audit log is as it was written
    Audit(audit::AuditArgs),
    /// Read still images: one record per face
    Read(read::ReadArgs),
    /// Measure times, allocations and memory on this machine
    Bench(bench::BenchArgs),
    /// List or verify the model bundles
    Models(models::ModelsArgs),
}

/// Which bundles to use, and in which arithmetic.
#[derive(Debug, Clone, Default, Args)]
pub struct NetworksFrom {
    #[command(flatten)]
    models: ModelsFrom,
    /// The arithmetic of the networks: as `bench --precision` found it faster, or as you say
    #[arg(long, value_enum, default_value_t = Wanted::Auto)]
    precision: Wanted,
}

impl NetworksFrom {
    fn load(&self) -> Result<Models, CliError> {
        let precisions = Precisions::load(self.precision, &record_path())?;
        Ok(Models { precisions, ..self.models.load()? })
    }
}

/// Which bundles to use.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelsFrom {
    /// A folder with a catalog.toml, or bundle files that replace those of their tasks
    #[arg(long = "models", value_name = "DIR|FILE", num_args = 1..)]
    paths: Vec<PathBuf>,
}

impl ModelsFrom {
    fn load(&self) -> Result<Models, ModelError> {
        Models::load(&self.paths)
    }
}

/// Answers `cli`, writing results to `out`; `allocations` counts those of this process.
///
/// # Errors
/// [`CliError`], whose message names the file or device and the fix.
pub fn execute(cli: Cli, out: &mut dyn Write, allocations: Counter) -> Result<ExitCode, CliError> {
    match cli.command.unwrap_or_else(|| Command::Demo(demo::DemoArgs::default())) {
        Command::Demo(args) => demo::execute(&args, out),
        Command::Run(args) => run::execute(&args),
        Command::Config(args) => config::execute(&args, out),
        Command::Audit(args) => audit::execute(&args, out),
        Command::Read(args) => read::execute(&args, out),
        Command::Bench(args) => bench::execute(&args, out, allocations),
        Command::Models(args) => models::execute(&args, out),
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// No networks.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// A bundle that cannot be described.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A network that cannot be checked.
    #[error("bundle {name}: {source}")]
    Engine {
        /// The bundle's name.
        name: String,
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// A network that cannot be measured.
    #[error(transparent)]
    Net(Box<NetError>),
    /// A record of measurements that cannot be used.
    #[error(transparent)]
    Precision(#[from] PrecisionError),
    /// A network that cannot be built.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// No such board.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// No such camera.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// No such panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// No such sink.
    #[error(transparent)]
    Event(#[from] EventError),
    /// A configuration that is not taken.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A `--set` that sets nothing.
    #[error("--set {0}")]
    Assignment(Flaw),
    /// An audit log that cannot be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// No such pins.
    #[error(transparent)]
    Pins(#[from] PinError),
    /// The pipeline broke.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The folder for results cannot be made.
    #[error("--out {path}: {source}; choose a folder this user may write to", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Signals cannot be caught.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// The list of images cannot be read.
    #[error("cannot read image paths from standard input: {0}")]
    Input(#[source] io::Error),
    /// The results cannot be written.
    #[error("cannot write the results: {0}")]
    Output(#[from] io::Error),
}

impl From<NetError> for CliError {
    fn from(error: NetError) -> Self {
        Self::Net(Box::new(error))
    }
}

/// The greeting of a device running `models` on `board`.
pub(crate) fn hello(board: &str, models: &Models) -> Hello {
    Hello {
        firmware: env!("CARGO_PKG_VERSION").to_owned(),
        board: board.to_owned(),
        models: models.bundles().map(|bundle| bundle.manifest.name.clone()).to_vec(),
    }
}

/// Writes one JSON document and a newline.
fn write_json(out: &mut dyn Write, document: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn several_model_files_and_events_are_taken() {
        let line = "mien-device run --models a.mien b.mien --events jsonl://- --events udp://h:1";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let Some(Command::Run(args)) = cli.command else { panic!("not run") };
        assert_eq!(args.models.models.paths.len(), 2);
        assert_eq!(args.events.len(), 2);
    }
}
