//! A camera behind Linux's V4L2: `v4l2:///dev/video0?size=640x480&fps=30&format=yuyv`,
//! `v4l2://auto` for the first one that can be used, or `card=` and `usb=` for one by name;
//! `timeout=3` is how long a frame may take, in seconds.
//!
//! Frames come through memory-mapped single-planar streaming. Whatever is asked for, the size,
//! stride and format in use are those the driver states after it was asked. A frame's id follows
//! the driver's sequence number, so that a gap is a frame dropped in the kernel, and its capture
//! time is the kernel's own where the driver stamps with the monotonic clock. Rates are wishes: a
//! driver without them is taken as it is.
//!
//! Every call goes through the C library, so that a CSI camera of a Raspberry Pi can be had with
//! `libcamerify`, which stands in front of it; the rules of that layer are kept (single-planar,
//! mapped buffers only, whole mappings, buffers queued in turn, requests that may be unknown).

mod buffer;
mod driver;
mod find;
mod mode;
mod negotiate;
mod sequence;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use mien_shared::frame::{Frame, PixelFormat};
use v4l::Device;

pub use self::find::{Node, nodes};
use self::{
    driver::{Streaming, ask, explain},
    find::System,
    negotiate::Settled,
    sequence::Sequence,
};
use super::{Camera, CameraError, layout::Layout, options, supply::patience};
use mien_core::spec::Spec;

const DEFAULT_SIZE: (u32, u32) = (640, 480);

/// A V4L2 camera.
pub(super) struct V4l2Camera {
    // Dropped before the device that it streams from.
    stream: Option<Streaming>,
    device: Device,
    path: PathBuf,
    card: String,
    settled: Settled,
    patience: Duration,
    sequence: Sequence,
}

impl V4l2Camera {
    pub(super) fn open(spec: &Spec) -> Result<Self, CameraError> {
        spec.allow(&["size", "fps", "format", "timeout", "retry"])?;
        let wish = Wish::read(spec)?;
        let candidates = System::default().candidates(options::path(spec)?)?;
        find::first(&candidates, |path| Self::start(path, &wish))
    }

    fn start(path: &Path, wish: &Wish) -> Result<Self, CameraError> {
        let device = ask(path, "open it", || Device::with_path(path))?;
        let card = negotiate::card(path, &device)?;
        let settled = negotiate::settle(path, &device, wish)?;
        // Buffers are granted to one program only: a busy camera shows here.
        let stream = Some(Streaming::new(path, &device)?);
        Ok(Self {
            stream,
            device,
            path: path.to_owned(),
            card,
            settled,
            patience: wish.patience,
            sequence: Sequence::default(),
        })
    }

    /// Waits for a frame; a stream that an error stopped is started again.
    fn wait(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(Streaming::new(&self.path, &self.device)?),
        };
        let ready = stream.ready(patience);
        ready.map_err(|error| explain(&self.path, "wait for a frame", error))
    }

    /// Takes the frame that [`Self::wait`] saw.
    fn take(&mut self, frame: &mut Frame) -> Result<(), CameraError> {
        let Self { stream: Some(stream), path, settled, sequence, .. } = self else {
            return Err(CameraError::Vanished { path: self.path.clone() });
        };
        let (bytes, meta) = stream.next().map_err(|error| explain(path, "take a frame", error))?;
        let id = sequence.id(meta.sequence);
        buffer::fill(bytes, meta, &settled.layout, id, frame)
            .map_err(|reason| CameraError::BadFrame { path: path.clone(), reason })?;
        if settled.swapped {
            buffer::swap_pairs(&mut frame.data);
        }
        Ok(())
    }

    /// Waits for a frame as long as one may take.
    fn next_within(&mut self, frame: &mut Frame) -> Result<(), CameraError> {
        let deadline = Instant::now() + self.patience;
        while !self.wait(deadline.saturating_duration_since(Instant::now()))? {
            if Instant::now() >= deadline {
                let path = self.path.clone();
                return Err(CameraError::Stalled { path, after: self.patience });
            }
        }
        self.take(frame)
    }

    /// Stops the stream after an error that is more than one damaged frame.
    fn checked<T>(&mut self, outcome: Result<T, CameraError>) -> Result<T, CameraError> {
        if outcome.as_ref().is_err_and(|error| !error.is_skippable()) {
            self.stream = None;
            self.sequence.restart();
        }
        outcome
    }
}

impl Camera for V4l2Camera {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let ready = self.wait(patience);
        self.checked(ready)
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let taken = self.next_within(frame);
        self.checked(taken.map(|()| true))
    }

    fn is_live(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        let Settled { layout, fps, offers, .. } = &self.settled;
        let Layout { width, height, format, .. } = layout;
        let rate = fps.map_or_else(String::new, |fps| format!(" at {fps:.2} fps"));
        let (card, path) = (&self.card, self.path.display());
        format!("{card} ({path}) {width}x{height} {format:?}{rate}; offers {offers}")
    }
}

/// What is asked of a camera; it may give something else.
#[derive(Debug, Clone, Copy)]
struct Wish {
    size: (u32, u32),
    fps: Option<f64>,
    format: Option<PixelFormat>,
    /// How long a frame may take.
    patience: Duration,
}

impl Wish {
    fn read(spec: &Spec) -> Result<Self, CameraError> {
        Ok(Self {
            size: options::size(spec)?.unwrap_or(DEFAULT_SIZE),
            fps: options::fps(spec)?.filter(|&fps| fps > 0.0),
            format: options::format(spec)?,
            patience: patience(spec)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    fn refused(spec: &str) -> CameraError {
        crate::open(spec).err().unwrap()
    }

    #[test]
    fn wishes_are_read_with_their_defaults() {
        let wish = |query: &str| {
            Wish::read(&Spec::parse(&format!("v4l2://auto?{query}")).unwrap()).unwrap()
        };
        assert_eq!((wish("").size, wish("").fps, wish("").format), ((640, 480), None, None));
        assert_eq!(wish("").patience, Duration::from_secs(3));
        assert_eq!(wish("format=mjpeg&fps=15").format, Some(PixelFormat::Mjpeg));
        assert_eq!((wish("fps=15").fps, wish("fps=0").fps), (Some(15.0), None));
        assert_eq!(wish("timeout=0.5").patience, Duration::from_millis(500));
    }

    #[test]
    fn an_absurd_timeout_is_refused() {
        for text in ["0", "-1", "1e300", "nan", "inf"] {
            let error = refused(&format!("v4l2://auto?timeout={text}"));
            assert!(matches!(error, CameraError::BadOption { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn a_missing_camera_is_missing() {
        let error = refused("v4l2:///dev/video-nowhere");
        assert!(matches!(error, CameraError::Missing { .. }), "{error}");
    }

    #[test]
    fn what_is_no_camera_is_refused_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("video0");
        fs::write(&file, "no camera").unwrap();
        for path in ["/dev/null", file.to_str().unwrap(), folder.path().to_str().unwrap()] {
            let error = refused(&format!("v4l2://{path}"));
            assert!(matches!(error, CameraError::NotACamera { .. }), "{path}: {error}");
        }
    }

    #[test]
    fn a_path_with_a_nul_byte_is_refused() {
        let error = refused("v4l2:///dev/\0video0");
        assert!(matches!(error, CameraError::NoPath { .. }), "{error}");
    }

    #[test]
    #[ignore = "needs a camera: MIEN_CAMERA=/dev/videoN cargo test -- --ignored"]
    fn a_real_camera_delivers_growing_ids_and_times() {
        let Ok(path) = env::var("MIEN_CAMERA") else {
            eprintln!("SKIPPED: set MIEN_CAMERA=/dev/videoN to test a real camera");
            return;
        };
        let mut camera = crate::open(&format!("v4l2://{path}")).unwrap();
        println!("{}", camera.describe());
        let mut frame = Frame::empty();
        let mut last = None;
        for _ in 0..30 {
            assert!(camera.next(&mut frame).unwrap());
            assert!(!frame.data.is_empty() && frame.width > 0 && frame.height > 0);
            assert!(last < Some((frame.id, frame.captured_at)), "ids and times grow");
            last = Some((frame.id, frame.captured_at));
        }
    }
}
