//! Folders and text files of a data set, read in the same order on every machine.
//!
//! What file managers leave behind (`.DS_Store`, `Thumbs.db`, `__MACOSX`) does not exist for the
//! adapters, and names are found whatever their case. Text is read whole, up to [`MAX_TEXT`] bytes.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use crate::{
    DataError,
    table::{QUOTED, open_file},
};

mod fields;

/// Longest text file that is read, in bytes: several times the longest list there is.
const MAX_TEXT: u64 = 64 << 20;

/// Endings of the picture files that can be decoded, in lower case.
const PICTURES: [&str; 5] = ["png", "jpg", "jpeg", "bmp", "webp"];

/// What stray files in a picture folder are told.
pub(crate) const ONLY_PICTURES: &str = "keep only png, jpg, jpeg, bmp and webp files here";

/// A file or folder within a folder.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Child {
    /// The name without its ending.
    pub(crate) fn stem(&self) -> &str {
        self.name.rsplit_once('.').map_or(&self.name, |(stem, _)| stem)
    }

    /// Whether the name ends in a dot and `ending`, whatever its case.
    pub(crate) fn ends_in(&self, ending: &str) -> bool {
        self.name.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(ending))
    }

    /// Whether the name's ending is that of a picture.
    pub(crate) fn is_picture(&self) -> bool {
        let ending = self.name.rsplit_once('.').map_or("", |(_, ending)| ending);
        PICTURES.iter().any(|known| known.eq_ignore_ascii_case(ending))
    }
}

/// What a folder holds, sorted by name.
pub(crate) fn children(folder: &Path) -> Result<Vec<Child>, DataError> {
    let fault = |source| DataError::Read { path: folder.to_owned(), source };
    let mut children = Vec::new();
    for item in std::fs::read_dir(folder).map_err(fault)? {
        let item = item.map_err(fault)?;
        let name = item.file_name().to_string_lossy().into_owned();
        if !is_leftover(&name) {
            children.push(Child { name, path: item.path() });
        }
    }
    children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(children)
}

fn is_leftover(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "Thumbs.db" | "desktop.ini" | "__MACOSX")
}

/// The folders within a folder, sorted by name.
pub(crate) fn folders(folder: &Path) -> Result<Vec<Child>, DataError> {
    let mut children = children(folder)?;
    children.retain(|child| child.path.is_dir());
    Ok(children)
}

/// The picture files within a folder, sorted by name.
pub(crate) fn pictures(folder: &Path) -> Result<Vec<Child>, DataError> {
    let mut children = children(folder)?;
    children.retain(Child::is_picture);
    Ok(children)
}

/// The picture files within a folder that must hold one, sorted by name.
pub(crate) fn some_pictures(folder: &Path) -> Result<Vec<Child>, DataError> {
    let pictures = pictures(folder)?;
    if !pictures.is_empty() {
        return Ok(pictures);
    }
    let what = "holds no picture".to_owned();
    let fix = "fetch the set again, or remove the folder";
    Err(DataError::Unusable { path: folder.to_owned(), what, fix })
}

/// What is at `within`, names joined by `/`, whatever their case.
pub(crate) fn find(root: &Path, within: &str) -> Option<PathBuf> {
    within.split('/').try_fold(root.to_owned(), |folder, name| {
        let exact = folder.join(name);
        if exact.exists() {
            return Some(exact);
        }
        let children = children(&folder).ok()?;
        children.into_iter().find(|c| c.name.eq_ignore_ascii_case(name)).map(|c| c.path)
    })
}

/// The first of several places that is there.
///
/// # Errors
/// [`DataError::Unusable`] naming the first place.
pub(crate) fn find_any(root: &Path, places: &[&str]) -> Result<PathBuf, DataError> {
    places.iter().find_map(|place| find(root, place)).ok_or_else(|| DataError::Unusable {
        path: root.to_owned(),
        what: format!("no `{}` in it", places.first().unwrap_or(&"")),
        fix: "give the folder the set was unpacked into, with the names it came with",
    })
}

/// The path itself, where a file is there.
pub(crate) fn existing_file(path: PathBuf) -> Result<PathBuf, DataError> {
    if path.is_file() { Ok(path) } else { Err(missing(path)) }
}

/// The path itself, where a folder is there.
pub(crate) fn existing_folder(path: PathBuf) -> Result<PathBuf, DataError> {
    if path.is_dir() { Ok(path) } else { Err(missing(path)) }
}

fn missing(path: PathBuf) -> DataError {
    DataError::Read { path, source: io::ErrorKind::NotFound.into() }
}

/// The picture files within `folder` whose names are numbers, by number.
pub(crate) fn numbered(folder: &Path) -> Result<BTreeMap<u64, PathBuf>, DataError> {
    let number = |child: Child| Some((child.stem().parse().ok()?, child.path));
    Ok(pictures(folder)?.into_iter().filter_map(number).collect())
}

/// The path that a list means by `text`: below `root`, never beside it.
pub(crate) fn below(root: &Path, text: &str) -> Option<PathBuf> {
    let within = Path::new(text);
    let plain = within.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !text.is_empty()).then(|| root.join(within))
}

/// A text file in memory.
#[derive(Debug)]
pub(crate) struct Text {
    path: PathBuf,
    text: String,
}

impl Text {
    /// Reads the file at `path`, which must be UTF-8.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let mut text = String::new();
        open_file(path)?
            .take(MAX_TEXT)
            .read_to_string(&mut text)
            .map_err(|source| DataError::Read { path: path.to_owned(), source })?;
        if text.len() as u64 == MAX_TEXT {
            return Err(DataError::Unusable {
                path: path.to_owned(),
                what: format!("longer than {MAX_TEXT} bytes"),
                fix: "no list of the set is that long: fetch it again",
            });
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// The lines that hold more than blanks.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let numbered = self.text.lines().zip(1..);
        numbered
            .map(|(text, number)| Line { path: &self.path, number, text: text.trim() })
            .filter(|line| !line.text.is_empty())
    }
}

/// One line of a [`Text`], without surrounding blanks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    path: &'a Path,
    number: u64,
    pub(crate) text: &'a str,
}

impl<'a> Line<'a> {
    /// The line as exactly `N` words between blanks.
    pub(crate) fn words<const N: usize>(
        self,
        fix: &'static str,
    ) -> Result<[&'a str; N], DataError> {
        let mut words = self.text.split_ascii_whitespace();
        let mut found = [""; N];
        for word in &mut found {
            *word = words.next().ok_or_else(|| self.fault("the line", self.text, fix))?;
        }
        if words.next().is_some() {
            return Err(self.fault("the line", self.text, fix));
        }
        Ok(found)
    }

    /// The line as exactly `N` finite numbers.
    pub(crate) fn numbers<const N: usize>(self, fix: &'static str) -> Result<[f32; N], DataError> {
        let words: [&str; N] = self.words(fix)?;
        let mut numbers = [0.0; N];
        for (number, word) in numbers.iter_mut().zip(words) {
            let read = word.parse().ok().filter(|read: &f32| read.is_finite());
            *number = read.ok_or_else(|| self.fault("a number", word, fix))?;
        }
        Ok(numbers)
    }

    /// The complaint that `field` holds `value` and not what `fix` asks for.
    pub(crate) fn fault(self, field: &str, value: &str, fix: &'static str) -> DataError {
        DataError::Field {
            path: self.path.to_owned(),
            line: self.number,
            field: field.to_owned(),
            value: value.chars().take(QUOTED).collect(),
            fix,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn leftovers_of_file_managers_are_not_there_and_the_rest_is_sorted() {
        let set = Fixture::new();
        for name in ["b.png", "a.PNG", ".DS_Store", "Thumbs.db", "__MACOSX/a.png", "c/d.txt"] {
            set.text(name, "");
        }
        let names = |read: Result<Vec<Child>, DataError>| {
            read.unwrap().into_iter().map(|child| child.name).collect::<Vec<_>>()
        };
        assert_eq!(names(children(set.root())), ["a.PNG", "b.png", "c"]);
        assert_eq!(names(folders(set.root())), ["c"]);
        assert_eq!(names(pictures(set.root())), ["a.PNG", "b.png"]);
    }

    #[test]
    fn names_are_found_whatever_their_case_and_the_first_place_is_asked_for() {
        let set = Fixture::new();
        set.text("vl/STRONG/p001.txt", "");
        assert!(find(set.root(), "VL/Strong/P001.txt").unwrap().ends_with("vl/STRONG/p001.txt"));
        assert_eq!(find(set.root(), "VL/Weak"), None);
        let error = find_any(set.root(), &["NI", "IR"]).unwrap_err().to_string();
        assert!(error.contains("no `NI` in it"), "{error}");
    }

    #[test]
    fn a_list_cannot_point_outside_its_set() {
        let root = Path::new("/data");
        assert_eq!(below(root, "a/b.png"), Some(PathBuf::from("/data/a/b.png")));
        for text in ["../a.png", "/etc/passwd", "a/../../b", ""] {
            assert_eq!(below(root, text), None, "{text}");
        }
    }

    #[test]
    fn a_line_of_the_wrong_length_and_no_number_are_named() {
        let set = Fixture::new();
        set.text("list.txt", "\n 1 2 \n1 x\n1 2 3\n1 NaN\n");
        let text = Text::open(&set.path("list.txt")).unwrap();
        let read: Vec<_> = text.lines().map(|line| line.numbers::<2>("two numbers")).collect();
        assert_eq!(read[0].as_ref().unwrap().map(f32::to_bits), [1.0, 2.0].map(f32::to_bits));
        let said = |at: usize| read[at].as_ref().unwrap_err().to_string();
        assert!(said(1).ends_with("list.txt, line 3: a number is `x`: two numbers"), "{}", said(1));
        assert!(said(2).ends_with("line 4: the line is `1 2 3`: two numbers"), "{}", said(2));
        assert!(said(3).contains("line 5: a number is `NaN`"), "{}", said(3));
    }

    #[test]
    fn text_of_another_encoding_is_refused() {
        let set = Fixture::new();
        std::fs::write(set.path("list.txt"), [0xff, 0xfe]).unwrap();
        let error = Text::open(&set.path("list.txt")).unwrap_err();
        assert!(matches!(error, DataError::Read { .. }), "{error}");
    }
}
