//! From text to a configuration: the board's defaults, then the file, then the command line.
//!
//! Every flaw is collected before anything is refused. Input is taken as hostile: the file's
//! length is checked before it is read.

mod lines;

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use mien_board::{AUTO, Board};
use toml::{Table, Value as Toml, de::DeTable};

use self::lines::{Lines, line_of};
use crate::{
    Config, ConfigError, Flaw, Problem,
    field::{Field, Section},
    rules,
};

/// Most bytes of a file.
const LIMIT: u64 = 256 * 1024;

/// The board where no file says: someone tries the device out at a terminal.
const AT_A_TERMINAL: &str = "host";

/// What a message names in place of a file.
const COMMAND_LINE: &str = "command line";

/// What the command line says in place of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides(Vec<(String, Toml)>);

impl Overrides {
    /// Sets `section.field` to a text, a list of texts, a number or a flag.
    pub fn set(&mut self, field: &str, value: impl Into<Toml>) {
        self.0.push((field.to_owned(), value.into()));
    }

    /// Sets what `section.field=VALUE` says. The value is TOML, and a text where it is none:
    /// `faces.enter=0.6`, `events.sinks=["udp://h:1"]`, `camera.source=v4l2://auto`.
    ///
    /// # Errors
    /// [`Problem::Syntax`] where there is no `=`.
    pub fn parse(&mut self, assignment: &str) -> Result<(), Flaw> {
        let (field, text) = assignment.split_once('=').ok_or_else(|| Flaw {
            line: None,
            problem: Problem::Syntax {
                text: format!("{assignment:?}: write it as section.field=VALUE"),
            },
        })?;
        let toml = format!("value = {text}").parse::<Table>().ok();
        let value = toml.and_then(|mut table| table.remove("value").filter(|_| table.is_empty()));
        self.set(field.trim(), value.unwrap_or_else(|| text.into()));
        Ok(())
    }

    /// The last value for `field`.
    fn get(&self, field: &str) -> Option<&Toml> {
        self.0.iter().rev().find(|(name, _)| name == field).map(|(_, value)| value)
    }
}

/// The deployment in a file.
pub(crate) fn file(path: &Path, overrides: &Overrides) -> Result<Config, ConfigError> {
    let text = text(path)?;
    let flaws = |flaws| ConfigError::Flaws { file: path.display().to_string(), flaws };
    parse(&text, path.parent(), overrides).map_err(flaws)
}

/// The deployment that the command line says.
pub(crate) fn command_line(overrides: &Overrides) -> Result<Config, ConfigError> {
    let mut reading = Reading::default();
    let mut config = reading.begin(None, None, overrides);
    reading.take_overrides(&mut config, overrides);
    reading
        .end(config, rules::of_every)
        .map_err(|flaws| ConfigError::Flaws { file: COMMAND_LINE.to_owned(), flaws })
}

/// The file's text.
fn text(path: &Path) -> Result<String, ConfigError> {
    let read = |source| ConfigError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(read)?;
    let length = file.metadata().map_err(read)?.len();
    if length > LIMIT {
        return Err(ConfigError::TooLong { path: path.to_owned(), length, limit: LIMIT });
    }
    let mut text = String::new();
    // The file may grow meanwhile; what is cut off then no longer parses.
    file.take(LIMIT).read_to_string(&mut text).map_err(read)?;
    Ok(text)
}

/// Reads `text`; a board file that it names is looked for in `folder`.
pub(crate) fn parse(
    text: &str,
    folder: Option<&Path>,
    overrides: &Overrides,
) -> Result<Config, Vec<Flaw>> {
    let (spans, errors) = DeTable::parse_recoverable(text);
    let syntax = |message: &str, span: Option<std::ops::Range<usize>>| Flaw {
        line: span.map(|span| line_of(text, span.start)),
        problem: Problem::Syntax { text: message.trim().replace('\n', " ") },
    };
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax(error.message(), error.span())).collect());
    }
    let mut table =
        text.parse::<Table>().map_err(|error| vec![syntax(error.message(), error.span())])?;
    let mut reading = Reading { lines: Lines::of(text, spans.get_ref()), ..Reading::default() };
    let mut config = reading.begin(Some(&table), folder, overrides);
    reading.take_table(&mut config, &mut table);
    reading.take_overrides(&mut config, overrides);
    reading.end(config, rules::of_a_file)
}

/// Reading a configuration: what was wrong so far, and where things stand in the file.
#[derive(Debug, Default)]
struct Reading {
    lines: Lines,
    flaws: Vec<Flaw>,
    /// The name of the board whose defaults hold.
    board: String,
}

impl Reading {
    /// The defaults of the board that is named; a board that cannot be used is a flaw.
    fn begin(
        &mut self,
        table: Option<&Table>,
        folder: Option<&Path>,
        overrides: &Overrides,
    ) -> Option<Config> {
        let default = if table.is_some() { AUTO } else { AT_A_TERMINAL };
        let written = table.and_then(|table| table.get("deployment")?.get("board"));
        let over = overrides.get("deployment.board");
        let named = over.or(written).and_then(Toml::as_str).unwrap_or(default);
        let place = if over.is_some() { named.into() } else { beside(folder, named) };
        let unusable = |error: &dyn std::fmt::Display| {
            let fix = error.to_string();
            let (field, value) = ("deployment.board".to_owned(), format!("{named:?}"));
            Problem::Wrong { field, value, fix }
        };
        let board = Board::load(&place.to_string_lossy()).or_else(|error| {
            self.flaw(unusable(&error));
            Board::load(default)
        });
        let board = board.map_err(|error| self.flaw(unusable(&error))).ok()?;
        board.name().clone_into(&mut self.board);
        Some(Config::of(&board, named))
    }

    /// Takes every field of the file.
    fn take_table(&mut self, config: &mut Option<Config>, table: &mut Table) {
        let Some(config) = config else { return };
        let mut sections = config.sections();
        for section in &mut sections {
            match table.remove(section.name) {
                None => {}
                Some(Toml::Table(fields)) => self.take_section(section, fields),
                Some(other) => self.no_table(section.name, &other),
            }
        }
        let known = sections.map(|section| section.name);
        for name in table.keys() {
            self.unknown(name, name, &known, "");
        }
    }

    fn take_section(&mut self, section: &mut Section<'_>, mut given: Table) {
        for field in &mut section.fields {
            if let Some(value) = given.remove(field.name) {
                self.take(section.name, field, &value);
            }
        }
        let known = section.fields.iter().map(|field| field.name).collect::<Vec<_>>();
        for name in given.keys() {
            let whole = format!("{}.{name}", section.name);
            self.unknown(&whole, name, &known, &format!("{}.", section.name));
        }
    }

    /// Takes what the command line says, after the file.
    fn take_overrides(&mut self, config: &mut Option<Config>, overrides: &Overrides) {
        let Some(config) = config else { return };
        // What follows stands in no line of the file.
        let lines = std::mem::take(&mut self.lines);
        for (whole, value) in &overrides.0 {
            self.take_override(config, whole, value);
        }
        self.lines = lines;
    }

    fn take_override(&mut self, config: &mut Config, whole: &str, value: &Toml) {
        let (section, name) = whole.split_once('.').unwrap_or((whole, ""));
        let mut sections = config.sections();
        let known = sections.each_ref().map(|section| section.name);
        let Some(section) = sections.iter_mut().find(|known| known.name == section) else {
            return self.unknown(whole, section, &known, "");
        };
        let known = section.fields.iter().map(|field| field.name).collect::<Vec<_>>();
        match section.fields.iter_mut().find(|field| field.name == name) {
            Some(field) => self.take(section.name, field, value),
            None => self.unknown(whole, name, &known, &format!("{}.", section.name)),
        }
    }

    fn take(&mut self, section: &str, field: &mut Field<'_>, value: &Toml) {
        if let Err(fix) = field.value.set(value) {
            let whole = format!("{section}.{}", field.name);
            let value = field.value.show_given(value);
            self.flaw(Problem::Wrong { field: whole, value, fix });
        }
    }

    fn no_table(&mut self, section: &str, given: &Toml) {
        let fix = format!("write [{section}] and its fields below");
        let (field, value) = (section.to_owned(), given.type_str().to_owned());
        self.flaw(Problem::Wrong { field, value: format!("one {value}"), fix });
    }

    fn unknown(&mut self, whole: &str, name: &str, known: &[&str], before: &str) {
        let like = likeliest(name, known).map(|like| format!("{before}{like}"));
        let known = known.iter().map(|&name| name.to_owned()).collect();
        self.flaw(Problem::Unknown { field: whole.to_owned(), known, like });
    }

    fn flaw(&mut self, problem: Problem) {
        let line = problem.field().and_then(|field| self.lines.of_field(field));
        self.flaws.push(Flaw { line, problem });
    }

    /// Judges the whole by `rules`.
    fn end(
        mut self,
        mut config: Option<Config>,
        rules: impl Fn(&Config) -> Vec<Problem>,
    ) -> Result<Config, Vec<Flaw>> {
        if let Some(Config { deployment, .. }) =
            config.as_mut().filter(|c| c.deployment.board == AUTO)
        {
            deployment.board.clone_from(&self.board);
        }
        for problem in config.as_ref().map(rules).into_iter().flatten() {
            // A value that was refused stands at its default: to judge that says nothing new.
            let known = |flaw: &Flaw| flaw.problem.field() == problem.field();
            if !self.flaws.iter().any(known) {
                self.flaw(problem);
            }
        }
        self.flaws.sort_by_key(|flaw| flaw.line.unwrap_or(usize::MAX));
        config.filter(|_| self.flaws.is_empty()).ok_or(self.flaws)
    }
}

/// A board file that the configuration names is meant from the configuration's folder.
fn beside(folder: Option<&Path>, named: &str) -> PathBuf {
    let is_file = named.contains('/') || Path::new(named).extension().is_some_and(|e| e == "toml");
    match folder.filter(|_| is_file) {
        Some(folder) if !folder.as_os_str().is_empty() => folder.join(named),
        _ => PathBuf::from(named),
    }
}

/// The known name that is most like `name`, if one is.
fn likeliest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let best = known.iter().copied().min_by_key(|known| distance(known))?;
    (distance(best) <= (best.len() / 3).max(1)).then_some(best)
}
