//! Writes a demonstration page, its JSON and its events from made-up data:
//! `cargo run -p mien-report --release --example page [FILE]`.

mod demonstration;

use std::{env, error::Error, fs, io::Write as _, path::PathBuf, time::Duration};

use mien_report::{
    page,
    tensorboard::{self, EventWriter},
};

fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "report.html".to_owned()));
    let report = demonstration::report()?;
    fs::write(&path, page::html(&report)?)?;
    report.write(&path.with_extension("json"))?;
    let start = Duration::from_secs(1_700_000_000);
    let events = fs::File::create(path.with_file_name(tensorboard::file_name(start)))?;
    let mut writer = EventWriter::new(events, start)?;
    for (epoch, minutes) in report.epochs.iter().zip(1..) {
        writer.epoch(start + Duration::from_secs(60 * minutes), epoch)?;
    }
    for (mistake, at) in report.mistakes.iter().zip(0..) {
        writer.picture(start, at, "mistakes", &mistake.picture)?;
    }
    writer.flush()?;
    writeln!(std::io::stdout(), "{}", path.display())?;
    Ok(())
}
