//! The pixels of an [`Entry`]: decoded on demand, cut to its region, made grey and square.
//!
//! Luma is that of the `image` crate (Rec. 709 weights) as everywhere in Mien. A picture is
//! stretched to the square that is asked for with a triangle filter whose support grows with the
//! reduction, so that shrinking averages. Sides above [`MAX_SIDE`] are refused before a pixel is
//! allocated; nothing that was decoded is kept.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read as _, Seek, SeekFrom},
    path::Path,
};

use image::{
    GrayImage, ImageReader, Limits,
    imageops::{self, FilterType},
};
use mien_shared::{
    frame::{Grey, MAX_SIDE},
    geometry::Rect,
};

use super::{Entry, Source};
use crate::{DataError, table::open_file};

impl Entry {
    /// The picture, stretched to `side` × `side` pixels (at most [`MAX_SIDE`]).
    ///
    /// # Errors
    /// Those of [`Entry::picture`].
    pub fn grey(&self, side: u32) -> Result<Grey, DataError> {
        Ok(stretched(self.picture()?, side.min(MAX_SIDE)))
    }

    /// The picture at its own size, cut to its region.
    ///
    /// # Errors
    /// [`DataError::Read`] where the file cannot be read, [`DataError::Image`] or
    /// [`DataError::Picture`] where it does not decode, [`DataError::Unusable`] where the region
    /// lies outside the picture.
    pub fn picture(&self) -> Result<Grey, DataError> {
        self.read(self.source.region())
    }

    /// The picture at its own size without regard to its region.
    pub(super) fn uncut(&self) -> Result<Grey, DataError> {
        self.read(None)
    }

    fn read(&self, region: Option<Rect>) -> Result<Grey, DataError> {
        match &self.source {
            Source::Memory(picture) => Ok(Grey::clone(picture)),
            Source::File { path, .. } => {
                let decoded = decode(BufReader::new(open_file(path)?))
                    .map_err(|source| DataError::Image { path: path.clone(), source })?;
                cut(decoded, region, path)
            }
            Source::Packed { path, name, offset, len, .. } => {
                let bytes = slice(path, *offset, *len)?;
                let decoded = decode(Cursor::new(bytes)).map_err(|source| DataError::Picture {
                    path: path.clone(),
                    name: name.clone(),
                    source,
                })?;
                cut(decoded, region, path)
            }
        }
    }
}

/// A picture stretched to `side` × `side` pixels.
pub(crate) fn stretched(picture: Grey, side: u32) -> Grey {
    let (width, height) = (picture.width, picture.height);
    if (width, height) == (side, side) {
        return picture;
    }
    // A picture's bytes are always as many as its sides say.
    let whole = GrayImage::from_raw(width, height, picture.data).unwrap_or_default();
    grey(imageops::resize(&whole, side, side, FilterType::Triangle))
}

/// Decodes a picture of whatever format its first bytes say.
fn decode(from: impl BufRead + Seek) -> Result<GrayImage, image::ImageError> {
    let mut reader = ImageReader::new(from).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    Ok(reader.decode()?.into_luma8())
}

/// `len` bytes of a file.
fn slice(path: &Path, offset: u64, len: u32) -> Result<Vec<u8>, DataError> {
    let fault = |source| DataError::Read { path: path.to_owned(), source };
    let mut file: File = open_file(path)?;
    file.seek(SeekFrom::Start(offset)).map_err(fault)?;
    let mut bytes = Vec::new();
    file.take(u64::from(len)).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// The part of `picture` within `region`, to the nearest pixel. A region may hang over the border,
/// which is then repeated, so that it keeps its shape; one that is wholly outside is refused.
fn cut(picture: GrayImage, region: Option<Rect>, path: &Path) -> Result<Grey, DataError> {
    let Some(region) = region else { return Ok(grey(picture)) };
    let (width, height) = picture.dimensions();
    let across = span(region.x, region.w, width);
    let down = span(region.y, region.h, height);
    let (Some(across), Some(down)) = (across, down) else {
        let Rect { x, y, w, h } = region;
        let face = format!("the face at x {x}, y {y}, {w} × {h}");
        return Err(DataError::Unusable {
            path: path.to_owned(),
            what: format!("{face} is not within its {width} × {height} pixels"),
            fix: "correct the face's place in the set's list",
        });
    };
    let mut face = Grey { width: across.1, height: down.1, data: Vec::new() };
    for y in border(down, height) {
        face.data.extend(border(across, width).map(|x| picture.get_pixel(x, y).0[0]));
    }
    Ok(face)
}

/// First pixel and number of pixels of `start..start + len`, `None` where that is empty, longer
/// than [`MAX_SIDE`] or wholly outside `0..size`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be of the order of MAX_SIDE"
)]
fn span(start: f32, len: f32, size: u32) -> Option<(i64, u32)> {
    let (first, end) = (start.round(), (start + len).round());
    let some = first < end && first < size as f32 && end > 0.0 && end - first <= MAX_SIDE as f32;
    some.then_some((first as i64, (end - first) as u32))
}

/// The pixels of a line of `size`, its ends repeated for those beyond.
fn border((first, len): (i64, u32), size: u32) -> impl Iterator<Item = u32> {
    let last = i64::from(size) - 1;
    (first..first + i64::from(len)).map(move |at| u32::try_from(at.clamp(0, last)).unwrap_or(0))
}

fn grey(picture: GrayImage) -> Grey {
    Grey { width: picture.width(), height: picture.height(), data: picture.into_raw() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::fixture::Fixture;

    /// 8 × 4 pixels whose value is ten times their column.
    fn ramp(region: Option<Rect>) -> (Fixture, Entry) {
        let set = Fixture::new();
        let ramp = GrayImage::from_fn(8, 4, |x, _| image::Luma([u8::try_from(10 * x).unwrap()]));
        ramp.save(set.path("ramp.png")).unwrap();
        let entry = Entry::of(Source::File { path: set.path("ramp.png"), region });
        (set, entry)
    }

    #[test]
    fn a_region_is_cut_to_the_nearest_pixel_and_repeats_the_border_it_hangs_over() {
        for (x, row) in [(1.6, [20, 30, 40]), (-1.2, [0, 0, 10]), (6.0, [60, 70, 70])] {
            let (_set, entry) = ramp(Some(Rect { x, y: -1.0, w: 3.0, h: 2.4 }));
            let face = entry.picture().unwrap();
            assert_eq!((face.width, face.height), (3, 2));
            assert_eq!(face.data, [row, row].concat());
        }
    }

    #[test]
    fn shrinking_averages_and_the_size_asked_for_is_given() {
        let (_set, entry) = ramp(None);
        let small = entry.grey(4).unwrap();
        assert_eq!((small.width, small.height), (4, 4));
        assert_eq!(small.data[1..3], [25, 45]);
        let same = Grey { width: 2, height: 2, data: vec![1, 2, 3, 4] };
        let kept = Entry::of(Source::Memory(Arc::new(same.clone()))).grey(2).unwrap();
        assert_eq!(kept, same);
    }

    #[test]
    fn a_region_beside_the_picture_a_boundless_one_and_one_of_no_number_are_refused() {
        for (x, w) in [(8.0, 4.0), (-4.0, 4.0), (0.0, 1e30), (0.0, 0.0), (f32::NAN, 4.0)] {
            let (_set, entry) = ramp(Some(Rect { x, y: 0.0, w, h: 4.0 }));
            let error = entry.picture().unwrap_err().to_string();
            assert!(error.contains("ramp.png: the face at x"), "{error}");
            assert!(error.ends_with("correct the face's place in the set's list"), "{error}");
        }
    }

    #[test]
    fn colour_becomes_luma_and_the_bytes_say_the_format_whatever_the_name() {
        let set = Fixture::new();
        let green = RgbImage::from_pixel(2, 2, Rgb([0, 255, 0]));
        green.save_with_format(set.path("green.jpg"), image::ImageFormat::Png).unwrap();
        let picture = Entry::file(set.path("green.jpg")).picture().unwrap();
        assert_eq!(picture.data, [182; 4]);
    }

    #[test]
    fn a_missing_a_damaged_and_a_hostile_file_are_each_named() {
        let set = Fixture::new();
        let error = Entry::file(set.path("gone.png")).picture().unwrap_err();
        assert!(matches!(error, DataError::Read { .. }), "{error}");
        set.text("torn.png", "\u{89}PNG");
        let error = Entry::file(set.path("torn.png")).picture().unwrap_err().to_string();
        assert!(error.ends_with("torn.png does not decode as a picture: fetch the file again"));
        set.text("huge.pgm", "P5 60000 60000 255\n");
        let error = Entry::file(set.path("huge.pgm")).picture().unwrap_err();
        assert!(matches!(error, DataError::Image { .. }), "{error}");
    }

    #[test]
    fn a_picture_within_a_larger_file_is_found_and_a_short_one_refused() {
        let (set, entry) = ramp(None);
        let png = std::fs::read(set.path("ramp.png")).unwrap();
        std::fs::write(set.path("pack"), [&[7, 7, 7], &png[..]].concat()).unwrap();
        let packed = |len| {
            let (path, name) = (set.path("pack"), "ramp".to_owned());
            Entry::of(Source::Packed { path, name, offset: 3, len, region: None })
        };
        let len = u32::try_from(png.len()).unwrap();
        assert_eq!(packed(len).picture().unwrap(), entry.picture().unwrap());
        let error = packed(40).picture().unwrap_err().to_string();
        assert!(error.contains("pack: picture `ramp` does not decode"), "{error}");
    }
}
