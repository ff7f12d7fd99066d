//! Records: required fields one after the other, then optional ones with tag and length, which a
//! reader may skip.

use serde::{Deserialize, Serialize};

use super::{MAX_ITEMS, TelemetryError};

/// Appends required fields.
pub(super) fn put<T: Serialize>(fields: &T, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    postcard::to_io(fields, out).map(|_out| ()).map_err(TelemetryError::Message)
}

/// Appends an optional field whose value is written by `write`.
pub(super) fn put_optional(
    tag: u32,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), TelemetryError>,
) -> Result<(), TelemetryError> {
    put(&tag, out)?;
    put_sized(out, write)
}

/// Appends what `write` appends, behind its length.
pub(super) fn put_sized(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), TelemetryError>,
) -> Result<(), TelemetryError> {
    let start = out.len();
    write(out)?;
    let end = out.len();
    // The length is known only now: it goes behind the content and then in front of it.
    put(&(end - start), out)?;
    let size = out.len() - end;
    out[start..].rotate_right(size);
    Ok(())
}

/// Appends the number of items that follow.
pub(super) fn put_count(count: usize, out: &mut Vec<u8>) -> Result<(), TelemetryError> {
    check_count(count)?;
    put(&count, out)
}

/// A record's bytes that were not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a>(pub(super) &'a [u8]);

impl<'a> Record<'a> {
    /// The next required fields.
    pub(super) fn take<T: Deserialize<'a>>(&mut self) -> Result<T, TelemetryError> {
        let (fields, rest) = postcard::take_from_bytes(self.0).map_err(TelemetryError::Message)?;
        self.0 = rest;
        Ok(fields)
    }

    /// The next piece that stands behind its length.
    pub(super) fn take_sized(&mut self) -> Result<Self, TelemetryError> {
        let length = self.take()?;
        let (piece, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(TelemetryError::Message(postcard::Error::DeserializeUnexpectedEnd))?;
        self.0 = rest;
        Ok(Self(piece))
    }

    /// The number of items that follow.
    pub(super) fn take_count(&mut self) -> Result<usize, TelemetryError> {
        let count = self.take()?;
        check_count(count)?;
        Ok(count)
    }

    /// The next optional field's tag and value; `None` at the record's end.
    pub(super) fn take_optional(&mut self) -> Result<Option<(u32, Self)>, TelemetryError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.take()?;
        Ok(Some((tag, self.take_sized()?)))
    }

    /// Makes sure that what follows are optional fields, none of which this release reads.
    pub(super) fn finish(mut self) -> Result<(), TelemetryError> {
        while self.take_optional()?.is_some() {}
        Ok(())
    }
}

fn check_count(found: usize) -> Result<(), TelemetryError> {
    if found > MAX_ITEMS { Err(TelemetryError::TooMany { found }) } else { Ok(()) }
}
