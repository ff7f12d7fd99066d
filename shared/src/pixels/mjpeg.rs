//! Motion-JPEG: one JPEG picture per frame, its Huffman tables often left out.
//!
//! The JPEG crate fills in the standard tables for a picture marked as part of an AVI file, where
//! leaving them out is the rule; every frame gets that mark, which changes nothing in one that
//! brings its own. A frame cut off before its end marker is refused rather than shown half grey.

use std::fmt;

use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{PixelError, check_size, rgb};
use crate::frame::{Grey, MAX_SIDE, Rgb};

/// Last marker of every JPEG.
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
/// Bytes of the marker that opens every JPEG.
const START_OF_IMAGE: usize = 2;
/// The application segment of a JPEG in an AVI file: marker, length, name.
const AVI_MARK: [u8; 9] = *b"\xff\xe0\x00\x07AVI1\0";

/// Buffers kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The JPEG with its mark.
    marked: Vec<u8>,
    /// A picture without luma of its own.
    rgb: Rgb,
}

impl Scratch {
    /// Writes the picture's luma into `out`, which takes the picture's size.
    pub(super) fn decode_grey(&mut self, jpeg: &[u8], out: &mut Grey) -> Result<(), PixelError> {
        let mut decoder = open(jpeg, &mut self.marked)?;
        let has_luma =
            matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma));
        if !has_luma {
            unpack_rgb(&mut decoder, &mut self.rgb)?;
            out.resize(self.rgb.width, self.rgb.height);
            rgb::luma_of(&self.rgb, out);
            return Ok(());
        }
        let (width, height) = size(&decoder)?;
        out.resize(width, height);
        unpack(&mut decoder, ColorSpace::Luma, &mut out.data)
    }

    /// Writes the picture's colours into `out`, which takes the picture's size.
    pub(super) fn decode_rgb(&mut self, jpeg: &[u8], out: &mut Rgb) -> Result<(), PixelError> {
        unpack_rgb(&mut open(jpeg, &mut self.marked)?, out)
    }
}

/// A decoder over a slice.
type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

/// Marks a whole JPEG and reads its headers.
fn open<'a>(jpeg: &[u8], marked: &'a mut Vec<u8>) -> Result<Decoder<'a>, PixelError> {
    let (start, rest) = jpeg.split_at(START_OF_IMAGE.min(jpeg.len()));
    marked.clear();
    for part in [start, &AVI_MARK, rest] {
        marked.extend_from_slice(part);
    }
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(marked.as_slice()), options);
    decoder.decode_headers().map_err(|error| refused(&error))?;
    if !is_whole(jpeg) {
        return Err(PixelError::TruncatedJpeg { given: jpeg.len() });
    }
    Ok(decoder)
}

/// Whether the end marker is there; cameras pad frames with zeros behind it.
fn is_whole(jpeg: &[u8]) -> bool {
    let padding = jpeg.iter().rev().take_while(|&&byte| byte == 0).count();
    jpeg[..jpeg.len() - padding].ends_with(&END_OF_IMAGE)
}

/// Width and height the JPEG states.
fn size(decoder: &Decoder<'_>) -> Result<(u32, u32), PixelError> {
    let (width, height) =
        decoder.info().map_or((0, 0), |info| (u32::from(info.width), u32::from(info.height)));
    check_size(width, height)?;
    Ok((width, height))
}

/// Decodes to red, green and blue.
fn unpack_rgb(decoder: &mut Decoder<'_>, out: &mut Rgb) -> Result<(), PixelError> {
    let (width, height) = size(decoder)?;
    out.resize(width, height);
    unpack(decoder, ColorSpace::RGB, &mut out.data)
}

/// Decodes to a colour space.
fn unpack(decoder: &mut Decoder<'_>, to: ColorSpace, out: &mut [u8]) -> Result<(), PixelError> {
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(to));
    decoder.decode_into(out).map_err(|error| refused(&error))
}

/// What the JPEG crate said.
fn refused(error: &impl fmt::Debug) -> PixelError {
    PixelError::Jpeg { reason: format!("{error:?}") }
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        frame::{Frame, PixelFormat},
        pixels,
    };

    /// A smooth 24×16 colour picture.
    fn picture() -> Rgb {
        let mut picture = Rgb::new(24, 16);
        for (index, pixel) in picture.data.chunks_exact_mut(3).enumerate() {
            let (x, y) = (u8::try_from(index % 24).unwrap(), u8::try_from(index / 24).unwrap());
            pixel.copy_from_slice(&[40 + 6 * x, 60 + 8 * y, 120]);
        }
        picture
    }

    fn jpeg() -> Vec<u8> {
        let Rgb { width, height, data } = picture();
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.encode(&data, width, height, ExtendedColorType::Rgb8).unwrap();
        bytes
    }

    /// A JPEG without its Huffman tables, as most cameras send it.
    fn without_tables(jpeg: &[u8]) -> Vec<u8> {
        let mut out = jpeg[..2].to_vec();
        let mut at = 2;
        while jpeg[at + 1] != 0xda {
            let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            if jpeg[at + 1] != 0xc4 {
                out.extend_from_slice(&jpeg[at..at + length]);
            }
            at += length;
        }
        out.extend_from_slice(&jpeg[at..]);
        out
    }

    /// A frame negotiated at another size than the JPEG's.
    fn frame(data: Vec<u8>) -> Frame {
        Frame { width: 640, height: 480, format: PixelFormat::Mjpeg, data, ..Frame::empty() }
    }

    fn to_grey(data: Vec<u8>) -> Result<Grey, PixelError> {
        let mut out = Grey::default();
        pixels::Decoder::new().to_grey(&frame(data), &mut out).map(|()| out)
    }

    fn to_rgb(data: Vec<u8>) -> Result<Rgb, PixelError> {
        let mut out = Rgb::default();
        pixels::Decoder::new().to_rgb(&frame(data), &mut out).map(|()| out)
    }

    fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(&a, &b)| a.abs_diff(b)).max().unwrap()
    }

    #[test]
    fn a_jpeg_has_its_own_size_and_nearly_its_colours() {
        let out = to_rgb(jpeg()).unwrap();
        assert_eq!((out.width, out.height), (24, 16));
        assert!(largest_difference(&out.data, &picture().data) <= 8);
    }

    #[test]
    fn luma_comes_straight_from_the_jpeg() {
        let out = to_grey(jpeg()).unwrap();
        assert_eq!((out.width, out.height), (24, 16));
        let mut wanted = Grey::new(24, 16);
        rgb::luma_of(&picture(), &mut wanted);
        assert!(largest_difference(&out.data, &wanted.data) <= 4);
    }

    #[test]
    fn a_grey_jpeg_is_read_as_grey_and_as_colour() {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.encode(&[90; 100], 10, 10, ExtendedColorType::L8).unwrap();
        assert_eq!(to_grey(bytes.clone()).unwrap().data, [90; 100]);
        assert_eq!(to_rgb(bytes).unwrap().data, [90; 300]);
    }

    #[test]
    fn a_camera_jpeg_without_huffman_tables_is_read_with_the_standard_ones() {
        let bare = without_tables(&jpeg());
        assert!(bare.len() + 400 < jpeg().len(), "the tables are gone");
        assert_eq!(to_grey(bare.clone()), to_grey(jpeg()));
        assert_eq!(to_rgb(bare), to_rgb(jpeg()));
    }

    #[test]
    fn zeros_behind_the_end_are_padding() {
        let mut padded = jpeg();
        padded.resize(padded.len() + 500, 0);
        assert_eq!(to_grey(padded), to_grey(jpeg()));
    }

    #[test]
    fn a_jpeg_cut_anywhere_is_refused() {
        let whole = jpeg();
        for length in 0..whole.len() {
            assert!(to_grey(whole[..length].to_vec()).is_err(), "{length} bytes");
        }
        let half = to_grey(whole[..whole.len() - 60].to_vec());
        assert_eq!(half, Err(PixelError::TruncatedJpeg { given: whole.len() - 60 }));
    }

    #[test]
    fn a_size_beyond_the_limit_is_refused_before_decoding() {
        let mut huge = jpeg();
        let frame = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        huge[frame + 5..frame + 9].copy_from_slice(&[0x4e, 0x20, 0x4e, 0x20]);
        let error = to_grey(huge).unwrap_err();
        assert!(matches!(error, PixelError::Jpeg { .. }), "{error}");
    }

    #[test]
    fn other_bytes_are_no_jpeg() {
        for bytes in [&b""[..], b"\0\0\0\0", b"GIF89a", b"\xff\xd8\xff\xd9"] {
            let error = to_grey(bytes.to_vec()).unwrap_err();
            assert!(matches!(error, PixelError::Jpeg { .. }), "{error}");
        }
    }

    proptest! {
        #[test]
        fn damage_does_not_panic(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut bytes = jpeg();
            for (index, byte) in edits {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(out) = to_grey(bytes.clone()) {
                prop_assert_eq!(out.data.len(), (out.width * out.height) as usize);
            }
            if let Ok(out) = to_rgb(bytes) {
                prop_assert_eq!(out.data.len(), 3 * (out.width * out.height) as usize);
            }
        }
    }
}
