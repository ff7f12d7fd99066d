//! Frames from standard input (`pipe://-`) or a named pipe (`pipe:///run/camera.fifo`).
//!
//! Raw frames follow one another without headers: `size` is required, `format` says the layout
//! (`yuv420p` when absent) and `stride` the bytes from row to row where rows are padded, as
//! `rpicam-vid` pads them to a multiple of 64: 780 pixels need `size=780x360&stride=832`. With
//! `format=mjpeg` each frame is a JPEG picture and states its own size.
//!
//! A named pipe may wait for its writer and outlive it; standard input ends with its writer.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read},
    mem,
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    time::Duration,
};

use mien_shared::frame::{Frame, PixelFormat};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
};

use super::{Camera, CameraError, layout::Layout, mjpeg::MjpegCamera, options, supply::SLICE};
use mien_core::{clock, spec::Spec};

/// A row may be padded to this many times its own length.
const MAX_PADDING: u32 = 4;

/// How long the rest of a JPEG picture may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Opens the pipe that `spec` names.
pub(super) fn open(spec: &Spec) -> Result<Box<dyn Camera>, CameraError> {
    spec.allow(&["size", "format", "stride", "timeout", "retry"])?;
    let target = options::path(spec)?;
    let format = options::format(spec)?.unwrap_or(PixelFormat::I420);
    if format == PixelFormat::Mjpeg {
        let (name, input) = Input::open(target, PATIENCE)?;
        return Ok(Box::new(MjpegCamera::new(name, BufReader::new(input), Some(wait))));
    }
    let layout = layout(spec, format)?;
    let (name, input) = Input::open(target, Duration::ZERO)?;
    Ok(Box::new(PipeCamera::new(name, input, layout)))
}

/// A stream of raw frames.
struct PipeCamera<R> {
    name: PathBuf,
    input: R,
    layout: Layout,
    next_id: u64,
    /// What has come of the next frame.
    partial: Vec<u8>,
}

impl<R: Patient> PipeCamera<R> {
    fn new(name: PathBuf, input: R, layout: Layout) -> Self {
        Self { name, input, layout, next_id: 0, partial: Vec::new() }
    }

    /// The stream has ended, inside a frame or before one.
    fn end(&mut self) -> Result<bool, CameraError> {
        let (path, id) = (self.name.clone(), self.next_id);
        let read = self.partial.len();
        self.partial.clear();
        if read == 0 && id == 0 {
            let reason = "ends before its first frame; does the program that writes it run?";
            return Err(CameraError::Empty { path, reason: reason.to_owned() });
        }
        if read == 0 {
            return Ok(false);
        }
        self.next_id += 1;
        let wanted = self.layout.bytes();
        let reason = format!("frame {id}: the stream ends after {read} of {wanted} bytes");
        Err(CameraError::BadFrame { path, reason })
    }
}

impl<R: Patient + Send> Camera for PipeCamera<R> {
    fn ready(&mut self, patience: Duration) -> Result<bool, CameraError> {
        let left = self.layout.bytes() - self.partial.len();
        if left == 0 {
            return Ok(true);
        }
        self.input.set_patience(patience);
        // Memory grows with the bytes that really arrive; what has come is kept.
        match self.input.by_ref().take(left as u64).read_to_end(&mut self.partial) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(CameraError::from_file(&self.name, error)),
        }
    }

    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        while !self.ready(SLICE)? {}
        if self.partial.len() < self.layout.bytes() {
            return self.end();
        }
        mem::swap(&mut frame.data, &mut self.partial);
        self.partial.clear();
        self.layout.stamp(frame, self.next_id, clock::now());
        self.next_id += 1;
        Ok(true)
    }

    fn is_live(&self) -> bool {
        true
    }

    fn outlasts_silence(&self) -> bool {
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

/// A stream that says [`io::ErrorKind::WouldBlock`] when nothing comes.
trait Patient: Read {
    /// The next read waits so long.
    fn set_patience(&mut self, patience: Duration);
}

/// A pipe.
struct Input {
    file: File,
    /// How long the next read waits.
    patience: Duration,
    /// How long the reads after it wait.
    rest: Duration,
}

impl Input {
    /// The stream behind a target, and what messages call it.
    fn open(target: &str, rest: Duration) -> Result<(PathBuf, Self), CameraError> {
        let (name, fd) = if target == "-" {
            // Not through the standard library's buffer, which poll does not see into.
            (PathBuf::from("standard input"), io::stdin().as_fd().try_clone_to_owned())
        } else {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let fd = rustix::fs::open(Path::new(target), flags, Mode::empty());
            (PathBuf::from(target), fd.map_err(io::Error::from))
        };
        let fd = fd.map_err(|error| CameraError::from_file(&name, error))?;
        Ok((name, Self { file: File::from(fd), patience: rest, rest }))
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let patience = mem::replace(&mut self.patience, self.rest);
        let timeout = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            Ok(_) => self.file.read(buffer),
            Err(error) => Err(error.into()),
        }
    }
}

impl Patient for Input {
    fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }
}

/// Waits for the first bytes of a picture.
fn wait(reader: &mut BufReader<Input>, patience: Duration) -> io::Result<bool> {
    reader.get_mut().set_patience(patience);
    match reader.fill_buf() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, OpenOptions},
        io::Write as _,
        process::Command,
        sync::atomic::AtomicBool,
        thread,
    };

    use tempfile::TempDir;

    use super::*;
    use crate::supply::{Event, Supply};

    impl Patient for &[u8] {
        fn set_patience(&mut self, _patience: Duration) {}
    }

    fn camera(bytes: &'static [u8], query: &str) -> Result<PipeCamera<&'static [u8]>, CameraError> {
        let spec = Spec::parse(&format!("pipe://-?{query}")).unwrap();
        let format = options::format(&spec)?.unwrap_or(PixelFormat::I420);
        let layout = layout(&spec, format)?;
        Ok(PipeCamera::new("standard input".into(), bytes, layout))
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
        let error = crate::open("pipe:///nowhere/at.all?size=2x2").err().unwrap();
        assert!(matches!(error, CameraError::Missing { .. }), "{error}");
    }

    fn fifo() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("camera.fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        (folder, fifo)
    }

    /// Writes to the pipe until the returned file is dropped; the reader must have it open.
    fn writer(fifo: &Path) -> File {
        OpenOptions::new().write(true).open(fifo).unwrap()
    }

    #[test]
    fn a_named_pipe_delivers_raw_frames_and_pictures() {
        let (_folder, fifo) = fifo();
        let mut jpeg = io::Cursor::new(Vec::new());
        image::GrayImage::new(8, 8).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        for (query, content, bytes) in [
            ("size=2x2&format=yuyv422", vec![9; 8], 8),
            ("format=mjpeg", jpeg.get_ref().clone(), jpeg.get_ref().len()),
        ] {
            let mut camera = crate::open(&format!("pipe://{}?{query}", fifo.display())).unwrap();
            assert!(camera.is_live());
            assert!(!camera.ready(Duration::ZERO).unwrap(), "{query}: nobody writes yet");
            let writer = thread::spawn({
                let fifo = fifo.clone();
                move || fs::write(fifo, content).unwrap()
            });
            let mut frame = Frame::empty();
            assert!(camera.next(&mut frame).unwrap());
            assert_eq!(frame.data.len(), bytes, "{query}");
            assert!(!camera.next(&mut frame).unwrap());
            writer.join().unwrap();
        }
    }

    #[test]
    fn a_frame_that_comes_in_pieces_is_whole_and_nobody_waits_for_it() {
        let (_folder, fifo) = fifo();
        let spec = format!("pipe://{}?size=2x2&format=gray", fifo.display());
        let mut camera = crate::open(&spec).unwrap();
        let mut writer = writer(&fifo);
        let mut frame = Frame::empty();
        for piece in [b"ab", b"cd"] {
            assert!(!camera.ready(Duration::ZERO).unwrap());
            writer.write_all(piece).unwrap();
        }
        assert!(camera.ready(Duration::ZERO).unwrap());
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!(frame.data, b"abcd");
        assert!(!camera.ready(Duration::ZERO).unwrap());
    }

    #[test]
    fn a_writer_that_goes_and_comes_back_is_a_loss_and_a_return() {
        let (_folder, fifo) = fifo();
        let spec = format!("pipe://{}?size=2x2&format=gray", fifo.display());
        let mut supply = Supply::open(&spec).unwrap();
        let (mut frame, stop) = (Frame::empty(), AtomicBool::new(false));
        let mut first = writer(&fifo);
        first.write_all(b"abcdefg").unwrap();
        assert_eq!(supply.next(&mut frame, &stop).unwrap(), Event::Frame);
        drop(first);
        let cut = supply.next(&mut frame, &stop).unwrap();
        assert!(matches!(&cut, Event::Skipped { reason } if reason.contains("3 of 4")), "{cut:?}");
        let lost = supply.next(&mut frame, &stop).unwrap();
        assert!(matches!(lost, Event::Lost { attempt: 1, .. }), "{lost:?}");
        // Opening for writing waits for the reader, who opens the pipe anew in his next call.
        let second = thread::spawn({
            let fifo = fifo.clone();
            move || {
                let mut second = writer(&fifo);
                second.write_all(b"ABCD").unwrap();
                second
            }
        });
        let back = supply.next(&mut frame, &stop).unwrap();
        assert!(matches!(back, Event::Back { .. }), "{back:?}");
        assert_eq!((frame.id.0, frame.data.as_slice()), (1, &b"ABCD"[..]));
        drop(second.join().unwrap());
    }

    #[test]
    fn a_silent_writer_is_told_of_and_keeps_its_reader() {
        let (_folder, fifo) = fifo();
        let spec = format!("pipe://{}?size=2x2&format=gray&timeout=0.1", fifo.display());
        let mut supply = Supply::open(&spec).unwrap();
        let (mut frame, stop) = (Frame::empty(), AtomicBool::new(false));
        let mut writer = writer(&fifo);
        writer.write_all(b"ab").unwrap();
        for number in 1..=3 {
            let told = supply.next(&mut frame, &stop).unwrap();
            assert!(matches!(told, Event::Lost { attempt, .. } if attempt == number), "{told:?}");
        }
        writer.write_all(b"cd").unwrap();
        assert!(matches!(supply.next(&mut frame, &stop).unwrap(), Event::Back { .. }));
        assert_eq!((frame.data.as_slice(), supply.counts().losses), (&b"abcd"[..], 1));
    }

    #[test]
    fn a_picture_whose_rest_does_not_come_ends_with_its_writer() {
        let (_folder, fifo) = fifo();
        let mut camera = crate::open(&format!("pipe://{}?format=mjpeg", fifo.display())).unwrap();
        let mut writer = writer(&fifo);
        writer.write_all(&[0xff, 0xd8, 0xff]).unwrap();
        assert!(camera.ready(Duration::ZERO).unwrap());
        drop(writer);
        assert!(camera.next(&mut Frame::empty()).unwrap_err().is_skippable());
    }
}
