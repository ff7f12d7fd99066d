//! Log lines for a journal, bounded in number.
//!
//! ```text
//! mien-device: camera v4l2://auto: gone; trying again          in a terminal
//! <4>camera v4l2://auto: gone; trying again                    for journald, sd-daemon(3)
//! <4>camera v4l2://auto: gone; trying again (repeated 240 times before)
//! ```
//!
//! What logs is the `log` crate's macros, because the libraries that a device is made of use them
//! as well and their words are bounded with ours. Lines of one kind come from one place in the
//! source; of each kind five are written a minute, the rest are counted and told with
//! the next one; `log::logger().flush()` tells what is left at the end. Text goes to standard
//! error in one write a line; where that is gone, it is lost.

mod gate;

use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
};

use log::{Level, LevelFilter, Log, Metadata, Record, SetLoggerError};
use mien_shared::frame::Timestamp;

use gate::{Gate, Kind, Pass};

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a person: the program's name in front.
    Plain,
    /// For journald: the syslog priority in front.
    Journal,
}

impl Form {
    /// The form for this process's standard error: a journal's unless it is a terminal.
    #[must_use]
    pub fn detect() -> Self {
        let journal = env::var_os("JOURNAL_STREAM").is_some();
        if journal || !io::stderr().is_terminal() { Self::Journal } else { Self::Plain }
    }
}

/// The logger.
#[derive(Debug)]
pub struct Journal {
    form: Form,
    clock: fn() -> Timestamp,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    gate: Gate,
    line: String,
}

impl Journal {
    /// Makes every `log` macro of this process write lines of `form`, down to `level`; libraries
    /// are heard from warnings up.
    ///
    /// # Errors
    /// When the process has a logger already.
    pub fn install(form: Form, level: LevelFilter) -> Result<(), SetLoggerError> {
        log::set_boxed_logger(Box::new(Self::new(form, mien_core::clock::now)))?;
        log::set_max_level(level);
        Ok(())
    }

    fn new(form: Form, clock: fn() -> Timestamp) -> Self {
        let state = State { gate: Gate::default(), line: String::with_capacity(256) };
        Self { form, clock, state: Mutex::new(state) }
    }

    /// Lays the lines of `record` into `line`; nothing where too many like it came before.
    fn lay(&self, record: &Record<'_>, state: &mut State) {
        let State { gate, line } = state;
        line.clear();
        let kind = Kind::of(record.file().unwrap_or(record.target()), record.line());
        let Pass::Write { held } = gate.step(kind, (self.clock)()) else { return };
        // Writing into a string fails only where a value's own printing does: the line is then cut.
        let whole = write!(line, "{}", record.args());
        line.push_str(if whole.is_err() { " …" } else { "" });
        if held > 0 {
            let _always = write!(line, " (repeated {held} times before)");
        }
        let text = line.trim_end().replace('\n', &format!("\n{}", self.front(record.level())));
        line.clear();
        let _always = writeln!(line, "{}{text}", self.front(record.level()));
    }

    /// What stands in front of each line.
    fn front(&self, level: Level) -> &'static str {
        match (self.form, level) {
            (Form::Plain, Level::Error) => "mien-device: error: ",
            (Form::Plain, _) => "mien-device: ",
            (Form::Journal, Level::Error) => "<3>",
            (Form::Journal, Level::Warn) => "<4>",
            (Form::Journal, Level::Info) => "<6>",
            (Form::Journal, Level::Debug | Level::Trace) => "<7>",
        }
    }
}

impl Log for Journal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("mien") || metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.lay(record, &mut state);
        // Where standard error is gone there is nowhere left to say so.
        drop(io::stderr().write_all(state.line.as_bytes()));
    }

    fn flush(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let held = state.gate.take_held();
        if held > 0 {
            let front = self.front(Level::Info);
            let text = format!("{front}{held} more lines like earlier ones were held back\n");
            drop(io::stderr().write_all(text.as_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lines(form: Form, level: Level, texts: &[&str]) -> Vec<String> {
        let journal = Journal::new(form, || Timestamp(Duration::from_secs(1)));
        let mut state = State { gate: Gate::default(), line: String::new() };
        let lay = |text: &&str| {
            let mut record = Record::builder();
            record.level(level).target("mien_device").file(Some("a.rs")).line(Some(7));
            journal.lay(&record.args(format_args!("{text}")).build(), &mut state);
            state.line.clone()
        };
        texts.iter().map(lay).collect()
    }

    #[test]
    fn a_line_for_a_journal_begins_with_its_priority() {
        assert_eq!(lines(Form::Journal, Level::Warn, &["gone"]), ["<4>gone\n"]);
        assert_eq!(lines(Form::Journal, Level::Error, &["a\nb\n"]), ["<3>a\n<3>b\n"]);
        assert_eq!(lines(Form::Journal, Level::Info, &["x"]), ["<6>x\n"]);
    }

    #[test]
    fn a_line_for_a_person_begins_with_the_program() {
        assert_eq!(lines(Form::Plain, Level::Info, &["hello"]), ["mien-device: hello\n"]);
        assert_eq!(lines(Form::Plain, Level::Error, &["no"]), ["mien-device: error: no\n"]);
    }

    #[test]
    fn a_flood_of_one_kind_is_a_few_lines() {
        let written = lines(Form::Journal, Level::Warn, &["gone"; 1_000]);
        assert_eq!(written.iter().filter(|line| !line.is_empty()).count(), gate::BURST as usize);
    }

    /// Set for a child that logs.
    const CHILD: &str = "MIEN_TEST_LOGS";

    #[test]
    fn what_a_process_logs_comes_to_standard_error_in_bounds() {
        if env::var_os(CHILD).is_some() {
            Journal::install(Form::detect(), LevelFilter::Info).unwrap();
            (0..1_000).for_each(|time| log::warn!("gone for the {time}th time"));
            log::info!("still here");
            log::debug!("never said");
            return log::logger().flush();
        }
        let name = "journal::tests::what_a_process_logs_comes_to_standard_error_in_bounds";
        let mut child = std::process::Command::new(env::current_exe().unwrap());
        let said = child.args(["--exact", "--nocapture", name]).env(CHILD, "1").output().unwrap();
        let said = String::from_utf8(said.stderr).unwrap();
        let lines = said.lines().filter(|line| line.starts_with('<')).collect::<Vec<_>>();
        assert_eq!(lines[..2], ["<4>gone for the 0th time", "<4>gone for the 1th time"]);
        let end = ["<6>still here", "<6>995 more lines like earlier ones were held back"];
        assert_eq!((lines.len(), &lines[5..]), (7, &end[..]));
    }

    #[test]
    fn libraries_are_heard_from_warnings_up() {
        let journal = Journal::new(Form::Plain, Timestamp::default);
        let heard = |target, level| {
            journal.enabled(&Metadata::builder().target(target).level(level).build())
        };
        assert!(heard("mien_camera::v4l2", Level::Debug) && heard("rumqttc", Level::Warn));
        assert!(!heard("rumqttc", Level::Info));
    }
}
