//! What a network makes of the pictures of a test, kept so that votes need no second pass.
//!
//! ```text
//! 0   8  magic "MIENPRD1"
//! 8   4  CRC-32 of what follows, little endian
//! 12     postcard: ids, true classes, probabilities of the eight classes (f32)
//! ```

use std::{fs, path::Path};

use mien_data::CLASSES;
use mien_shared::store;
use serde::{Deserialize, Serialize};

use super::StudyError;

const MAGIC: &[u8; 8] = b"MIENPRD1";

/// One row a picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Predictions {
    /// The picture's number in its set.
    pub(super) ids: Vec<u64>,
    /// Index of its true class.
    pub(super) truths: Vec<u8>,
    /// Probabilities in canonical order.
    pub(super) rows: Vec<[f32; CLASSES]>,
}

impl Predictions {
    /// Writes the file at `path`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<(), StudyError> {
        let damaged =
            |why: &str| StudyError::Predictions { path: path.into(), why: why.to_owned() };
        let body = postcard::to_stdvec(self).map_err(|error| damaged(&error.to_string()))?;
        let sum = crc32fast::hash(&body).to_le_bytes();
        Ok(store::write_atomically(path, &[MAGIC, sum.as_slice(), body.as_slice()].concat())?)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub(super) fn read(path: &Path) -> Result<Self, StudyError> {
        let damaged =
            |why: &str| StudyError::Predictions { path: path.into(), why: why.to_owned() };
        let bytes = fs::read(path).map_err(|error| damaged(&error.to_string()))?;
        let head = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk::<4>());
        let (sum, body) = head.ok_or_else(|| damaged("no predictions"))?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return Err(damaged("its checksum is wrong"));
        }
        let read: Self = postcard::from_bytes(body).map_err(|e| damaged(&e.to_string()))?;
        let classes = read.truths.iter().all(|&truth| usize::from(truth) < CLASSES);
        if [read.truths.len(), read.rows.len()] != [read.ids.len(); 2] || !classes {
            return Err(damaged("its rows do not fit together"));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_damage_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clean.predictions");
        let written =
            Predictions { ids: vec![7, 300], truths: vec![0, 3], rows: vec![[0.125; CLASSES]; 2] };
        written.write(&path).unwrap();
        assert_eq!(Predictions::read(&path).unwrap(), written);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = Predictions::read(&path).unwrap_err().to_string();
        assert!(error.contains("checksum"), "{error}");
    }

    #[test]
    fn rows_that_do_not_fit_together_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clean.predictions");
        let odd = Predictions { ids: vec![1], truths: vec![8], rows: vec![[0.0; CLASSES]] };
        odd.write(&path).unwrap();
        assert!(Predictions::read(&path).unwrap_err().to_string().contains("do not fit"));
    }
}
