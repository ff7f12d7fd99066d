//! Where pictures come from: one trait over real cameras, files, pipes and the built-in performer.
//!
//! A source is named by a URI and fills one caller-owned [`Frame`] again and again:
//!
//! ```text
//! performer://?seed=1&size=640x480&fps=30&format=yuyv    the built-in moving face
//! dir://PATH?loop=1&fps=2                                a folder of pictures, by name
//! mjpeg://PATH?fps=30                                    JPEG pictures one after another
//! y4m://PATH?fps=30                                      YUV4MPEG2, 4:2:0 or mono
//! pipe://-?size=640x480&format=yuv420p                   raw frames on standard input
//! pipe:///run/camera.fifo?format=mjpeg                   … or on a named pipe
//! v4l2:///dev/video0?size=640x480&fps=30&format=yuyv     a camera, by node or by-id link
//! v4l2://auto                                            the first usable camera
//! ```
//!
//! Every input is taken as hostile: sizes are checked against
//! [`mien_shared::frame::MAX_SIDE`] before memory is asked for.

mod dir;
mod encode;
mod error;
mod jpeg;
mod layout;
mod mjpeg;
mod options;
mod paced;
mod performer;
mod pipe;
mod y4m;

pub mod clock;
pub mod picture;
pub mod v4l2;

use mien_shared::frame::Frame;

use self::{dir::DirCamera, mjpeg::MjpegCamera, paced::Paced, v4l2::V4l2Camera, y4m::Y4mCamera};
pub use self::{error::CameraError, performer::PerformerCamera};
use crate::spec::Spec;

/// A source of frames.
pub trait Camera: Send {
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

    /// One line for a person: what it is, its size and its format.
    fn describe(&self) -> String;
}

/// Opens the source that `spec` names; see the head of this module for the forms.
///
/// Opening a named pipe waits for its writer.
///
/// # Errors
/// A spec that is malformed, a source that is missing, not readable or not what it should be:
/// each has a variant of its own, whose message says what to do.
pub fn open(spec: &str) -> Result<Box<dyn Camera>, CameraError> {
    let spec = &Spec::parse(spec)?;
    match spec.scheme() {
        "performer" => paced(PerformerCamera::open(spec)?, spec, Some(30.0)),
        "dir" => paced(DirCamera::open(spec)?, spec, None),
        "mjpeg" => paced(MjpegCamera::open(spec)?, spec, None),
        "y4m" => paced(Y4mCamera::open(spec)?, spec, None),
        "pipe" => pipe::open(spec),
        "v4l2" => Ok(Box::new(V4l2Camera::open(spec)?)),
        _ => Err(CameraError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

/// Gives a source that waits the rhythm its `fps` option asks for; 0 leaves it as fast as asked.
fn paced(
    camera: impl Camera + 'static,
    spec: &Spec,
    default_fps: Option<f64>,
) -> Result<Box<dyn Camera>, CameraError> {
    let fps = options::fps(spec)?.or(default_fps).filter(|&fps| fps > 0.0);
    let camera = Box::new(camera);
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
            "csi://0: no such camera; use performer, dir, mjpeg, y4m, pipe or v4l2"
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
