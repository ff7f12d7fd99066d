//! The model as arrays: `neutral.f32`, `identity_delta.f16`, `expression_delta.f16`, `uv.f32`,
//! `tri_v.u32`, `tri_uv.u32`, `tri_mat.u8` and their `manifest.json`.

use std::path::Path;

use mien_shared::geometry::LANDMARKS;

use super::Source;
use crate::{
    HeadError,
    mesh::{Points, Triangle},
    pack::{Pack, Sizes},
};

/// The part of the manifest that is used.
#[derive(Debug, serde::Deserialize)]
struct Manifest {
    #[serde(flatten)]
    sizes: Sizes,
    identity_modes: u64,
    expressions: Vec<String>,
    materials: Vec<String>,
    landmarks_68_vertex: Vec<u64>,
}

/// Reads the folder.
pub(super) fn read(folder: &Path) -> Result<Source, HeadError> {
    let pack = Pack::new(folder);
    let manifest: Manifest = pack.manifest()?;
    let sizes = &manifest.sizes;
    let modes = usize::try_from(manifest.identity_modes).unwrap_or(usize::MAX);
    pack.check(sizes, modes.saturating_add(manifest.expressions.len()))?;
    let vertices = sizes.vertices;
    let expressions = manifest.expressions.len() as u64;
    let modes = pack.halves("identity_delta.f16", 3 * vertices * manifest.identity_modes)?;
    let deltas = pack.halves("expression_delta.f16", 3 * vertices * expressions)?;
    let one = usize::try_from(3 * vertices).unwrap_or(usize::MAX).max(1);
    let shapes = manifest.expressions.iter().cloned();
    Ok(Source {
        neutral: Points::from_triples(&pack.floats("neutral.f32", 3 * vertices)?),
        uvs: pack.uvs(sizes)?,
        triangles: triangles(&pack, &manifest)?,
        modes: modes.chunks_exact(one).map(Points::from_triples).collect(),
        shapes: shapes.zip(deltas.chunks_exact(one).map(Points::from_triples)).collect(),
        landmarks: landmarks(&pack, &manifest)?,
        path: pack.path("manifest.json"),
    })
}

fn triangles(pack: &Pack, manifest: &Manifest) -> Result<Vec<(String, Triangle)>, HeadError> {
    const FILE: &str = "tri_mat.u8";
    let materials = pack.bytes(FILE, manifest.sizes.triangles)?;
    let count = manifest.materials.len() as u64;
    let name = |material: u8| {
        pack.index(FILE, "a material", (u64::from(material), count))?;
        Ok(manifest.materials[usize::from(material)].clone())
    };
    let triangles = pack.triangles(&manifest.sizes)?;
    materials.into_iter().zip(triangles).map(|(m, triangle)| Ok((name(m)?, triangle))).collect()
}

fn landmarks(pack: &Pack, manifest: &Manifest) -> Result<[u32; LANDMARKS], HeadError> {
    const FIELD: &str = "landmarks_68_vertex";
    let missing = |_given: Vec<u64>| HeadError::Missing {
        path: pack.path("manifest.json"),
        what: format!("list of 68 vertices in {FIELD}"),
        fix: "fetch it again",
    };
    let given: [u64; LANDMARKS] =
        manifest.landmarks_68_vertex.clone().try_into().map_err(missing)?;
    let mut found = [0; LANDMARKS];
    for (found, vertex) in found.iter_mut().zip(given) {
        pack.index("manifest.json", FIELD, (vertex, manifest.sizes.vertices))?;
        *found = u32::try_from(vertex).unwrap_or(0);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Model;

    /// The complaint about a pack after `damage` to one of its files.
    fn complaint(file: &str, damage: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
        let root = tempfile::tempdir().unwrap();
        Model::new().write_pack(root.path());
        let path = root.path().join(file);
        std::fs::write(&path, damage(std::fs::read(&path).unwrap())).unwrap();
        read(root.path()).unwrap_err().to_string()
    }

    fn in_manifest(from: &str, to: &str) -> String {
        complaint("manifest.json", |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from));
            text.replacen(from, to, 1).into_bytes()
        })
    }

    #[test]
    fn a_whole_pack_is_read() {
        let root = tempfile::tempdir().unwrap();
        Model::new().write_pack(root.path());
        let source = read(root.path()).unwrap();
        assert_eq!(source.modes.len(), 3);
        assert!(source.shapes.iter().any(|(name, _)| name == "jawOpen"));
    }

    #[test]
    fn each_damage_is_named() {
        let short = complaint("identity_delta.f16", |mut bytes| {
            bytes.pop();
            bytes
        });
        assert!(short.contains("identity_delta.f16 holds"), "{short}");
        let wild = complaint("tri_mat.u8", |mut bytes| {
            bytes[0] = 200;
            bytes
        });
        assert!(wild.contains("tri_mat.u8: a material holds 200, but there are only"), "{wild}");
        let huge = in_manifest("\"identity_modes\":3", "\"identity_modes\":4000000000");
        assert!(huge.contains("number of shapes is"), "{huge}");
        let gone = in_manifest("\"materials\"", "\"material\"");
        assert!(gone.contains("manifest.json does not hold the fields expected"), "{gone}");
    }
}
