//! A specification that was checked and can be opened again and again.

use std::sync::Arc;

use crate::{
    Camera, CameraError, faulty,
    supply::Retry,
    time::{SystemTime, Time},
};
use mien_core::spec::Spec;

/// Opens one source anew, resolving names anew.
pub trait Opener: Send {
    /// Opens it.
    ///
    /// # Errors
    /// As [`crate::open`].
    fn open(&mut self) -> Result<Box<dyn Camera>, CameraError>;
}

impl<F: FnMut() -> Result<Box<dyn Camera>, CameraError> + Send> Opener for F {
    fn open(&mut self) -> Result<Box<dyn Camera>, CameraError> {
        self()
    }
}

/// A source, what becomes of it when it fails, and the time that it lives in.
pub struct Source {
    /// What messages call it.
    pub name: String,
    /// Opens it.
    pub opener: Box<dyn Opener>,
    /// What becomes of it when it fails.
    pub retry: Retry,
    /// What its waits are measured with.
    pub time: Arc<dyn Time>,
}

impl Source {
    /// Reads a specification without opening what it names.
    ///
    /// # Errors
    /// A spec that has no scheme or an option that is none of its source's.
    pub fn of(spec: &str) -> Result<Self, CameraError> {
        let text = spec.to_owned();
        let spec = Spec::parse(spec)?;
        if spec.scheme() == "faulty" {
            return faulty::read(&text);
        }
        let retry = if is_renewable(&spec) { Retry::read(&spec)? } else { Retry::Never };
        let opener = Box::new(move || crate::open(&text));
        let name = spec.text().to_owned();
        Ok(Self { name, opener, retry, time: Arc::new(SystemTime) })
    }
}

/// Whether a source can come later and come back: a device or a named pipe, no file.
fn is_renewable(spec: &Spec) -> bool {
    match spec.scheme() {
        "v4l2" => true,
        "pipe" => spec.target() != "-",
        _ => false,
    }
}
