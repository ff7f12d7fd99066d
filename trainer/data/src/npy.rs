//! Small numpy arrays (`.npy`, format versions 1 to 3) of numbers or of numbers spelled as text.
//!
//! ```text
//! "\x93NUMPY"  major u8  minor u8  header length u16 (version 1) or u32, little endian
//! header       {'descr': '<f8', 'fortran_order': False, 'shape': (136,), }
//! items        in the type `descr` names
//! ```
//!
//! Types read: floats of 4 and 8 bytes, integers of 1 to 8 bytes, byte strings and UTF-32
//! strings. Object arrays (pickles) are refused.
//! Format: numpy's "A Simple File Format for `NumPy` Arrays" (`numpy.lib.format`).

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::DataError;

/// Largest file read, in bytes: annotations hold at most 136 numbers.
const MAX_BYTES: u64 = 1 << 16;

/// Why an array was not read.
#[derive(Debug, thiserror::Error)]
enum NpyError {
    #[error("no npy header of version 1, 2 or 3")]
    Header,
    #[error("items of type `{0}`")]
    Type(String),
    #[error("{found} items instead of {expected}")]
    Count { found: usize, expected: usize },
    #[error("fewer bytes than its shape needs")]
    Short,
    #[error("an item that is no number")]
    Number,
}

/// Reads the `count` items of the array in the file at `path`, whatever its dimensions.
///
/// # Errors
/// [`DataError::Read`] where the file cannot be read, [`DataError::Unusable`] where it is no array
/// of so many numbers.
pub(super) fn numbers(path: &Path, count: usize) -> Result<Vec<f64>, DataError> {
    let fault = |source| DataError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fault)?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(fault)?;
    parse(&bytes, count).map_err(|error| DataError::Unusable {
        path: PathBuf::from(path),
        what: error.to_string(),
        fix: "it must be an npy array of numbers, or of numbers as text: fetch it again",
    })
}

/// The first number of the array in the file at `path`, which must hold one item.
pub(super) fn number(path: &Path) -> Result<f64, DataError> {
    Ok(numbers(path, 1)?.into_iter().next().unwrap_or_default())
}

fn parse(bytes: &[u8], count: usize) -> Result<Vec<f64>, NpyError> {
    let (header, items) = split(bytes).ok_or(NpyError::Header)?;
    let descr = quoted(after(header, "'descr':").ok_or(NpyError::Header)?);
    let found = items_of(header).ok_or(NpyError::Header)?;
    if found != count {
        return Err(NpyError::Count { found, expected: count });
    }
    let kind = Kind::of(descr).ok_or_else(|| NpyError::Type(descr.chars().take(24).collect()))?;
    let len = kind.size.checked_mul(count).ok_or(NpyError::Short)?;
    let items = items.get(..len).ok_or(NpyError::Short)?;
    let read = |item| kind.number(item).ok_or(NpyError::Number);
    items.chunks_exact(kind.size).map(read).collect()
}

/// The header's text and the bytes after it.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (&[major, _minor], rest) = rest.split_first_chunk()?;
    let (len, rest) = match major {
        1 => {
            rest.split_first_chunk().map(|(len, rest)| (u32::from(u16::from_le_bytes(*len)), rest))
        }
        2 | 3 => rest.split_first_chunk().map(|(len, rest)| (u32::from_le_bytes(*len), rest)),
        _ => None,
    }?;
    let (header, items) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    Some((std::str::from_utf8(header).ok()?, items))
}

/// What follows `key` in the header.
fn after<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    Some(header.split_once(key)?.1.trim_start())
}

/// The text between the quotes at the start of `value`; empty where there are none.
fn quoted(value: &str) -> &str {
    value.strip_prefix('\'').and_then(|rest| rest.split('\'').next()).unwrap_or_default()
}

/// The product of the dimensions, 1 where there are none.
fn items_of(header: &str) -> Option<usize> {
    let shape = after(header, "'shape':")?.strip_prefix('(')?.split(')').next()?;
    let mut sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
    sizes.try_fold(1_usize, |product, size| product.checked_mul(size.parse().ok()?))
}

/// How an item is stored.
#[derive(Debug, Clone, Copy)]
struct Kind {
    big: bool,
    code: char,
    /// Bytes of one item.
    size: usize,
}

impl Kind {
    /// The kind that a type such as `<f8` names.
    fn of(descr: &str) -> Option<Self> {
        let rest = descr.trim_start_matches(['<', '>', '|', '=']);
        let code = rest.chars().next()?;
        let count: usize = rest.get(1..)?.parse().ok()?;
        let fits = match code {
            'f' => matches!(count, 4 | 8),
            'i' | 'u' => matches!(count, 1 | 2 | 4 | 8),
            'S' | 'U' => (1..=64).contains(&count),
            _ => false,
        };
        let size = if code == 'U' { 4 * count } else { count };
        fits.then_some(Self { big: descr.starts_with('>'), code, size })
    }

    /// The number an item holds.
    fn number(self, item: &[u8]) -> Option<f64> {
        match self.code {
            'S' => number_of(item.iter().map(|&byte| u32::from(byte))),
            'U' => number_of(item.chunks_exact(4).map(|unit| self.word(unit).unwrap_or(u32::MAX))),
            'f' if self.size == 4 => Some(f32::from_bits(self.word(item)?).into()),
            'f' => Some(f64::from_bits(self.bits(item))),
            'i' => {
                let unused = 64 - 8 * self.size;
                Some(((self.bits(item) << unused).cast_signed() >> unused) as f64)
            }
            _ => Some(self.bits(item) as f64),
        }
    }

    /// The bytes of an item of four.
    fn word(self, item: &[u8]) -> Option<u32> {
        self.bits(item).try_into().ok()
    }

    /// The bytes of an item as one unsigned number.
    fn bits(self, item: &[u8]) -> u64 {
        let join = |bits, &byte| bits << 8 | u64::from(byte);
        if self.big { item.iter().fold(0, join) } else { item.iter().rev().fold(0, join) }
    }
}

/// The number that characters spell, up to a zero.
fn number_of(units: impl Iterator<Item = u32>) -> Option<f64> {
    let text: Option<String> = units.take_while(|&unit| unit != 0).map(char::from_u32).collect();
    text?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::binary::npy;

    #[test]
    fn a_number_is_read_from_every_type_it_comes_in() {
        let text: Vec<u8> = "-3".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        for (descr, item) in [
            ("<i8", (-3_i64).to_le_bytes().to_vec()),
            (">i4", (-3_i32).to_be_bytes().to_vec()),
            ("|i1", vec![0xfd]),
            ("<f8", (-3.0_f64).to_le_bytes().to_vec()),
            ("<f4", (-3.0_f32).to_le_bytes().to_vec()),
            ("|S4", b"-3\0\0".to_vec()),
            ("<U2", text),
        ] {
            assert_eq!(parse(&npy(descr, "()", &item), 1).unwrap(), [-3.0], "{descr}");
        }
        assert_eq!(parse(&npy("|u1", "()", &[200]), 1).unwrap(), [200.0]);
    }

    #[test]
    fn an_array_is_read_in_order() {
        let items: Vec<u8> = (0..6).flat_map(|n| f64::from(n).to_le_bytes()).collect();
        let read = parse(&npy("<f8", "(3, 2)", &items), 6).unwrap();
        assert_eq!(read, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn what_is_no_array_of_numbers_is_refused() {
        let refused = |bytes: &[u8], count| parse(bytes, count).unwrap_err().to_string();
        assert_eq!(refused(b"", 1), "no npy header of version 1, 2 or 3");
        assert_eq!(refused(b"\x93NUMPY\x01\0\xff\xff{}", 1), "no npy header of version 1, 2 or 3");
        assert_eq!(refused(b"\x93NUMPY\x02\0\xff\xff\xff\xff{}", 1), refused(b"", 1));
        assert_eq!(refused(&npy("|O", "()", &[0; 8]), 1), "items of type `|O`");
        assert_eq!(refused(&npy("<U99999999999", "()", &[]), 1), "items of type `<U99999999999`");
        assert_eq!(refused(&npy("<f8", "(2,)", &[0; 16]), 1), "2 items instead of 1");
        assert_eq!(refused(&npy("<f8", "(4294967296, 4294967296)", &[]), 1), refused(b"", 1));
        assert_eq!(refused(&npy("<f8", "()", &[0; 7]), 1), "fewer bytes than its shape needs");
        assert_eq!(refused(&npy("|S3", "()", b"low"), 1), "an item that is no number");
    }
}
