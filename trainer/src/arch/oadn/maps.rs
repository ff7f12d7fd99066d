//! Attention maps: a Gaussian about each visible point, nothing for a hidden one.
//!
//! `A_i(p) = [s_i ≥ T] · exp(-|p - p_i|² / 2σ²)` at the centre `p` of each cell, peak 1. Ding et
//! al. 2020, arXiv 2005.06040, section 3.1. σ is 10.75 of 224 pixels (1980x/SCAN-CCI-FER, whose
//! kernel ends two σ away; this one does not): 0.672 cells of the paper's 14 × 14 map. On coarser
//! maps it stays 0.672 cells, lest a point between the centres of wider cells have no weight
//! anywhere (own choice).

use std::f32::consts::TAU;

use burn::tensor::{Int, Tensor};

/// Standard deviation in units of the picture's side.
const SIGMA: f32 = 10.75 / 224.0;

/// The same in cells of a map of 14 × 14, and the least on any.
const SIGMA_CELLS: f32 = 14.0 * SIGMA;

/// The map of each point on a grid of `[rows, columns]` cells.
///
/// # Shapes
/// points `[N, P, 3]` (x and y in units of the side, confidence) `-> [N, P, rows · columns]`
pub fn attention_maps(
    points: &Tensor<3>,
    [rows, columns]: [usize; 2],
    threshold: f64,
) -> Tensor<3> {
    let [count, number, _] = points.dims();
    let part = |at: usize| points.clone().slice([0..count, 0..number, at..at + 1]);
    let visible = part(2).greater_equal_elem(threshold).float();
    let across = bells(part(0), columns).unsqueeze_dim::<4>(2);
    let down = bells(part(1), rows).unsqueeze_dim::<4>(3);
    let maps: Tensor<4> = down * across;
    maps.reshape([count, number, rows * columns]) * visible
}

/// The sum of a map of `[rows, columns]` cells whose point is far from the border: 2πσ², σ in cells
/// along each axis.
pub fn mass(grid: [usize; 2]) -> f32 {
    let [down, across] = grid.map(sigma);
    TAU * down * across
}

/// Standard deviation in cells along an axis that has so many.
fn sigma(cells: usize) -> f32 {
    SIGMA_CELLS.max(SIGMA * cells as f32)
}

/// `exp(-d² / 2σ²)` of each place along one axis at the centres of `cells` cells.
///
/// # Shapes
/// `[N, P, 1] -> [N, P, cells]`
fn bells(places: Tensor<3>, cells: usize) -> Tensor<3> {
    let whole = i64::try_from(cells).unwrap_or(i64::MAX);
    let centres: Tensor<1> = Tensor::<1, Int>::arange(0..whole, &places.device()).float() + 0.5;
    let sigma = sigma(cells);
    let distances = places * cells as f32 - centres.unsqueeze();
    (distances.square() / (-2.0 * sigma * sigma)).exp()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn maps(points: &[[f32; 3]], grid: [usize; 2], threshold: f64) -> Vec<f32> {
        let data = TensorData::new(points.concat(), [1, points.len(), 3]);
        let points = Tensor::from_data(data, &Device::flex());
        attention_maps(&points, grid, threshold).into_data().try_to_vec::<f32>().unwrap()
    }

    /// The map of a point drawn at 224 × 224 pixels, then made 14 × 14 with bilinear weights.
    fn drawn_and_shrunk([x, y, _]: [f32; 3]) -> Vec<f32> {
        let bell = |at: usize, place: f32| {
            let gap = (at as f32 + 0.5 - 224.0 * place) / 10.75;
            (-0.5 * gap * gap).exp()
        };
        // The centre of a cell of 16 pixels lies between its eighth and ninth.
        let axis = |place: f32, cell: usize| {
            f32::midpoint(bell(16 * cell + 7, place), bell(16 * cell + 8, place))
        };
        let cells = (0..14).flat_map(|row| (0..14).map(move |column| (row, column)));
        cells.map(|(row, column)| axis(y, row) * axis(x, column)).collect()
    }

    #[test]
    fn a_map_is_that_of_the_picture_shrunk() {
        for point in [[0.5, 0.5, 1.0], [0.31, 0.64, 1.0], [0.02, 0.99, 1.0]] {
            let gaps = maps(&[point], [14, 14], 0.6).into_iter().zip(drawn_and_shrunk(point));
            let gap = gaps.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(gap < 0.05, "{gap}");
        }
    }

    #[test]
    fn the_mass_is_the_sum_of_a_map_about_the_middle() {
        for grid in [[6, 6], [14, 14], [9, 28]] {
            let sum: f32 = maps(&[[0.5, 0.5, 1.0]], grid, 0.6).iter().sum();
            assert!((sum / mass(grid) - 1.0).abs() < 0.02, "{grid:?}: {sum}");
        }
    }

    #[test]
    fn a_point_below_the_threshold_has_no_map() {
        let points = [[0.5, 0.5, 0.59], [0.5, 0.5, 0.6], [0.25, 0.25, 0.0]];
        let maps = maps(&points, [3, 3], f64::from(0.6_f32));
        assert!(maps[..9].iter().chain(&maps[18..]).all(|&weight| weight == 0.0), "{maps:?}");
        assert!((maps[9 + 4] - 1.0).abs() < 1e-6, "{maps:?}");
    }

    #[test]
    fn a_corner_of_four_wide_cells_still_has_weight_in_each() {
        let maps = maps(&[[0.5, 0.5, 1.0]], [6, 6], 0.6);
        // Half a cell away along both axes: exp(-0.25 / 0.672²).
        for at in [14, 15, 20, 21] {
            assert!((maps[at] - 0.5747).abs() < 1e-3, "{maps:?}");
        }
    }
}
