//! Frames from standard input (`pipe://-`) or a named pipe (`pipe:///run/camera.fifo`).
//!
//! Raw frames follow one another without headers: `size` is required, `format` says the layout
//! (`yuv420p` when absent) and `stride` the bytes from row to row where rows are padded. With
//! `format=mjpeg` each frame is a JPEG picture and states its own size.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use mien_shared::frame::{Frame, PixelFormat};

use super::{
    Camera, CameraError, clock,
    layout::{Layout, read_up_to},
    mjpeg::MjpegCamera,
    options,
};
use crate::spec::Spec;

/// A row may be padded to this many times its own length.
const MAX_PADDING: u32 = 4;

/// Opens the pipe that `spec` names.
pub(super) fn open(spec: &Spec) -> Result<Box<dyn Camera>, CameraError> {
    spec.allow(&["size", "format", "stride"])?;
    let target = options::path(spec)?;
    let format = options::format(spec)?.unwrap_or(PixelFormat::I420);
    if format == PixelFormat::Mjpeg {
        let (name, input) = open_input(target)?;
        return Ok(Box::new(MjpegCamera::new(name, BufReader::new(input), true)));
    }
    let layout = layout(spec, format)?;
    let (name, input) = open_input(target)?;
    Ok(Box::new(PipeCamera { name, input, layout, next_id: 0 }))
}

/// A stream of raw frames.
struct PipeCamera<R> {
    name: PathBuf,
    input: R,
    layout: Layout,
    next_id: u64,
}

impl<R: Read + Send> Camera for PipeCamera<R> {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let wanted = self.layout.bytes();
        let read = read_up_to(&mut self.input, wanted, &mut frame.data)
            .map_err(|error| CameraError::from_file(&self.name, error))?;
        let id = self.next_id;
        if read == 0 && id == 0 {
            let reason = "ends before its first frame; does the program that writes it run?";
            return Err(CameraError::Empty { path: self.name.clone(), reason: reason.to_owned() });
        }
        if read == 0 {
            return Ok(false);
        }
        self.next_id += 1;
        if read < wanted {
            let reason = format!("frame {id}: the stream ends after {read} of {wanted} bytes");
            return Err(CameraError::BadFrame { path: self.name.clone(), reason });
        }
        self.layout.stamp(frame, id, clock::now());
        Ok(true)
    }

    fn is_live(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        let Layout { width, height, format, .. } = self.layout;
        format!("{} {width}x{height} {format:?}", self.name.display())
    }
}

/// The layout of the raw frames that `spec` describes.
fn layout(spec: &Spec, format: PixelFormat) -> Result<Layout, CameraError> {
    let (width, height) = options::size(spec)?.ok_or_else(|| {
        options::bad(spec, "size", String::new(), "the frames' WIDTHxHEIGHT, such as 640x480")
    })?;
    let packed = Layout::packed(format, width, height);
    let stride = spec.option::<u32>("stride")?.unwrap_or(packed.stride);
    if !(packed.stride..=MAX_PADDING * packed.stride).contains(&stride) {
        let want = "bytes from row to row: at least a row's own, at most four times as many";
        return Err(options::bad(spec, "stride", stride.to_string(), want));
    }
    Ok(Layout { stride, ..packed })
}

/// The stream behind a target, and what messages call it.
fn open_input(target: &str) -> Result<(PathBuf, Box<dyn Read + Send>), CameraError> {
    if target == "-" {
        return Ok(("standard input".into(), Box::new(io::stdin())));
    }
    let path = Path::new(target);
    let file = File::open(path).map_err(|error| CameraError::from_file(path, error))?;
    Ok((path.to_owned(), Box::new(file)))
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command, thread};

    use super::*;

    fn camera(bytes: &'static [u8], query: &str) -> Result<PipeCamera<&'static [u8]>, CameraError> {
        let spec = Spec::parse(&format!("pipe://-?{query}")).unwrap();
        let format = options::format(&spec)?.unwrap_or(PixelFormat::I420);
        let layout = layout(&spec, format)?;
        Ok(PipeCamera { name: "standard input".into(), input: bytes, layout, next_id: 0 })
    }

    #[test]
    fn raw_frames_are_cut_by_their_size() {
        let mut camera = camera(b"abcdABCD", "size=2x2&format=gray").unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.format, frame.data.as_slice()), (PixelFormat::Grey, &b"abcd"[..]));
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.id.0, frame.data.as_slice()), (1, &b"ABCD"[..]));
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn the_formats_have_their_sizes() {
        for (format, bytes) in
            [("yuv420p", 12), ("yuyv422", 16), ("gray", 8), ("rgb24", 24), ("bgr24", 24)]
        {
            let query = format!("size=4x2&format={format}");
            assert_eq!(camera(b"", &query).unwrap().layout.bytes(), bytes, "{format}");
        }
    }

    #[test]
    fn padded_rows_keep_their_stride() {
        let mut camera = camera(b"ab..cd..", "size=2x2&format=gray&stride=4").unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.stride, frame.data.len()), (4, 8));
    }

    #[test]
    fn a_stream_that_ends_inside_a_frame_says_so_and_ends() {
        let mut camera = camera(b"abcdAB", "size=2x2&format=gray").unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        let error = camera.next(&mut frame).unwrap_err();
        assert!(error.is_skippable());
        assert_eq!(
            error.to_string(),
            "standard input: frame 1: the stream ends after 2 of 4 bytes"
        );
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn a_raw_stream_needs_a_size_and_a_possible_stride() {
        for query in [
            "format=gray",
            "size=0x0&format=gray",
            "size=20000x20000&format=gray",
            "size=4x4&format=h264",
            "size=4x4&format=gray&stride=3",
            "size=4x4&format=gray&stride=4000000000",
        ] {
            let error = open(&Spec::parse(&format!("pipe://-?{query}")).unwrap()).err().unwrap();
            assert!(matches!(error, CameraError::BadOption { .. }), "{query}: {error}");
        }
    }

    #[test]
    fn a_missing_pipe_is_named() {
        let error = crate::camera::open("pipe:///nowhere/at.all?size=2x2").err().unwrap();
        assert!(matches!(error, CameraError::Missing { .. }), "{error}");
    }

    #[test]
    fn a_named_pipe_delivers_raw_frames_and_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("camera.fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let mut jpeg = io::Cursor::new(Vec::new());
        image::GrayImage::new(8, 8).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        for (query, content, bytes) in [
            ("size=2x2&format=yuyv422", vec![9; 8], 8),
            ("format=mjpeg", jpeg.get_ref().clone(), jpeg.get_ref().len()),
        ] {
            let writer = thread::spawn({
                let fifo = fifo.clone();
                move || fs::write(fifo, content).unwrap()
            });
            let spec = format!("pipe://{}?{query}", fifo.display());
            let mut camera = crate::camera::open(&spec).unwrap();
            assert!(camera.is_live());
            let mut frame = Frame::empty();
            assert!(camera.next(&mut frame).unwrap());
            assert_eq!(frame.data.len(), bytes, "{query}");
            assert!(!camera.next(&mut frame).unwrap());
            writer.join().unwrap();
        }
    }
}
