//! Small data sets made on the spot for tests: true layouts and names, pictures of 32 × 32 pixels.
//!
//! [`make`] gives a whole one, in the feature `fixture`; a test of one adapter makes its own and
//! damages it.
#![expect(clippy::unwrap_used, reason = "a test that cannot write its files has to stop")]

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use mien_shared::label::LabelMap;

pub(crate) mod binary;
#[cfg(test)]
mod damage;
mod face;
mod sets;

#[cfg(test)]
pub(crate) use self::damage::assert_each_is_named;
pub use self::sets::{SETS, make};

/// Side of a made picture in pixels.
const SIDE: u32 = 32;

/// A temporary folder that is filled file by file.
#[derive(Debug)]
pub struct Fixture(tempfile::TempDir);

impl Fixture {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The folder, which goes with the fixture.
    pub fn root(&self) -> &Path {
        self.0.path()
    }

    /// A path within the folder.
    pub(crate) fn path(&self, within: &str) -> PathBuf {
        self.root().join(within)
    }

    /// Writes a grey ramp with a black mark whose place tells classes apart.
    pub(crate) fn picture(&self, within: &str, mark: u32) {
        ramp(mark).save(self.parent(within)).unwrap();
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

    fn parent(&self, within: &str) -> PathBuf {
        let path = self.path(within);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }
}

/// A grey ramp with a black mark whose place tells classes apart.
fn ramp(mark: u32) -> GrayImage {
    let (left, top) = (8 * (mark % 4), 8 * (mark / 4 % 4));
    let marked = |x, y| (left..left + 8).contains(&x) && (top..top + 8).contains(&y);
    GrayImage::from_fn(SIDE, SIDE, |x, y| {
        Luma([if marked(x, y) { 0 } else { u8::try_from(8 * x).unwrap() }])
    })
}
