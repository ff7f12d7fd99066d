//! `bench`: what a frame, or one network, costs on this machine.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use mien_engine::{Arithmetic, Choice, Isa};

use super::{CliError, ModelsFrom, write_json};
use crate::{
    bench::{self, choose::choose, net::Net},
    models::Models,
    precision::{Precisions, Record, Wanted, record_path},
    stage::Counter,
    track::Watching,
};

/// Runs that each operator is timed over.
const OPERATOR_RUNS: usize = 200;

/// What to measure, and how long.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct BenchArgs {
    /// Frames, or inferences of --net, to measure
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=4000))]
    frames: u32,
    /// Run the detector in every so many frames; 1 follows no face
    #[arg(long, value_name = "N", default_value_t = Watching::default().detect_every, value_parser = clap::value_parser!(u32).range(1..=60))]
    detect_every: u32,
    /// One JSON document; with --explain, one line an operator
    #[arg(long)]
    json: bool,
    /// List every operator: instructions, multiply-accumulates, time, share of this core's peak
    #[arg(long)]
    explain: bool,
    /// Measure this network alone: a bundle, or an ONNX model where that is built in
    #[arg(long, value_name = "FILE")]
    net: Option<PathBuf>,
    /// Answer each line N on standard input with the microseconds of N inferences of --net
    #[arg(long, requires = "net", conflicts_with_all = ["json", "explain"])]
    serve: bool,
    /// Which operators run --net
    #[arg(long, value_enum, default_value_t = Operators::Mien, requires = "net")]
    engine: Operators,
    /// The arithmetic; without a value, measure both on this unit and record the faster
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "measure", default_value = "auto")]
    precision: Asked,
    /// Where the faster arithmetic is recorded
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    models: ModelsFrom,
}

const EXAMPLES: &str = "\
Examples:
  mien-device bench                        a camera frame, stage by stage
  mien-device bench --detect-every 1       the same with the detector in every frame
  mien-device bench --explain              every operator of both networks
  mien-device bench --precision            f32 or int8: which is faster here, for `run` to use
  mien-device bench --net mine.mien --precision f32 --json";

/// Whose operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Operators {
    /// Mien's, and tract's for the rest
    Mien,
    /// tract's alone, in f32
    Tract,
}

/// Which arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Asked {
    /// What the record says, else as the network was made
    Auto,
    /// f32
    F32,
    /// int8
    Int8,
    /// Measure both and record the faster
    Measure,
}

/// Measures and reports.
pub(super) fn execute(
    args: &BenchArgs,
    out: &mut dyn Write,
    allocations: Counter,
) -> Result<ExitCode, CliError> {
    match &args.net {
        _ if args.precision == Asked::Measure => measure(args, out)?,
        Some(path) => network(args, path, out)?,
        None if args.explain => {
            let models = args.load()?;
            for bundle in models.bundles() {
                let mut net = Net::from_bundle(bundle, models.precisions.choice(bundle)?)?;
                args.explain(&mut net, out)?;
            }
        }
        None => {
            let report = bench::measure(|| args.load(), args.frames, args.watching(), allocations)?;
            if args.json {
                write_json(out, &report)?;
            } else {
                write!(out, "{report}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl BenchArgs {
    fn load(&self) -> Result<Models, CliError> {
        let wanted = match self.precision {
            Asked::F32 => Wanted::F32,
            Asked::Int8 => Wanted::Int8,
            Asked::Auto | Asked::Measure => Wanted::Auto,
        };
        let precisions = Precisions::load(wanted, &self.record())?;
        Ok(Models { precisions, ..self.models.load()? })
    }

    fn watching(&self) -> Watching {
        Watching { detect_every: self.detect_every, ..Watching::default() }
    }

    fn record(&self) -> PathBuf {
        self.record.clone().unwrap_or_else(record_path)
    }

    fn explain(&self, net: &mut Net, out: &mut dyn Write) -> Result<(), CliError> {
        let explained = net.explain(OPERATOR_RUNS);
        if self.json {
            explained.rows().iter().try_for_each(|row| write_json(out, row))?;
        } else {
            writeln!(out, "{explained}")?;
        }
        Ok(())
    }
}

/// One network: times, operators, or a server of times.
fn network(args: &BenchArgs, path: &Path, out: &mut dyn Write) -> Result<(), CliError> {
    let arithmetic = match args.precision {
        Asked::F32 => Arithmetic::F32,
        Asked::Int8 => Arithmetic::Int8,
        Asked::Auto | Asked::Measure => Arithmetic::AsMade,
    };
    let isa = (args.engine == Operators::Mien).then(Isa::best);
    let mut net = Net::open(path, Choice { arithmetic, isa })?;
    if args.serve {
        return Ok(net.serve(io::stdin().lock(), out)?);
    }
    if args.explain {
        return args.explain(&mut net, out);
    }
    let report = net.measure(args.frames)?;
    if args.json {
        return Ok(write_json(out, &report)?);
    }
    let share = report.macs as f64 / report.ms.min / 1e6 / report.peak_gmacs_per_s;
    writeln!(
        out,
        "{}: {} on {}, {:.4} ms (shortest {:.4}), {:.1} MMAC, {:.0} % of this core's peak",
        report.name,
        report.precision,
        report.isa,
        report.ms.p50,
        report.ms.min,
        report.macs as f64 / 1e6,
        share * 100.0
    )?;
    Ok(())
}

/// Measures each network in both arithmetics and records the faster.
fn measure(args: &BenchArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let models = args.models.load()?;
    let mut seen = Vec::new();
    for bundle in models.bundles() {
        let name = &bundle.manifest.name;
        match choose(bundle)? {
            Some(measured) => {
                if args.json {
                    write_json(out, &measured)?;
                } else {
                    writeln!(out, "{name}: {measured}")?;
                }
                seen.push(measured);
            }
            None => writeln!(out, "{name}: {}, no choice", bundle.manifest.precision.name())?,
        }
    }
    let path = args.record();
    Record::read(&path)?.update(seen, &path)?;
    if !args.json {
        writeln!(out, "recorded in {}", path.display())?;
    }
    Ok(())
}
