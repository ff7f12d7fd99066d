//! The part of Wavefront OBJ that head models use: `v`, `vt`, `f` and `usemtl`.
//!
//! Vertices keep the file's order, which blend shapes rely on; polygons are cut into fans.

use std::path::Path;

use crate::{
    HeadError,
    mesh::{Points, Triangle},
    pack,
};

/// Most corners of a polygon.
const MOST_CORNERS: usize = 64;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Obj {
    pub(crate) points: Points,
    pub(crate) uvs: Vec<[f32; 2]>,
    /// Triangles with the index of their material in `materials`.
    pub(crate) triangles: Vec<(usize, Triangle)>,
    pub(crate) materials: Vec<String>,
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Obj, HeadError> {
    let mut obj = Obj { materials: vec![String::new()], ..Obj::default() };
    let mut material = 0;
    lines(path, |words, fault| {
        match words.first().copied() {
            Some("v") => {
                obj.points
                    .push(vector(words).ok_or_else(|| fault("a vertex needs three numbers"))?);
            }
            Some("vt") => {
                let [u, v] =
                    numbers(words).ok_or_else(|| fault("a texture vertex needs two numbers"))?;
                obj.uvs.push([u, v]);
            }
            Some("usemtl") => material = obj.material(words.get(1).copied().unwrap_or_default()),
            Some("f") => obj.polygon(&words[1..], material).map_err(fault)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(obj)
}

/// Reads the vertices only.
pub(crate) fn read_points(path: &Path) -> Result<Points, HeadError> {
    let mut points = Points::default();
    lines(path, |words, fault| {
        if words.first() == Some(&"v") {
            points.push(vector(words).ok_or_else(|| fault("a vertex needs three numbers"))?);
        }
        Ok(())
    })?;
    Ok(points)
}

impl Obj {
    fn material(&mut self, name: &str) -> usize {
        self.materials.iter().position(|known| known == name).unwrap_or_else(|| {
            self.materials.push(name.to_owned());
            self.materials.len() - 1
        })
    }

    fn polygon(&mut self, corners: &[&str], material: usize) -> Result<(), &'static str> {
        if !(3..=MOST_CORNERS).contains(&corners.len()) {
            return Err("a face needs 3 to 64 corners");
        }
        let corners: Vec<[u32; 2]> =
            corners.iter().map(|corner| self.corner(corner)).collect::<Result<_, _>>()?;
        for pair in corners[1..].windows(2) {
            let fan = [corners[0], pair[0], pair[1]];
            let triangle = Triangle { vertex: fan.map(|c| c[0]), uv: fan.map(|c| c[1]) };
            self.triangles.push((material, triangle));
        }
        Ok(())
    }

    /// Vertex and texture vertex of `v/vt` or `v/vt/vn`, from 0.
    fn corner(&self, text: &str) -> Result<[u32; 2], &'static str> {
        let mut parts = text.split('/');
        let mut next = |count: usize| {
            let number: usize = parts.next()?.parse().ok()?;
            let index = number.checked_sub(1).filter(|&i| i < count)?;
            u32::try_from(index).ok()
        };
        let vertex = next(self.points.len());
        let uv = next(self.uvs.len());
        match (vertex, uv) {
            (Some(vertex), Some(uv)) => Ok([vertex, uv]),
            _ => Err("a corner must name a vertex and a texture vertex given above it"),
        }
    }
}

/// Hands every line's words and a maker of complaints to `take`.
fn lines(
    path: &Path,
    mut take: impl FnMut(&[&str], &dyn Fn(&'static str) -> HeadError) -> Result<(), HeadError>,
) -> Result<(), HeadError> {
    let bytes = pack::bounded(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut words = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        words.clear();
        words.extend(content.split_whitespace());
        let fault = |what| HeadError::Obj { path: path.to_owned(), line, what };
        take(&words, &fault)?;
    }
    Ok(())
}

fn vector(words: &[&str]) -> Option<mien_synth::Vec3> {
    numbers(words).map(|[x, y, z]| mien_synth::Vec3::new(x, y, z))
}

/// The finite numbers after the first word.
fn numbers<const N: usize>(words: &[&str]) -> Option<[f32; N]> {
    let mut found = [0.0; N];
    for (number, word) in found.iter_mut().zip(1..) {
        *number = words.get(word)?.parse().ok().filter(|n: &f32| n.is_finite())?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Obj, String> {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.obj");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    const QUAD: &str = "# four\nv 0 0 0\nv 1 0 0\nv 1 1 0.5\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\n\
                        usemtl M_Face\nf 1/1/1 2/2/1 3/3/1 4/1/1\n";

    #[test]
    fn a_quad_becomes_two_triangles_of_its_material() {
        let obj = parsed(QUAD).unwrap();
        assert_eq!((obj.points.len(), obj.uvs.len()), (4, 3));
        let [(a, first), (b, second)] = obj.triangles[..] else { panic!() };
        assert_eq!((obj.materials[a].as_str(), a), ("M_Face", b));
        assert_eq!(first, Triangle { vertex: [0, 1, 2], uv: [0, 1, 2] });
        assert_eq!(second, Triangle { vertex: [0, 2, 3], uv: [0, 2, 0] });
    }

    #[test]
    fn each_broken_line_is_named() {
        for (damage, complaint) in [
            (("v 1 0 0", "v 1 zero 0"), "line 3: a vertex needs three numbers"),
            (("v 1 0 0", "v 1 nan 0"), "line 3: a vertex needs three numbers"),
            (("vt 1 0", "vt 1"), "line 7: a texture vertex needs two numbers"),
            (("4/1/1", "5/1/1"), "line 10: a corner must name a vertex"),
            (("4/1/1", "0/1/1"), "line 10: a corner must name a vertex"),
            (("4/1/1", "4"), "line 10: a corner must name a vertex"),
            (("f 1/1/1 2/2/1 3/3/1 4/1/1", "f 1/1 2/2"), "line 10: a face needs 3 to 64 corners"),
        ] {
            let error = parsed(&QUAD.replace(damage.0, damage.1)).unwrap_err();
            assert!(error.contains(complaint), "{error}");
        }
    }
}
