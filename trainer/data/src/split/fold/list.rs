//! Folds from fixed lists: one file a fold, one name a line.
//!
//! A name is a subject or, where no subject is called so, a file stem. Blank lines and lines that
//! start with `#` are skipped. Pictures nobody lists are left out of every fold.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{FoldError, Folds, at_least};
use crate::split::Identity;

/// Longest list accepted, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// Longest name quoted in an error, in characters.
const QUOTED: usize = 64;

impl Folds {
    /// Reads fold `k` from the `k`th of `lists`.
    ///
    /// # Errors
    /// [`FoldError::TooFewFolds`] for fewer than two lists; the others name the file and the line.
    pub fn from_lists(lists: &[PathBuf], pictures: &[Identity<'_>]) -> Result<Self, FoldError> {
        at_least(2, lists.len())?;
        let index = Index::new(pictures);
        let mut places: Vec<Option<Place<'_>>> = vec![None; pictures.len()];
        for (fold, path) in lists.iter().enumerate() {
            index.place(fold, path, &mut places)?;
        }
        let of = places.into_iter().map(|place| place.map(|place| place.fold)).collect();
        Ok(Self { count: lists.len(), of })
    }
}

/// Where a name stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    fold: usize,
    path: &'a Path,
    line: usize,
}

impl<'a> Place<'a> {
    /// Puts a picture into this fold.
    fn take(
        self,
        places: &mut [Option<Place<'a>>],
        picture: usize,
        name: &str,
    ) -> Result<(), FoldError> {
        match places.get_mut(picture).and_then(|place| place.replace(self)) {
            None => Ok(()),
            Some(first) => Err(FoldError::ListedTwice {
                path: self.path.to_owned(),
                line: self.line,
                name: quoted(name),
                first_path: first.path.to_owned(),
                first_line: first.line,
            }),
        }
    }
}

/// The pictures of every name.
struct Index<'a> {
    subjects: BTreeMap<&'a str, Vec<usize>>,
    stems: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(pictures: &[Identity<'a>]) -> Self {
        let mut index = Self { subjects: BTreeMap::new(), stems: BTreeMap::new() };
        for (at, picture) in pictures.iter().enumerate() {
            if let Some(subject) = picture.subject {
                index.subjects.entry(subject).or_default().push(at);
            }
            if let Some(stem) = picture.stem {
                index.stems.entry(stem).or_default().push(at);
            }
        }
        index
    }

    /// Puts the pictures of the names in a list into its fold.
    fn place<'p>(
        &self,
        fold: usize,
        path: &'p Path,
        places: &mut [Option<Place<'p>>],
    ) -> Result<(), FoldError> {
        let text = read(path)?;
        for (line, name) in names(&text) {
            let place = Place { fold, path, line };
            for &picture in self.find(name, place)? {
                place.take(places, picture, name)?;
            }
        }
        if names(&text).next().is_some() {
            return Ok(());
        }
        Err(FoldError::EmptyList { path: path.to_owned(), line: text.lines().count().max(1) })
    }

    fn find(&self, name: &str, Place { path, line, .. }: Place<'_>) -> Result<&[usize], FoldError> {
        let path = || path.to_owned();
        match (self.subjects.get(name), self.stems.get(name)) {
            (Some(pictures), _) => Ok(pictures),
            (None, None) => Err(FoldError::UnknownName { path: path(), line, name: quoted(name) }),
            (None, Some(pictures)) if pictures.len() == 1 => Ok(pictures),
            (None, Some(pictures)) => Err(FoldError::AmbiguousStem {
                path: path(),
                line,
                name: quoted(name),
                files: pictures.len(),
            }),
        }
    }
}

/// The text of a list.
fn read(path: &Path) -> Result<String, FoldError> {
    let mut text = String::new();
    // One byte more than accepted is enough to know that there are too many.
    let read = File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text))
        .map_err(|source| FoldError::Read { path: path.to_owned(), source })?;
    if read as u64 > MOST_BYTES {
        return Err(FoldError::TooLong { path: path.to_owned(), most: MOST_BYTES });
    }
    Ok(text)
}

/// The names of a list with their lines, from 1.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, name)| !name.is_empty() && !name.starts_with('#'))
}

fn quoted(name: &str) -> String {
    name.chars().take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two subjects with two pictures each and one picture without a subject.
    fn pictures() -> [Identity<'static>; 5] {
        let of = |subject, stem| Identity { subject, stem: Some(stem), ..Identity::default() };
        [
            of(Some("SN001"), "a_0"),
            of(Some("SN002"), "b_0"),
            of(Some("SN001"), "a_1"),
            of(Some("SN002"), "again"),
            of(None, "again"),
        ]
    }

    /// The folds of those lists, with the folder's name cut from errors.
    fn folds(lists: &[&str]) -> Result<Vec<Option<usize>>, String> {
        let root = tempfile::tempdir().unwrap();
        let write = |(number, text): (usize, &&str)| {
            let path = root.path().join(format!("{number}.txt"));
            std::fs::write(&path, text).unwrap();
            path
        };
        let paths: Vec<_> = lists.iter().enumerate().map(write).collect();
        let folder = format!("{}{}", root.path().display(), std::path::MAIN_SEPARATOR);
        match Folds::from_lists(&paths, &pictures()) {
            Ok(folds) => Ok(folds.of().to_vec()),
            Err(error) => Err(error.to_string().replace(&folder, "")),
        }
    }

    #[test]
    fn subjects_and_stems_are_found_and_the_rest_is_left_out() {
        let found = folds(&["# first\r\nSN001\r\n\r\n", " b_0 \n"]).unwrap();
        assert_eq!(found, [Some(0), Some(1), Some(0), None, None]);
    }

    #[test]
    fn an_unknown_name_is_named_with_its_line() {
        let error = folds(&["SN002", "SN001\n\nSN003\n"]).unwrap_err();
        assert_eq!(error, "1.txt, line 3: no subject and no file stem is called `SN003`");
    }

    #[test]
    fn a_name_in_two_folds_is_named_with_both_lines() {
        let error = folds(&["SN001\nSN002\n", "# second\nSN002\n"]).unwrap_err();
        let fix = "already: keep one of the two";
        assert_eq!(error, format!("1.txt, line 2: `SN002` is in 0.txt, line 2 {fix}"));
        let error = folds(&["SN001", "a_1"]).unwrap_err();
        assert_eq!(error, format!("1.txt, line 1: `a_1` is in 0.txt, line 1 {fix}"));
        let error = folds(&["SN001\nSN001", "SN002"]).unwrap_err();
        assert_eq!(error, format!("0.txt, line 2: `SN001` is in 0.txt, line 1 {fix}"));
    }

    #[test]
    fn an_empty_fold_is_refused() {
        let error = folds(&["SN001", "# nobody\n\n"]).unwrap_err();
        let fix = "the list ends without a name: give one subject or file stem a line";
        assert_eq!(error, format!("1.txt, line 2: {fix}"));
        assert_eq!(folds(&["", "SN001"]).unwrap_err(), format!("0.txt, line 1: {fix}"));
    }

    #[test]
    fn a_stem_of_several_files_is_refused() {
        let error = folds(&["again", "SN001"]).unwrap_err();
        assert_eq!(error, "0.txt, line 1: 2 files have the stem `again`: list subjects instead");
    }

    #[test]
    fn a_missing_list_and_a_single_one_are_refused() {
        let missing = [PathBuf::from("missing.txt"), PathBuf::from("missing.txt")];
        let error = Folds::from_lists(&missing, &pictures()).unwrap_err().to_string();
        assert_eq!(error, "cannot read missing.txt: check that it is there and is UTF-8 text");
        assert_eq!(
            folds(&["SN001"]).unwrap_err(),
            "1 is too few folds to fill every part: use 2 or more"
        );
    }
}
