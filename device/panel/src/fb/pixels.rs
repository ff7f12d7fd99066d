//! A framebuffer's pixels, written so that the kernel shows them.
//!
//! A graphics card whose framebuffer is emulated is told which part of the memory was written.
//! Linux computes the last column of a write within one row as its end modulo the row's length
//! (`drm_fb_helper_memory_range_to_clip`), which is zero for a write up to the row's end: nothing is
//! shown. A write over two rows counts for all their columns, so such a write takes a pixel of the
//! next row along, on the last row one of the row before.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt as _};

use super::geometry::Geometry;

/// The memory of a framebuffer.
#[derive(Debug)]
pub(super) struct Pixels {
    file: File,
    /// Bytes from one row to the next.
    stride: u64,
    /// Bytes in all rows.
    length: u64,
    /// Bytes of a pixel.
    pixel: u64,
    /// A row and what is taken along.
    wide: Vec<u8>,
}

impl Pixels {
    pub(super) fn new(file: File, geometry: &Geometry, pixel: usize) -> Self {
        let stride = geometry.stride;
        let length = stride * u64::from(geometry.size.1);
        Self { file, stride, length, pixel: pixel as u64, wide: Vec::new() }
    }

    /// Writes the bytes of a run of pixels at this column and row.
    pub(super) fn write(&mut self, x: u32, y: u32, run: &[u8]) -> io::Result<()> {
        let at = u64::from(y) * self.stride + u64::from(x) * self.pixel;
        let end = at + run.len() as u64;
        let reach = self.reach(at, end);
        if reach == (at..end) {
            return self.file.write_all_at(run, at);
        }
        self.write_with_neighbours(reach.start..at, run, end..reach.end)
    }

    /// What to write so that the bytes from `at` to `end`, all in one row, are shown.
    fn reach(&self, at: u64, end: u64) -> Range<u64> {
        if !end.is_multiple_of(self.stride) {
            at..end
        } else if end < self.length {
            at..end + self.pixel
        } else {
            (end - self.stride).saturating_sub(self.pixel)..end
        }
    }

    /// Writes `run` with the bytes `before` and `after` it as they are.
    fn write_with_neighbours(
        &mut self,
        before: Range<u64>,
        run: &[u8],
        after: Range<u64>,
    ) -> io::Result<()> {
        self.wide.clear();
        self.take(&before)?;
        self.wide.extend_from_slice(run);
        self.take(&after)?;
        self.file.write_all_at(&self.wide, before.start)
    }

    /// Reads bytes of the memory to the end of `wide`.
    fn take(&mut self, bytes: &Range<u64>) -> io::Result<()> {
        let held = self.wide.len();
        let count = usize::try_from(bytes.end - bytes.start).map_err(io::Error::other)?;
        self.wide.resize(held + count, 0);
        self.file.read_exact_at(&mut self.wide[held..], bytes.start)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::format::Depth;

    /// Four rows of three pixels of two bytes.
    const GEOMETRY: Geometry = Geometry { size: (3, 4), depth: Depth::Bits16, stride: 6 };

    /// The columns and rows that the kernel takes for written, by its own arithmetic.
    fn shown(written: &Range<u64>) -> (Range<u64>, Range<u64>) {
        let rows = written.start / 6..written.end.div_ceil(6);
        if rows.end - rows.start > 1 {
            return (0..3, rows);
        }
        (written.start % 6 / 2..(written.end % 6).div_ceil(2), rows)
    }

    #[test]
    fn every_run_is_shown_whole() {
        let file = tempfile::tempfile().unwrap();
        let pixels = Pixels::new(file, &GEOMETRY, 2);
        let runs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        for (y, (from, to)) in (0..4).flat_map(|y| runs.map(|run| (y, run))) {
            let (columns, rows) = shown(&pixels.reach(6 * y + 2 * from, 6 * y + 2 * to));
            assert!(rows.contains(&y) && columns.start <= from && columns.end >= to, "{y} {from}");
        }
    }

    #[test]
    fn neighbours_keep_their_colour() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, b"aabbccddeeffgghhiijjkkll").unwrap();
        let memory = File::options().read(true).write(true).open(&file).unwrap();
        let mut pixels = Pixels::new(memory, &GEOMETRY, 2);
        pixels.write(1, 0, b"BBCC").unwrap();
        pixels.write(0, 1, b"DD").unwrap();
        pixels.write(2, 3, b"LL").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"aaBBCCDDeeffgghhiijjkkLL");
    }
}
