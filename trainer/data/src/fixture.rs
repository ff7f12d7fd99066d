//! Small data sets made on the spot for tests: true layouts and names, pictures of 32 × 32 pixels.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use mien_shared::label::LabelMap;

use crate::manifest::Listing;

pub(crate) mod binary;

/// Side of a made picture in pixels.
const SIDE: u32 = 32;

/// A temporary folder that is filled file by file.
pub(crate) struct Fixture(tempfile::TempDir);

impl Fixture {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// A path within the folder.
    pub(crate) fn path(&self, within: &str) -> PathBuf {
        self.root().join(within)
    }

    /// Writes a grey ramp with a black mark whose place tells classes apart.
    pub(crate) fn picture(&self, within: &str, mark: u32) {
        let (left, top) = (8 * (mark % 4), 8 * (mark / 4 % 4));
        let marked = |x, y| (left..left + 8).contains(&x) && (top..top + 8).contains(&y);
        let ramp = GrayImage::from_fn(SIDE, SIDE, |x, y| {
            Luma([if marked(x, y) { 0 } else { u8::try_from(8 * x).unwrap() }])
        });
        ramp.save(self.parent(within)).unwrap();
    }

    /// Writes pictures of these names into a folder for each class of `map`.
    pub(crate) fn classes(&self, within: &str, map: &LabelMap, names: &[&str]) {
        for (class, mark) in map.entries.iter().zip(0..) {
            for name in names {
                self.picture(&format!("{within}/{}/{name}", class.token), mark);
            }
        }
    }

    /// Writes a text file.
    pub(crate) fn text(&self, within: &str, text: &str) {
        std::fs::write(self.parent(within), text).unwrap();
    }

    /// Replaces the first `from` in a text file.
    pub(crate) fn edit(&self, within: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(within)).unwrap();
        assert!(text.contains(from), "{within} has no `{from}`");
        self.text(within, &text.replacen(from, to, 1));
    }

    /// Makes an empty folder.
    pub(crate) fn folder(&self, within: &str) {
        std::fs::create_dir_all(self.path(within)).unwrap();
    }

    /// Removes a file or a whole folder.
    pub(crate) fn remove(&self, within: &str) {
        let path = self.path(within);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
            .unwrap();
    }

    /// Gives a file or folder another name.
    pub(crate) fn rename(&self, from: &str, to: &str) {
        let to = self.parent(to);
        std::fs::rename(self.path(from), to).unwrap();
    }

    fn parent(&self, within: &str) -> PathBuf {
        let path = self.path(within);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}

/// One way to damage a set and what the one fault it leads to must say, in parts.
pub(crate) type Damage = (fn(&Fixture), &'static [&'static str]);

/// Does each damage to a fresh set and asserts that exactly its own fault is listed.
pub(crate) fn assert_each_is_named(
    make: fn() -> Fixture,
    list: fn(&Path) -> Listing,
    damages: &[Damage],
) {
    let sound = list(make().root());
    assert!(sound.faults.is_empty(), "a sound set has faults: {:?}", sound.faults);
    assert!(!sound.manifest.entries.is_empty());
    for (damage, said) in damages {
        let set = make();
        damage(&set);
        let faults = list(set.root()).faults;
        assert_eq!(faults.len(), 1, "expected one fault that says {said:?}: {faults:?}");
        let message = faults[0].to_string();
        for part in *said {
            assert!(message.contains(part), "`{message}` does not say `{part}`");
        }
    }
}
