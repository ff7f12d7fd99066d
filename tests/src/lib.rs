//! Mien's end-to-end tests.
