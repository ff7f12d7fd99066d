//! Cutting a byte stream into JPEG pictures, by the structure of ITU-T T.81 annex B.
//!
//! ```text
//! SOI (FFD8) · segments (FFxx, length, payload) · SOS segment · entropy-coded data · … · EOI (FFD9)
//! ```
//!
//! Segment payloads are skipped by their length, so that the markers of an embedded thumbnail cut
//! nothing; entropy-coded data ends at the first `FF` that neither a stuffed zero nor a restart
//! marker follows. Bytes between pictures are passed over. Nothing is decoded.

use std::io::{self, BufRead, Read as _};

use mien_shared::frame::MAX_SIDE;

/// The most bytes one picture may have.
const MAX_PICTURE_BYTES: usize = 32 << 20;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const TEM: u8 = 0x01;

/// A stream of JPEG pictures.
pub(super) struct JpegReader<R> {
    input: R,
    /// A start-of-image marker was read while another picture was still open.
    starts_ahead: bool,
}

/// Width and height in pixels.
type Size = (u32, u32);

impl<R: BufRead> JpegReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, starts_ahead: false }
    }

    /// What it reads from.
    pub(super) fn input(&mut self) -> &mut R {
        &mut self.input
    }

    /// Replaces `out` by the next picture, from SOI to EOI, and says its size; `None` at the end
    /// of the stream.
    pub(super) fn next(&mut self, out: &mut Vec<u8>) -> Result<Option<Size>, JpegError> {
        if !self.find_start()? {
            return Ok(None);
        }
        out.clear();
        out.extend([0xff, SOI]);
        self.picture(out).map(Some)
    }

    /// Skips to behind the next start-of-image marker; false at the end of the stream.
    fn find_start(&mut self) -> Result<bool, JpegError> {
        if std::mem::take(&mut self.starts_ahead) {
            return Ok(true);
        }
        loop {
            match self.input.skip_until(0xff).and_then(|_skipped| self.marker_code()) {
                Ok(SOI) => return Ok(true),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn picture(&mut self, out: &mut Vec<u8>) -> Result<Size, JpegError> {
        let mut size = None;
        let mut code = self.marker()?;
        while code != EOI {
            out.extend([0xff, code]);
            if code == SOI {
                self.starts_ahead = true;
                return Err(JpegError::Bad("cut off: the next picture starts inside it"));
            }
            if is_reserved(code) {
                return Err(JpegError::Bad("damaged: a marker is unknown"));
            }
            let payload = if stands_alone(code) { &[] } else { self.segment(out)? };
            if is_frame_header(code) {
                size = Some(frame_size(payload)?);
            }
            code = if code == SOS { self.entropy(out)? } else { self.marker()? };
        }
        out.extend([0xff, EOI]);
        size.ok_or(JpegError::Bad("holds no frame header"))
    }

    /// The code of the marker that must stand here.
    fn marker(&mut self) -> Result<u8, JpegError> {
        if self.byte()? != 0xff {
            return Err(JpegError::Bad("damaged: a marker is missing"));
        }
        Ok(self.marker_code()?)
    }

    /// What follows an `FF`, any fill bytes passed over.
    fn marker_code(&mut self) -> io::Result<u8> {
        loop {
            match self.byte()? {
                0xff => {}
                code => return Ok(code),
            }
        }
    }

    /// Appends a segment's length and payload to `out` and returns the payload.
    fn segment<'a>(&mut self, out: &'a mut Vec<u8>) -> Result<&'a [u8], JpegError> {
        let length = [self.byte()?, self.byte()?];
        out.extend(length);
        let Some(payload) = u16::from_be_bytes(length).checked_sub(2) else {
            return Err(JpegError::Bad("damaged: a segment has no length"));
        };
        let start = out.len();
        self.input.by_ref().take(payload.into()).read_to_end(out)?;
        if out.len() - start < payload.into() {
            return Err(JpegError::Bad(CUT_OFF));
        }
        too_large(out)?;
        Ok(&out[start..])
    }

    /// Appends entropy-coded data to `out` and returns the code of the marker that ends it.
    fn entropy(&mut self, out: &mut Vec<u8>) -> Result<u8, JpegError> {
        loop {
            let room = (MAX_PICTURE_BYTES + 1).saturating_sub(out.len()) as u64;
            self.input.by_ref().take(room).read_until(0xff, out)?;
            too_large(out)?;
            if out.pop_if(|last| *last == 0xff).is_none() {
                return Err(JpegError::Bad(CUT_OFF));
            }
            match self.marker_code()? {
                code @ (0 | 0xd0..=0xd7) => out.extend([0xff, code]),
                code => return Ok(code),
            }
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

/// Why a picture cannot be cut out of its stream.
#[derive(Debug)]
pub(super) enum JpegError {
    /// This picture is bad; the next call looks for the next one.
    Bad(&'static str),
    /// The stream cannot be read.
    Io(io::Error),
}

impl From<io::Error> for JpegError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Bad(CUT_OFF),
            _ => Self::Io(error),
        }
    }
}

const CUT_OFF: &str = "cut off: the stream ends inside a picture";

fn too_large(out: &[u8]) -> Result<(), JpegError> {
    if out.len() > MAX_PICTURE_BYTES {
        return Err(JpegError::Bad("larger than 32 MiB"));
    }
    Ok(())
}

/// Whether a marker has no segment: TEM and the restart markers.
fn stands_alone(code: u8) -> bool {
    matches!(code, TEM | 0xd0..=0xd7)
}

/// Whether no picture of this kind has such a marker; a stuffed zero outside entropy-coded data
/// counts, too.
fn is_reserved(code: u8) -> bool {
    matches!(code, 0 | 0x02..=0xbf)
}

/// Whether a marker starts a frame header: SOF0 to SOF15 without DHT, JPG and DAC.
fn is_frame_header(code: u8) -> bool {
    matches!(code, 0xc0..=0xcf) && !matches!(code, 0xc4 | 0xc8 | 0xcc)
}

/// Width and height from a frame header: precision, height, width, …
fn frame_size(payload: &[u8]) -> Result<Size, JpegError> {
    let &[_, h0, h1, w0, w1, ..] = payload else {
        return Err(JpegError::Bad("damaged: the frame header is too short"));
    };
    let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
    let fits = |side: u16| (1..=MAX_SIDE).contains(&side.into());
    if !fits(width) || !fits(height) {
        return Err(JpegError::Bad("its sides are not in 1..=8192 pixels"));
    }
    Ok((width.into(), height.into()))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};

    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            Rgb([x * 37, y * 59, x * y].map(|value| value.to_le_bytes()[0]))
        });
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&picture).unwrap();
        bytes
    }

    /// What each call yields until the end: a size, or the reason of a bad picture.
    fn cut(stream: &[u8]) -> Vec<Result<Size, &'static str>> {
        let mut reader = JpegReader::new(stream);
        let mut out = Vec::new();
        let mut cuts = Vec::new();
        loop {
            match reader.next(&mut out) {
                Ok(None) => return cuts,
                Ok(Some(size)) => cuts.push(Ok(size)),
                Err(JpegError::Bad(reason)) => cuts.push(Err(reason)),
                Err(JpegError::Io(error)) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn pictures_are_cut_byte_for_byte() {
        let pictures = [jpeg(64, 48), jpeg(17, 33), jpeg(8, 8)];
        let stream = pictures.concat();
        let mut reader = JpegReader::new(&stream[..]);
        let mut out = Vec::new();
        for picture in &pictures {
            assert!(reader.next(&mut out).unwrap().is_some());
            assert_eq!(&out, picture);
        }
        assert!(reader.next(&mut out).unwrap().is_none());
        assert_eq!(cut(&stream), [Ok((64, 48)), Ok((17, 33)), Ok((8, 8))]);
    }

    #[test]
    fn markers_of_an_embedded_thumbnail_cut_nothing() {
        let thumbnail = jpeg(8, 8);
        let picture = jpeg(32, 32);
        let length = u16::try_from(thumbnail.len() + 2).unwrap();
        let app1 = [&[0xff, 0xe1][..], &length.to_be_bytes(), &thumbnail].concat();
        let nested = [&picture[..2], &app1, &picture[2..]].concat();
        assert_eq!(cut(&[nested.clone(), nested].concat()), [Ok((32, 32)), Ok((32, 32))]);
    }

    #[test]
    fn bytes_between_pictures_are_passed_over() {
        let stream = [b"--frame\r\n\r\n".to_vec(), jpeg(9, 7), vec![0, 0xff, 0xff, 3], jpeg(5, 5)];
        assert_eq!(cut(&stream.concat()), [Ok((9, 7)), Ok((5, 5))]);
    }

    #[test]
    fn a_cut_tail_is_bad_and_then_the_stream_ends() {
        let whole = jpeg(64, 64);
        for kept in [3, 5, 30, whole.len() / 2, whole.len() - 1] {
            let stream = [&whole[..], &whole[..kept]].concat();
            assert_eq!(cut(&stream), [Ok((64, 64)), Err(CUT_OFF)], "{kept} bytes kept");
        }
    }

    #[test]
    fn the_picture_after_a_cut_one_is_found() {
        let whole = jpeg(64, 64);
        let stream = [&whole[..whole.len() - 20], &jpeg(5, 5)].concat();
        assert_eq!(cut(&stream), [Err("cut off: the next picture starts inside it"), Ok((5, 5))]);
    }

    #[test]
    fn impossible_sizes_and_missing_headers_are_bad() {
        let mut huge = jpeg(16, 16);
        let sof = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        huge[sof + 5..sof + 9].copy_from_slice(&[0x4e, 0x20, 0x4e, 0x20]);
        assert_eq!(cut(&huge)[0], Err("its sides are not in 1..=8192 pixels"));
        huge[sof + 5..sof + 9].fill(0);
        assert_eq!(cut(&huge)[0], Err("its sides are not in 1..=8192 pixels"));
        assert_eq!(cut(&[0xff, 0xd8, 0xff, 0xd9]), [Err("holds no frame header")]);
        assert_eq!(cut(&[0xff, 0xd8, 0xff, 0xe0, 0, 1]), [Err("damaged: a segment has no length")]);
        assert_eq!(cut(&[0xff, 0xd8, 0x00]), [Err("damaged: a marker is missing")]);
    }

    #[test]
    fn an_endless_picture_stops_at_the_limit() {
        let whole = jpeg(16, 16);
        let sos = whole.windows(2).position(|pair| pair == [0xff, SOS]).unwrap();
        let mut stream = whole[..sos + 14].to_vec();
        stream.resize(MAX_PICTURE_BYTES + 100, 0x55);
        assert_eq!(cut(&stream), [Err("larger than 32 MiB")]);
    }

    #[test]
    fn a_wrong_byte_costs_no_more_than_a_segment_can_hold() {
        let whole = jpeg(16, 16);
        let segment = whole.repeat(usize::from(u16::MAX) / whole.len() + 2);
        let rest = [&segment[..], &jpeg(8, 8)].concat();
        for position in 2..whole.len() {
            for wrong in [0x00, 0xd8, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] = wrong;
                let cuts = cut(&[&damaged[..], &rest].concat());
                assert_eq!(cuts.last(), Some(&Ok((8, 8))), "{wrong:#x} at {position}");
            }
        }
    }

    #[test]
    fn noise_yields_nothing() {
        assert_eq!(cut(b""), []);
        assert_eq!(cut(&[0xff; 100]), []);
        assert_eq!(cut(b"no picture at all"), []);
    }
}
