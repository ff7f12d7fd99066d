//! The skull as a radius by direction: what hair and hats are laid over.
//!
//! Directions are an azimuth from the nose (radians, positive towards the picture's right) and an
//! elevation; ears are smoothed away by a median along the azimuth.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use mien_synth::{
    Vec3,
    math::{index, mix},
};

use crate::mesh::Points;

const COLUMNS: usize = 48;
const ROWS: usize = 22;
/// Lowest elevation covered.
const LOWEST: f32 = -0.9;
/// The middle of the skull.
const CENTRE: Vec3 = Vec3::new(0.0, 2.5, -0.5);
/// Half the median's window, columns.
const WINDOW: usize = 5;
/// Radius where nothing is known, cm.
const USUAL: f32 = 9.0;

/// A subject's skull.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shell {
    radius: Vec<f32>,
}

impl Shell {
    /// The skull that the vertices `skin` of `points` lie on.
    pub(crate) fn new(points: &Points, skin: &[u32]) -> Self {
        let mut radius = vec![0.0_f32; COLUMNS * ROWS];
        for &vertex in skin {
            let d = points.get(vertex as usize) - CENTRE;
            let far = d.dot(d).sqrt();
            let elevation = d.y.atan2(d.x.hypot(d.z));
            if elevation < LOWEST || far < 1.0 {
                continue;
            }
            let (column, row) = cell(d.x.atan2(d.z), elevation);
            let bin = &mut radius[index(row) * COLUMNS + index(column) % COLUMNS];
            *bin = bin.max(far);
        }
        let mut shell = Self { radius };
        shell.fill();
        shell.smooth();
        shell
    }

    /// The point in a direction, `lift` cm above the skull.
    pub(crate) fn point(&self, azimuth: f32, elevation: f32, lift: f32) -> Vec3 {
        let (sin, cos) = elevation.sin_cos();
        let d = Vec3::new(cos * azimuth.sin(), sin, cos * azimuth.cos());
        CENTRE + d * (self.at(azimuth, elevation) + lift)
    }

    /// The elevation at which the skull is about `y` high.
    pub(crate) fn elevation(&self, azimuth: f32, y: f32) -> f32 {
        let height = |far: f32| ((y - CENTRE.y) / far).clamp(-0.95, 0.999).asin();
        height(self.at(azimuth, height(USUAL)))
    }

    fn at(&self, azimuth: f32, elevation: f32) -> f32 {
        let (column, row) = cell(azimuth, elevation);
        let (column, row) = ((column - 0.5).rem_euclid(COLUMNS as f32), (row - 0.5).max(0.0));
        let (i, j) = (index(column), index(row).min(ROWS - 1));
        let below = (j + 1).min(ROWS - 1);
        let get = |i: usize, j: usize| self.radius[j * COLUMNS + i % COLUMNS];
        let (tx, ty) = (column.fract(), (row - j as f32).clamp(0.0, 1.0));
        mix(mix(get(i, j), get(i + 1, j), tx), mix(get(i, below), get(i + 1, below), tx), ty)
    }

    /// Empty cells take the mean of the cells around them.
    fn fill(&mut self) {
        for _ in 0..ROWS {
            let before = self.radius.clone();
            let empty = (0..before.len()).filter(|&i| before[i] <= 0.0);
            empty.for_each(|i| self.radius[i] = mean_around(&before, i));
        }
        self.radius.iter_mut().filter(|r| **r <= 0.0).for_each(|r| *r = USUAL);
    }

    /// Median along the azimuth, then a mean of neighbours.
    fn smooth(&mut self) {
        let before = self.radius.clone();
        let median = |i: usize| {
            let (row, column) = (i / COLUMNS * COLUMNS, i % COLUMNS);
            let mut window: Vec<f32> = (0..=2 * WINDOW)
                .map(|k| before[row + (column + COLUMNS + k - WINDOW) % COLUMNS])
                .collect();
            window.sort_by(f32::total_cmp);
            window[WINDOW].min(before[i] + 0.2).max(before[i] - 2.5)
        };
        let middle: Vec<f32> = (0..before.len()).map(median).collect();
        self.radius = (0..middle.len()).map(|i| mean_around(&middle, i)).collect();
    }
}

/// Column and row of a direction, with fractions.
fn cell(azimuth: f32, elevation: f32) -> (f32, f32) {
    let column = (azimuth / TAU + 0.5).rem_euclid(1.0) * COLUMNS as f32;
    let row = (elevation - LOWEST) / (FRAC_PI_2 - LOWEST) * ROWS as f32;
    (column.min(COLUMNS as f32 - 1e-3), row.clamp(0.0, ROWS as f32 - 1e-3))
}

/// Mean of the filled cells in the three by three around one.
fn mean_around(cells: &[f32], i: usize) -> f32 {
    let (row, column) = (i / COLUMNS, i % COLUMNS);
    let (mut sum, mut count) = (0.0, 0.0);
    for j in row.saturating_sub(1)..=(row + 1).min(ROWS - 1) {
        for k in [column + COLUMNS - 1, column, column + 1] {
            let value = cells[j * COLUMNS + k % COLUMNS];
            if value > 0.0 {
                sum += value;
                count += 1.0;
            }
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

/// An azimuth from a share of the way round, 0 and 1 being the back of the head.
pub(crate) fn azimuth(u: f32) -> f32 {
    mix(-PI, PI, u)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sphere(radius: impl Fn(f32) -> f32) -> (Points, Vec<u32>) {
        let mut points = Points::default();
        for i in 0..60_u16 {
            for j in 0..40_u16 {
                let (a, e) = (f32::from(i) / 60.0 * TAU, f32::from(j) / 40.0 * 2.4 - 0.9);
                let d = Vec3::new(e.cos() * a.sin(), e.sin(), e.cos() * a.cos());
                points.push(CENTRE + d * radius(a));
            }
        }
        let all = (0..u32::try_from(points.len()).unwrap()).collect();
        (points, all)
    }

    #[test]
    fn a_sphere_is_found_again() {
        let (points, all) = sphere(|_| 8.0);
        let shell = Shell::new(&points, &all);
        for (a, e) in [(0.0, 0.0), (3.1, 0.4), (-1.5, 1.5), (-3.1, -0.8)] {
            let d = shell.point(a, e, 1.0) - CENTRE;
            assert!((d.dot(d).sqrt() - 9.0).abs() < 0.05, "{a} {e} {d:?}");
        }
        let e = shell.elevation(0.0, CENTRE.y + 4.0);
        assert!((e.sin() - 0.5).abs() < 0.05, "{e}");
    }

    #[test]
    fn ears_are_smoothed_away() {
        let (points, all) = sphere(|a| if (a - FRAC_PI_2).abs() < 0.2 { 11.0 } else { 8.0 });
        let shell = Shell::new(&points, &all);
        let d = shell.point(FRAC_PI_2, 0.0, 0.0) - CENTRE;
        assert!(d.dot(d).sqrt() < 8.8, "{d:?}");
    }

    #[test]
    fn a_skull_of_no_vertices_has_the_usual_size() {
        let d = Shell::new(&Points::default(), &[]).point(0.5, 0.5, 0.0) - CENTRE;
        assert!((d.dot(d).sqrt() - USUAL).abs() < 1e-3);
    }
}
