//! Packed heads: little-endian arrays beside a JSON manifest that gives their sizes.
//!
//! Every size comes from the manifest, is held against a limit and then against the file's own
//! length before anything is allocated.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use half::f16;

use crate::{HeadError, mesh::Triangle};

/// Most vertices, texture coordinates or triangles of a head.
const MOST_ELEMENTS: u64 = 1 << 18;
/// Most shapes of a head.
const MOST_SHAPES: u64 = 1 << 10;
/// Most bytes of any one file.
pub(crate) const MOST_BYTES: u64 = 1 << 28;

/// A folder of packed arrays.
#[derive(Debug)]
pub(crate) struct Pack {
    root: PathBuf,
}

/// The sizes every pack states.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub(crate) struct Sizes {
    #[serde(rename = "n_vertices")]
    pub(crate) vertices: u64,
    #[serde(rename = "n_uv")]
    pub(crate) uvs: u64,
    #[serde(rename = "n_triangles")]
    pub(crate) triangles: u64,
}

impl Pack {
    /// The pack in folder `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The path of one of its files.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Reads the manifest.
    pub(crate) fn manifest<T: serde::de::DeserializeOwned>(&self) -> Result<T, HeadError> {
        json(&self.path("manifest.json"))
    }

    /// Refuses sizes beyond any head's.
    pub(crate) fn check(&self, sizes: &Sizes, shapes: usize) -> Result<(), HeadError> {
        self.limit("n_vertices", sizes.vertices, MOST_ELEMENTS)?;
        self.limit("n_uv", sizes.uvs, MOST_ELEMENTS)?;
        self.limit("n_triangles", sizes.triangles, MOST_ELEMENTS)?;
        self.limit("number of shapes", shapes as u64, MOST_SHAPES)
    }

    fn limit(&self, field: &'static str, value: u64, most: u64) -> Result<(), HeadError> {
        if value <= most {
            return Ok(());
        }
        Err(HeadError::Limit { path: self.path("manifest.json"), field, value, most })
    }

    /// Reads a file of exactly `bytes` bytes.
    pub(crate) fn bytes(&self, name: &str, bytes: u64) -> Result<Vec<u8>, HeadError> {
        let path = self.path(name);
        let fault = |source| HeadError::Read { path: path.clone(), source };
        let found = std::fs::metadata(&path).map_err(fault)?.len();
        if found != bytes {
            return Err(HeadError::Length { path, found, expected: bytes });
        }
        self.limit("bytes", bytes, MOST_BYTES)?;
        std::fs::read(&path).map_err(fault)
    }

    /// Reads `count` 32-bit floats.
    pub(crate) fn floats(&self, name: &str, count: u64) -> Result<Vec<f32>, HeadError> {
        let bytes = self.bytes(name, 4 * count)?;
        Ok(words(&bytes).map(f32::from_le_bytes).collect())
    }

    /// Reads `count` 16-bit floats.
    pub(crate) fn halves(&self, name: &str, count: u64) -> Result<Vec<f32>, HeadError> {
        Ok(widen(&self.bytes(name, 2 * count)?))
    }

    /// Reads `count` 16-bit floats from a gzip file.
    pub(crate) fn halves_gz(&self, name: &str, count: u64) -> Result<Vec<f32>, HeadError> {
        let path = self.path(name);
        self.limit("bytes", 2 * count, MOST_BYTES)?;
        let fault = |source| HeadError::Read { path: path.clone(), source };
        let file = File::open(&path).map_err(fault)?;
        let mut bytes = Vec::new();
        let mut gz = flate2::read::GzDecoder::new(file).take(2 * count + 1);
        gz.read_to_end(&mut bytes).map_err(fault)?;
        if bytes.len() as u64 != 2 * count {
            let found = bytes.len() as u64;
            return Err(HeadError::Length { path, found, expected: 2 * count });
        }
        Ok(widen(&bytes))
    }

    /// Reads the triangles' vertices and texture coordinates.
    pub(crate) fn triangles(&self, sizes: &Sizes) -> Result<Vec<Triangle>, HeadError> {
        let vertices = self.corners("tri_v.u32", sizes.triangles, sizes.vertices)?;
        let uvs = self.corners("tri_uv.u32", sizes.triangles, sizes.uvs)?;
        Ok(vertices.into_iter().zip(uvs).map(|(vertex, uv)| Triangle { vertex, uv }).collect())
    }

    fn corners(&self, name: &str, triangles: u64, count: u64) -> Result<Vec<[u32; 3]>, HeadError> {
        let bytes = self.bytes(name, 12 * triangles)?;
        let indices: Vec<u32> = words(&bytes).map(u32::from_le_bytes).collect();
        for &index in &indices {
            self.index(name, "a corner", (u64::from(index), count))?;
        }
        Ok(indices.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect())
    }

    /// Refuses an index outside 0..count.
    pub(crate) fn index(
        &self,
        name: &str,
        field: &'static str,
        (value, count): (u64, u64),
    ) -> Result<(), HeadError> {
        if value < count {
            return Ok(());
        }
        Err(HeadError::Index { path: self.path(name), field, value, count })
    }

    /// Reads the texture coordinates.
    pub(crate) fn uvs(&self, sizes: &Sizes) -> Result<Vec<[f32; 2]>, HeadError> {
        let values = self.floats("uv.f32", 2 * sizes.uvs)?;
        Ok(values.chunks_exact(2).map(|c| [c[0], c[1]]).collect())
    }
}

/// Reads a JSON file of moderate size.
pub(crate) fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, HeadError> {
    let text = bounded(path)?;
    serde_json::from_slice(&text)
        .map_err(|source| HeadError::Json { path: path.to_owned(), source })
}

/// Reads a whole file, if it is not too large.
pub(crate) fn bounded(path: &Path) -> Result<Vec<u8>, HeadError> {
    let fault = |source| HeadError::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(fault)?.len();
    if size > MOST_BYTES {
        let (path, field) = (path.to_owned(), "bytes");
        return Err(HeadError::Limit { path, field, value: size, most: MOST_BYTES });
    }
    std::fs::read(path).map_err(fault)
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    bytes.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]])
}

fn widen(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_length_is_refused_before_it_is_read() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("uv.f32"), [0; 20]).unwrap();
        let error = Pack::new(root.path()).floats("uv.f32", 6).unwrap_err().to_string();
        assert!(error.ends_with("uv.f32 holds 20 bytes, the manifest wants 24: fetch it again"));
    }

    #[test]
    fn sizes_beyond_any_head_are_refused() {
        let sizes = Sizes { vertices: 1 << 40, uvs: 1, triangles: 1 };
        let error = Pack::new(Path::new("x")).check(&sizes, 1).unwrap_err().to_string();
        assert!(error.contains("n_vertices is 1099511627776, at most 262144"), "{error}");
    }

    #[test]
    fn a_corner_without_a_vertex_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let indices: Vec<u8> = [0_u32, 1, 7].iter().flat_map(|i| i.to_le_bytes()).collect();
        std::fs::write(root.path().join("tri_v.u32"), &indices).unwrap();
        let error = Pack::new(root.path()).corners("tri_v.u32", 1, 3).unwrap_err().to_string();
        assert!(error.contains("a corner holds 7, but there are only 3"), "{error}");
    }

    #[test]
    fn halves_are_widened() {
        assert_eq!(widen(&[0x00, 0x3C, 0x00, 0xC0]), [1.0, -2.0]);
    }

    #[test]
    fn a_bomb_in_a_gzip_file_is_cut_short() {
        use std::io::Write as _;
        let root = tempfile::tempdir().unwrap();
        let file = File::create(root.path().join("d.gz")).unwrap();
        let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        gz.write_all(&vec![0; 1 << 20]).unwrap();
        gz.finish().unwrap();
        let error = Pack::new(root.path()).halves_gz("d.gz", 8).unwrap_err().to_string();
        assert!(error.contains("holds 17 bytes, the manifest wants 16"), "{error}");
    }
}
