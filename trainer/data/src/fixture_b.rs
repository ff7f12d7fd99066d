//! Small files in the true formats, for the tests of the adapters.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::ZlibEncoder};
use image::GrayImage;

use crate::manifest::{Entry, Listing, Source};

/// Side of the pictures written, in pixels.
const SIDE: u32 = 32;

/// A folder of files that is removed at the end of a test.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file and the folders it lies in.
    pub(crate) fn bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn text(&self, path: &str, text: &str) {
        self.bytes(path, text.as_bytes());
    }

    /// Writes a grey ramp with a white mark whose place is `mark`, in the format the name says.
    pub(crate) fn picture(&self, path: &str, mark: u32) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let picture = GrayImage::from_fn(SIDE, SIDE, |x, y| {
            let marked = y < 4 && (4 * mark..4 * mark + 4).contains(&x);
            [if marked { 255 } else { u8::try_from(6 * x).unwrap() }].into()
        });
        picture.save(path).unwrap();
    }

    /// Replaces the first `from` in a text file, which must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.at(path)).unwrap();
        assert!(text.contains(from), "{path} holds no {from:?}");
        self.text(path, &text.replacen(from, to, 1));
    }

    /// Removes a file or a folder.
    pub(crate) fn remove(&self, path: &str) {
        let path = self.at(path);
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.at(from), self.at(to)).unwrap();
    }

    /// The path of an entry's file, below the root.
    pub(crate) fn path_of<'a>(&self, entry: &'a Entry) -> &'a str {
        let Source::File { path, .. } = &entry.source else { panic!("no file") };
        path.strip_prefix(self.root()).unwrap().to_str().unwrap()
    }

    /// The paths of all entries, below the root.
    pub(crate) fn paths<'a>(&self, listing: &'a Listing) -> Vec<&'a str> {
        listing.manifest.entries.iter().map(|entry| self.path_of(entry)).collect()
    }
}

/// What is wrong, one text a fault.
pub(crate) fn faults(listing: &Listing) -> Vec<String> {
    listing.faults.iter().map(ToString::to_string).collect()
}

/// Holds a listing that must be whole against a planted fault: `entries` pictures are left and
/// there is one fault, which contains `complaint`.
pub(crate) fn assert_fault(listing: &Listing, entries: usize, complaint: &str) {
    let faults = faults(listing);
    assert_eq!(faults.len(), 1, "{complaint}: {faults:#?}");
    assert!(faults[0].contains(complaint), "{complaint}: {faults:#?}");
    assert_eq!(listing.manifest.entries.len(), entries, "{complaint}");
    assert_ids(listing);
}

/// Holds a listing against the promise that ids count from 0.
pub(crate) fn assert_ids(listing: &Listing) {
    let ids: Vec<_> = listing.manifest.entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, (0..ids.len() as u64).collect::<Vec<_>>());
}

/// An npy file of format version 1.
pub(crate) fn npy(descr: &str, shape: &str, items: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let len = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0", &len[..], header.as_bytes(), items].concat()
}

/// A MAT file of version 5.
pub(crate) struct Mat {
    big: bool,
    packed: bool,
    /// The file so far.
    pub(crate) bytes: Vec<u8>,
}

impl Mat {
    /// A file without variables, in big or little endian order, which packs them or not.
    pub(crate) fn new(big: bool, packed: bool) -> Self {
        let mut bytes = vec![b' '; 124];
        bytes.extend(if big { *b"\x01\0MI" } else { *b"\0\x01IM" });
        Self { big, packed, bytes }
    }

    /// The bytes of a number, given lowest first, in the file's order.
    pub(crate) fn ordered(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if self.big {
            bytes.reverse();
        }
        bytes
    }

    /// Appends an array of that class, whose items are of that kind and in the file's order.
    pub(crate) fn array(&mut self, name: &str, class: u32, kind: u32, dims: &[i32], items: &[u8]) {
        let dims: Vec<u8> = dims.iter().flat_map(|size| self.word(size.cast_unsigned())).collect();
        let body = [
            self.element(6, &[self.word(class), self.word(0)].concat()),
            self.element(5, &dims),
            self.element(1, name.as_bytes()),
            self.element(kind, items),
        ];
        let mut matrix = self.element(14, &body.concat());
        if self.packed {
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
            zlib.write_all(&matrix).unwrap();
            let packed = zlib.finish().unwrap();
            let size = u32::try_from(packed.len()).unwrap();
            matrix = [self.word(15), self.word(size), packed].concat();
        }
        self.bytes.extend(matrix);
    }

    fn word(&self, word: u32) -> Vec<u8> {
        self.ordered(&word.to_le_bytes())
    }

    /// An element, within its tag where it is short enough.
    fn element(&self, kind: u32, bytes: &[u8]) -> Vec<u8> {
        let size = u32::try_from(bytes.len()).unwrap();
        if matches!(size, 1..=4) {
            let mut element = [self.word(size << 16 | kind), bytes.to_vec()].concat();
            element.resize(8, 0);
            return element;
        }
        let mut element = [self.word(kind), self.word(size), bytes.to_vec()].concat();
        element.resize(element.len().next_multiple_of(8), 0);
        element
    }
}
