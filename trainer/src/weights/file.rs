//! A safetensors file as bytes, and its tensors by name.
//!
//! ```text
//! 0   8  length n of the header, little-endian
//! 8   n  JSON: { "name": { "dtype", "shape", "data_offsets": [from, to] }, … }
//! 8+n    the tensors, little-endian, last axis fastest, without gaps
//! ```

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use burn::tensor::TensorData;
use mien_shared::store;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{WeightsError, refused};

/// Largest file; the largest trunk's has 554 MB.
const MAX_BYTES: u64 = 1 << 31;
/// Largest header; a ResNet-50's has 40 kB.
const MAX_HEADER: u64 = 1 << 22;

/// The whole file, once its size and the header's are known to be sane.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, WeightsError> {
    let unreadable = |source: io::Error| WeightsError::Read { path: path.into(), source };
    let damaged = |reason: String| WeightsError::Format { path: path.into(), reason };
    let mut file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > MAX_BYTES {
        return Err(WeightsError::TooLarge { path: path.into(), bytes, limit: MAX_BYTES });
    }
    let mut length = [0; 8];
    if bytes < 8 {
        return Err(damaged(format!("{bytes} bytes are too few for a header")));
    }
    file.read_exact(&mut length).map_err(unreadable)?;
    let header = u64::from_le_bytes(length);
    if header > MAX_HEADER.min(bytes - 8) {
        return Err(damaged(format!("it claims a header of {header} bytes")));
    }
    let mut whole = length.to_vec();
    file.take(bytes - 8).read_to_end(&mut whole).map_err(unreadable)?;
    Ok(whole)
}

/// The tensors in `bytes`; types, shapes and offsets agree with each other and with the length.
pub(super) fn tensors<'a>(
    bytes: &'a [u8],
    path: &Path,
) -> Result<BTreeMap<String, TensorView<'a>>, WeightsError> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| WeightsError::Format { path: path.into(), reason: error.to_string() })?;
    Ok(file.tensors().into_iter().collect())
}

/// Whether PyTorch counts batches under that name, which needs no place in a network.
pub(super) fn is_counter(name: &str) -> bool {
    name.ends_with("num_batches_tracked")
}

/// Writes `tensors` under their names, all of them or nothing.
pub(super) fn write(path: &Path, tensors: &[(String, TensorData)]) -> Result<(), WeightsError> {
    Ok(store::write_atomically(path, &bytes(tensors)?)?)
}

/// A file of `tensors` under their names.
pub(super) fn bytes(tensors: &[(String, TensorData)]) -> Result<Vec<u8>, WeightsError> {
    let bytes: Vec<(Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(_, data)| {
            let little = data.iter::<f32>().flat_map(f32::to_le_bytes).collect();
            (data.shape().to_vec(), little)
        })
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, _), (shape, bytes))| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name, view))
    });
    let views = views.collect::<Result<Vec<_>, _>>().map_err(|e| refused(&e))?;
    safetensors::serialize(views, None).map_err(|e| refused(&e))
}
