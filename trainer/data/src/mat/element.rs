//! The parts of a matrix element: tags, header and number kinds.

use std::io::{self, Read};

use super::MatError;

/// Most dimensions an array may have.
const MAX_DIMENSIONS: u32 = 8;

/// Longest name, in bytes: MATLAB's own limit.
const MAX_NAME: u32 = 63;

/// Element kinds of a matrix's header.
const NAME: u32 = 1;
const DIMENSIONS: u32 = 5;
const FLAGS: u32 = 6;

/// Classes of dense numeric arrays: double, single and the integers.
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;

/// Bit of the flags that says the array has imaginary parts.
const COMPLEX: u32 = 0x800;

/// Order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Lowest first.
    Little,
    /// Highest first.
    Big,
}

impl Order {
    /// The bytes of a number as one unsigned number.
    fn bits(self, bytes: &[u8]) -> u64 {
        let join = |bits, &byte| bits << 8 | u64::from(byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, join),
            Self::Big => bytes.iter().fold(0, join),
        }
    }

    /// A number of four bytes.
    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// What an element is and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag {
    pub(super) kind: u32,
    /// Bytes of the element, padding and tag apart.
    pub(super) size: u32,
    /// The element itself where it is short enough for its tag.
    within: Option<[u8; 4]>,
}

impl Tag {
    /// Reads the tag of the element that starts here.
    pub(super) fn read(reader: &mut impl Read, order: Order) -> io::Result<Self> {
        let [mut first, mut second] = [[0; 4]; 2];
        reader.read_exact(&mut first)?;
        reader.read_exact(&mut second)?;
        let kind = order.u32(first);
        Ok(match kind >> 16 {
            0 => Self { kind, size: order.u32(second), within: None },
            size => Self { kind: kind & 0xffff, size: size.min(4), within: Some(second) },
        })
    }

    /// Refuses another kind than `kind`.
    pub(super) fn expect(self, kind: u32, expected: &'static str) -> Result<Self, MatError> {
        if self.kind == kind {
            return Ok(self);
        }
        Err(MatError::Element { found: format!("kind {}", self.kind), expected })
    }

    /// A reader of the element's bytes, the rest of `reader` or those within the tag.
    pub(super) fn body(self, reader: Box<dyn Read>) -> Box<dyn Read> {
        let size = u64::from(self.size);
        match self.within {
            Some(bytes) => Box::new(io::Cursor::new(bytes).take(size)),
            None => Box::new(reader.take(size)),
        }
    }

    /// The element's bytes, of which there are at most `most`; leaves the reader at the next tag.
    fn bytes(self, reader: &mut impl Read, most: u32) -> Result<Vec<u8>, MatError> {
        if self.size > most {
            let found = format!("{} bytes", self.size);
            return Err(MatError::Element { found, expected: "a short one" });
        }
        let mut bytes = match self.within {
            Some(bytes) => bytes.to_vec(),
            None => vec![0; self.size.next_multiple_of(8) as usize],
        };
        if self.within.is_none() {
            reader.read_exact(&mut bytes)?;
        }
        bytes.truncate(self.size as usize);
        Ok(bytes)
    }
}

/// Reads the header of a numeric matrix, its name and dimensions, up to the tag of its items.
pub(super) fn matrix(
    reader: &mut impl Read,
    order: Order,
) -> Result<(String, Vec<usize>), MatError> {
    let tag = Tag::read(reader, order)?.expect(FLAGS, "array flags")?;
    let flags = tag.bytes(reader, 8)?.first_chunk().map_or(0, |bytes| order.u32(*bytes));
    let [class, ..] = flags.to_le_bytes();
    let tag = Tag::read(reader, order)?.expect(DIMENSIONS, "dimensions")?;
    let dims = tag.bytes(reader, 4 * MAX_DIMENSIONS)?;
    let dims = dims.as_chunks().0.iter().map(|size| order.u32(*size) as usize).collect();
    let tag = Tag::read(reader, order)?.expect(NAME, "a name")?;
    let name = String::from_utf8_lossy(&tag.bytes(reader, MAX_NAME)?).into_owned();
    if NUMERIC.contains(&class) && flags & COMPLEX == 0 {
        return Ok((name, dims));
    }
    Err(MatError::Element { found: format!("`{name}`, class {class}"), expected: "real numbers" })
}

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl Kind {
    /// The number kind of an element's kind.
    pub(super) fn of(kind: u32) -> Result<Self, MatError> {
        Ok(match kind {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            12 => Self::I64,
            13 => Self::U64,
            _ => {
                let found = format!("kind {kind}");
                return Err(MatError::Element { found, expected: "numbers" });
            }
        })
    }

    /// Bytes of one number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// What an error calls it.
    pub(super) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The number in `item`, which holds as many bytes as its kind has.
    pub(super) fn number(self, item: &[u8], order: Order) -> f64 {
        let bits = order.bits(item);
        let unused = 64 - 8 * self.size();
        match self {
            Self::I8 | Self::I16 | Self::I32 | Self::I64 => {
                ((bits << unused).cast_signed() >> unused) as f64
            }
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => bits as f64,
            Self::F32 => f32::from_bits(u32::try_from(bits).unwrap_or_default()).into(),
            Self::F64 => f64::from_bits(bits),
        }
    }
}
