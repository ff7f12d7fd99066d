//! Scanned and sculpted 3D heads, moved by action units and rendered with exact labels.
