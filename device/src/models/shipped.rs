//! The bundles inside the program; the build script takes them from `models/catalog.toml`.

use mien_shared::bundle::Bundle;

use super::ModelError;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Reads a built-in bundle.
pub(super) fn bundle(role: &'static str, bytes: Option<&[u8]>) -> Result<Bundle, ModelError> {
    let bytes = bytes.ok_or(ModelError::NoneShipped { role })?;
    Bundle::from_bytes(bytes).map_err(|source| ModelError::Shipped { role, source })
}
