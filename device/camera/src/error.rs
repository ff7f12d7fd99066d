//! What can go wrong with a source of frames: a variant per thing the caller can do differently.

use std::{io, path::PathBuf, time::Duration};

use crate::pipe::PATIENCE;
use mien_core::spec::SpecError;

/// Why a source cannot be opened or gives no frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CameraError {
    /// The specification is malformed or has an option its source does not know.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// No source has this scheme.
    #[error("{spec}: no such camera; use performer, dir, mjpeg, y4m, pipe, v4l2 or faulty")]
    UnknownScheme {
        /// The whole specification.
        spec: String,
    },
    /// The specification lacks a path, or the path holds a NUL byte.
    #[error("{spec}: no path; write it after ://, for example dir:///home/me/pictures")]
    NoPath {
        /// The whole specification.
        spec: String,
    },
    /// An option is missing or its value is not what it should be.
    #[error("{spec}: option {key} cannot be {value:?}; give {want}")]
    BadOption {
        /// The whole specification.
        spec: String,
        /// The option's name.
        key: &'static str,
        /// Its value, empty when it is missing.
        value: String,
        /// What it may be.
        want: &'static str,
    },

    /// There is no such file or device.
    #[error("{path}: not there; check the path, or plug the camera in", path = path.display())]
    Missing {
        /// The file or device.
        path: PathBuf,
    },
    /// Its permissions forbid opening it.
    #[error("{path}: permission denied; {fix}", path = path.display())]
    Denied {
        /// The file or device.
        path: PathBuf,
        /// What to do.
        fix: &'static str,
    },
    /// Reading failed.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Unreadable {
        /// The file or stream.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The source holds no picture at all.
    #[error("{path}: {reason}", path = path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what it should be.
        reason: String,
    },
    /// The head of a file is not that of its format, or describes pictures that are not supported.
    #[error("{path}: {reason}", path = path.display())]
    BadHeader {
        /// The file.
        path: PathBuf,
        /// What is wrong and what it should be.
        reason: String,
    },
    /// One picture is bad; the next call goes on after it.
    #[error("{path}: {reason}", path = path.display())]
    BadFrame {
        /// The picture's file, or the file or device it came from.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// No camera among the system's video devices can be used.
    #[error("no usable camera: {tried}; plug one in, or give its path with v4l2:///dev/video…")]
    NoCamera {
        /// Each device and why it was passed over.
        tried: String,
    },
    /// The device is there and captures no video.
    #[error("{path}: not a video capture device; v4l2://auto picks one", path = path.display())]
    NotACamera {
        /// The device.
        path: PathBuf,
    },
    /// The camera has no pixel format that is understood.
    #[error(
        "{path}: offers {offered}, none of which can be read; a CSI camera comes through \
         `libcamerify …`, `rpicam-vid --codec yuv420 -o - | … --camera pipe://-` or v4l2loopback",
        path = path.display()
    )]
    NoUsableFormat {
        /// The device.
        path: PathBuf,
        /// The four-character codes it offers.
        offered: String,
    },
    /// Another program holds the camera.
    #[error("{path}: busy; stop the program that uses it (`fuser {path}`)", path = path.display())]
    Busy {
        /// The device.
        path: PathBuf,
    },
    /// The camera was unplugged, or the writer of a pipe has ended.
    #[error("{path}: gone; plug the camera in again, or start what writes here", path = path.display())]
    Vanished {
        /// The device.
        path: PathBuf,
    },
    /// The camera delivers nothing.
    #[error(
        "{path}: no frame for {after:?}; check the camera's cable and power, or what writes here",
        path = path.display()
    )]
    Stalled {
        /// The device.
        path: PathBuf,
        /// How long it was waited for.
        after: Duration,
    },
    /// The driver refused a request for another reason.
    #[error(
        "{path}: cannot {action}: {source}; `v4l2-ctl -d {path} --all` shows what it can do",
        path = path.display()
    )]
    Driver {
        /// The device.
        path: PathBuf,
        /// What was asked of it.
        action: &'static str,
        /// What the driver says.
        source: io::Error,
    },
}

impl CameraError {
    /// Whether only one picture is lost and the next call goes on after it.
    pub fn is_skippable(&self) -> bool {
        matches!(self, Self::BadFrame { .. })
    }

    /// Whether the specification itself is at fault, so that no later attempt can go better.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Spec(_)
                | Self::UnknownScheme { .. }
                | Self::NoPath { .. }
                | Self::BadOption { .. }
        )
    }

    /// The error for a file that could not be opened or read.
    pub(super) fn from_file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::PermissionDenied => {
                Self::Denied { path, fix: "let this program's user read it (`chmod`, `chown`)" }
            }
            // A stream stood still in the middle of a picture.
            io::ErrorKind::WouldBlock => Self::Stalled { path, after: PATIENCE },
            _ => Self::Unreadable { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bad_frame_is_skippable() {
        let path = PathBuf::from("clip.mjpeg");
        assert!(CameraError::BadFrame { path: path.clone(), reason: String::new() }.is_skippable());
        assert!(!CameraError::Vanished { path }.is_skippable());
    }

    #[test]
    fn a_message_names_the_file_and_the_fix() {
        let missing = CameraError::from_file("a/b.y4m", io::ErrorKind::NotFound.into());
        assert_eq!(
            missing.to_string(),
            "a/b.y4m: not there; check the path, or plug the camera in"
        );
        let busy = CameraError::Busy { path: "/dev/video0".into() };
        assert_eq!(
            busy.to_string(),
            "/dev/video0: busy; stop the program that uses it (`fuser /dev/video0`)"
        );
    }
}
