//! Talking to a driver through the `v4l` crate without its panics, and what errors mean.
//!
//! The crate panics where a driver's answer is not what it expects: a card name that is no UTF-8
//! (USB names are cut at 32 bytes, even inside a character), an unknown colour space, a stream
//! that cannot be stopped. What a driver says depends on what is plugged in, so it must not end
//! the program.

use std::{
    io, mem,
    panic::{self, AssertUnwindSafe},
    path::Path,
    time::Duration,
};

use rustix::io::Errno;
use v4l::{
    Device,
    buffer::{Metadata, Type},
    io::traits::{CaptureStream as _, Stream as _},
    prelude::MmapStream,
};

use crate::CameraError;

const BUFFERS: u32 = 4;
/// `poll(2)`: there is something to read.
const POLLIN: i16 = 1;

/// Makes one request; `action` completes "cannot …" in the message when it fails.
pub(super) fn ask<T>(
    path: &Path,
    action: &'static str,
    request: impl FnOnce() -> io::Result<T>,
) -> Result<T, CameraError> {
    contained(request).map_err(|error| explain(path, action, error))
}

/// What a driver's error means for the user.
pub(super) fn explain(path: &Path, action: &'static str, source: io::Error) -> CameraError {
    let path = path.to_owned();
    match Errno::from_io_error(&source) {
        Some(Errno::NOENT) => CameraError::Missing { path },
        Some(Errno::ACCESS | Errno::PERM) => CameraError::Denied {
            path,
            fix: "add the user to the video group (`sudo usermod -aG video $USER`) and log in anew",
        },
        Some(Errno::BUSY) => CameraError::Busy { path },
        Some(Errno::NODEV | Errno::NXIO) => CameraError::Vanished { path },
        Some(Errno::NOTTY | Errno::ISDIR) => CameraError::NotACamera { path },
        _ => CameraError::Driver { path, action, source },
    }
}

/// A running stream of memory-mapped buffers.
///
/// The buffer of the last frame stays with the caller until the next one is taken, so that the
/// driver has all the others while it is waited for.
pub(super) struct Streaming {
    stream: Option<MmapStream<'static>>,
    /// Whether a frame was seen. The first one only shows that the stream runs: sensors have not
    /// found their exposure yet, and the `v4l` crate gives no access to it where it was waited for.
    warm: bool,
}

impl Streaming {
    /// Maps the buffers of `device`, hands them to the driver and starts it.
    pub(super) fn new(path: &Path, device: &Device) -> Result<Self, CameraError> {
        let mut stream = ask(path, "map its buffers", || {
            MmapStream::with_buffers(device, Type::VideoCapture, BUFFERS)
        })?;
        // Frames are waited for in `ready`, never here.
        stream.set_timeout(Duration::ZERO);
        let mut streaming = Self { stream: Some(stream), warm: false };
        match streaming.next().map(|_first| ()) {
            Err(error) if error.kind() != io::ErrorKind::TimedOut => {
                return Err(explain(path, "start its stream", error));
            }
            answer => streaming.warm = answer.is_ok(),
        }
        Ok(streaming)
    }

    /// Waits up to `patience` for a frame.
    pub(super) fn ready(&mut self, patience: Duration) -> io::Result<bool> {
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        let millis = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        match stream.handle().poll(POLLIN, millis) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            Err(error) => return Err(error),
            Ok(0) => return Ok(false),
            Ok(_) if self.warm => return Ok(true),
            Ok(_) => {}
        }
        contained(move || stream.dequeue())?;
        self.warm = true;
        Ok(false)
    }

    /// Gives the last buffer back to the driver and takes the next one, which must be ready.
    pub(super) fn next(&mut self) -> io::Result<(&[u8], &Metadata)> {
        match &mut self.stream {
            Some(stream) => contained(move || stream.next()),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        let stopped = stream.stop();
        let gone = |error: &io::Error| Errno::from_io_error(error) == Some(Errno::NODEV);
        if stopped.is_err_and(|error| !gone(&error)) {
            // Its own drop would panic, and a second time while unmapping: leave it to the kernel.
            mem::forget(stream);
            return;
        }
        // A failure to unmap leaves nothing to be done.
        contained(|| {
            drop(stream);
            Ok(())
        })
        .unwrap_or_default();
    }
}

/// Runs a request, turning a panic of the `v4l` crate into an error.
fn contained<T>(request: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    panic::catch_unwind(AssertUnwindSafe(request)).unwrap_or_else(|_panic| {
        let reason = "the driver's answer is not understood";
        Err(io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(errno: Errno) -> CameraError {
        explain(Path::new("/dev/video7"), "set its format", errno.into())
    }

    #[test]
    fn each_error_number_has_its_meaning() {
        assert!(matches!(explained(Errno::NOENT), CameraError::Missing { .. }));
        assert!(matches!(explained(Errno::ACCESS), CameraError::Denied { .. }));
        assert!(matches!(explained(Errno::PERM), CameraError::Denied { .. }));
        assert!(matches!(explained(Errno::BUSY), CameraError::Busy { .. }));
        assert!(matches!(explained(Errno::NODEV), CameraError::Vanished { .. }));
        assert!(matches!(explained(Errno::NXIO), CameraError::Vanished { .. }));
        assert!(matches!(explained(Errno::NOTTY), CameraError::NotACamera { .. }));
        assert!(matches!(explained(Errno::INVAL), CameraError::Driver { .. }));
    }

    #[test]
    fn messages_name_the_device_and_the_fix() {
        assert_eq!(
            explained(Errno::ACCESS).to_string(),
            "/dev/video7: permission denied; add the user to the video group \
             (`sudo usermod -aG video $USER`) and log in anew"
        );
        assert_eq!(
            explained(Errno::INVAL).to_string(),
            "/dev/video7: cannot set its format: Invalid argument (os error 22); \
             `v4l2-ctl -d /dev/video7 --all` shows what it can do"
        );
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let answer: Result<(), _> =
            ask(Path::new("/dev/video7"), "name it", || panic!("invalid utf-8"));
        let message = answer.unwrap_err().to_string();
        assert!(message.contains("the driver's answer is not understood"), "{message}");
    }
}
