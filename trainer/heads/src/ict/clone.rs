//! The model as its repository has it: `FaceXModel/*.obj`, one whole mesh a file.
//!
//! `generic_neutral_mesh.obj` is the mean face, `identity000.obj` to `identity099.obj` the mean
//! plus one mode each, every other `.obj` the mean with one shape at full weight;
//! `vertex_indices.json` lists the vertices of the 68 landmarks.

use std::path::{Path, PathBuf};

use mien_shared::geometry::LANDMARKS;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::Source;
use crate::{HeadError, mesh::Points, obj, pack};

const NEUTRAL: &str = "generic_neutral_mesh";
const INDICES: &str = "vertex_indices.json";
const FIX: &str = "name a packed folder or a clone of github.com/ICT-VGL/ICT-FaceKit";

/// The part of the index file that is used.
#[derive(Debug, serde::Deserialize)]
struct Indices {
    idx_to_landmark_verts: Vec<u64>,
}

/// Reads the clone at `folder` or the `FaceXModel` folder itself.
pub(super) fn read(folder: &Path) -> Result<Source, HeadError> {
    let inner = folder.join("FaceXModel");
    let root = if inner.is_dir() { inner } else { folder.to_owned() };
    let neutral = root.join(format!("{NEUTRAL}.obj"));
    if !neutral.is_file() {
        let what = format!("{NEUTRAL}.obj");
        return Err(HeadError::Missing { path: root, what, fix: FIX });
    }
    let mesh = obj::read(&neutral)?;
    let (modes, shapes): (Vec<_>, Vec<_>) =
        meshes(&root)?.into_iter().partition(|(name, _)| name.starts_with("identity"));
    let modes = deltas(&modes, &mesh.points)?;
    let triangles = mesh.triangles.into_iter();
    Ok(Source {
        landmarks: landmarks(&root.join(INDICES), mesh.points.len())?,
        modes: modes.into_iter().map(|(_, delta)| delta).collect(),
        shapes: deltas(&shapes, &mesh.points)?,
        triangles: triangles.map(|(m, t)| (mesh.materials[m].clone(), t)).collect(),
        uvs: mesh.uvs,
        neutral: mesh.points,
        path: root,
    })
}

/// Name and path of every mesh but the neutral one, by name.
fn meshes(root: &Path) -> Result<Vec<(String, PathBuf)>, HeadError> {
    let fault = |source| HeadError::Read { path: root.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let is_mesh = path.extension().is_some_and(|extension| extension == "obj");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if is_mesh && name != NEUTRAL {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

/// What each mesh adds to the neutral one.
fn deltas(
    meshes: &[(String, PathBuf)],
    neutral: &Points,
) -> Result<Vec<(String, Points)>, HeadError> {
    let read = |(name, path): &(String, PathBuf)| {
        let mut points = obj::read_points(path)?;
        if points.len() != neutral.len() {
            let what = format!("{} vertices like the neutral mesh", neutral.len());
            return Err(HeadError::Missing { path: path.clone(), what, fix: "fetch it again" });
        }
        points.add_scaled(neutral, -1.0);
        Ok((name.clone(), points))
    };
    meshes.par_iter().map(read).collect()
}

fn landmarks(path: &Path, vertices: usize) -> Result<[u32; LANDMARKS], HeadError> {
    const FIELD: &str = "idx_to_landmark_verts";
    let indices: Indices = pack::json(path)?;
    let missing = |_given: Vec<u64>| HeadError::Missing {
        path: path.to_owned(),
        what: format!("list of 68 vertices in {FIELD}"),
        fix: "fetch it again",
    };
    let given: [u64; LANDMARKS] = indices.idx_to_landmark_verts.try_into().map_err(missing)?;
    let count = vertices as u64;
    let mut found = [0; LANDMARKS];
    for (found, value) in found.iter_mut().zip(given) {
        if value >= count {
            return Err(HeadError::Index { path: path.to_owned(), field: FIELD, value, count });
        }
        *found = u32::try_from(value).unwrap_or(0);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Model;

    #[test]
    fn a_folder_without_the_model_is_told_what_to_name() {
        let root = tempfile::tempdir().unwrap();
        let error = read(root.path()).unwrap_err().to_string();
        assert!(error.contains("has no generic_neutral_mesh.obj: name a packed folder"), "{error}");
    }

    #[test]
    fn a_shape_of_another_mesh_is_refused() {
        let root = tempfile::tempdir().unwrap();
        Model::new().write_clone(root.path());
        std::fs::write(root.path().join("jawOpen.obj"), "v 0 0 0\n").unwrap();
        let error = read(root.path()).unwrap_err().to_string();
        assert!(error.contains("jawOpen.obj has no"), "{error}");
    }

    #[test]
    fn a_missing_shape_is_named() {
        let root = tempfile::tempdir().unwrap();
        Model::new().write_clone(root.path());
        std::fs::remove_file(root.path().join("browDown_L.obj")).unwrap();
        let error = read(root.path()).unwrap().head().unwrap_err().to_string();
        assert!(error.contains("has no shape `browDown_L`"), "{error}");
    }
}
