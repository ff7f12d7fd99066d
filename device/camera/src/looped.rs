//! A file that starts again when it ends: `loop=1`.
//!
//! Ids count on over the rounds. A round without a good frame ends it, so that a broken file does
//! not keep the processor busy.

use std::time::Duration;

use mien_shared::frame::{Frame, FrameId};

use super::{Camera, CameraError, options};
use mien_core::spec::Spec;

/// Opens a file once.
type Open<C> = fn(&Spec) -> Result<C, CameraError>;

/// Opens the file that `spec` names, again and again where it says `loop=1`.
pub(super) fn open<C: Camera + 'static>(
    spec: &Spec,
    open: Open<C>,
) -> Result<Box<dyn Camera>, CameraError> {
    let endless = options::flag(spec, "loop")?;
    let camera = open(spec)?;
    if !endless {
        return Ok(Box::new(camera));
    }
    Ok(Box::new(Looped { spec: spec.clone(), open, camera, next_id: 0, good: false }))
}

struct Looped<C> {
    spec: Spec,
    open: Open<C>,
    camera: C,
    next_id: u64,
    /// Whether this round had a good frame.
    good: bool,
}

impl<C: Camera> Camera for Looped<C> {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        self.camera.ready(patience)
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let mut more = self.camera.next(frame)?;
        if !more && self.good {
            self.good = false;
            self.camera = (self.open)(&self.spec)?;
            more = self.camera.next(frame)?;
        }
        if more {
            self.good = true;
            frame.id = FrameId(self.next_id);
            self.next_id += 1;
        }
        Ok(more)
    }

    fn is_live(&self) -> bool {
        self.camera.is_live()
    }

    fn describe(&self) -> String {
        format!("{}, again and again", self.camera.describe())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const CLIP: &[u8] = b"YUV4MPEG2 W2 H1 Cmono\nFRAME\nabFRAME\ncd";

    fn looped(path: &Path, content: &[u8]) -> Box<dyn Camera> {
        fs::write(path, content).unwrap();
        crate::open(&format!("y4m://{}?loop=1", path.display())).unwrap()
    }

    #[test]
    fn a_clip_starts_again_and_ids_count_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut camera = looped(&folder.path().join("a.y4m"), CLIP);
        let mut frame = Frame::empty();
        let mut seen = Vec::new();
        for _ in 0..5 {
            assert!(camera.next(&mut frame).unwrap());
            seen.push((frame.id.0, frame.data[0]));
        }
        assert_eq!(seen, [(0, b'a'), (1, b'c'), (2, b'a'), (3, b'c'), (4, b'a')]);
    }

    #[test]
    fn a_clip_without_a_good_frame_ends() {
        let folder = tempfile::tempdir().unwrap();
        let mut camera = looped(&folder.path().join("a.y4m"), &CLIP[..CLIP.len() - 12]);
        assert!(camera.next(&mut Frame::empty()).unwrap_err().is_skippable());
        assert!(!camera.next(&mut Frame::empty()).unwrap());
    }
}
