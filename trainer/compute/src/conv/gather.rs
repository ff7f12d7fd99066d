//! Windows of an input, gathered into panels of columns.
//!
//! A column is one position of the output, a row one (channel, tap). The input is first copied
//! into a padded buffer whose rows are split by their step, `[picture][channel][row][phase][x]`,
//! so that neighbouring positions lie side by side whatever the stride.

use crate::product::copy;

/// Where a window's value lies, relative to its position times the step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tap {
    /// Rows below.
    pub(super) dy: isize,
    /// Columns to the right.
    pub(super) dx: isize,
}

impl Tap {
    /// The tap at row `u` and column `v` of a kernel under `padding` zeros.
    pub(super) fn new([u, v]: [usize; 2], [top, left]: [usize; 2]) -> Self {
        Self { dy: u.wrapping_sub(top).cast_signed(), dx: v.wrapping_sub(left).cast_signed() }
    }
}

/// Which windows of an input become columns.
pub(super) struct Gather {
    channels: usize,
    input: [usize; 2],
    step: [usize; 2],
    grid: [usize; 2],
    /// Number of taps.
    taps: usize,
    /// First row and column of the padded input, at or before 0.
    origin: [isize; 2],
    /// Rows of the padded input, and length of each of their phases.
    padded: [usize; 2],
    /// Offset of every (channel, tap) in the padded input.
    offsets: Vec<usize>,
}

/// Columns of a panel that lie side by side in the input and in the output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// First column in the panel.
    column: usize,
    /// Number of columns.
    len: usize,
    /// Offset in the padded input.
    from: usize,
    /// Picture, row and column of the position.
    at: [usize; 3],
}

impl Gather {
    /// Windows of `taps` over an input of `channels` maps, one for each position of `grid`, `step`
    /// apart.
    pub(super) fn new(
        (channels, input): (usize, [usize; 2]),
        taps: &[Tap],
        step: [usize; 2],
        grid: [usize; 2],
    ) -> Self {
        let range = |of: fn(&Tap) -> isize| {
            let least = taps.iter().map(of).min().unwrap_or(0);
            (least, taps.iter().map(of).max().unwrap_or(0).abs_diff(least))
        };
        let ((top, tall), (left, broad)) = (range(|t| t.dy), range(|t| t.dx));
        let height = (grid[0] - 1) * step[0] + tall + 1;
        let width = ((grid[1] - 1) * step[1] + broad + 1).div_ceil(step[1]);
        let plane = height * step[1] * width;
        let offset = |tap: &Tap| {
            let (y, x) = (tap.dy.abs_diff(top), tap.dx.abs_diff(left));
            (y * step[1] + x % step[1]) * width + x / step[1]
        };
        let offsets =
            (0..channels).flat_map(|c| taps.iter().map(move |t| c * plane + offset(t))).collect();
        Self {
            channels,
            input,
            step,
            grid,
            taps: taps.len(),
            origin: [top, left],
            padded: [height, width],
            offsets,
        }
    }

    /// Positions of a picture.
    pub(super) fn positions(&self) -> usize {
        self.grid[0] * self.grid[1]
    }

    /// Values of a picture.
    pub(super) fn input_len(&self) -> usize {
        self.channels * self.input[0] * self.input[1]
    }

    /// Rows of a panel.
    pub(super) fn depth(&self) -> usize {
        self.offsets.len()
    }

    /// Channel and tap of a row.
    pub(super) fn source(&self, row: usize) -> (usize, usize) {
        (row / self.taps, row % self.taps)
    }

    fn plane(&self) -> usize {
        self.padded[0] * self.step[1] * self.padded[1]
    }

    /// Copies pictures into the padded form.
    #[inline(always)]
    pub(super) fn pad(&self, x: &[f32], padded: &mut Vec<f32>) {
        let plane = self.plane();
        let maps = x.len() / (self.input[0] * self.input[1]);
        padded.clear();
        padded.resize(maps * plane, 0.0);
        let line = self.step[1] * self.padded[1];
        for (x, padded) in
            x.chunks_exact(self.input[0] * self.input[1]).zip(padded.chunks_exact_mut(plane))
        {
            for (row, to) in padded.chunks_exact_mut(line).enumerate() {
                let y = row.cast_signed() + self.origin[0];
                if let Some(from) =
                    within(y, self.input[0]).map(|y| &x[y * self.input[1]..][..self.input[1]])
                {
                    self.pad_row(from, to);
                }
            }
        }
    }

    #[inline(always)]
    fn pad_row(&self, from: &[f32], to: &mut [f32]) {
        let (step, length) = (self.step[1], self.padded[1]);
        for (phase, to) in to.chunks_exact_mut(length).enumerate() {
            // Column `x` of the padded input is column `x + origin` of the input.
            let first = phase.cast_signed() + self.origin[1];
            let skip = if first < 0 { first.unsigned_abs().div_ceil(step) } else { 0 };
            let start = (first + (skip * step).cast_signed()).unsigned_abs();
            let (Some(from), Some(to)) = (from.get(start..), to.get_mut(skip..)) else { continue };
            if step == 1 {
                let len = from.len().min(to.len());
                copy(to, from, len);
            } else {
                for (to, from) in to.iter_mut().zip(from.iter().step_by(step)) {
                    *to = *from;
                }
            }
        }
    }

    /// The panels of `width` columns that hold every position of `pictures` pictures.
    pub(super) fn panels(
        &self,
        pictures: usize,
        width: usize,
    ) -> impl Iterator<Item = Vec<Segment>> {
        let (positions, total) = (self.positions(), pictures * self.positions());
        (0..total).step_by(width).map(move |start| {
            let mut segments = Vec::new();
            let (mut at, end) = (start, (start + width).min(total));
            while at < end {
                let (picture, place) = (at / positions, at % positions);
                let (y, x) = (place / self.grid[1], place % self.grid[1]);
                let len = (self.grid[1] - x).min(end - at);
                let from = picture * self.channels * self.plane()
                    + y * self.step[0] * self.step[1] * self.padded[1]
                    + x;
                segments.push(Segment { column: at - start, len, from, at: [picture, y, x] });
                at += len;
            }
            segments
        })
    }

    /// Gathers the windows of one panel.
    #[inline(always)]
    pub(super) fn fill(
        &self,
        padded: &[f32],
        segments: &[Segment],
        width: usize,
        panel: &mut [f32],
    ) {
        for (row, offset) in panel.chunks_exact_mut(width).zip(&self.offsets) {
            for s in segments {
                copy(&mut row[s.column..], &padded[s.from + offset..], s.len);
            }
        }
    }
}

/// Where columns go in the output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    size: [usize; 2],
    step: [usize; 2],
    offset: [usize; 2],
}

impl Target {
    /// Every place of a map.
    pub(super) fn whole(size: [usize; 2]) -> Self {
        Self { size, step: [1, 1], offset: [0, 0] }
    }

    /// Every `step`th place from `offset`; `None` where there is none.
    pub(super) fn every(step: [usize; 2], offset: [usize; 2], size: [usize; 2]) -> Option<Self> {
        (offset[0] < size[0] && offset[1] < size[1]).then_some(Self { size, step, offset })
    }

    /// Positions along both axes.
    pub(super) fn grid(&self) -> [usize; 2] {
        [0, 1].map(|axis| (self.size[axis] - self.offset[axis]).div_ceil(self.step[axis]))
    }

    /// Places of a map.
    pub(super) fn len(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Writes one row of a tile into map `row` of `rows` of its pictures.
    #[inline(always)]
    pub(super) fn write(
        &self,
        tile: &[f32],
        segments: &[Segment],
        (row, rows): (usize, usize),
        out: &mut [f32],
    ) {
        for s in segments {
            let [picture, y, x] = s.at;
            let place = (y * self.step[0] + self.offset[0]) * self.size[1]
                + x * self.step[1]
                + self.offset[1];
            let out = &mut out[(picture * rows + row) * self.len() + place..];
            if self.step[1] == 1 {
                copy(out, &tile[s.column..], s.len);
            } else {
                let tile = &tile[s.column..s.column + s.len];
                for (out, value) in out.iter_mut().step_by(self.step[1]).zip(tile) {
                    *out = *value;
                }
            }
        }
    }
}

/// `at` as an index below `len`.
fn within(at: isize, len: usize) -> Option<usize> {
    usize::try_from(at).ok().filter(|&at| at < len)
}
