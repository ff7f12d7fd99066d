//! The face as a height field seen from the front, drawn taut: what a mask lies on.

use mien_synth::math::{index, mix};

use crate::mesh::Points;

const COLUMNS: usize = 24;
const ROWS: usize = 22;
/// Left, bottom, width and height of the field, cm.
const AREA: [f32; 4] = [-8.4, -14.0, 16.8, 15.4];
/// Depth where there is no face, cm.
const NOTHING: f32 = 0.0;

/// Depths over x and y.
#[derive(Debug)]
pub(crate) struct Front {
    depth: Vec<f32>,
}

impl Front {
    /// The field of the vertices `skin` of `points`.
    pub(crate) fn new(points: &Points, skin: &[u32]) -> Self {
        let mut depth = vec![NOTHING; COLUMNS * ROWS];
        for &vertex in skin {
            let p = points.get(vertex as usize);
            let (x, y) = cell(p.x, p.y);
            let inside = (0.0..COLUMNS as f32).contains(&x) && (0.0..ROWS as f32).contains(&y);
            if inside && p.z > NOTHING {
                let bin = &mut depth[index(y) * COLUMNS + index(x)];
                *bin = bin.max(p.z);
            }
        }
        let mut front = Self { depth };
        front.stretch();
        front
    }

    /// Depth at `x`, `y`.
    pub(crate) fn depth(&self, x: f32, y: f32) -> f32 {
        let (x, y) = cell(x, y);
        let x = (x - 0.5).clamp(0.0, (COLUMNS - 2) as f32 + 0.999);
        let y = (y - 0.5).clamp(0.0, (ROWS - 2) as f32 + 0.999);
        let at = index(y) * COLUMNS + index(x);
        let d = &self.depth;
        let low = mix(d[at], d[at + 1], x.fract());
        mix(low, mix(d[at + COLUMNS], d[at + COLUMNS + 1], x.fract()), y.fract())
    }

    /// Bridges hollows, as cloth does: every cell at least the mean of opposite neighbours.
    fn stretch(&mut self) {
        const STEPS: [usize; 4] = [1, COLUMNS, 2, 2 * COLUMNS];
        for _ in 0..6 {
            for i in 2 * COLUMNS..self.depth.len() - 2 * COLUMNS {
                let taut = STEPS.map(|s| 0.5 * (self.depth[i - s] + self.depth[i + s]));
                self.depth[i] = taut.into_iter().fold(self.depth[i], f32::max);
            }
        }
    }
}

fn cell(x: f32, y: f32) -> (f32, f32) {
    let across = (x - AREA[0]) / AREA[2] * COLUMNS as f32;
    (across, (y - AREA[1]) / AREA[3] * ROWS as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hollows_are_bridged_and_heights_kept() {
        let mut points = Points::default();
        for i in -80_i16..=80 {
            for j in -130_i16..=10 {
                let (x, y) = (f32::from(i) * 0.1, f32::from(j) * 0.1);
                let hollow = u8::from(x.abs() < 0.6 && (y + 6.0).abs() < 0.6);
                points.push(mien_synth::Vec3::new(x, y, 9.0 - 3.0 * f32::from(hollow)));
            }
        }
        let all: Vec<u32> = (0..u32::try_from(points.len()).unwrap()).collect();
        let front = Front::new(&points, &all);
        assert!((front.depth(3.0, -4.0) - 9.0).abs() < 1e-3);
        assert!(front.depth(0.0, -6.0) > 8.8, "{}", front.depth(0.0, -6.0));
    }
}
