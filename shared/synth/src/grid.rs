//! Surfaces as grids of vertices: every part of the head is one.
//!
//! Columns run towards the picture's right, rows down, as seen from outside.

use crate::{
    camera::Camera,
    math::Vec3,
    raster::{Canvas, Corner, Varying},
};

/// One vertex of a part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vertex {
    /// Position in head coordinates.
    pub(crate) point: Vec3,
    /// Linear RGB reflectance, or a factor on the material's own.
    pub(crate) tint: [f32; 3],
    /// What the material makes of it.
    pub(crate) uv: [f32; 2],
}

/// A part of the head.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    cols: usize,
    rows: usize,
    /// Rows after which the surface is slit.
    slits: Vec<usize>,
    pub(crate) vertices: Vec<Vertex>,
    pub(crate) normals: Vec<Vec3>,
    corners: Vec<Corner>,
}

/// How a surface takes light.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish {
    /// Strength of the highlight.
    pub(crate) gloss: f32,
    /// How far light creeps around into the shade, by colour.
    pub(crate) wrap: [f32; 3],
    /// Whether the inside is seen too.
    pub(crate) two_sided: bool,
}

impl Finish {
    /// A surface without shine.
    pub(crate) const MATT: Self = Self { gloss: 0.0, wrap: [0.1; 3], two_sided: false };

    /// The same, seen from both sides.
    pub(crate) const SHEET: Self = Self { two_sided: true, ..Self::MATT };
}

impl Grid {
    /// A grid of `cols` × `rows` vertices, all at the origin.
    pub(crate) fn new(cols: usize, rows: usize) -> Self {
        let count = cols * rows;
        Self {
            cols,
            rows,
            slits: Vec::new(),
            vertices: vec![Vertex::default(); count],
            normals: vec![Vec3::default(); count],
            corners: vec![Corner::default(); count],
        }
    }

    /// The grid cut open between each of these rows and the next.
    pub(crate) fn slit(mut self, rows: &[usize]) -> Self {
        self.slits = rows.to_vec();
        self
    }

    /// Sets every vertex from its position in the grid, `u` and `v` in 0..=1.
    pub(crate) fn fill(&mut self, mut make: impl FnMut(f32, f32) -> Vertex) {
        let (du, dv) = (1.0 / (self.cols - 1) as f32, 1.0 / (self.rows - 1) as f32);
        for (i, vertex) in self.vertices.iter_mut().enumerate() {
            *vertex = make((i % self.cols) as f32 * du, (i / self.cols) as f32 * dv);
        }
        self.find_normals();
    }

    /// Recomputes normals from the vertices.
    pub(crate) fn find_normals(&mut self) {
        self.normals.fill(Vec3::default());
        for row in 0..self.rows - 1 {
            if self.slits.contains(&row) {
                continue;
            }
            for i in row * self.cols..(row + 1) * self.cols - 1 {
                self.add_normal(i);
            }
        }
        self.join_slits();
        for normal in &mut self.normals {
            *normal = normal.unit();
        }
    }

    /// Gives vertices on either side of a closed slit one normal.
    fn join_slits(&mut self) {
        for slit in 0..self.slits.len() {
            let start = self.slits[slit] * self.cols;
            for i in start..start + self.cols {
                self.join(i, i + self.cols);
            }
        }
    }

    fn join(&mut self, i: usize, k: usize) {
        let gap = self.vertices[i].point - self.vertices[k].point;
        if gap.dot(gap) < 1e-6 {
            let both = self.normals[i] + self.normals[k];
            (self.normals[i], self.normals[k]) = (both, both);
        }
    }

    /// Adds the face normal of the quad at `i` to its four corners, weighted by area.
    fn add_normal(&mut self, i: usize) {
        let below = i + self.cols;
        let diagonal = self.vertices[below].point - self.vertices[i + 1].point;
        let other = self.vertices[below + 1].point - self.vertices[i].point;
        let normal = diagonal.cross(other);
        for k in [i, i + 1, below, below + 1] {
            self.normals[k] = self.normals[k] + normal;
        }
    }

    /// Lights and draws the grid; `paint` makes a sample's colour and opacity.
    pub(crate) fn draw(
        &mut self,
        camera: &Camera,
        canvas: &mut Canvas,
        finish: Finish,
        paint: impl Fn(&Varying) -> [f32; 4],
    ) {
        for i in 0..self.vertices.len() {
            self.corners[i] = camera.corner(&self.vertices[i], self.normals[i], finish);
        }
        for row in 0..self.rows - 1 {
            if self.slits.contains(&row) {
                continue;
            }
            for i in row * self.cols..(row + 1) * self.cols - 1 {
                self.quad(i, canvas, finish.two_sided, &paint);
            }
        }
    }

    fn quad(
        &self,
        i: usize,
        canvas: &mut Canvas,
        two_sided: bool,
        paint: &impl Fn(&Varying) -> [f32; 4],
    ) {
        let c = &self.corners;
        let below = i + self.cols;
        canvas.triangle([&c[i], &c[i + 1], &c[below]], two_sided, paint);
        canvas.triangle([&c[i + 1], &c[below + 1], &c[below]], two_sided, paint);
    }
}

/// A sample's own lit colour, opaque.
pub(crate) fn plain(v: &Varying) -> [f32; 4] {
    [v[2] + v[5], v[3] + v[5], v[4] + v[5], 1.0]
}
