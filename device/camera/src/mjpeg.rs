//! A stream of JPEG pictures as a source: a file (`mjpeg://PATH`) or a pipe.
//!
//! A damaged picture is a [`CameraError::BadFrame`]; the next call goes on with the next one.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::PathBuf,
    time::Duration,
};

use mien_shared::frame::{Frame, PixelFormat};

use super::{
    Camera, CameraError,
    jpeg::{JpegError, JpegReader},
    layout::Layout,
    options,
    supply::SLICE,
};
use mien_core::{clock, spec::Spec};

/// A stream of JPEG pictures.
pub(super) struct MjpegCamera<R> {
    name: PathBuf,
    waits: Option<Wait<R>>,
    reader: JpegReader<R>,
    next_id: u64,
}

/// Waits until there is something to read, or the time is over; for a source that has to wait.
pub(super) type Wait<R> = fn(&mut R, Duration) -> io::Result<bool>;

impl MjpegCamera<BufReader<File>> {
    pub(super) fn open(spec: &Spec) -> Result<Self, CameraError> {
        spec.allow(&["fps", "loop"])?;
        let path = PathBuf::from(options::path(spec)?);
        let file = File::open(&path).map_err(|error| CameraError::from_file(&path, error))?;
        Ok(Self::new(path, BufReader::new(file), None))
    }
}

impl<R: BufRead> MjpegCamera<R> {
    /// Reads pictures from `input`, which messages call `name`; one that `waits` is live.
    pub(super) fn new(name: PathBuf, input: R, waits: Option<Wait<R>>) -> Self {
        Self { name, waits, reader: JpegReader::new(input), next_id: 0 }
    }

    fn explain(&self, error: JpegError) -> CameraError {
        let path = self.name.clone();
        match error {
            JpegError::Bad(reason) => {
                let reason = format!("picture {}: {reason}", self.next_id - 1);
                CameraError::BadFrame { path, reason }
            }
            JpegError::Io(source) => CameraError::from_file(path, source),
        }
    }
}

impl<R: BufRead + Send> Camera for MjpegCamera<R> {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let Some(wait) = self.waits else { return Ok(true) };
        let ready = wait(self.reader.input(), patience);
        ready.map_err(|error| CameraError::from_file(&self.name, error))
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        while !self.ready(SLICE)? {}
        let id = self.next_id;
        self.next_id += 1;
        let size = self.reader.next(&mut frame.data).map_err(|error| self.explain(error))?;
        if let Some((width, height)) = size {
            Layout::packed(PixelFormat::Mjpeg, width, height).stamp(frame, id, clock::now());
        } else if id == 0 {
            let reason = "holds no JPEG picture; give a stream of JPEG pictures".to_owned();
            return Err(CameraError::Empty { path: self.name.clone(), reason });
        }
        Ok(size.is_some())
    }

    fn is_live(&self) -> bool {
        self.waits.is_some()
    }

    fn outlasts_silence(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        format!("JPEG pictures from {}", self.name.display())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use image::RgbImage;

    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = io::Cursor::new(Vec::new());
        RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    fn open(path: &Path) -> Result<Box<dyn Camera>, CameraError> {
        crate::open(&format!("mjpeg://{}", path.display()))
    }

    fn file(content: &[u8]) -> (tempfile::TempDir, Box<dyn Camera>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.mjpeg");
        fs::write(&path, content).unwrap();
        let camera = open(&path).unwrap();
        (folder, camera)
    }

    #[test]
    fn a_file_gives_its_pictures_and_ends() {
        let (_folder, mut camera) = file(&[jpeg(16, 8), jpeg(24, 32)].concat());
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.id.0, frame.width, frame.height, frame.stride), (0, 16, 8, 0));
        assert_eq!((frame.format, &frame.data), (PixelFormat::Mjpeg, &jpeg(16, 8)));
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.id.0, frame.width, frame.height), (1, 24, 32));
        assert!(!camera.next(&mut frame).unwrap());
        assert!(!camera.is_live());
    }

    #[test]
    fn a_cut_tail_is_skippable_and_then_the_file_ends() {
        let whole = jpeg(16, 16);
        let (_folder, mut camera) = file(&[&whole[..], &whole[..whole.len() - 9]].concat());
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        let error = camera.next(&mut frame).unwrap_err();
        assert!(error.is_skippable());
        assert!(
            error
                .to_string()
                .ends_with("clip.mjpeg: picture 1: cut off: the stream ends inside a picture"),
            "{error}"
        );
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn a_file_without_a_picture_is_refused() {
        for content in [&b""[..], b"RIFF....AVI "] {
            let (_folder, mut camera) = file(content);
            let error = camera.next(&mut Frame::empty()).unwrap_err();
            assert!(matches!(error, CameraError::Empty { .. }), "{error}");
        }
    }

    #[test]
    fn a_missing_file_and_a_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let missing = open(&folder.path().join("nowhere.mjpeg")).err().unwrap();
        assert!(matches!(missing, CameraError::Missing { .. }), "{missing}");
        let error = open(folder.path()).unwrap().next(&mut Frame::empty()).unwrap_err();
        assert!(matches!(error, CameraError::Unreadable { .. }), "{error}");
    }
}
