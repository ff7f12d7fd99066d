//! The detector's loss: where faces are, how large, and where their points lie.
//!
//! ```text
//! L = (1/F) Σ_cells [ pos·(1-p)²·(-ln p) + (1-heat)⁴·p²·(-ln(1-p)) ]
//!   + (1/F) Σ_cells Σ_c weight_c·smooth(value_c - target_c)
//! smooth(d) = d²/2β for |d| < β, |d| - β/2 beyond, with d in units of the face's box
//! ```
//!
//! `F` is the number of faces in the batch and `p` the cell's score. The score term is the
//! penalty-reduced focal loss of `CenterNet` (Zhou et al. 2019, arXiv 1904.07850, eq. 1): a
//! Gaussian `heat` about each face forgives its neighbourhood. Cells near a face's centre answer
//! for it, as in FCOS with centre sampling (Tian et al. 2019, arXiv 1904.01355); box and points
//! follow `RetinaFace` (Deng et al. 2019, arXiv 1905.00641), with differences measured relative to
//! the box so that every size of face weighs the same.

use burn::tensor::{
    Device, Tensor, TensorData,
    activation::{log_sigmoid, sigmoid},
};
use mien_shared::{
    detection::{self, CELL_CHANNELS, CellSpec},
    geometry::Rect,
};

use mien_data::scene::Face;

use crate::train::Loss;

/// Cells within this distance of a face's centre, in units of its box, answer for it.
const RESPONSIBLE: f32 = 0.12;
/// Standard deviation of the heat about a face's centre, in units of its box.
const SPREAD: f32 = 0.15;
/// The least standard deviation, in cells.
const LEAST_SPREAD: f32 = 0.5;
/// Where the smooth loss turns from a square to a line, in units of the box.
const BETA: f32 = 0.05;
/// Weight of each of the four values of a box.
const BOX_WEIGHT: f32 = 2.0;
/// Weight of each of the ten values of the points.
const POINT_WEIGHT: f32 = 0.8;

/// Values that a face determines in a cell: all but the score.
const VALUES: usize = CELL_CHANNELS - 1;

/// What a batch's cells should say, still on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    grid: [usize; 2],
    pictures: usize,
    faces: usize,
    /// Focal weight of "here is none", `(1 - heat)⁴`, `[N, 1, H, W]`.
    absent: Vec<f32>,
    /// Share of a cell in its face, `[N, 1, H, W]`; a face's shares sum to 1.
    present: Vec<f32>,
    /// Encoded boxes and points, `[N, 14, H, W]`.
    values: Vec<f32>,
    /// What turns a difference of encoded values into units of the box, `[N, 14, H, W]`.
    units: Vec<f32>,
}

impl Targets {
    /// Targets of no picture yet, for a grid of `[rows, cols]`.
    pub fn new(grid: [usize; 2]) -> Self {
        Self {
            grid,
            pictures: 0,
            faces: 0,
            absent: Vec::new(),
            present: Vec::new(),
            values: Vec::new(),
            units: Vec::new(),
        }
    }

    /// Adds a picture with its faces; a cell between two answers for the nearer one.
    pub fn push(&mut self, faces: &[Face], spec: &CellSpec) {
        let [rows, cols] = self.grid;
        let cells = rows * cols;
        let start = self.pictures * cells;
        self.pictures += 1;
        self.faces += faces.len();
        self.absent.resize(start + cells, 1.0);
        self.present.resize(start + cells, 0.0);
        self.values.resize((start + cells) * VALUES, 0.0);
        self.units.resize((start + cells) * VALUES, 0.0);
        let owners = self.owners(faces, spec, start);
        for (index, owner) in owners.iter().enumerate() {
            let Some(owner) = *owner else { continue };
            let share = 1.0 / owners.iter().filter(|o| **o == Some(owner)).count() as f32;
            let Face { rect, points } = &faces[owner];
            self.present[start + index] = share;
            self.absent[start + index] = 0.0;
            let values = detection::encode(rect, points, [index / cols, index % cols], spec);
            for (c, (value, unit)) in values.into_iter().zip(units(rect, spec)).enumerate() {
                let at = start * VALUES + c * cells + index;
                self.values[at] = value;
                self.units[at] = unit;
            }
        }
    }

    /// Which face each cell answers for; cools `absent` about every face on the way.
    fn owners(&mut self, faces: &[Face], spec: &CellSpec, start: usize) -> Vec<Option<usize>> {
        let [rows, cols] = self.grid;
        let mut owners = vec![(f32::INFINITY, None); rows * cols];
        for (number, Face { rect, .. }) in faces.iter().enumerate() {
            let nearest = nearest_cell(rect, spec, self.grid);
            for (index, owner) in owners.iter_mut().enumerate() {
                let offset = offset(rect, spec, [index / cols, index % cols]);
                self.absent[start + index] *= (1.0 - heat(offset, rect, spec)).powi(4);
                let distance = (offset[0] / rect.w).abs().max((offset[1] / rect.h).abs());
                let responsible = index == nearest || distance <= RESPONSIBLE;
                claim(owner, responsible.then_some(distance), number);
            }
        }
        owners.into_iter().map(|(_, owner)| owner).collect()
    }
}

/// The loss of `cells` against `targets`, in three parts: `score`, `box` and `points`.
///
/// # Shapes
/// cells `[N, 15, H, W]`, each part `[1]`
pub fn loss(cells: Tensor<4>, targets: Targets, device: &Device) -> Loss {
    let [rows, cols] = targets.grid;
    let shape = |channels| [targets.pictures, channels, rows, cols];
    let on_device =
        |data, channels| Tensor::<4>::from_data(TensorData::new(data, shape(channels)), device);
    let absent = on_device(targets.absent, 1);
    let present = on_device(targets.present, 1);
    let values = on_device(targets.values, VALUES);
    let units = on_device(targets.units, VALUES);

    let logits = cells.clone().narrow(1, 0, 1);
    let score = sigmoid(logits.clone());
    let miss =
        (score.clone() * -1.0 + 1.0).square() * log_sigmoid(logits.clone()) * present.clone();
    let alarm = score.square() * log_sigmoid(-logits) * absent;
    let focal = -(miss + alarm).sum();

    let difference = ((cells.narrow(1, 1, VALUES) - values) * units).abs();
    let square = difference.clone().clamp_max(BETA);
    let smooth = square.clone().square() / (2.0 * BETA) + (difference - square);
    let faces = targets.faces.max(1) as f32;
    let off = |from, count| (smooth.clone().narrow(1, from, count) * present.clone()).sum() / faces;
    Loss::new("score", focal / faces).and("box", BOX_WEIGHT, off(0, 4)).and(
        "points",
        POINT_WEIGHT,
        off(4, VALUES - 4),
    )
}

/// Makes face `number` the owner when it is responsible and nearer than the owner so far.
fn claim(owner: &mut (f32, Option<usize>), distance: Option<f32>, number: usize) {
    if let Some(distance) = distance
        && distance < owner.0
    {
        *owner = (distance, Some(number));
    }
}

/// From the face's centre to the cell's, in pixels.
fn offset(rect: &Rect, spec: &CellSpec, cell: [usize; 2]) -> [f32; 2] {
    let (at, center) = (spec.center(cell), rect.center());
    [at.x - center.x, at.y - center.y]
}

/// A Gaussian about the face's centre, 0..=1.
fn heat([dx, dy]: [f32; 2], rect: &Rect, spec: &CellSpec) -> f32 {
    let deviation = |side: f32| (SPREAD * side).max(LEAST_SPREAD * spec.stride);
    let (x, y) = (dx / deviation(rect.w), dy / deviation(rect.h));
    (-0.5 * (x * x + y * y)).exp()
}

/// The cell whose centre is nearest to the face's, as an index into the grid.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped into the grid"
)]
fn nearest_cell(rect: &Rect, spec: &CellSpec, [rows, cols]: [usize; 2]) -> usize {
    let cell =
        |v: f32, count: usize| ((v / spec.stride).floor().clamp(0.0, count as f32 - 1.0)) as usize;
    let center = rect.center();
    cell(center.y, rows) * cols + cell(center.x, cols)
}

/// Per encoded value, its unit in terms of the box: offsets come in strides, the rest already fits.
fn units(rect: &Rect, spec: &CellSpec) -> [f32; VALUES] {
    let mut units = [1.0; VALUES];
    units[0] = spec.stride / rect.w;
    units[1] = spec.stride / rect.h;
    units
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::{FivePoints, Point};

    use super::*;

    const SPEC: CellSpec = CellSpec { stride: 8.0, min_score: 0.5, max_overlap: 0.4 };
    const GRID: [usize; 2] = [4, 5];

    fn face(x: f32, y: f32, side: f32) -> Face {
        let rect = Rect { x: x - side / 2.0, y: y - side / 2.0, w: side, h: side };
        Face { rect, points: FivePoints::from_array([Point { x, y }; 5]) }
    }

    fn targets(faces: &[Face]) -> Targets {
        let mut targets = Targets::new(GRID);
        targets.push(faces, &SPEC);
        targets
    }

    fn loss_of(cells: Vec<f32>, faces: &[Face]) -> f32 {
        let device = Device::default();
        let cells = Tensor::from_data(TensorData::new(cells, [1, CELL_CHANNELS, 4, 5]), &device);
        loss(cells, targets(faces), &device).total().into_scalar::<f32>()
    }

    /// Cells that say what `targets` wants, as surely as `logit`.
    fn perfect(faces: &[Face], logit: f32) -> Vec<f32> {
        let targets = targets(faces);
        let sign = |share: &f32| if *share > 0.0 { logit } else { -logit };
        targets.present.iter().map(sign).chain(targets.values.iter().copied()).collect()
    }

    #[test]
    fn a_small_face_has_one_cell() {
        let targets = targets(&[face(13.0, 20.0, 14.0)]);
        let owned: Vec<usize> = (0..20).filter(|&i| targets.present[i] > 0.0).collect();
        assert_eq!(owned, [2 * 5 + 1]);
        assert_eq!(targets.present[11].to_bits(), 1.0_f32.to_bits());
        assert_eq!(targets.absent[11].to_bits(), 0.0_f32.to_bits());
        assert!(targets.absent[12] < 1.0 && targets.absent[4] > 0.99);
    }

    #[test]
    fn a_large_face_shares_itself_among_cells() {
        let targets = targets(&[face(20.0, 16.0, 80.0)]);
        let sum: f32 = targets.present.iter().sum();
        let cells = targets.present.iter().filter(|&&share| share > 0.0).count();
        assert!((sum - 1.0).abs() < 1e-6);
        assert_eq!(cells, 6);
    }

    #[test]
    fn a_perfect_answer_costs_next_to_nothing() {
        let faces = [face(13.0, 20.0, 14.0), face(30.0, 10.0, 20.0)];
        assert!(loss_of(perfect(&faces, 12.0), &faces) < 1e-3);
    }

    #[test]
    fn missing_a_face_costs_the_focal_loss_of_its_score() {
        let faces = [face(13.0, 20.0, 14.0)];
        let mut cells = perfect(&faces, 12.0);
        cells[11] = 0.0;
        // (1 - 1/2)² · ln 2
        assert!((loss_of(cells, &faces) - 0.173_287).abs() < 1e-3);
    }

    #[test]
    fn a_box_off_by_a_tenth_of_itself_costs_this() {
        let faces = [face(12.0, 20.0, 16.0)];
        let mut cells = perfect(&faces, 12.0);
        cells[20 + 11] += 0.2; // 0.2 strides are 0.1 boxes
        // 2 · (0.1 - 0.05 / 2)
        assert!((loss_of(cells, &faces) - 0.15).abs() < 1e-3);
    }

    #[test]
    fn a_picture_without_faces_only_fears_alarms() {
        let mut cells = vec![0.0; CELL_CHANNELS * 20];
        cells[..20].fill(-12.0);
        assert!(loss_of(cells.clone(), &[]) < 1e-3);
        cells[3] = 0.0;
        assert!((loss_of(cells, &[]) - 0.173_287).abs() < 1e-3);
    }
}
