//! Shrinking by exact area averages: each output pixel is the mean of the rectangle it covers.

use super::window::Window;
use crate::frame::{Grey, MAX_SIDE};

/// Weight of a whole source pixel along one axis.
const WHOLE: u32 = 256;

/// Fills `window` of `out` with a picture `factor` times its size, where `factor` is at least 1.
///
/// False, leaving `out` as it was, when a side of `src` exceeds [`MAX_SIDE`].
pub(super) fn shrink(src: &Grey, factor: f32, out: &mut Grey, window: Window) -> bool {
    if src.width.max(src.height) > MAX_SIDE {
        return false;
    }
    match whole_factor(src, window) {
        Some(1) => shrink_whole::<1>(src, 1, out, window),
        Some(2) => shrink_whole::<2>(src, 2, out, window),
        Some(3) => shrink_whole::<3>(src, 3, out, window),
        Some(4) => shrink_whole::<4>(src, 4, out, window),
        Some(6) => shrink_whole::<6>(src, 6, out, window),
        Some(8) => shrink_whole::<8>(src, 8, out, window),
        Some(any) => shrink_whole::<0>(src, any, out, window),
        None => shrink_fraction(src, factor, out, window),
    }
    true
}

/// How many source pixels make one of `window` along each side, where that is the same whole
/// number and a u16 can sum a column of them.
fn whole_factor(src: &Grey, window: Window) -> Option<usize> {
    let factor = src.width / window.w;
    let exact = factor * window.w == src.width && factor * window.h == src.height;
    // A column of 257 bytes is the most a u16 can sum.
    (exact && factor <= 257).then_some(factor as usize)
}

/// Blocks of `factor` × `factor` pixels; compiled for that factor unless `FACTOR` is zero.
fn shrink_whole<const FACTOR: usize>(src: &Grey, factor: usize, out: &mut Grey, window: Window) {
    let factor = if FACTOR == 0 { factor } else { FACTOR };
    let width = src.width as usize;
    let mut columns = [0_u16; MAX_SIDE as usize];
    let columns = &mut columns[..width];
    for (row, block) in (0..window.h).zip(src.data.chunks_exact(width * factor)) {
        sum_columns(block, columns);
        average_runs(columns, factor, window.row(out, row));
    }
}

/// Sums each column of a block of rows.
fn sum_columns(block: &[u8], columns: &mut [u16]) {
    columns.fill(0);
    for row in block.chunks_exact(columns.len()) {
        for (sum, &byte) in columns.iter_mut().zip(row) {
            *sum += u16::from(byte);
        }
    }
}

/// Turns each run of `factor` column sums into one rounded mean.
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
#[inline]
fn average_runs(columns: &[u16], factor: usize, out: &mut [u8]) {
    let area = (factor * factor) as u32;
    for (pixel, run) in out.iter_mut().zip(columns.chunks_exact(factor)) {
        let sum: u32 = run.iter().map(|&column| u32::from(column)).sum();
        *pixel = ((sum + area / 2) / area) as u8;
    }
}

/// Rectangles with fractional edges.
#[expect(clippy::large_stack_arrays, reason = "32 KiB, so that nothing is allocated per frame")]
fn shrink_fraction(src: &Grey, factor: f32, out: &mut Grey, window: Window) {
    let width = src.width as usize;
    let mut columns = [0_u32; MAX_SIDE as usize];
    let columns = &mut columns[..width];
    for row in 0..window.h {
        let rows = Span::new(row, factor, src.height);
        columns.fill(0);
        for (y, weight) in rows.weights() {
            for (sum, &byte) in columns.iter_mut().zip(&src.data[y * width..][..width]) {
                *sum += weight * u32::from(byte);
            }
        }
        for (column, pixel) in (0..).zip(window.row(out, row)) {
            *pixel = Span::new(column, factor, src.width).average(columns, rows.total());
        }
    }
}

/// The stretch of source pixels one output pixel covers along one axis, in 1/256 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    begin: u32,
    end: u32,
}

impl Span {
    /// What output pixel `index` covers; never empty, never beyond the last of `extent` pixels.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positions are positive and at most 8192 pixels in 1/256"
    )]
    fn new(index: u32, factor: f32, extent: u32) -> Self {
        let at = |index: u32| (index as f32 * factor * WHOLE as f32).round() as u32;
        let begin = at(index).min((extent - 1) * WHOLE);
        Self { begin, end: at(index + 1).clamp(begin + 1, extent * WHOLE) }
    }

    /// Sum of all weights.
    fn total(self) -> u32 {
        self.end - self.begin
    }

    /// Each pixel touched and how much of it lies within, of [`WHOLE`].
    fn weights(self) -> impl Iterator<Item = (usize, u32)> {
        let Self { begin, end } = self;
        (begin / WHOLE..=(end - 1) / WHOLE).map(move |pixel| {
            let (from, to) = (pixel * WHOLE, (pixel + 1) * WHOLE);
            (pixel as usize, to.min(end) - from.max(begin))
        })
    }

    /// The rounded mean of column sums that weigh `rows` each.
    #[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
    fn average(self, columns: &[u32], rows: u32) -> u8 {
        let area = u64::from(self.total()) * u64::from(rows);
        let weigh = |(x, weight): (usize, u32)| u64::from(weight) * u64::from(columns[x]);
        let sum: u64 = self.weights().map(weigh).sum();
        ((sum + area / 2) / area) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(src: &Grey, factor: f32, w: u32, h: u32) -> Vec<u8> {
        let mut out = Grey::new(w, h);
        let window = Window::whole(&out);
        assert!(shrink(src, factor, &mut out, window));
        out.data
    }

    #[test]
    fn a_pixel_on_the_border_counts_in_part_for_both() {
        // Three pixels make two: 1.5 each.
        let src = Grey { width: 3, height: 3, data: [[30, 60, 90]; 3].concat() };
        // (30 + 60/2) / 1.5 and (60/2 + 90) / 1.5.
        assert_eq!(shrunk(&src, 1.5, 2, 2), [40, 80, 40, 80]);
        let src = Grey { width: 3, height: 3, data: vec![30, 30, 30, 60, 60, 60, 90, 90, 90] };
        assert_eq!(shrunk(&src, 1.5, 2, 2), [40, 40, 80, 80]);
    }

    #[test]
    fn spans_join_without_gaps_and_end_at_the_edge() {
        for (factor, extent, count) in [(1.5, 3, 2), (4.267, 640, 150), (1.01, 101, 100)] {
            let spans: Vec<Span> = (0..count).map(|i| Span::new(i, factor, extent)).collect();
            assert_eq!(spans[0].begin, 0);
            assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].begin));
            assert!(spans[spans.len() - 1].end.abs_diff(extent * WHOLE) <= 16);
        }
    }

    #[test]
    fn a_pixel_beyond_the_edge_repeats_it() {
        assert_eq!(Span::new(9, 2.0, 4), Span { begin: 3 * WHOLE, end: 4 * WHOLE });
        assert_eq!(Span::new(9, 2.0, 4).weights().collect::<Vec<_>>(), [(3, WHOLE)]);
    }

    #[test]
    fn whole_and_fractional_sums_agree() {
        let byte = |i: u32| (i * 7919 % 256).to_le_bytes()[0];
        let src = Grey { width: 60, height: 30, data: (0..1800).map(byte).collect() };
        for factor in [2_u8, 3, 5, 6] {
            let (w, h) = (60 / u32::from(factor), 30 / u32::from(factor));
            let mut out = Grey::new(w, h);
            let window = Window::whole(&out);
            shrink_fraction(&src, factor.into(), &mut out, window);
            assert_eq!(out.data, shrunk(&src, factor.into(), w, h), "factor {factor}");
        }
    }

    #[test]
    fn a_picture_wider_than_the_limit_is_left_to_others() {
        let src = Grey::new(MAX_SIDE + 1, 1);
        let mut out = Grey::new(4, 1);
        let window = Window::whole(&out);
        assert!(!shrink(&src, 2048.25, &mut out, window));
    }
}
