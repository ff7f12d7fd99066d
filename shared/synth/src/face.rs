//! The skin of the head as a grid, denser at eyes, nose and mouth, slit at lids and lips.

use crate::{
    anatomy::{Bearing, CHIN, CROWN, MOUTH, Row, Site, THROAT},
    camera::Camera,
    grid::{Finish, Grid, Vertex},
    identity::Identity,
    math::{index, mix},
    muscle::Muscles,
    raster::{Canvas, Varying},
    skin,
};

/// Rows from crown to throat: where a band ends and how many steps it takes.
const ROWS: [(f32, usize); 12] = [
    (11.6, 3),
    (7.0, 8),
    (3.4, 9),
    (1.4, 11),
    (0.0, 10),
    (-1.3, 10),
    (-3.2, 8),
    (-5.0, 14),
    (MOUTH, 13),
    (-8.4, 12),
    (CHIN, 12),
    (THROAT, 5),
];
/// Columns of one half from the front: where a band ends, radians, and how many steps it takes.
const COLUMNS: [(f32, usize); 3] = [(0.8, 27), (1.6, 10), (std::f32::consts::PI, 7)];

/// A site this far from a slit's row belongs to its upper or lower edge.
pub(crate) const SLIT: f32 = 1e-4;

/// The skin of one head.
#[derive(Debug)]
pub(crate) struct Face {
    grid: Grid,
    angles: Vec<f32>,
    bearings: Vec<Bearing>,
    rows: Vec<f32>,
    sites: Vec<Site>,
    texture: Texture,
    prepared: Option<(Identity, usize)>,
}

impl Face {
    /// A face yet to be given an identity.
    pub(crate) fn new() -> Self {
        let (angles, rows) = (angles(), rows());
        let slits =
            [0.0, MOUTH].map(|seam| rows.iter().position(|r| (r - seam - SLIT).abs() < 0.1 * SLIT));
        let slits: Vec<usize> = slits.into_iter().flatten().collect();
        Self {
            grid: Grid::new(angles.len(), rows.len()).slit(&slits),
            sites: vec![Site::default(); angles.len() * rows.len()],
            bearings: angles.iter().map(|angle| Bearing::new(*angle)).collect(),
            angles,
            rows,
            texture: Texture::default(),
            prepared: None,
        }
    }

    /// Takes on an identity, with `detail` texels per grid step.
    pub(crate) fn prepare(&mut self, identity: &Identity, detail: usize) {
        if self.prepared == Some((*identity, detail)) {
            return;
        }
        for (line, r) in self.sites.chunks_exact_mut(self.bearings.len()).zip(&self.rows) {
            let row = Row::new(identity, *r);
            for (site, bearing) in line.iter_mut().zip(&self.bearings) {
                *site = row.site(identity, *bearing);
            }
        }
        self.texture.bake(identity, detail, &self.angles, &self.rows);
        self.prepared = Some((*identity, detail));
    }

    /// Takes on a performance.
    pub(crate) fn perform(&mut self, muscles: &Muscles) {
        let columns = self.angles.len();
        for (i, (vertex, site)) in self.grid.vertices.iter_mut().zip(&self.sites).enumerate() {
            let pull = muscles.pull(site);
            *vertex = Vertex {
                point: site.point + pull.shift,
                tint: [1.0 - pull.crease.min(0.75); 3],
                uv: [(i % columns) as f32, (i / columns) as f32],
            };
        }
        self.grid.find_normals();
    }

    /// Draws the skin of `identity`; hair and lips shine less than bare skin.
    pub(crate) fn draw(&mut self, identity: &Identity, camera: &Camera, canvas: &mut Canvas) {
        let gloss = identity.skin.gloss;
        let bare = identity.skin.colour[1].max(1e-3);
        let finish =
            Finish { gloss: 0.05 + 0.1 * gloss, wrap: [0.35, 0.2, 0.14], two_sided: false };
        let texture = &self.texture;
        self.grid.draw(camera, canvas, finish, |v: &Varying| {
            let [red, green, blue] = texture.sample(v[0], v[1]);
            let shine = v[5] * (green / bare).min(1.0);
            [v[2] * red + shine, v[3] * green + shine, v[4] * blue + shine, 1.0]
        });
    }
}

/// The skin's colours on the grid, `detail` texels per step.
#[derive(Debug, Default)]
struct Texture {
    detail: usize,
    width: usize,
    height: usize,
    columns: Vec<(f32, Bearing)>,
    texels: Vec<[f32; 3]>,
}

impl Texture {
    fn bake(&mut self, identity: &Identity, detail: usize, angles: &[f32], rows: &[f32]) {
        self.detail = detail;
        self.width = (angles.len() - 1) * detail + 1;
        self.height = (rows.len() - 1) * detail + 1;
        self.texels.clear();
        self.columns.clear();
        let angles = (0..self.width).map(|i| between(angles, i, detail));
        self.columns.extend(angles.map(|angle| (angle, Bearing::new(angle))));
        for j in 0..self.height {
            let r = between(rows, j, detail);
            let row = Row::new(identity, r);
            for i in 0..self.width {
                let theta = self.columns[i].0;
                let x = row.at(self.columns[i].1).x;
                self.texels.push(skin::colour(identity, x, r, theta));
            }
        }
    }

    /// The colour at grid coordinates, bilinear.
    fn sample(&self, column: f32, row: f32) -> [f32; 3] {
        let scale = self.detail as f32;
        let (x, y) = (column * scale, row * scale);
        let i = index(x).min(self.width - 2);
        let j = index(y).min(self.height - 2);
        let (tx, ty) = (x - i as f32, y - j as f32);
        let at = j * self.width + i;
        let (top, bottom) = (&self.texels[at..at + 2], &self.texels[at + self.width..][..2]);
        std::array::from_fn(|k| {
            mix(mix(top[0][k], top[1][k], tx), mix(bottom[0][k], bottom[1][k], tx), ty)
        })
    }
}

/// The value at step `i` of `detail` per entry.
fn between(values: &[f32], i: usize, detail: usize) -> f32 {
    let from = values[i / detail];
    let to = values[(i / detail + 1).min(values.len() - 1)];
    mix(from, to, (i % detail) as f32 / detail as f32)
}

fn rows() -> Vec<f32> {
    let mut rows = Vec::new();
    let mut from = CROWN;
    for (to, steps) in ROWS {
        rows.extend((0..steps).map(|i| mix(from, to, i as f32 / steps as f32)));
        from = to;
    }
    rows.push(THROAT);
    for seam in [0.0, MOUTH] {
        slit(&mut rows, seam);
    }
    rows
}

/// Replaces the row at `seam` by one just above and one just below.
fn slit(rows: &mut Vec<f32>, seam: f32) {
    if let Some(at) = rows.iter().position(|r| (r - seam).abs() < 0.5 * SLIT) {
        rows.splice(at..=at, [seam + SLIT, seam - SLIT]);
    }
}

fn angles() -> Vec<f32> {
    let mut half = Vec::new();
    let mut from = 0.0;
    for (to, steps) in COLUMNS {
        half.extend((1..=steps).map(|i| mix(from, to, i as f32 / steps as f32)));
        from = to;
    }
    let right = half.iter().rev().map(|a| -a);
    right.chain([0.0]).chain(half.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_slit_at_lids_and_lips() {
        let rows = rows();
        assert!(rows.is_sorted_by(|a, b| a > b));
        assert_eq!(rows.iter().filter(|r| r.abs() < 0.01).count(), 2);
        assert_eq!(rows.iter().filter(|r| (*r - MOUTH).abs() < 0.01).count(), 2);
    }

    #[test]
    fn columns_are_symmetric() {
        let angles = angles();
        assert!(angles.iter().zip(angles.iter().rev()).all(|(a, b)| (a + b).abs() < 1e-6));
    }
}
