//! MATLAB's MAT files of version 5: the variables of a file, found without reading their data.
//!
//! ```text
//! header    text 116 · offset 8 · version u16 (0x0100) · "IM" little or "MI" big endian
//! element   kind u32 · size u32 · `size` bytes, padded to 8 outside of compressed elements
//!           or, up to 4 bytes: size u16 and kind u16 in one u32 · 4 bytes
//! matrix    an element of kind 14 that holds: flags (class in the lowest byte) · dimensions
//!           i32 each · name · the items, first dimension fastest, in any numeric kind
//! kind 15   a zlib stream of one matrix element
//! ```
//!
//! Read: real numeric arrays; cells, structures, text, sparse and complex arrays are passed over.
//! Not read: the HDF5 files that `save -v7.3` writes.
//! Format: "MAT-File Format", `MathWorks`, version 5.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use flate2::read::ZlibDecoder;

use super::DataError;

mod element;

use element::{Kind, Order, Tag};

/// Bytes of the file's header.
const HEADER: u64 = 128;

/// Bytes of an element's kind and size.
const TAG: u64 = 8;

/// Most elements a file may hold.
const MAX_ELEMENTS: usize = 1024;

/// Element kinds that hold a variable.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
enum MatError {
    #[error("unreadable")]
    Io(#[from] io::Error),
    #[error("an HDF5 file, MAT version 7.3")]
    Hdf5,
    #[error("no header of a MAT file of version 5")]
    Header,
    #[error("an element at byte {0} that ends after the file")]
    Truncated(u64),
    #[error("more than {MAX_ELEMENTS} elements")]
    TooMany,
    #[error("an element of {found} where {expected} belongs")]
    Element { found: String, expected: &'static str },
    #[error("no variable `{0}` of real numbers")]
    Missing(String),
    #[error("variable `{name}` of {found} bytes, where its dimensions {dims:?} need {expected}")]
    Size { name: String, dims: Vec<usize>, found: u64, expected: u64 },
    #[error("variable `{name}` of {dims:?} items, more than {most}")]
    Large { name: String, dims: Vec<usize>, most: usize },
}

impl MatError {
    /// The complaint about the file at `path`.
    fn at(self, path: &Path) -> DataError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => DataError::Read { path, source },
            other => DataError::Unusable {
                path,
                what: other.to_string(),
                fix: "save it from MATLAB with -v7 or fetch it again",
            },
        }
    }
}

/// A MAT file and where its variables lie.
#[derive(Debug)]
pub(super) struct MatFile {
    path: PathBuf,
    order: Order,
    variables: Vec<Variable>,
}

/// One numeric array of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    name: String,
    /// Sizes of its dimensions, the fastest first.
    pub(super) dims: Vec<usize>,
    /// Where its element starts in the file.
    offset: u64,
}

impl MatFile {
    /// Finds the variables of the file at `path`.
    ///
    /// # Errors
    /// [`DataError::Read`] where it cannot be read, [`DataError::Unusable`] where it is no MAT file
    /// of version 5.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        scan(path).map_err(|error| error.at(path))
    }

    /// The variable of that name.
    ///
    /// # Errors
    /// [`DataError::Unusable`] where there is none.
    pub(super) fn variable(&self, name: &str) -> Result<&Variable, DataError> {
        let found = self.variables.iter().find(|variable| variable.name == name);
        found.ok_or_else(|| MatError::Missing(name.to_owned()).at(&self.path))
    }

    /// The items of a variable of at most `most`, first dimension fastest.
    ///
    /// # Errors
    /// [`DataError::Unusable`] where it is missing, larger, or its bytes do not fit its dimensions.
    pub(super) fn numbers(&self, name: &str, most: usize) -> Result<Vec<f64>, DataError> {
        let variable = self.variable(name)?;
        let read = || {
            let (count, kind, mut items) = self.items(variable, most)?;
            let mut bytes = vec![0; count * kind.size()];
            items.read_exact(&mut bytes)?;
            Ok(bytes.chunks_exact(kind.size()).map(|item| kind.number(item, self.order)).collect())
        };
        read().map_err(|error: MatError| error.at(&self.path))
    }

    /// A reader of the items of a variable of at most `most` bytes, first dimension fastest.
    ///
    /// # Errors
    /// [`DataError::Unusable`] where it is missing, larger, or holds anything but `uint8`.
    pub(super) fn bytes(&self, name: &str, most: usize) -> Result<Box<dyn Read>, DataError> {
        let variable = self.variable(name)?;
        let read = || match self.items(variable, most)? {
            (_, Kind::U8, items) => Ok(items),
            (_, kind, _) => Err(MatError::Element { found: kind.name(), expected: "uint8" }),
        };
        read().map_err(|error| error.at(&self.path))
    }

    /// The number of a variable's items, their kind, and a reader that starts with the first.
    fn items(
        &self,
        variable: &Variable,
        most: usize,
    ) -> Result<(usize, Kind, Box<dyn Read>), MatError> {
        let (name, dims) = (variable.name.clone(), variable.dims.clone());
        let product = dims.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        let Some(count) = product.filter(|&count| count <= most) else {
            return Err(MatError::Large { name, dims, most });
        };
        let mut reader = element_at(&self.path, variable.offset, self.order)?;
        element::matrix(&mut reader, self.order)?;
        let tag = Tag::read(&mut reader, self.order)?;
        let kind = Kind::of(tag.kind)?;
        let expected = (count as u64).saturating_mul(kind.size() as u64);
        if u64::from(tag.size) != expected {
            return Err(MatError::Size { name, dims, found: tag.size.into(), expected });
        }
        Ok((count, kind, tag.body(reader)))
    }
}

fn scan(path: &Path) -> Result<MatFile, MatError> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let order = header(&mut file)?;
    let (mut variables, mut offset, mut elements) = (Vec::new(), HEADER, 0);
    while offset < len {
        elements += 1;
        if elements > MAX_ELEMENTS {
            return Err(MatError::TooMany);
        }
        file.seek(SeekFrom::Start(offset))?;
        let tag = Tag::read(&mut file, order)?;
        let end = offset + TAG + u64::from(tag.size);
        if end > len {
            return Err(MatError::Truncated(offset));
        }
        match variable_at(path, offset, order) {
            Ok(variable) => variables.push(variable),
            Err(MatError::Element { .. }) => {}
            Err(error) => return Err(error),
        }
        offset = end;
    }
    Ok(MatFile { path: path.to_owned(), order, variables })
}

/// Reads the file's header.
fn header(file: &mut File) -> Result<Order, MatError> {
    let mut header = [0; 128];
    file.read_exact(&mut header).map_err(|_short| MatError::Header)?;
    let (order, version) = match header {
        [.., low, high, b'I', b'M'] => (Order::Little, [high, low]),
        [.., high, low, b'M', b'I'] => (Order::Big, [high, low]),
        _ => return Err(MatError::Header),
    };
    match version {
        [1, 0] => Ok(order),
        [2, 0] => Err(MatError::Hdf5),
        _ => Err(MatError::Header),
    }
}

/// Reads the name and dimensions of the variable whose element starts at `offset`.
fn variable_at(path: &Path, offset: u64, order: Order) -> Result<Variable, MatError> {
    let (name, dims) = element::matrix(&mut element_at(path, offset, order)?, order)?;
    Ok(Variable { name, dims, offset })
}

/// A reader of the matrix element at `offset`, unpacked, behind its tag.
fn element_at(path: &Path, offset: u64, order: Order) -> Result<Box<dyn Read>, MatError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let tag = Tag::read(&mut file, order)?;
    let size = u64::from(tag.size);
    let body = io::BufReader::new(file).take(size);
    match tag.kind {
        MATRIX => Ok(Box::new(body)),
        COMPRESSED => {
            let mut unpacked = ZlibDecoder::new(body);
            Tag::read(&mut unpacked, order)?.expect(MATRIX, "a matrix")?;
            Ok(Box::new(unpacked))
        }
        kind => Err(MatError::Element { found: format!("kind {kind}"), expected: "a matrix" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, binary::Mat};

    /// A file of those bytes.
    fn open(bytes: &[u8]) -> (Fixture, Result<MatFile, DataError>) {
        let set = Fixture::new();
        set.bytes("a.mat", bytes);
        let file = MatFile::open(&set.path("a.mat"));
        (set, file)
    }

    /// A file with a short and a long variable and one that is no array of numbers.
    fn example((big, packed): (bool, bool)) -> Mat {
        let mut mat = Mat::new((big, packed));
        let long: Vec<u8> = (1..=6).collect();
        mat.array("text", (4, 16), &[1, 2], b"no");
        mat.array("long", (9, 2), &[3, 2], &long);
        mat.array("few", (6, 1), &[2, 1], &[0xff, 7]);
        let halves: Vec<u8> =
            [0.5_f64, -2.0].iter().flat_map(|&n| mat.ordered(&n.to_le_bytes())).collect();
        mat.array("halves", (6, 9), &[1, 2], &halves);
        mat
    }

    #[test]
    fn variables_are_read_in_either_byte_order_packed_or_not() {
        for (big, packed) in [(false, false), (false, true), (true, false), (true, true)] {
            let (_tree, file) = open(&example((big, packed)).bytes);
            let file = file.unwrap();
            assert_eq!(file.variable("long").unwrap().dims, [3, 2], "{big} {packed}");
            assert_eq!(file.numbers("long", 6).unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            assert_eq!(file.numbers("few", 2).unwrap(), [-1.0, 7.0]);
            assert_eq!(file.numbers("halves", 2).unwrap(), [0.5, -2.0]);
            let mut bytes = Vec::new();
            file.bytes("long", 6).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, [1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn what_is_missing_too_large_or_of_another_type_is_refused() {
        let (_tree, file) = open(&example((false, true)).bytes);
        let file = file.unwrap();
        for (error, complaint) in [
            (file.numbers("text", 9).unwrap_err(), "no variable `text` of real numbers"),
            (file.numbers("long", 5).unwrap_err(), "`long` of [3, 2] items, more than 5"),
            (file.bytes("halves", 9).map(drop).unwrap_err(), "f64 where uint8 belongs"),
        ] {
            let error = error.to_string();
            assert!(error.contains(complaint) && error.contains("a.mat"), "{error}");
        }
    }

    #[test]
    fn dimensions_that_do_not_fit_the_bytes_are_refused_before_anything_is_allocated() {
        for (dims, most, complaint) in [
            (&[1 << 30, 1 << 30, 1 << 30][..], usize::MAX, "more than"),
            (&[-1], 100, "[4294967295] items, more than 100"),
            (&[4], 100, "`bad` of 3 bytes, where its dimensions [4] need 4"),
        ] {
            let mut mat = Mat::new((false, true));
            mat.array("bad", (9, 2), dims, &[1, 2, 3]);
            let error = open(&mat.bytes).1.unwrap().numbers("bad", most).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn damaged_files_are_refused() {
        let good = example((false, false)).bytes;
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            open(&bytes).1.unwrap_err().to_string()
        };
        assert!(open(&good[..100]).1.unwrap_err().to_string().contains("no header of a MAT file"));
        assert!(with(126, b'?').contains("no header of a MAT file"));
        assert!(with(125, 3).contains("no header of a MAT file"));
        assert!(with(125, 2).contains("HDF5"));
        assert!(with(135, 0x7f).contains("element at byte 128 that ends after the file"));
        let cut = open(&good[..good.len() - 1]).1.unwrap_err().to_string();
        assert!(cut.contains("ends after the file"), "{cut}");
    }

    #[test]
    fn a_damaged_stream_is_an_error_and_no_panic() {
        let good = example((false, true)).bytes;
        for at in 128..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x55;
            let (_tree, file) = open(&bytes);
            let Ok(file) = file else { continue };
            for name in ["text", "long", "few", "halves"] {
                file.numbers(name, 6).ok();
            }
        }
    }
}
