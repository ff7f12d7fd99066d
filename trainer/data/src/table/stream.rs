//! CSV tables too large for memory, one row at a time, with or without a header.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use csv::StringRecord;

use super::{Row, open_file};
use crate::DataError;

/// A CSV table read row by row.
#[derive(Debug)]
pub(crate) struct Stream {
    path: PathBuf,
    header: StringRecord,
    reader: csv::Reader<File>,
    record: StringRecord,
    /// Whether `record` holds a row that was read in search of the header.
    pending: bool,
}

impl Stream {
    /// Opens the file at `path`, whose first row is the header.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let (reader, header) = start(path)?;
        let record = StringRecord::new();
        Ok(Self { path: path.to_owned(), header, reader, record, pending: false })
    }

    /// Opens the file at `path`, whose columns are `names` in that order where its first row does
    /// not start with the first of them.
    pub(crate) fn open_with(path: &Path, names: &[&str]) -> Result<Self, DataError> {
        let (reader, first) = start(path)?;
        let headed = first.get(0).zip(names.first()).is_some_and(|(a, b)| a == *b);
        let (header, record) =
            if headed { (first, StringRecord::new()) } else { (StringRecord::from(names), first) };
        Ok(Self { path: path.to_owned(), header, reader, pending: !headed, record })
    }

    /// The position of a column.
    pub(crate) fn column(&self, name: &str) -> Result<usize, DataError> {
        self.header
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| DataError::Column { path: self.path.clone(), column: name.to_owned() })
    }

    /// The next row, `None` at the end.
    pub(crate) fn row(&mut self) -> Option<Result<Row<'_>, DataError>> {
        let there = if std::mem::take(&mut self.pending) {
            Ok(!self.record.is_empty())
        } else {
            self.reader.read_record(&mut self.record)
        };
        match there {
            Ok(false) => None,
            Ok(true) => {
                Some(Ok(Row { path: &self.path, header: &self.header, record: &self.record }))
            }
            Err(source) => Some(Err(DataError::Csv { path: self.path.clone(), source })),
        }
    }
}

/// Opens a file and reads its first row.
fn start(path: &Path) -> Result<(csv::Reader<File>, StringRecord), DataError> {
    let file = open_file(path)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut first = StringRecord::new();
    reader
        .read_record(&mut first)
        .map_err(|source| DataError::Csv { path: path.to_owned(), source })?;
    first.trim();
    Ok((reader, first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const NAMES: [&str; 2] = ["path", "label"];

    /// The two columns of every row.
    fn rows(text: &str) -> Vec<(String, String)> {
        let set = Fixture::new();
        set.text("a.csv", text);
        let mut stream = Stream::open_with(&set.path("a.csv"), &NAMES).unwrap();
        let [path, label] = NAMES.map(|name| stream.column(name).unwrap());
        let mut rows = Vec::new();
        while let Some(row) = stream.row() {
            let row = row.unwrap();
            rows.push((row.text(path).to_owned(), row.text(label).to_owned()));
        }
        rows
    }

    #[test]
    fn a_table_is_read_the_same_with_and_without_a_header() {
        let expected = [("a.jpg", "3"), ("b.jpg", "4")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(rows("path,label\na.jpg,3\nb.jpg,4\n"), expected);
        assert_eq!(rows("label,path\n3,a.jpg\n").len(), 2);
        assert_eq!(rows("a.jpg,3\nb.jpg,4\n"), expected);
        assert_eq!(rows(""), []);
    }

    #[test]
    fn a_row_that_is_no_text_is_a_fault_and_the_next_one_is_read() {
        let set = Fixture::new();
        set.bytes("a.csv", b"path,label\n\xff,3\nb.jpg,4\n");
        let mut stream = Stream::open(&set.path("a.csv")).unwrap();
        let error = stream.row().unwrap().unwrap_err().to_string();
        assert!(error.contains("a.csv is not a well-formed CSV"), "{error}");
        assert_eq!(stream.row().unwrap().unwrap().text(0), "b.jpg");
        assert!(stream.row().is_none());
    }

    #[test]
    fn a_fault_names_the_line_in_the_file() {
        let set = Fixture::new();
        set.text("a.csv", "a.jpg,3\nb.jpg,x\n");
        let mut stream = Stream::open_with(&set.path("a.csv"), &NAMES).unwrap();
        stream.row().unwrap().unwrap();
        let row = stream.row().unwrap().unwrap();
        let error = row.number::<u8>(1, "give a number").unwrap_err().to_string();
        assert!(error.ends_with("a.csv, line 2: label is `x`: give a number"), "{error}");
    }
}
