//! What the adapters of picture lists share: gathering entries and faults, walking folders in a
//! fixed order, and text files whose complaints name the line.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    str::FromStr,
};

use mien_shared::label::LabelMap;

use super::{
    DataError,
    manifest::{Annotation, Entry, Listing, Source},
};

/// Longest text quoted in an error, in characters.
const QUOTED: usize = 24;

/// Largest text file read, in bytes: ten times the largest list of the sets known.
const MAX_TEXT: u64 = 256 << 20;

/// Names of picture files end so, in lower or upper case.
const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp"];

/// What one row of a list comes to.
#[derive(Debug)]
pub(super) enum Found {
    /// A picture to use.
    Entry(Box<Entry>),
    /// Something that the set itself marks as unusable, and why.
    LeftOut(&'static str),
}

impl From<Entry> for Found {
    fn from(entry: Entry) -> Self {
        Self::Entry(Box::new(entry))
    }
}

/// Gathers a [`Listing`] entry by entry.
#[derive(Debug)]
pub(super) struct Lister {
    listing: Listing,
}

impl Lister {
    /// An empty list of the data set called `name`.
    pub(super) fn new(name: &str) -> Self {
        let mut listing = Listing::default();
        name.clone_into(&mut listing.manifest.name);
        Self { listing }
    }

    /// Appends an entry, giving it the next id.
    pub(super) fn add(&mut self, entry: Entry) {
        let entries = &mut self.listing.manifest.entries;
        entries.push(Entry { id: entries.len() as u64, ..entry });
    }

    /// What was read; a fault is noted instead.
    pub(super) fn keep<T>(&mut self, read: Result<T, DataError>) -> Option<T> {
        read.map_err(|fault| self.listing.faults.push(fault)).ok()
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, fault: DataError) {
        self.listing.faults.push(fault);
    }

    /// Counts things that the set itself marks as unusable.
    pub(super) fn leave_out(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.listing.dropped.entry(reason).or_default() += count;
        }
    }

    /// Notes whatever a row comes to.
    pub(super) fn note(&mut self, row: Result<Found, DataError>) {
        match row {
            Ok(Found::Entry(entry)) => self.add(*entry),
            Ok(Found::LeftOut(reason)) => self.leave_out(reason, 1),
            Err(fault) => self.fault(fault),
        }
    }

    /// The list.
    pub(super) fn finish(self) -> Listing {
        self.listing
    }
}

/// An entry with nothing but its pixels and its annotation.
pub(super) fn entry(source: Source, annotation: Annotation) -> Entry {
    Entry {
        id: 0,
        source,
        annotation,
        subject: None,
        sequence: None,
        part: None,
        fold: None,
        leaks: false,
    }
}

/// An entry for a whole picture file.
pub(super) fn picture(path: PathBuf, annotation: Annotation) -> Entry {
    entry(Source::File { path, region: None }, annotation)
}

/// The label of that number in `map`: its name and, where it is one, its expression.
pub(super) fn label(map: &LabelMap, id: u8) -> Option<&'static mien_shared::label::Entry> {
    map.entries.iter().find(|entry| entry.id == Some(id))
}

/// The path itself, where a file is there.
pub(super) fn existing_file(path: PathBuf) -> Result<PathBuf, DataError> {
    if path.is_file() { Ok(path) } else { Err(missing(path)) }
}

/// The path itself, where a folder is there.
pub(super) fn existing_folder(path: PathBuf) -> Result<PathBuf, DataError> {
    if path.is_dir() { Ok(path) } else { Err(missing(path)) }
}

/// The complaint that nothing is there.
fn missing(path: PathBuf) -> DataError {
    DataError::Read { path, source: io::ErrorKind::NotFound.into() }
}

/// The folders within `folder`, hidden ones apart, sorted by name.
pub(super) fn folders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(children(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// The picture files within `folder`, hidden ones apart, sorted by number where their names are
/// numbers, then by name.
pub(super) fn pictures(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    files(folder, &PICTURES)
}

/// The picture files within `folder` whose names are numbers, by number.
pub(super) fn frames(folder: &Path) -> Result<BTreeMap<u64, PathBuf>, DataError> {
    let numbered = |path: PathBuf| Some((stem(&path).parse().ok()?, path));
    Ok(pictures(folder)?.into_iter().filter_map(numbered).collect())
}

/// The files within `folder` that end in one of `extensions`, sorted as [`pictures`] are.
pub(super) fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, DataError> {
    let fits = |path: &PathBuf| {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    let mut files: Vec<_> = children(folder)?.into_iter().filter(fits).collect();
    files.sort_by_cached_key(|path| (stem(path).parse::<u64>().ok(), name(path).to_owned()));
    Ok(files)
}

/// Everything within `folder` but hidden files and folders, sorted by name.
fn children(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let fault = |source| DataError::Read { path: folder.to_owned(), source };
    let paths = std::fs::read_dir(folder).map_err(fault)?.map(|child| Ok(child?.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(fault)?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort_unstable();
    Ok(paths)
}

/// The last part of a path; empty where it is not UTF-8.
pub(super) fn name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// The last part of a path without its ending; empty where it is not UTF-8.
pub(super) fn stem(path: &Path) -> &str {
    path.file_stem().and_then(OsStr::to_str).unwrap_or_default()
}

/// A text file in memory.
#[derive(Debug, Default)]
pub(super) struct Text {
    path: PathBuf,
    text: String,
}

impl Text {
    /// Reads the file at `path`, refusing one that is larger than any list.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let fault = |source| DataError::Read { path: path.to_owned(), source };
        let bytes = std::fs::metadata(path).map_err(fault)?.len();
        if bytes > MAX_TEXT {
            return Err(DataError::Unusable {
                path: path.to_owned(),
                what: format!("a text of {bytes} bytes"),
                fix: "no list of this set is that large: fetch it again",
            });
        }
        let text = std::fs::read_to_string(path).map_err(fault)?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// The lines in order; blank ones at the end are left out.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let text = self.text.trim_start_matches('\u{feff}').trim_end();
        text.lines().zip(1..).map(|(text, number)| Line { path: &self.path, number, text })
    }
}

/// One line of a [`Text`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    path: &'a Path,
    /// From 1.
    pub(super) number: u64,
    /// Without its end.
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// The first `N` fields, split at `separators` or blanks; fewer or more are a fault.
    pub(super) fn fields<const N: usize>(
        self,
        separators: &[char],
        fix: &'static str,
    ) -> Result<[&'a str; N], DataError> {
        let blank = |c: char| c.is_whitespace() || separators.contains(&c);
        let fields: Vec<_> = self.text.split(blank).filter(|field| !field.is_empty()).collect();
        fields.try_into().map_err(|_other_number| self.fault("the line", self.text, fix))
    }

    /// `value` as a number; `fix` says what numbers are right.
    pub(super) fn number<T: FromStr>(
        self,
        field: &str,
        value: &str,
        fix: &'static str,
    ) -> Result<T, DataError> {
        value.trim().parse().map_err(|_not_a_number| self.fault(field, value, fix))
    }

    /// The complaint that a field does not hold what `fix` asks for.
    pub(super) fn fault(self, field: &str, value: &str, fix: &'static str) -> DataError {
        DataError::Field {
            path: self.path.to_owned(),
            line: self.number,
            field: field.to_owned(),
            value: value.trim().chars().take(QUOTED).collect(),
            fix,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture_b::Tree;

    #[test]
    fn pictures_come_in_the_order_of_their_numbers_and_nothing_else_comes() {
        let tree = Tree::new();
        for path in ["10.png", "9.jpg", "b.PNG", "a.tif", ".DS_Store", "._9.jpg", "notes.txt"] {
            tree.text(path, "");
        }
        let found = pictures(tree.root()).unwrap();
        let names: Vec<_> = found.iter().map(|path| name(path)).collect();
        assert_eq!(names, ["a.tif", "b.PNG", "9.jpg", "10.png"]);
    }

    #[test]
    fn a_line_with_another_number_of_fields_is_named() {
        let tree = Tree::new();
        tree.text("list.txt", "a 1\nb,2 3\n\n \n");
        let text = Text::open(&tree.at("list.txt")).unwrap();
        let read: Vec<_> = text.lines().map(|l| l.fields::<2>(&[','], "give two")).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].as_ref().unwrap(), &["a", "1"]);
        let error = read[1].as_ref().unwrap_err().to_string();
        assert!(error.ends_with("list.txt, line 2: the line is `b,2 3`: give two"), "{error}");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = folders(Path::new("no/such/folder")).unwrap_err().to_string();
        assert!(error.contains("no/such/folder"), "{error}");
    }
}
