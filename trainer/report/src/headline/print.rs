//! The table as text, Markdown, CSV, JSON or a fragment of HTML.

mod data;
mod markup;
mod text;

use std::{fmt, ops::Range, str::FromStr};

use thiserror::Error;

pub(crate) use self::markup::{escaped, quoted};
use super::table::{Row, Section, Table, number};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// GitHub's tables.
    Markdown,
    /// One table, a line for each row.
    Csv,
    /// One document.
    Json,
    /// A `<section>` for each block, without a page around them or a style.
    Html,
}

/// Why a table cannot be written.
#[derive(Debug, Error)]
pub enum PrintError {
    /// Not as CSV.
    #[error("cannot print CSV: {0}")]
    Csv(#[from] csv::Error),
    /// Not as JSON.
    #[error("cannot print JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Text, Self::Markdown, Self::Csv, Self::Json, Self::Html];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| format!("no format '{name}'; there are: {known}"))
    }
}

impl Table {
    /// The table in a format, ending in a line break.
    ///
    /// # Errors
    /// [`PrintError`] where CSV or JSON cannot be written.
    pub fn print(&self, format: Format) -> Result<String, PrintError> {
        Ok(match format {
            Format::Text => self.to_string(),
            Format::Markdown => markup::markdown(self),
            Format::Csv => data::csv(self)?,
            Format::Json => data::json(self)?,
            Format::Html => markup::html(self),
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::text(self))
    }
}

/// A column of what is read by people: its name, whether it holds numbers, and its cell of a row.
struct Column {
    name: &'static str,
    numeric: bool,
    cell: fn(&Row) -> String,
}

/// Column of the first cell that may stand above the table instead, and of the one after the last.
const SHARED: Range<usize> = 1..4;
/// Columns that are shown though they be empty.
const ALWAYS: usize = 6;

const COLUMNS: [Column; 12] = [
    Column { name: "system", numeric: false, cell: |row| row.system.clone() },
    Column { name: "data set", numeric: false, cell: |row| row.dataset.clone() },
    Column { name: "protocol", numeric: false, cell: |row| row.protocol.clone() },
    Column { name: "metric", numeric: false, cell: |row| row.metric.clone() },
    Column { name: "target", numeric: true, cell: |row| row.target.clone() },
    Column { name: "measured", numeric: false, cell: |row| row.measured.clone() },
    Column { name: "95 % interval", numeric: false, cell: |row| interval(row.interval) },
    Column { name: "n", numeric: true, cell: |row| count(row.n) },
    Column { name: "subjects", numeric: true, cell: |row| count(row.subjects) },
    Column { name: "seed", numeric: true, cell: |row| count(row.seed) },
    Column { name: "revision", numeric: false, cell: |row| row.revision.clone() },
    Column { name: "remark", numeric: false, cell: |row| row.remark.clone() },
];

/// The columns a section shows: not those that are empty from top to bottom, nor the data set,
/// protocol and metric where all its rows have the same; [`preamble`] states those.
fn columns(section: &Section) -> Vec<&'static Column> {
    let filled = |column: &Column| section.rows.iter().any(|row| !(column.cell)(row).is_empty());
    let shown = |(at, column): &(usize, &'static Column)| {
        let above = SHARED.contains(at) && shared(section, column).is_some();
        !above && (*at < ALWAYS || filled(column))
    };
    COLUMNS.iter().enumerate().filter(shown).map(|(_, column)| column).collect()
}

/// Lines under a section's title.
fn preamble(section: &Section) -> Vec<String> {
    let mut lines = vec![format!("Source: {}.", section.source)];
    lines.extend((!section.note.is_empty()).then(|| section.note.to_owned()));
    let above = |column: &Column| Some(format!("{}: {}", column.name, shared(section, column)?));
    let shared: Vec<String> = COLUMNS[SHARED].iter().filter_map(above).collect();
    lines.extend((!shared.is_empty()).then(|| format!("In all rows, {}.", shared.join("; "))));
    lines
}

/// The cell that all of several rows have in a column.
fn shared(section: &Section, column: &Column) -> Option<String> {
    let (first, others) = section.rows.split_first()?;
    let cell = (column.cell)(first);
    let same = !others.is_empty() && others.iter().all(|row| (column.cell)(row) == cell);
    same.then_some(cell)
}

fn interval(interval: Option<[f64; 2]>) -> String {
    interval.map_or_else(String::new, |[low, high]| format!("{} to {}", number(low), number(high)))
}

fn count(count: Option<u64>) -> String {
    count.map_or_else(String::new, |count| count.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::headline::{Ledger, table};

    /// The smallest block, with a measurement on another protocol whose words try every format.
    pub(super) fn sample() -> Table {
        let ledger = Ledger::parse(
            r#"
            [[result]]
            block = "FN2EN-CHART"
            row = "FN2EN / SFEW"
            protocol = "a|b, \"c\" <d>"
            measured = 41.5
            interval = [40.0, 43.0]
            n = 431
            seed = 1
            data = "SFEW"
            split = "validation"
            command = "eval"
            revision = "abc"
            "#,
            Path::new("results.toml"),
        );
        table(&ledger.unwrap()).only("FN2EN-CHART").unwrap()
    }

    #[test]
    fn formats_are_found_by_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!(
            "pdf".parse::<Format>().unwrap_err(),
            "no format 'pdf'; there are: text, markdown, csv, json, html"
        );
    }

    #[test]
    fn cells_that_all_rows_share_stand_above_them() {
        let tfd = table(&Ledger::default()).only("FN2EN-TFD").unwrap();
        assert_eq!(names(&tfd), ["system", "target", "measured"]);
        assert_eq!(
            preamble(&tfd.sections[0])[1],
            "In all rows, data set: TFD; protocol: 7 classes; the 5 official folds, \
             mean of fold accuracies; metric: accuracy, %."
        );
        let chart = table(&Ledger::default()).only("FN2EN-CHART").unwrap();
        assert_eq!(names(&chart), ["system", "data set", "target", "measured"]);
    }

    #[test]
    fn columns_that_are_empty_are_left_out() {
        assert!(names(&sample()).contains(&"95 % interval"));
        assert!(!names(&sample()).contains(&"subjects"));
    }

    fn names(table: &Table) -> Vec<&'static str> {
        columns(&table.sections[0]).iter().map(|column| column.name).collect()
    }

    #[test]
    fn every_format_shows_the_measurement_and_that_it_is_not_comparable() {
        for format in Format::ALL {
            let printed = sample().print(format).unwrap();
            assert!(printed.contains("41.50 (not comparable)"), "{printed}");
            assert!(printed.ends_with('\n'));
        }
    }

    #[test]
    fn every_format_holds_every_figure() {
        let whole = table(&Ledger::default());
        for format in Format::ALL {
            let printed = whole.print(format).unwrap();
            assert_eq!(printed.matches("no data: needs ").count(), 383, "{}", format.name());
        }
    }
}
