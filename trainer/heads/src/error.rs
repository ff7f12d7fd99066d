//! Why a head, a light or a folder of faces cannot be read or written.

use std::path::PathBuf;

/// What went wrong, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}: check that it is there and whole", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not the JSON it should be.
    #[error("{} does not hold the fields expected: fetch it again", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// A size is beyond what any head needs.
    #[error("{}: {field} is {value}, at most {most} is read: fetch it again", path.display())]
    Limit {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: u64,
        /// The most accepted.
        most: u64,
    },
    /// A file is not as long as the manifest says.
    #[error("{} holds {found} bytes, the manifest wants {expected}: fetch it again", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        found: u64,
        /// The bytes wanted.
        expected: u64,
    },
    /// A number points at nothing.
    #[error("{}: {field} holds {value}, but there are only {count}: fetch it again", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// The number.
        value: u64,
        /// How many there are.
        count: u64,
    },
    /// Something a head needs is not there.
    #[error("{} has no {what}: {fix}", path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
        /// What is missing.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A line of a Wavefront OBJ file cannot be used.
    #[error("{}, line {line}: {what}: fetch it again", path.display())]
    Obj {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A picture does not decode.
    #[error("{} does not decode: fetch it again", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: image::ImageError,
    },
    /// The head has no such shape.
    #[error("the {head} head has no shape `{name}`: use one of {known}")]
    Shape {
        /// The head.
        head: &'static str,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: check the folder and the space left", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A picture cannot be written.
    #[error("cannot write {}: check the folder and the space left", path.display())]
    WritePicture {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: image::ImageError,
    },
    /// A number asked for makes no sense.
    #[error("{field} is {value}: use {fix}")]
    Request {
        /// The field.
        field: &'static str,
        /// What was asked for.
        value: u64,
        /// What can be asked for.
        fix: &'static str,
    },
}
