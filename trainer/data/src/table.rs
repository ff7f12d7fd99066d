//! CSV tables with named columns, where every complaint names the file, the line and the field.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

use csv::StringRecord;

use super::DataError;

mod stream;

pub(super) use stream::Stream;

/// Longest field quoted in an error, in characters.
pub(super) const QUOTED: usize = 24;

/// A CSV table in memory with its header.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl Table {
    /// Reads the file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        Self::read(path, open_file(path)?)
    }

    /// Reads `from`, naming `path` in errors.
    pub(super) fn read(path: &Path, from: impl Read) -> Result<Self, DataError> {
        let fault = |source| DataError::Csv { path: path.to_owned(), source };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(from);
        let header = reader.headers().map_err(fault)?.clone();
        let rows = reader.records().collect::<Result<_, _>>().map_err(fault)?;
        Ok(Self { path: path.to_owned(), header, rows })
    }

    /// Number of rows below the header.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The position of a column.
    pub(super) fn column(&self, name: &str) -> Result<usize, DataError> {
        self.header
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| DataError::Column { path: self.path.clone(), column: name.to_owned() })
    }

    /// The positions of several columns.
    pub(super) fn columns<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[usize; N], DataError> {
        let mut found = [0; N];
        for (at, name) in found.iter_mut().zip(names) {
            *at = self.column(name)?;
        }
        Ok(found)
    }

    /// The row of that number, from 0.
    pub(super) fn row(&self, number: usize) -> Option<Row<'_>> {
        self.rows.get(number).map(|record| self.row_of(record))
    }

    /// The rows in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|record| self.row_of(record))
    }

    fn row_of<'a>(&'a self, record: &'a StringRecord) -> Row<'a> {
        Row { path: &self.path, header: &self.header, record }
    }
}

/// One row of a [`Table`] or a [`Stream`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    path: &'a Path,
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// The text in a column, without surrounding blanks.
    pub(super) fn text(&self, column: usize) -> &'a str {
        self.record.get(column).unwrap_or_default().trim()
    }

    /// The number in a column; `fix` says what numbers are right.
    pub(super) fn number<T: FromStr>(
        &self,
        column: usize,
        fix: &'static str,
    ) -> Result<T, DataError> {
        self.text(column).parse().map_err(|_not_a_number| self.fault(column, fix))
    }

    /// The complaint that a column does not hold what `fix` asks for.
    pub(super) fn fault(&self, column: usize, fix: &'static str) -> DataError {
        DataError::Field {
            path: self.path.to_owned(),
            line: self.record.position().map_or(0, csv::Position::line),
            field: self.header.get(column).unwrap_or_default().to_owned(),
            value: self.text(column).chars().take(QUOTED).collect(),
            fix,
        }
    }
}

/// Opens a file, naming it where that fails.
pub(super) fn open_file(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|source| DataError::Read { path: path.to_owned(), source })
}
