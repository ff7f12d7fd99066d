//! Triangle meshes whose coordinates lie in one array per axis, so that blending is plain loops.
//!
//! Units are centimetres: x towards the picture's right (the person's left), y up, z towards the
//! viewer. Triangles run counter-clockwise seen from outside.

use std::ops::Range;

use mien_synth::{Side, Vec3};

/// Positions, displacements or normals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Points {
    /// Rightwards.
    pub x: Vec<f32>,
    /// Upwards.
    pub y: Vec<f32>,
    /// Towards the viewer.
    pub z: Vec<f32>,
}

impl Points {
    /// `count` points at the origin.
    pub fn zeros(count: usize) -> Self {
        Self { x: vec![0.0; count], y: vec![0.0; count], z: vec![0.0; count] }
    }

    /// Points from `x, y, z, x, y, z, …`.
    pub fn from_triples(values: &[f32]) -> Self {
        let axis = |k: usize| values.chunks_exact(3).map(|p| p[k]).collect();
        Self { x: axis(0), y: axis(1), z: axis(2) }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Point `i`.
    pub fn get(&self, i: usize) -> Vec3 {
        Vec3::new(self.x[i], self.y[i], self.z[i])
    }

    /// Replaces point `i`.
    pub fn set(&mut self, i: usize, p: Vec3) {
        (self.x[i], self.y[i], self.z[i]) = (p.x, p.y, p.z);
    }

    /// Appends a point.
    pub fn push(&mut self, p: Vec3) {
        self.x.push(p.x);
        self.y.push(p.y);
        self.z.push(p.z);
    }

    /// Every point in order.
    pub fn iter(&self) -> impl Iterator<Item = Vec3> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Takes the place of `other`, keeping the allocation.
    pub fn copy_from(&mut self, other: &Self) {
        self.x.clone_from(&other.x);
        self.y.clone_from(&other.y);
        self.z.clone_from(&other.z);
    }

    /// Makes all `count` points the origin.
    pub fn reset(&mut self, count: usize) {
        for axis in [&mut self.x, &mut self.y, &mut self.z] {
            axis.clear();
            axis.resize(count, 0.0);
        }
    }

    /// Adds `weight` times `other`, point by point.
    pub fn add_scaled(&mut self, other: &Self, weight: f32) {
        let axes = [(&mut self.x, &other.x), (&mut self.y, &other.y), (&mut self.z, &other.z)];
        for (own, more) in axes {
            for (a, b) in own.iter_mut().zip(more) {
                *a += weight * b;
            }
        }
    }

    /// Moves every point by `by`.
    pub fn translate(&mut self, by: Vec3) {
        for (axis, by) in [(&mut self.x, by.x), (&mut self.y, by.y), (&mut self.z, by.z)] {
            for a in axis {
                *a += by;
            }
        }
    }

    /// Multiplies every coordinate by `factor`.
    pub fn scale(&mut self, factor: f32) {
        for axis in [&mut self.x, &mut self.y, &mut self.z] {
            for a in axis {
                *a *= factor;
            }
        }
    }
}

/// What a surface is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Material {
    /// Skin and scalp, coloured by the subject's texture.
    Skin,
    /// An eyeball.
    Eye(Side),
    /// Cards of lashes.
    Lash,
    /// Teeth.
    Teeth,
    /// Gums and tongue.
    Gum,
    /// The lining of the mouth.
    Cavity,
}

impl Material {
    /// Whether it only shows between open lips.
    pub fn is_oral(self) -> bool {
        matches!(self, Self::Teeth | Self::Gum)
    }
}

/// Three corners: vertices and texture coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triangle {
    /// Vertex of each corner.
    pub vertex: [u32; 3],
    /// Texture coordinate of each corner.
    pub uv: [u32; 3],
}

/// A run of triangles of one material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is made of.
    pub material: Material,
    /// Its triangles.
    pub triangles: Range<usize>,
}

/// A surface.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mesh {
    /// Vertices.
    pub points: Points,
    /// Texture coordinates, `u` right and `v` up.
    pub uvs: Vec<[f32; 2]>,
    /// All triangles, part after part.
    pub triangles: Vec<Triangle>,
    /// The parts, in drawing order.
    pub parts: Vec<Part>,
}

impl Mesh {
    /// A mesh from triangles with their materials; a triangle without one is left out.
    pub fn new(
        points: Points,
        uvs: Vec<[f32; 2]>,
        triangles: &[(Option<Material>, Triangle)],
    ) -> Self {
        const ORDER: [Material; 7] = [
            Material::Skin,
            Material::Cavity,
            Material::Gum,
            Material::Teeth,
            Material::Eye(Side::Right),
            Material::Eye(Side::Left),
            Material::Lash,
        ];
        let mut mesh = Self { points, uvs, ..Self::default() };
        for material in ORDER {
            let start = mesh.triangles.len();
            let own = triangles.iter().filter(|(of, _)| *of == Some(material));
            mesh.triangles.extend(own.map(|(_, triangle)| *triangle));
            mesh.parts.push(Part { material, triangles: start..mesh.triangles.len() });
        }
        mesh
    }

    /// The triangles of a material.
    pub fn part(&self, material: Material) -> &[Triangle] {
        let part = self.parts.iter().find(|part| part.material == material);
        part.map_or(&[], |part| &self.triangles[part.triangles.clone()])
    }
}

/// Normals at the vertices of `triangles`, weighted by area; other vertices keep what they had.
pub fn normals(points: &Points, triangles: &[Triangle], out: &mut Points) {
    out.reset(points.len());
    for triangle in triangles {
        let corners = triangle.vertex.map(|vertex| vertex as usize);
        let [a, b, c] = corners.map(|vertex| points.get(vertex));
        let normal = (b - a).cross(c - a);
        for i in corners {
            out.x[i] += normal.x;
            out.y[i] += normal.y;
            out.z[i] += normal.z;
        }
    }
    for i in 0..out.len() {
        out.set(i, out.get(i).unit());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACING: Triangle = Triangle { vertex: [0, 1, 2], uv: [0, 1, 2] };

    #[test]
    fn a_counter_clockwise_triangle_faces_the_viewer() {
        let points = Points::from_triples(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let mut normals_of = Points::default();
        normals(&points, &[FACING], &mut normals_of);
        assert_eq!(normals_of.get(1), Vec3::new(0.0, 0.0, 1.0));
    }

    #[test]
    fn parts_gather_their_triangles_and_drop_the_rest() {
        let list = [
            (Some(Material::Lash), FACING),
            (None, FACING),
            (Some(Material::Skin), FACING),
            (Some(Material::Lash), FACING),
        ];
        let mesh = Mesh::new(Points::zeros(3), vec![[0.0; 2]; 3], &list);
        assert_eq!(mesh.triangles.len(), 3);
        assert_eq!(mesh.part(Material::Lash).len(), 2);
        assert_eq!(mesh.part(Material::Skin).len(), 1);
        assert!(mesh.part(Material::Teeth).is_empty());
    }

    #[test]
    fn scaled_points_are_added() {
        let mut points = Points::from_triples(&[1.0, 2.0, 3.0]);
        points.add_scaled(&Points::from_triples(&[2.0, 0.0, -2.0]), 0.5);
        assert_eq!(points.get(0), Vec3::new(2.0, 2.0, 2.0));
    }
}
