//! A YUV4MPEG2 file as a source: `y4m://PATH`.
//!
//! ```text
//! YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg XANYTHING\n
//! FRAME\n  the luma plane, then (for 4:2:0) the U and V planes
//! FRAME\n  …
//! ```
//!
//! 8-bit 4:2:0 in its three sitings gives [`PixelFormat::I420`], mono gives
//! [`PixelFormat::Grey`]; other samplings are refused. Interlaced fields stay woven together.
//! After a damaged frame the stream has no way back and ends.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
    str,
};

use mien_shared::frame::{Frame, MAX_SIDE, PixelFormat};

use super::{
    Camera, CameraError,
    layout::{Layout, read_up_to},
    options,
};
use mien_core::{clock, spec::Spec};

const MAGIC: &str = "YUV4MPEG2";
const MAX_LINE_BYTES: u64 = 1024;

/// A YUV4MPEG2 stream.
pub(super) struct Y4mCamera {
    path: PathBuf,
    input: BufReader<File>,
    layout: Layout,
    next_id: u64,
    ended: bool,
}

impl Y4mCamera {
    pub(super) fn open(spec: &Spec) -> Result<Self, CameraError> {
        spec.allow(&["fps", "loop"])?;
        let path = PathBuf::from(options::path(spec)?);
        let unreadable = |error| CameraError::from_file(&path, error);
        let mut input = BufReader::new(File::open(&path).map_err(unreadable)?);
        let line = read_line(&mut input).map_err(unreadable)?;
        let layout = parse_header(&line)
            .map_err(|reason| CameraError::BadHeader { path: path.clone(), reason })?;
        Ok(Self { path, input, layout, next_id: 0, ended: false })
    }

    /// Reads up to the next frame's bytes: `Ok(false)` at the end of the file.
    fn find_frame(&mut self) -> Result<bool, CameraError> {
        let line = read_line(&mut self.input)
            .map_err(|error| CameraError::from_file(&self.path, error))?;
        match line.as_slice() {
            [] => Ok(false),
            b"FRAME\n" => Ok(true),
            line if line.starts_with(b"FRAME ") && line.ends_with(b"\n") => Ok(true),
            _ => Err(bad_frame(&self.path, self.next_id, "does not begin with FRAME")),
        }
    }

    fn fill(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        if !self.find_frame()? {
            return Ok(false);
        }
        let wanted = self.layout.bytes();
        let read = read_up_to(&mut self.input, wanted, &mut frame.data)
            .map_err(|error| CameraError::from_file(&self.path, error))?;
        if read < wanted {
            let reason = format!("cut off: {read} of {wanted} bytes");
            return Err(bad_frame(&self.path, self.next_id, &reason));
        }
        self.layout.stamp(frame, self.next_id, clock::now());
        self.next_id += 1;
        Ok(true)
    }
}

impl Camera for Y4mCamera {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        if self.ended {
            return Ok(false);
        }
        let filled = self.fill(frame);
        self.ended = !matches!(filled, Ok(true));
        filled
    }

    fn is_live(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        let Layout { width, height, format, .. } = self.layout;
        format!("{} {width}x{height} {format:?}", self.path.display())
    }
}

fn bad_frame(path: &Path, id: u64, reason: &str) -> CameraError {
    CameraError::BadFrame { path: path.to_owned(), reason: format!("frame {id}: {reason}") }
}

/// The next line with its newline, or what there is of it within the limit.
fn read_line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// The layout a stream header describes, or what is wrong with it.
fn parse_header(line: &[u8]) -> Result<Layout, String> {
    let line = str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
    let mut words = line.unwrap_or("").split(' ');
    if words.next() != Some(MAGIC) {
        return Err(format!(
            "no {MAGIC} header; make one with `ffmpeg -i IN -pix_fmt yuv420p OUT.y4m`"
        ));
    }
    let (mut width, mut height, mut format) = (0, 0, PixelFormat::I420);
    for word in words {
        match word.split_at_checked(1) {
            Some(("W", side)) => width = parse_side(side)?,
            Some(("H", side)) => height = parse_side(side)?,
            Some(("C", sampling)) => format = parse_sampling(sampling)?,
            _ => {}
        }
    }
    if width == 0 || height == 0 {
        return Err("the header states no W or no H".to_owned());
    }
    Ok(Layout::packed(format, width, height))
}

fn parse_side(text: &str) -> Result<u32, String> {
    let side = text.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
    side.ok_or_else(|| format!("a side of {text:?} pixels is not in 1..={MAX_SIDE}"))
}

fn parse_sampling(text: &str) -> Result<PixelFormat, String> {
    match text {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(PixelFormat::I420),
        "mono" => Ok(PixelFormat::Grey),
        other => Err(format!(
            "sampling C{other} is not supported; convert with `ffmpeg -i IN -pix_fmt yuv420p OUT.y4m`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn open(content: &[u8]) -> (tempfile::TempDir, Result<Box<dyn Camera>, CameraError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.y4m");
        fs::write(&path, content).unwrap();
        let camera = crate::open(&format!("y4m://{}", path.display()));
        (folder, camera)
    }

    #[test]
    fn frames_come_out_as_they_went_in() {
        let (_folder, camera) =
            open(b"YUV4MPEG2 W4 H2 F30:1 Ip A1:1 C420mpeg2 XA=B\nFRAME\nabcdefghUVuvFRAME Ip\n...");
        // 4x2 luma is 8 bytes, each chroma plane 2x1.
        let mut camera = camera.unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.width, frame.height, frame.stride), (4, 2, 4));
        assert_eq!(
            (frame.format, frame.data.as_slice()),
            (PixelFormat::I420, &b"abcdefghUVuv"[..])
        );
        let error = camera.next(&mut frame).unwrap_err();
        assert!(error.is_skippable());
        assert!(error.to_string().ends_with("frame 1: cut off: 3 of 12 bytes"), "{error}");
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn mono_is_grey_and_the_default_is_420() {
        let layout = |text: &str| parse_header(text.as_bytes());
        assert_eq!(layout("YUV4MPEG2 H3 W5 Cmono\n"), Ok(Layout::packed(PixelFormat::Grey, 5, 3)));
        assert_eq!(layout("YUV4MPEG2 W5 H3\n"), Ok(Layout::packed(PixelFormat::I420, 5, 3)));
    }

    #[test]
    fn the_end_of_the_file_between_frames_is_the_end() {
        let (_folder, camera) = open(b"YUV4MPEG2 W1 H1 Cmono\nFRAME\nxFRAME\ny");
        let mut camera = camera.unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.id.0, frame.data.as_slice()), (1, &b"y"[..]));
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn wrong_headers_are_refused() {
        for (header, reason) in [
            (&b""[..], "no YUV4MPEG2 header"),
            (b"YUV4MPEG W4 H4\n", "no YUV4MPEG2 header"),
            (b"YUV4MPEG2 W4 H4", "no YUV4MPEG2 header"),
            (b"YUV4MPEG2 W4\n", "the header states no W or no H"),
            (b"YUV4MPEG2 W0 H4\n", "a side of \"0\" pixels is not in 1..=8192"),
            (b"YUV4MPEG2 W20000 H20000\n", "a side of \"20000\" pixels is not in 1..=8192"),
            (b"YUV4MPEG2 W-4 H4\n", "a side of \"-4\" pixels is not in 1..=8192"),
            (b"YUV4MPEG2 W4 H4 C422\n", "sampling C422 is not supported"),
            (b"YUV4MPEG2 W4 H4 C420p10\n", "sampling C420p10 is not supported"),
            (&[0xff; 5000], "no YUV4MPEG2 header"),
        ] {
            let (_folder, camera) = open(header);
            match camera.err() {
                Some(CameraError::BadHeader { reason: got, .. }) => {
                    assert!(got.starts_with(reason), "{got} for {header:?}");
                }
                other => panic!("{other:?} for {header:?}"),
            }
        }
    }

    #[test]
    fn a_frame_without_its_marker_ends_the_source() {
        let (_folder, camera) = open(b"YUV4MPEG2 W1 H1 Cmono\nframe\nx");
        let mut camera = camera.unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap_err().is_skippable());
        assert!(!camera.next(&mut frame).unwrap());
    }

    #[test]
    fn a_huge_promise_takes_no_memory() {
        let (_folder, camera) = open(b"YUV4MPEG2 W8192 H8192 C420\nFRAME\nshort");
        let mut frame = Frame::empty();
        assert!(camera.unwrap().next(&mut frame).unwrap_err().is_skippable());
        assert!(frame.data.capacity() < 1 << 20);
    }
}
