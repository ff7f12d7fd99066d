//! The samples of a step whose loss is not a number, kept to be looked at.
//!
//! ```text
//! <run>/diverged/step_00000123/
//!   batch.json      epoch, step and the samples' indices
//!   00001234.png    a sample as the network saw it, named by its index
//! ```

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use image::{ExtendedColorType, ImageError};
use mien_shared::{frame::Grey, store};
use serde::Serialize;
use thiserror::Error;

/// What `batch.json` says.
#[derive(Debug, Serialize)]
struct Batch {
    epoch: u32,
    step: u64,
    indices: Vec<usize>,
}

/// Writes the samples of `epoch` and `step` into `folder`; a sample without a picture is only
/// listed.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(
    folder: &Path,
    (epoch, step): (u32, u64),
    samples: impl Iterator<Item = (usize, Option<Grey>)>,
) -> Result<(), InspectError> {
    let fault = |source| InspectError::Folder { folder: folder.into(), source };
    fs::create_dir_all(folder).map_err(fault)?;
    let mut indices = Vec::new();
    for (index, picture) in samples {
        indices.push(index);
        let Some(picture) = picture else { continue };
        let path = folder.join(format!("{index:08}.png"));
        let (width, height) = (picture.width, picture.height);
        image::save_buffer(&path, &picture.data, width, height, ExtendedColorType::L8)
            .map_err(|source| InspectError::Picture { path, source })?;
    }
    let json = serde_json::to_vec_pretty(&Batch { epoch, step, indices })
        .map_err(|error| fault(io::Error::other(error)))?;
    Ok(store::write_atomically(&folder.join("batch.json"), &json)?)
}

/// Why the samples cannot be kept.
#[derive(Debug, Error)]
pub enum InspectError {
    /// The folder cannot be made.
    #[error("cannot keep the batch whose loss is not finite in {folder}: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A picture cannot be written.
    #[error("cannot write {path}: {source}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// The encoder's reason.
        source: ImageError,
    },
    /// The list cannot be written.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batch_is_listed_and_its_pictures_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let picture = Grey { width: 2, height: 1, data: vec![7, 200] };
        save(folder.path(), (3, 41), [(5, Some(picture)), (9, None)].into_iter()).unwrap();
        let json = fs::read_to_string(folder.path().join("batch.json")).unwrap();
        let found: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(found, serde_json::json!({ "epoch": 3, "step": 41, "indices": [5, 9] }));
        let png = image::open(folder.path().join("00000005.png")).unwrap();
        assert_eq!(png.to_luma8().into_raw(), [7, 200]);
    }
}
