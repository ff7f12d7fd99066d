//! A head ready to be anyone: mesh, rig, skin atlas and the way identities shape it.
//!
//! Sources ([`crate::ict`], [`crate::makehuman`]) hand over what they know; it is brought
//! into head coordinates (cm, the middle between the eyes at y = 0 and 8.2 before the
//! ears' axis), and what every picture needs is found once: ambient occlusion, which vertices each
//! part uses, and what every texel of the skin lies on.

use std::fmt;

use mien_shared::geometry::LANDMARKS;
use mien_synth::{Identity, Side, Vec3};

use crate::{
    HeadError,
    eye::{EyePhoto, Eyeball},
    guide::Guide,
    mesh::{Material, Mesh, Points, normals},
    occlusion,
    rig::Rig,
    shell::Shell,
    skin::{Atlas, Window},
    texture::Texture,
};

/// Depth of the eyeballs' middle, cm: the ears' axis is then near z = 0.
const EYE_DEPTH: f32 = 8.2;

/// How an identity shapes a head.
pub(crate) trait Sculptor: fmt::Debug + Send + Sync {
    /// Moves `points`, the template's, to the identity's neutral face, and says what share each
    /// kin has in it (see [`crate::rig::Move`]).
    fn sculpt(&self, identity: &Identity, points: &mut Points) -> [f32; 3];
}

/// What a source knows of its head.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    /// Centimetres.
    pub(crate) mesh: Mesh,
    pub(crate) landmarks: [u32; LANDMARKS],
    /// Vertices of the eyeballs, the right one first.
    pub(crate) eyes: [Vec<u32>; 2],
    pub(crate) rig: Rig,
    pub(crate) sculptor: Box<dyn Sculptor>,
    pub(crate) window: Window,
    /// Photographed skins in the mesh's own texture coordinates.
    pub(crate) photos: Vec<Texture>,
    pub(crate) eye_photo: Option<EyePhoto>,
}

/// A head that can take on any identity.
#[derive(Debug)]
pub struct Head {
    pub(crate) name: &'static str,
    pub(crate) mesh: Mesh,
    pub(crate) landmarks: [u32; LANDMARKS],
    pub(crate) rig: Rig,
    pub(crate) open: Vec<f32>,
    pub(crate) used: Vec<Vec<u32>>,
    pub(crate) eye_photo: Option<EyePhoto>,
    eyes: [Vec<u32>; 2],
    sculptor: Box<dyn Sculptor>,
    atlas: Atlas,
}

/// One person on a head.
#[derive(Debug, Clone)]
pub struct Subject {
    pub(crate) identity: Identity,
    pub(crate) points: Points,
    pub(crate) kins: [f32; 3],
    pub(crate) skin: Texture,
    pub(crate) eyes: [Eyeball; 2],
    pub(crate) shell: Shell,
    pub(crate) rest: [Vec3; LANDMARKS],
}

impl Head {
    /// Makes a head of what its source knows.
    pub(crate) fn new(plan: Plan) -> Self {
        let Plan { name, mut mesh, landmarks, eyes, rig, sculptor, window, photos, eye_photo } =
            plan;
        align(&mut mesh.points, &eyes);
        for uv in &mut mesh.uvs {
            *uv = window.inside(*uv);
        }
        let guide = Guide::new(&landmarks.map(|v| mesh.points.get(v as usize)));
        let skin = mesh.part(Material::Skin);
        let mut atlas = Atlas::new(&mesh, skin, &guide, &window);
        for photo in &photos {
            atlas.add_photo(photo, &window);
        }
        let mut normals_of = Points::default();
        normals(&mesh.points, &mesh.triangles, &mut normals_of);
        let open = occlusion::ambient(&mesh.points, &normals_of, skin);
        let used = used(&mesh);
        Self { name, mesh, landmarks, rig, open, used, eye_photo, eyes, sculptor, atlas }
    }

    /// The head's name: `ict` or `makehuman`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The person that `identity` describes.
    pub fn subject(&self, identity: &Identity) -> Subject {
        let mut points = self.mesh.points.clone();
        let kins = self.sculptor.sculpt(identity, &mut points);
        let eyes = align(&mut points, &self.eyes);
        let mut skin = Texture::default();
        self.atlas.paint(identity, &mut skin);
        let shell = Shell::new(&points, self.used.first().map_or(&[], Vec::as_slice));
        let rest = self.marks(&points);
        Subject { identity: *identity, points, kins, skin, eyes, shell, rest }
    }

    /// The landmarks of moved `points`.
    pub(crate) fn marks(&self, points: &Points) -> [Vec3; LANDMARKS] {
        self.landmarks.map(|v| points.get(v as usize))
    }

    /// The names of the blend shapes, in the order of their weights.
    pub fn shapes(&self) -> impl Iterator<Item = &str> {
        self.rig.shapes.iter().map(|shape| shape.name.as_str())
    }

    /// Shape weights from named coefficients, 0..=1 each.
    ///
    /// A name is a shape of [`Head::shapes`] or one of the 52 of `ARKit`: `mouthSmileLeft` is
    /// `mouthSmile_L`, and `browInnerUp` and `cheekPuff` act on both sides; `tongueOut`, which no
    /// head has, is passed over.
    ///
    /// # Errors
    /// [`HeadError::Shape`] for any other name.
    pub fn weights<'a>(
        &self,
        coefficients: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<Vec<f32>, HeadError> {
        let mut weights = vec![0.0; self.rig.shapes.len()];
        for (name, value) in coefficients {
            let found = self.named(name);
            if found.is_empty() && name != "tongueOut" {
                let known = self.shapes().collect::<Vec<_>>().join(", ");
                return Err(HeadError::Shape { head: self.name, name: name.to_owned(), known });
            }
            for shape in found {
                weights[shape] = value.clamp(0.0, 1.0);
            }
        }
        Ok(weights)
    }

    fn named(&self, name: &str) -> Vec<usize> {
        let sided = match name.strip_suffix("Left") {
            Some(stem) => format!("{stem}_L"),
            None => name.strip_suffix("Right").map_or(name.to_owned(), |stem| format!("{stem}_R")),
        };
        let both = [format!("{name}_L"), format!("{name}_R")];
        let exact = self.rig.find(name).or_else(|| self.rig.find(&sided));
        exact.map_or_else(
            || both.iter().filter_map(|name| self.rig.find(name)).collect(),
            |shape| vec![shape],
        )
    }
}

impl Subject {
    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The eyeball on one side.
    pub(crate) fn eye(&self, side: Side) -> Eyeball {
        self.eyes[usize::from(side == Side::Left)]
    }
}

/// Moves the middle between the eyes to its place; gives the eyeballs as they then lie.
fn align(points: &mut Points, eyes: &[Vec<u32>; 2]) -> [Eyeball; 2] {
    let find = |points: &Points| eyes.each_ref().map(|eye| Eyeball::around(points, eye));
    let [right, left] = find(points);
    let middle = (right.centre + left.centre) * 0.5;
    points.translate(Vec3::new(0.0, 0.0, EYE_DEPTH) - middle);
    find(points)
}

/// The vertices that each part uses, in rising order.
fn used(mesh: &Mesh) -> Vec<Vec<u32>> {
    let of = |triangles: &[crate::mesh::Triangle]| {
        let mut vertices: Vec<u32> = triangles.iter().flat_map(|t| t.vertex).collect();
        vertices.sort_unstable();
        vertices.dedup();
        vertices
    };
    mesh.parts.iter().map(|part| of(&mesh.triangles[part.triangles.clone()])).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_eyes_lie_where_every_head_has_them() {
        let head = fixture::head();
        let subject = head.subject(&Identity::from_seed(4));
        let (right, left) = (subject.eye(Side::Right), subject.eye(Side::Left));
        assert!((right.centre.x + left.centre.x).abs() < 1e-4);
        assert!(left.centre.x > 2.0 && left.centre.y.abs() < 1e-4);
        assert!((left.centre.z - EYE_DEPTH).abs() < 1e-4);
    }

    #[test]
    fn an_identity_is_one_face_and_another_identity_another() {
        let head = fixture::head();
        let [a, b, c] = [4, 4, 5].map(|seed| head.subject(&Identity::from_seed(seed)).points);
        assert_eq!(a, b);
        assert_ne!(a, c);
    }

    #[test]
    fn coefficients_go_by_arkit_names_and_by_the_heads_own() {
        let head = fixture::head();
        let find = |name: &str| head.rig.find(name).unwrap();
        let weights = head.weights([("mouthSmileLeft", 0.5), ("browInnerUp", 2.0)]).unwrap();
        assert_eq!(weights[find("mouthSmile_L")], 0.5);
        assert_eq!(weights[find("browInnerUp_R")], 1.0);
        assert_eq!(head.weights([("jawOpen", 0.25)]).unwrap()[find("jawOpen")], 0.25);
        assert!(head.weights([("tongueOut", 1.0)]).is_ok());
        let error = head.weights([("smirk", 1.0)]).unwrap_err().to_string();
        assert!(error.starts_with("the ict head has no shape `smirk`: use one of "), "{error}");
    }
}
