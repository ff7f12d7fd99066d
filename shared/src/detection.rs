//! Faces out of a detector's output cells, and faces into cells for training.
//!
//! A detector gives one cell per `stride × stride` patch of its input, as `[15, rows, cols]` f32.
//! With `(cx, cy)` the cell's centre in pixels, its channels mean
//!
//! ```text
//!  0      score logit                         score = 1 / (1 + exp(-x))
//!  1, 2   box centre                          x = cx + c1·stride, y = cy + c2·stride
//!  3, 4   box size                            w = stride·exp(c3), h = stride·exp(c4)
//!  5..15  five points, (u, v) each            x = centre.x + u·w, y = centre.y + v·h
//! ```
//!
//! The points are given in the box's own units, so that a mean face is one constant at every
//! size. Boxes that overlap a better one are dropped greedily. Coordinates are pixels of the
//! detector's input; mapping them back to the camera's frame is the caller's.

use crate::geometry::{FivePoints, Point, Rect};

/// Values per cell.
pub const CELL_CHANNELS: usize = 15;

/// Most cells considered as faces in one picture; the best ones are kept.
pub const MAX_CANDIDATES: usize = 256;

/// Exponents beyond this are cut: a box of a million strides is no face.
const MAX_LOG_SIZE: f32 = 8.0;

/// One face found in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Detection {
    /// The face's box in pixels; may reach beyond the picture.
    pub rect: Rect,
    /// How sure the detector is, 0..=1.
    pub score: f32,
    /// Eyes, nose and mouth corners in pixels.
    pub points: FivePoints,
}

/// How to read a detector's cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellSpec {
    /// Input pixels per cell.
    pub stride: f32,
    /// Lowest score worth reporting, 0..=1.
    pub min_score: f32,
    /// Boxes overlapping a better one by more than this `IoU` are dropped.
    pub max_overlap: f32,
}

impl CellSpec {
    /// Centre of the cell at `[row, col]`, in pixels.
    pub fn center(&self, [row, col]: [usize; 2]) -> Point {
        Point { x: (col as f32 + 0.5) * self.stride, y: (row as f32 + 0.5) * self.stride }
    }
}

/// Fills `out` with the faces in `cells`, `[15, rows, cols]` with `grid = [rows, cols]`, best
/// first.
///
/// A cell with a value that is not finite holds no face. Nothing is allocated when `out` has room
/// for [`MAX_CANDIDATES`].
///
/// # Panics
/// When `cells` does not hold `15 · rows · cols` values: the caller made both from one graph.
pub fn decode(cells: &[f32], grid: [usize; 2], spec: &CellSpec, out: &mut Vec<Detection>) {
    let [rows, cols] = grid;
    assert_eq!(cells.len(), CELL_CHANNELS * rows * cols, "cell count");
    out.clear();
    let min_logit = logit(spec.min_score);
    for index in 0..rows * cols {
        let values: [f32; CELL_CHANNELS] = std::array::from_fn(|c| cells[c * rows * cols + index]);
        if values[0] >= min_logit && values.iter().all(|v| v.is_finite()) {
            keep_best(out, decode_cell(&values, [index / cols, index % cols], spec));
        }
    }
    out.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
    suppress_overlaps(out, spec.max_overlap);
}

/// The values of channels 1..15 with which the cell at `[row, col]` says `rect` and `points`.
///
/// The inverse of what [`decode`] does with one cell; `rect` must not be empty.
pub fn encode(
    rect: &Rect,
    points: &FivePoints,
    cell: [usize; 2],
    spec: &CellSpec,
) -> [f32; CELL_CHANNELS - 1] {
    let (at, center) = (spec.center(cell), rect.center());
    let mut values = [0.0; CELL_CHANNELS - 1];
    values[0] = (center.x - at.x) / spec.stride;
    values[1] = (center.y - at.y) / spec.stride;
    values[2] = (rect.w / spec.stride).ln();
    values[3] = (rect.h / spec.stride).ln();
    for (pair, point) in values[4..].chunks_exact_mut(2).zip(points.to_array()) {
        pair[0] = (point.x - center.x) / rect.w;
        pair[1] = (point.y - center.y) / rect.h;
    }
    values
}

fn logit(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}

fn decode_cell(values: &[f32; CELL_CHANNELS], cell: [usize; 2], spec: &CellSpec) -> Detection {
    let at = spec.center(cell);
    let center = Point { x: at.x + values[1] * spec.stride, y: at.y + values[2] * spec.stride };
    let size = |log: f32| spec.stride * log.clamp(-MAX_LOG_SIZE, MAX_LOG_SIZE).exp();
    let (w, h) = (size(values[3]), size(values[4]));
    let point = |i: usize| Point {
        x: center.x + values[5 + 2 * i] * w,
        y: center.y + values[6 + 2 * i] * h,
    };
    Detection {
        rect: Rect { x: center.x - w / 2.0, y: center.y - h / 2.0, w, h },
        score: 1.0 / (1.0 + (-values[0]).exp()),
        points: FivePoints::from_array(std::array::from_fn(point)),
    }
}

/// Adds `found`, in place of the weakest candidate when the list is full and `found` is better.
fn keep_best(out: &mut Vec<Detection>, found: Detection) {
    if out.len() < MAX_CANDIDATES {
        out.push(found);
    } else if let Some(weakest) = out.iter_mut().min_by(|a, b| a.score.total_cmp(&b.score))
        && weakest.score < found.score
    {
        *weakest = found;
    }
}

/// Greedy non-maximum suppression of a list sorted best first, in place.
fn suppress_overlaps(out: &mut Vec<Detection>, max_overlap: f32) {
    let mut kept = 0;
    for i in 0..out.len() {
        let candidate = out[i];
        if out[..kept].iter().all(|better| better.rect.iou(&candidate.rect) <= max_overlap) {
            out[kept] = candidate;
            kept += 1;
        }
    }
    out.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: CellSpec = CellSpec { stride: 8.0, min_score: 0.5, max_overlap: 0.4 };

    fn face() -> (Rect, FivePoints) {
        let at = |x, y| Point { x, y };
        let rect = Rect { x: 20.0, y: 10.0, w: 40.0, h: 50.0 };
        let points =
            [at(30.0, 28.0), at(50.0, 27.0), at(41.0, 38.0), at(33.0, 48.0), at(48.0, 47.0)];
        (rect, FivePoints::from_array(points))
    }

    /// A grid of empty cells with `faces` written as (cell, logit, box, points).
    fn grid(rows: usize, cols: usize, faces: &[([usize; 2], f32, Rect, FivePoints)]) -> Vec<f32> {
        let mut cells = vec![0.0; CELL_CHANNELS * rows * cols];
        cells[..rows * cols].fill(-10.0);
        for (cell, score, rect, points) in faces {
            let index = cell[0] * cols + cell[1];
            cells[index] = *score;
            for (c, value) in encode(rect, points, *cell, &SPEC).into_iter().enumerate() {
                cells[(c + 1) * rows * cols + index] = value;
            }
        }
        cells
    }

    fn decoded(cells: &[f32], rows: usize, cols: usize) -> Vec<Detection> {
        let mut out = Vec::new();
        decode(cells, [rows, cols], &SPEC, &mut out);
        out
    }

    #[test]
    fn a_face_has_these_literal_values_in_its_cell() {
        let (rect, points) = face();
        let values = encode(&rect, &points, [3, 5], &SPEC);
        // The cell's centre is (44, 28), the box's (40, 35).
        assert_eq!(values[..2], [-0.5, 0.875]);
        assert!((values[2] - 5.0_f32.ln()).abs() < 1e-6);
        assert!((values[3] - 6.25_f32.ln()).abs() < 1e-6);
        assert_eq!(values[4..6], [-0.25, -0.14]);
    }

    #[test]
    fn an_encoded_face_decodes_to_itself_from_any_cell() {
        let (rect, points) = face();
        for cell in [[0, 0], [3, 5], [15, 19]] {
            let found = decoded(&grid(16, 20, &[(cell, 2.0, rect, points)]), 16, 20);
            assert_eq!(found.len(), 1);
            assert!((found[0].score - 0.880_797).abs() < 1e-5);
            assert!(found[0].rect.iou(&rect) > 0.9999);
            for (a, b) in found[0].points.to_array().iter().zip(points.to_array()) {
                assert!((a.x - b.x).abs() < 1e-3 && (a.y - b.y).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn of_two_cells_with_one_face_the_better_stays() {
        let (rect, points) = face();
        let cells = grid(16, 20, &[([3, 4], 1.0, rect, points), ([4, 5], 3.0, rect, points)]);
        let found = decoded(&cells, 16, 20);
        assert_eq!(found.len(), 1);
        assert!((found[0].score - 0.952_574).abs() < 1e-5);
    }

    #[test]
    fn two_faces_apart_come_best_first() {
        let (rect, points) = face();
        let other = Rect { x: 100.0, ..rect };
        let cells = grid(16, 20, &[([3, 4], 1.0, rect, points), ([4, 14], 3.0, other, points)]);
        let found = decoded(&cells, 16, 20);
        assert_eq!(found.len(), 2);
        assert!(found[0].rect.iou(&other) > 0.999 && found[1].rect.iou(&rect) > 0.999);
    }

    #[test]
    fn a_cell_below_the_lowest_score_is_no_face() {
        let (rect, points) = face();
        assert!(decoded(&grid(4, 5, &[([1, 1], -0.01, rect, points)]), 4, 5).is_empty());
    }

    #[test]
    fn cells_that_are_not_finite_are_no_faces() {
        let (rect, points) = face();
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for channel in 0..CELL_CHANNELS {
                let mut cells = grid(4, 5, &[([1, 1], 2.0, rect, points)]);
                cells[channel * 20 + 6] = bad;
                assert!(decoded(&cells, 4, 5).is_empty(), "channel {channel}, value {bad}");
            }
        }
    }

    #[test]
    fn absurd_sizes_stay_finite() {
        let mut cells = vec![1000.0; CELL_CHANNELS * 4];
        let found = decoded(&cells, 2, 2);
        assert!(found.iter().all(|d| d.rect.w.is_finite() && d.rect.area().is_finite()));
        cells[12..20].fill(-1000.0);
        assert!(!decoded(&cells, 2, 2).is_empty());
    }

    #[test]
    fn the_list_never_outgrows_its_cap_and_keeps_the_best() {
        let (rows, cols) = (20, 20);
        let mut cells = vec![0.0; CELL_CHANNELS * rows * cols];
        for (i, logit) in cells[..rows * cols].iter_mut().enumerate() {
            *logit = 1.0 + i as f32 * 0.01;
        }
        // Boxes of half a stride never touch.
        cells[3 * 400..5 * 400].fill(0.5_f32.ln());
        let mut out = Vec::with_capacity(MAX_CANDIDATES);
        let before = out.as_ptr();
        decode(&cells, [rows, cols], &SPEC, &mut out);
        assert_eq!((out.len(), out.as_ptr()), (MAX_CANDIDATES, before));
        assert!((out[0].score - 1.0 / (1.0 + (-4.99_f32).exp())).abs() < 1e-6);
    }
}
