//! The `mien-device` command.

use std::{
    alloc::System,
    io::{self, BufWriter, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use mien_device::cli::{Cli, execute};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts allocations for `bench`; a few relaxed additions per call.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let answer = execute(Cli::parse(), &mut out, allocations);
    let flushed = out.flush();
    match answer.and_then(|code| Ok(flushed.map(|()| code)?)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mien-device: {error}");
            ExitCode::FAILURE
        }
    }
}

fn allocations() -> u64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as u64
}
