//! Where pictures come from: one trait over real cameras, files, pipes and the built-in performer.
//!
//! A source is named by a URI and fills one caller-owned [`Frame`] again and again:
//!
//! | source | what | its end |
//! |---|---|---|
//! | `performer://?seed=1&size=640x480&fps=30&format=yuyv` | the built-in moving face; `loop=90` renders 90 frames once | none |
//! | `dir://PATH?loop=1&fps=2` | a folder of pictures, by name | the last one, without `loop=1` |
//! | `mjpeg://PATH?fps=30` | JPEG pictures one after another; `loop=1` | that of the file |
//! | `y4m://PATH?fps=30` | YUV4MPEG2, 4:2:0 or mono; `loop=1` | that of the file |
//! | `pipe://-?size=640x480&format=yuv420p` | raw frames on standard input; `stride=` where rows are padded | that of the writer |
//! | `pipe:///run/camera.fifo?format=mjpeg` | … or on a named pipe, here of JPEG pictures | none: the writer may come back |
//! | `v4l2://auto?size=640x480&fps=30&format=yuyv` | the first usable camera, USB first | none: it may come back |
//! | `v4l2:///dev/v4l/by-id/…` | a camera by its node or a link to it | " |
//! | `v4l2://card=HD Webcam`, `v4l2://usb=046d:0825` | a camera by its name or its USB numbers | " |
//! | `faulty://performer://?fps=0#drop=0.05,stall=3s@100` | any source with faults: see [`faulty`] | that of the source |
//!
//! [`open`] opens a source once; [`Supply`] keeps it alive: cameras and named pipes that are not
//! there yet, fall silent or vanish are opened again and again, unless `retry=0` says otherwise;
//! `timeout=3` is how long they may be silent, in seconds.
//!
//! A camera on a ribbon cable (CSI) gives raw sensor data that nothing here reads. On a Raspberry
//! Pi it comes through `libcamerify` in front of the command (a V4L2 device in place of libcamera)
//! or from `rpicam-vid --codec yuv420 -o -` through a pipe; on a Jetson from `nvarguscamerasrc`
//! through a pipe or a v4l2loopback device.
//!
//! Every input is taken as hostile: sizes are checked against
//! [`mien_shared::frame::MAX_SIDE`] before memory is asked for.

mod dir;
mod encode;
mod error;
mod jpeg;
mod layout;
mod looped;
mod mjpeg;
mod options;
mod paced;
mod performer;
mod pipe;
mod source;
mod y4m;

pub mod faulty;
pub mod picture;
pub mod supply;
pub mod time;
pub mod v4l2;

use std::time::Duration;

use mien_shared::frame::Frame;

use self::{dir::DirCamera, mjpeg::MjpegCamera, paced::Paced, v4l2::V4l2Camera, y4m::Y4mCamera};
pub use self::{
    error::CameraError,
    performer::PerformerCamera,
    source::{Opener, Source},
    supply::Supply,
};
use mien_core::spec::Spec;

/// A source of frames.
pub trait Camera: Send {
    /// Waits up to `patience` until [`Camera::next`] would return at once; `Ok(false)` says that it
    /// would still wait. A source that never waits for anybody is always ready.
    ///
    /// # Errors
    /// As [`Camera::next`].
    fn ready(&mut self, _patience: Duration) -> Result<bool, CameraError> {
        Ok(true)
    }

    /// Waits for the next frame and fills `frame` with it, reusing its buffer; `Ok(false)` says
    /// that the source has ended and left `frame` as it was or partly filled.
    ///
    /// # Errors
    /// After an error that [`CameraError::is_skippable`] accepts, call again for the next frame;
    /// after [`CameraError::Stalled`], calling again restarts the stream; after any other, open
    /// the source anew.
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError>;

    /// Whether the clock drives the source: a late consumer should then take the newest frame and
    /// count the rest as dropped, where it takes every frame of a source that waits.
    fn is_live(&self) -> bool;

    /// Whether it is kept while it is silent, where another source is opened anew: a pipe, which
    /// nothing is wrong with and whose writer would lose its reader.
    fn outlasts_silence(&self) -> bool {
        false
    }

    /// One line for a person: what it is, its size and its format.
    fn describe(&self) -> String;
}

/// Opens the source that `spec` names; see the head of this module for the forms.
///
/// Opening a named pipe does not wait for its writer; its first frame does.
///
/// # Errors
/// A spec that is malformed, a source that is missing, not readable or not what it should be:
/// each has a variant of its own, whose message says what to do.
pub fn open(spec: &str) -> Result<Box<dyn Camera>, CameraError> {
    let (text, spec) = (spec, &Spec::parse(spec)?);
    match spec.scheme() {
        "performer" => paced(Box::new(PerformerCamera::open(spec)?), spec, Some(30.0)),
        "dir" => paced(Box::new(DirCamera::open(spec)?), spec, None),
        "mjpeg" => paced(looped::open(spec, MjpegCamera::open)?, spec, None),
        "y4m" => paced(looped::open(spec, Y4mCamera::open)?, spec, None),
        "pipe" => pipe::open(spec),
        "faulty" => faulty::read(text)?.opener.open(),
        "v4l2" => Ok(Box::new(V4l2Camera::open(spec)?)),
        _ => Err(CameraError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

/// Gives a source that waits the rhythm its `fps` option asks for; 0 leaves it as fast as asked.
fn paced(
    camera: Box<dyn Camera>,
    spec: &Spec,
    default_fps: Option<f64>,
) -> Result<Box<dyn Camera>, CameraError> {
    let fps = options::fps(spec)?.or(default_fps).filter(|&fps| fps > 0.0);
    Ok(match fps {
        Some(fps) => Box::new(Paced::new(camera, fps)),
        None => camera,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(spec: &str) -> CameraError {
        open(spec).err().unwrap()
    }

    #[test]
    fn an_unknown_scheme_is_answered_with_the_known_ones() {
        assert_eq!(
            refused("csi://0").to_string(),
            "csi://0: no such camera; use performer, dir, mjpeg, y4m, pipe, v4l2 or faulty"
        );
        assert!(matches!(refused("csi://0"), CameraError::UnknownScheme { .. }));
    }

    #[test]
    fn malformed_specs_are_refused() {
        for spec in ["", "/dev/video0", "://", "performer:?seed=1"] {
            assert!(matches!(refused(spec), CameraError::Spec(_)), "{spec}");
        }
        for scheme in ["dir", "mjpeg", "y4m", "pipe", "v4l2"] {
            let error = refused(&format!("{scheme}://?size=2x2"));
            let known = matches!(error, CameraError::Spec(_) | CameraError::NoPath { .. });
            assert!(known, "{scheme}: {error}");
        }
    }

    #[test]
    fn a_mistyped_option_is_refused_by_every_source() {
        for scheme in ["performer", "dir", "mjpeg", "y4m", "pipe", "v4l2"] {
            let error = refused(&format!("{scheme}://x?sise=2x2"));
            assert!(matches!(error, CameraError::Spec(_)), "{scheme}: {error}");
        }
    }

    #[test]
    fn an_absurd_rate_is_refused_by_every_paced_source() {
        let folder = tempfile::tempdir().unwrap();
        image::GrayImage::new(2, 2).save(folder.path().join("a.png")).unwrap();
        for fps in ["-5", "nan", "1e99", "often"] {
            let error = refused(&format!("dir://{}?fps={fps}", folder.path().display()));
            assert!(matches!(error, CameraError::BadOption { .. }), "{fps}: {error}");
        }
    }

    #[test]
    fn a_source_describes_itself() {
        assert_eq!(
            open("performer://?seed=7&size=64x48&fps=12.5").unwrap().describe(),
            "built-in performer 7 64x48 Yuyv at 12.5 fps"
        );
    }
}
