//! `MakeHuman`'s head as a [`Head`]: macro shapes of ancestry, sex and age, real skins.
//!
//! Read from a packed cut of the base mesh (`manifest.json`, arrays, `skins/`); the assets are
//! CC0 (makehumancommunity.org). Units upstream are decimetres. The mesh names no landmarks:
//! its landmarks here are vertices of the cut, chosen on the neutral mesh.

use std::path::Path;

use mien_shared::geometry::LANDMARKS;
use mien_synth::Side;

use crate::{
    HeadError,
    eye::EyePhoto,
    head::{Head, Plan},
    mesh::{Material, Mesh, Points, Triangle},
    pack::{Pack, Sizes},
    rig::Shape,
    skin::Window,
    texture::Texture,
};

mod action;
mod identity;

/// The iBUG 68 points as vertices of the cut.
const LANDMARK_VERTICES: [u32; LANDMARKS] = [
    1924, 868, 1760, 1763, 893, 1461, 916, 1814, 1818, 4022, 3155, 3682, 3132, 3974, 3971, 3110,
    4125, // jaw
    262, 224, 222, 223, 208, 2520, 2534, 2533, 2535, 2568, // brows
    132, 131, 201, 294, 286, 309, 312, 2610, 2592, // nose
    1062, 1520, 1537, 68, 1534, 1532, 2389, 3757, 3740, 3291, 3752, 3754, // eyes
    422, 1873, 460, 466, 2756, 4077, 2719, 2703, 2782, 496, 490, 406, 433, 470, 474, 2763, 2730,
    2773, 493, 481, // mouth
];
/// Centimetres in a decimetre.
const CM: f32 = 10.0;
/// The head's part of the texture plane, with room for the neck above it.
const WINDOW: Window = Window { low: [0.639, 0.147], high: [0.996, 0.997], texels: [320, 768] };
/// Texture coordinates of neck and chest: low, high, and the way they are moved.
const CHEST: [[f32; 2]; 3] = [[0.2, 0.8], [0.56, 0.98], [0.43, 0.02]];
/// Coordinates below which the inside of the eye sockets (`u`) and of the mouth (`v`) lie.
const INSIDE: [f32; 2] = [0.2, 0.14];
/// Photographed skins that share the mesh's texture layout.
const SKINS: [&str; 3] = [
    "young_lightskinned_female_diffuse2_head.jpg",
    "young_lightskinned_female_diffuse3_head.jpg",
    "middleage_lightskinned_female_diffuse2_head.jpg",
];
/// The photographed eye, its pupil's place and its iris's radius relative to the picture.
const EYE: (&str, [f32; 2], f32) = ("brown_eye.png", [0.707, 0.298], 0.115);

/// The part of the manifest that is used.
#[derive(Debug, serde::Deserialize)]
struct Manifest {
    #[serde(flatten)]
    sizes: Sizes,
    groups: Vec<String>,
    targets: Vec<String>,
}

/// Opens the packed head in `folder`.
///
/// # Errors
/// When files are missing, damaged or do not belong together; each is named with what to do.
pub fn open(folder: &Path) -> Result<Head, HeadError> {
    let pack = Pack::new(folder);
    let manifest: Manifest = pack.manifest()?;
    pack.check(&manifest.sizes, manifest.targets.len())?;
    let vertices = manifest.sizes.vertices;
    for vertex in LANDMARK_VERTICES {
        pack.index("manifest.json", "landmark", (u64::from(vertex), vertices))?;
    }
    let mesh = mesh(&pack, &manifest)?;
    let shapes = shapes(&pack, &manifest, &mesh.points)?;
    let find = |name: &str| shapes.iter().position(|shape| shape.name == name);
    let missing = |what| HeadError::Missing {
        path: pack.path("manifest.json"),
        what: format!("target `{what}`"),
        fix: "fetch the folder again",
    };
    let rig = action::rig(&shapes, &mesh.points, find).map_err(missing)?;
    let sculptor = identity::Macros::new(&shapes, find).map_err(missing)?;
    Ok(Head::new(Plan {
        name: "makehuman",
        landmarks: LANDMARK_VERTICES,
        eyes: eyes(&mesh, folder)?,
        rig,
        sculptor: Box::new(sculptor),
        window: WINDOW,
        photos: photos(&pack)?,
        eye_photo: Some(eye_photo(&pack)?),
        mesh,
    }))
}

fn mesh(pack: &Pack, manifest: &Manifest) -> Result<Mesh, HeadError> {
    const FILE: &str = "tri_group.u8";
    let sizes = &manifest.sizes;
    let mut points = Points::from_triples(&pack.floats("base.f32", 3 * sizes.vertices)?);
    points.scale(CM);
    let mut uvs = pack.uvs(sizes)?;
    let groups = pack.bytes(FILE, sizes.triangles)?;
    let triangles = pack.triangles(sizes)?;
    let count = manifest.groups.len() as u64;
    for &group in &groups {
        pack.index(FILE, "a group", (u64::from(group), count))?;
    }
    let made = |(&group, triangle): (&u8, Triangle)| {
        let group = &manifest.groups[usize::from(group)];
        (material(group, uvs[triangle.uv[0] as usize]), triangle)
    };
    let triangles: Vec<_> = groups.iter().zip(triangles).map(made).collect();
    for uv in &mut uvs {
        *uv = unfolded(*uv);
    }
    Ok(Mesh::new(points, uvs, &triangles))
}

/// What a triangle at texture coordinates `u`, `v` is made of; `None` for what is not drawn.
fn material(group: &str, [u, v]: [f32; 2]) -> Option<Material> {
    match group {
        "body" if u < INSIDE[0] || v < INSIDE[1] => Some(Material::Cavity),
        "body" => Some(Material::Skin),
        "helper-r-eye" => Some(Material::Eye(Side::Right)),
        "helper-l-eye" => Some(Material::Eye(Side::Left)),
        "helper-tongue" => Some(Material::Gum),
        "helper-lower-teeth" | "helper-upper-teeth" => Some(Material::Teeth),
        name if name.contains("eyelashes") => Some(Material::Lash),
        _ => None,
    }
}

/// Neck and chest moved beside the head, so that one window holds both.
fn unfolded([u, v]: [f32; 2]) -> [f32; 2] {
    let [low, high, by] = CHEST;
    let chest = (low[0]..high[0]).contains(&u) && (low[1]..high[1]).contains(&v);
    if chest { [u + by[0], v + by[1]] } else { [u, v] }
}

/// The vertices of the eyeballs, the right one first.
fn eyes(mesh: &Mesh, folder: &Path) -> Result<[Vec<u32>; 2], HeadError> {
    let of = |side| {
        let triangles = mesh.part(Material::Eye(side)).iter();
        triangles.flat_map(|triangle| triangle.vertex).collect::<Vec<_>>()
    };
    let eyes = [of(Side::Right), of(Side::Left)];
    if eyes.iter().any(Vec::is_empty) {
        let (path, what) = (folder.to_owned(), "triangles of the eyes".to_owned());
        return Err(HeadError::Missing { path, what, fix: "fetch the folder again" });
    }
    Ok(eyes)
}

/// Every target but those of infants, whose displacements are too long for their precision.
fn shapes(pack: &Pack, manifest: &Manifest, points: &Points) -> Result<Vec<Shape>, HeadError> {
    let targets = manifest.targets.len() as u64;
    let one = 3 * points.len();
    let deltas = pack.halves_gz("target_delta.f16.gz", targets * one as u64)?;
    let kept = manifest.targets.iter().zip(deltas.chunks_exact(one.max(1)));
    let kept = kept.filter(|(name, _)| !name.ends_with("-baby"));
    Ok(kept
        .map(|(name, delta)| {
            let mut delta = Points::from_triples(delta);
            delta.scale(CM);
            Shape::new(name, &delta)
        })
        .collect())
}

fn photos(pack: &Pack) -> Result<Vec<Texture>, HeadError> {
    let photo = |name: &&str| {
        let mut photo = Texture::open(&pack.path("skins").join(name))?.halved();
        photo.copy_region(CHEST);
        Ok(photo)
    };
    SKINS.iter().map(photo).collect()
}

fn eye_photo(pack: &Pack) -> Result<EyePhoto, HeadError> {
    let (name, pupil, iris) = EYE;
    let texture = Texture::open(&pack.path("skins").join(name))?.halved().halved();
    Ok(EyePhoto { texture, pupil, iris })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use mien_shared::geometry::LANDMARK_MIRROR;
    use mien_synth::{Identity, Vec3};

    use super::*;

    /// The middle between the eyes of the base mesh.
    const BASE_EYES: Vec3 = Vec3::new(0.0, 72.84, 12.45);

    #[test]
    fn a_folder_without_a_manifest_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = open(root.path()).unwrap_err().to_string();
        assert!(error.contains("manifest.json: check that it is there"), "{error}");
    }

    #[test]
    fn a_mesh_too_small_for_the_landmarks_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let manifest =
            r#"{"n_vertices":9,"n_uv":9,"n_triangles":3,"groups":["body"],"targets":[]}"#;
        std::fs::write(root.path().join("manifest.json"), manifest).unwrap();
        let error = open(root.path()).unwrap_err().to_string();
        assert!(error.contains("landmark holds 1924, but there are only 9"), "{error}");
    }

    #[test]
    fn the_neck_is_moved_into_the_window_and_the_face_stays() {
        assert_eq!(unfolded([0.85, 0.5]), [0.85, 0.5]);
        let [u, v] = unfolded([0.3, 0.9]);
        assert!((u - 0.73).abs() < 1e-6 && (v - 0.92).abs() < 1e-6);
        let inside = WINDOW.inside([u, v]);
        assert!(inside.iter().all(|x| (0.0..1.0).contains(x)), "{inside:?}");
    }

    #[test]
    fn the_real_head_has_its_described_numbers_and_symmetric_landmarks() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds makehuman_head");
            return;
        };
        let head = open(&Path::new(&data).join("makehuman_head")).unwrap();
        assert_eq!(head.mesh.points.len(), 5276);
        let marks = head.marks(&head.mesh.points);
        for (mark, partner) in marks.iter().zip(LANDMARK_MIRROR.map(|i| marks[i])) {
            assert!((mark.x + partner.x).abs() < 0.05 && (mark.y - partner.y).abs() < 0.05);
        }
        let base = BASE_EYES + (marks[30] - Vec3::new(0.0, 0.0, 8.2));
        assert!((base.y - 69.69).abs() < 0.2, "{base:?}");
        let subject = head.subject(&Identity::from_seed(1));
        assert!((subject.eye(Side::Left).radius - 1.4).abs() < 0.25);
    }
}
