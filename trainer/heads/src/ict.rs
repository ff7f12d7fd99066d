//! ICT-FaceKit Light as a [`Head`]: 100 modes of identity, 53 and more `ARKit`-like shapes.
//!
//! Li et al., "Learning Formation of Physically-Based Face Attributes" (CVPR 2020); the model and
//! the tables of its README are MIT-licensed (github.com/ICT-VGL/ICT-FaceKit). Read either from a
//! packed folder (`manifest.json` and arrays) or from a clone of the repository as it is. The
//! light model has no albedo: skin is painted by place on the face. Its iris meshes lie behind the
//! scleras', so that the scleras are painted by angle to the gaze instead; the transparent eye
//! meshes and the eye sockets are left out.

use std::path::Path;

use mien_shared::geometry::LANDMARKS;
use mien_synth::{Identity, Side};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use crate::{
    HeadError,
    head::{Head, Plan, Sculptor},
    mesh::{Material, Mesh, Points, Triangle},
    rig::{Rig, Shape},
    skin::{Window, texels},
};

mod action;
mod clone;
mod pack;

/// Scale of the drawn modes, which have deviation 1 in the population.
const SPREAD: f32 = 0.85;
/// Furthest any mode is from the mean.
const FURTHEST: f32 = 2.2;
/// Vertices of the model.
const VERTICES: usize = 26_719;
/// Vertices that line the mouth, within the material of the back of the head.
const MOUTH_SOCKET: std::ops::Range<u32> = 11_248..13_294;
/// Vertices that line the eye sockets, within the same.
const EYE_SOCKETS: std::ops::Range<u32> = 13_294..14_062;

/// Opens the head in `folder`: a packed folder, or a clone (its root or its `FaceXModel`).
///
/// # Errors
/// When files are missing, damaged or do not belong together; each is named with what to do.
pub fn open(folder: &Path) -> Result<Head, HeadError> {
    let source = if folder.join("manifest.json").is_file() {
        pack::read(folder)?
    } else {
        clone::read(folder)?
    };
    source.head()
}

/// What either form of the model holds, in centimetres.
#[derive(Debug)]
struct Source {
    neutral: Points,
    uvs: Vec<[f32; 2]>,
    triangles: Vec<(String, Triangle)>,
    modes: Vec<Points>,
    shapes: Vec<(String, Points)>,
    landmarks: [u32; LANDMARKS],
    /// Where a complaint about the whole points to.
    path: std::path::PathBuf,
}

impl Source {
    fn head(mut self) -> Result<Head, HeadError> {
        let eyes = [Side::Right, Side::Left].map(|side| self.vertices(sclera(side)));
        if let Some(side) = eyes.iter().position(Vec::is_empty) {
            let what = format!("triangles of {}", [sclera(Side::Right), sclera(Side::Left)][side]);
            return Err(HeadError::Missing { path: self.path, what, fix: "fetch it again" });
        }
        for (_, delta) in &mut self.shapes {
            for &vertex in eyes.iter().flatten() {
                delta.set(vertex as usize, mien_synth::Vec3::new(0.0, 0.0, 0.0));
            }
        }
        let rig = self.rig()?;
        let whole = self.neutral.len() == VERTICES;
        let triangles = self.triangles.iter().map(|(name, t)| (material(name, t, whole), *t));
        let mesh = Mesh::new(self.neutral, self.uvs, &triangles.collect::<Vec<_>>());
        let side = texels(29.0);
        Ok(Head::new(Plan {
            name: "ict",
            mesh,
            landmarks: self.landmarks,
            eyes,
            rig,
            sculptor: Box::new(Modes(self.modes)),
            window: Window { low: [0.0, 0.0], high: [2.0, 1.0], texels: [2 * side, side] },
            photos: Vec::new(),
            eye_photo: None,
        }))
    }

    fn rig(&self) -> Result<Rig, HeadError> {
        let shapes = self.shapes.iter().map(|(name, delta)| Shape::new(name, delta)).collect();
        let mut rig = Rig { shapes, moves: Vec::new() };
        rig.moves = action::moves(&rig).map_err(|name| HeadError::Missing {
            path: self.path.clone(),
            what: format!("shape `{name}`"),
            fix: "fetch the model again",
        })?;
        Ok(rig)
    }

    /// The vertices of a material.
    fn vertices(&self, name: &str) -> Vec<u32> {
        let own = self.triangles.iter().filter(|(material, _)| material == name);
        let mut vertices: Vec<u32> = own.flat_map(|(_, triangle)| triangle.vertex).collect();
        vertices.sort_unstable();
        vertices.dedup();
        vertices
    }
}

fn sclera(side: Side) -> &'static str {
    match side {
        Side::Right => "M_ScleraRight",
        Side::Left => "M_ScleraLeft",
    }
}

/// What a triangle is made of; `None` for what is not drawn. Vertex numbers tell only in the
/// `whole` model.
fn material(name: &str, triangle: &Triangle, whole: bool) -> Option<Material> {
    let vertex = if whole { triangle.vertex[0] } else { 0 };
    match name {
        "M_BackHead" if MOUTH_SOCKET.contains(&vertex) => Some(Material::Cavity),
        "M_BackHead" if EYE_SOCKETS.contains(&vertex) => None,
        "M_Face" | "M_BackHead" => Some(Material::Skin),
        "M_GumsTongue" => Some(Material::Gum),
        "M_Teeth" => Some(Material::Teeth),
        "M_EyeLashes" => Some(Material::Lash),
        "M_ScleraRight" => Some(Material::Eye(Side::Right)),
        "M_ScleraLeft" => Some(Material::Eye(Side::Left)),
        _ => None,
    }
}

/// The model's principal components.
#[derive(Debug)]
struct Modes(Vec<Points>);

impl Sculptor for Modes {
    fn sculpt(&self, identity: &Identity, points: &mut Points) -> [f32; 3] {
        let mut rng = Pcg64::seed_from_u64(identity.seed ^ 0x4943_5446_4143_4531);
        for mode in &self.0 {
            let weight = SPREAD * normal(&mut rng);
            points.add_scaled(mode, weight.clamp(-FURTHEST, FURTHEST));
        }
        [0.0; 3]
    }
}

/// A number of the standard normal distribution (Box & Muller, 1958).
pub(crate) fn normal(rng: &mut Pcg64) -> f32 {
    let (radius, angle): (f32, f32) = (1.0 - rng.random::<f32>(), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f32::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_clone_and_a_pack_of_one_model_are_one_head() {
        let root = tempfile::tempdir().unwrap();
        fixture::Model::new().write_pack(&root.path().join("pack"));
        fixture::Model::new().write_clone(&root.path().join("clone"));
        let pack = open(&root.path().join("pack")).unwrap();
        let clone = open(&root.path().join("clone")).unwrap();
        assert_eq!(pack.landmarks, clone.landmarks);
        assert_eq!(pack.mesh.triangles, clone.mesh.triangles);
        let identity = Identity::from_seed(9);
        let (a, b) = (pack.subject(&identity).points, clone.subject(&identity).points);
        for (p, q) in a.iter().zip(b.iter()) {
            assert!((p - q).dot(p - q).sqrt() < 0.02, "{p:?} {q:?}");
        }
        let mut names: [Vec<&str>; 2] = [pack.shapes().collect(), clone.shapes().collect()];
        for names in &mut names {
            names.sort_unstable();
        }
        assert_eq!(names[0], names[1]);
    }

    #[test]
    fn the_clone_may_be_named_by_its_root() {
        let root = tempfile::tempdir().unwrap();
        fixture::Model::new().write_clone(&root.path().join("FaceXModel"));
        assert_eq!(open(root.path()).unwrap().name(), "ict");
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut rng = Pcg64::seed_from_u64(1);
        let drawn: Vec<f32> = (0..4000).map(|_| normal(&mut rng)).collect();
        let mean = drawn.iter().sum::<f32>() / 4000.0;
        let square = drawn.iter().map(|x| x * x).sum::<f32>() / 4000.0;
        assert!(mean.abs() < 0.06 && (square - 1.0).abs() < 0.1, "{mean} {square}");
    }

    #[test]
    fn the_real_model_has_its_described_numbers() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds ict_facekit");
            return;
        };
        let head = open(&Path::new(&data).join("ict_facekit")).unwrap();
        assert_eq!(head.mesh.points.len(), VERTICES);
        assert_eq!(head.shapes().count(), 57);
        let subject = head.subject(&Identity::from_seed(1));
        let (right, left) = (subject.eye(Side::Right), subject.eye(Side::Left));
        assert!((left.centre.x - right.centre.x - 6.2).abs() < 0.8, "{left:?} {right:?}");
        assert!((left.radius - 1.5).abs() < 0.2, "{left:?}");
    }
}
