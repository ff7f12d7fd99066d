//! A still picture from a file, decoded within limits and turned upright.
//!
//! The format is told by the content, not by the name. Grey files give [`PixelFormat::Grey`],
//! all others [`PixelFormat::Rgb`]; transparency is dropped, deeper samples become 8 bits.

use std::path::Path;

use image::{
    ColorType, DynamicImage, ImageDecoder as _, ImageError, ImageReader, Limits,
    metadata::Orientation,
};
use mien_shared::frame::{Frame, MAX_SIDE, PixelFormat};

use mien_core::clock;

use super::{CameraError, layout::Layout};

const MAX_DECODE_BYTES: u64 = 512 << 20;

/// Fills `frame` with the picture in the file at `path`; the frame's id stays as it was.
///
/// # Errors
/// [`CameraError::BadFrame`] when the file cannot be read, is no picture or exceeds the limits:
/// 8192 pixels a side, 512 MiB decoded.
pub fn read_into(path: &Path, frame: &mut Frame) -> Result<(), CameraError> {
    let bad = |reason| CameraError::BadFrame { path: path.to_owned(), reason };
    let picture = decode(path).map_err(|error| bad(explain(&error)))?;
    let (width, height) = (picture.width(), picture.height());
    if width == 0 || height == 0 {
        return Err(bad("the picture has no pixels".to_owned()));
    }
    let grey = matches!(
        picture.color(),
        ColorType::L8 | ColorType::L16 | ColorType::La8 | ColorType::La16
    );
    let format = if grey { PixelFormat::Grey } else { PixelFormat::Rgb };
    let id = frame.id.0;
    Layout::packed(format, width, height).stamp(frame, id, clock::now());
    frame.data =
        if grey { picture.into_luma8().into_raw() } else { picture.into_rgb8().into_raw() };
    Ok(())
}

fn decode(path: &Path) -> Result<DynamicImage, ImageError> {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODE_BYTES);
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.check_dimensions(decoder.dimensions().0, decoder.dimensions().1)?;
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn explain(error: &ImageError) -> String {
    match error {
        ImageError::Limits(_) => {
            format!("larger than {MAX_SIDE} pixels a side or 512 MiB; make it smaller ({error})")
        }
        ImageError::Unsupported(_) => {
            format!("not a picture of a known kind; give JPEG, PNG, BMP, PNM or WebP ({error})")
        }
        ImageError::IoError(error) => format!("cannot be read: {error}"),
        _ => format!("damaged: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    fn read(name: &str, write: impl Fn(&Path)) -> Result<Frame, CameraError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        write(&path);
        let mut frame = Frame::empty();
        read_into(&path, &mut frame).map(|()| frame)
    }

    fn reason(result: Result<Frame, CameraError>) -> String {
        match result {
            Err(CameraError::BadFrame { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// A PNG whose header promises `side` × `side` pixels and that holds none.
    fn png_header(side: u32) -> Vec<u8> {
        let mut chunk = b"IHDR".to_vec();
        chunk.extend(side.to_be_bytes());
        chunk.extend(side.to_be_bytes());
        chunk.extend([8, 2, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
        png.extend(b"\0\0\0\0IDAT");
        png.extend(crc32(b"IDAT").to_be_bytes());
        png
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn a_colour_file_gives_its_pixels() {
        let frame = read("a.png", |path| {
            RgbImage::from_pixel(3, 2, Rgb([10, 20, 30])).save(path).unwrap();
        })
        .unwrap();
        assert_eq!((frame.width, frame.height, frame.stride), (3, 2, 9));
        assert_eq!((frame.format, frame.data), (PixelFormat::Rgb, [10, 20, 30].repeat(6)));
    }

    #[test]
    fn a_grey_file_stays_grey_and_its_name_does_not_matter() {
        let frame = read("a.jpg", |path| {
            let picture = GrayImage::from_pixel(4, 1, Luma([77]));
            picture.save_with_format(path, image::ImageFormat::Png).unwrap();
        })
        .unwrap();
        assert_eq!((frame.format, frame.stride, frame.data), (PixelFormat::Grey, 4, vec![77; 4]));
    }

    #[test]
    fn a_header_of_twenty_thousand_pixels_a_side_is_refused() {
        let reason = reason(read("a.png", |path| fs::write(path, png_header(20_000)).unwrap()));
        assert!(reason.starts_with("larger than 8192 pixels a side or 512 MiB"), "{reason}");
    }

    #[test]
    fn text_and_nothing_are_no_pictures() {
        for content in ["", "not a picture"] {
            let reason = reason(read("a.jpg", |path| fs::write(path, content).unwrap()));
            assert!(!reason.is_empty(), "{content:?}");
        }
    }

    #[test]
    fn a_cut_file_is_refused() {
        let reason =
            reason(read("a.png", |path| {
                RgbImage::from_fn(64, 64, |x, y| {
                    Rgb([x, y, x * y].map(|value| value.to_le_bytes()[0]))
                })
                .save(path)
                .unwrap();
                let whole = fs::read(path).unwrap();
                fs::write(path, &whole[..whole.len() / 2]).unwrap();
            }));
        assert!(reason.starts_with("damaged") || reason.starts_with("cannot be read"), "{reason}");
    }
}
