//! Surfaces as grids: hair, clothes and everything worn.

use mien_synth::{Vec3, raster::Corner};

/// A vertex of a sheet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Knot {
    /// Position in head coordinates.
    pub(crate) point: Vec3,
    /// Linear RGB reflectance.
    pub(crate) tint: [f32; 3],
    /// What the paint makes of it.
    pub(crate) uv: [f32; 2],
}

/// A grid of knots; columns run towards the picture's right, rows down, seen from outside.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    columns: usize,
    pub(crate) knots: Vec<Knot>,
    pub(crate) normals: Vec<Vec3>,
    pub(crate) corners: Vec<Corner>,
}

impl Sheet {
    /// Sets every knot from its place in a grid of `columns` × `rows`, `u` and `v` in 0..=1.
    pub(crate) fn fill(
        &mut self,
        (columns, rows): (usize, usize),
        knot: impl Fn(f32, f32) -> Knot,
    ) -> &mut Self {
        let (across, down) = ((columns - 1) as f32, (rows - 1) as f32);
        self.columns = columns;
        self.knots.clear();
        let at = |i: usize| knot((i % columns) as f32 / across, (i / columns) as f32 / down);
        self.knots.extend((0..columns * rows).map(at));
        self.find_normals();
        self
    }

    /// Every triangle, counter-clockwise seen from outside.
    pub(crate) fn triangles(&self) -> impl Iterator<Item = [usize; 3]> + use<> {
        let (columns, count) = (self.columns, self.knots.len());
        let starts = (0..count.saturating_sub(columns)).filter(move |i| i % columns + 1 < columns);
        starts.flat_map(move |i| {
            let below = i + columns;
            [[i, below, i + 1], [i + 1, below, below + 1]]
        })
    }

    fn find_normals(&mut self) {
        self.normals.clear();
        self.normals.resize(self.knots.len(), Vec3::default());
        for [a, b, c] in self.triangles() {
            let p = self.knots[a].point;
            let n = (self.knots[b].point - p).cross(self.knots[c].point - p);
            for i in [a, b, c] {
                self.normals[i] = self.normals[i] + n;
            }
        }
        for normal in &mut self.normals {
            *normal = normal.unit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_sheet_faces_the_viewer() {
        let mut sheet = Sheet::default();
        sheet.fill((3, 2), |u, v| Knot { point: Vec3::new(u, -v, 0.0), ..Knot::default() });
        assert_eq!(sheet.triangles().count(), 4);
        assert!(sheet.normals.iter().all(|n| *n == Vec3::new(0.0, 0.0, 1.0)));
    }
}
