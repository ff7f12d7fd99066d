//! Mien's end-to-end tests: what no crate can test alone. The tests themselves are in `tests/`.

use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
