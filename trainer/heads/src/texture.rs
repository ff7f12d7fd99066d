//! Pictures on surfaces, in linear light.

use std::path::Path;

use image::{DynamicImage, ImageReader, Limits};
use mien_synth::{
    math::{index, mix3},
    tone,
};

use crate::HeadError;

/// Largest side of a picture that is read, pixels.
const MOST_SIDE: u32 = 8192;

/// A picture in linear RGB.
#[derive(Debug, Clone, Default)]
pub struct Texture {
    width: usize,
    height: usize,
    texels: Vec<[f32; 3]>,
}

impl Texture {
    /// A black picture.
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, texels: vec![[0.0; 3]; width * height] }
    }

    /// Reads an 8-bit picture.
    ///
    /// # Errors
    /// When the file is missing, damaged or too large.
    pub fn open(path: &Path) -> Result<Self, HeadError> {
        let rgb = decode(path)?.into_rgb8();
        let (width, height) = (rgb.width() as usize, rgb.height() as usize);
        let texels = rgb.pixels().map(|p| p.0.map(tone::decode)).collect();
        Ok(Self { width, height, texels })
    }

    /// Width in texels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in texels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The texels, row by row.
    pub fn texels_mut(&mut self) -> &mut [[f32; 3]] {
        &mut self.texels
    }

    /// The colour at `u` rightwards and `v` downwards, 0..=1, between texel centres linearly.
    pub fn sample(&self, u: f32, v: f32) -> [f32; 3] {
        let x = (u * self.width as f32 - 0.5).clamp(0.0, (self.width - 1) as f32);
        let y = (v * self.height as f32 - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (column, row) = (index(x), index(y));
        let right = usize::from(column + 1 < self.width);
        let below = if row + 1 < self.height { self.width } else { 0 };
        let at = row * self.width + column;
        let top = mix3(self.texels[at], self.texels[at + right], x.fract());
        let bottom = mix3(self.texels[at + below], self.texels[at + below + right], x.fract());
        mix3(top, bottom, y.fract())
    }

    /// Copies the texels between the texture coordinates `low` and `high` (`v` up), moved by `by`.
    pub(crate) fn copy_region(&mut self, [low, high, by]: [[f32; 2]; 3]) {
        let (across, down) = (self.width as f32, self.height as f32);
        let before = self.clone();
        for (i, texel) in self.texels.iter_mut().enumerate() {
            let u = ((i % self.width) as f32 + 0.5) / across - by[0];
            let v = 1.0 - ((i / self.width) as f32 + 0.5) / down - by[1];
            if (low[0]..high[0]).contains(&u) && (low[1]..high[1]).contains(&v) {
                *texel = before.sample(u, 1.0 - v);
            }
        }
    }

    /// Halves both sides, averaging four texels each.
    #[must_use]
    pub fn halved(&self) -> Self {
        let mut half = Self::new((self.width / 2).max(1), (self.height / 2).max(1));
        let (across, down) = (half.width as f32, half.height as f32);
        for (i, texel) in half.texels.iter_mut().enumerate() {
            let (x, y) = ((i % half.width) as f32 + 0.5, (i / half.width) as f32 + 0.5);
            *texel = self.sample(x / across, y / down);
        }
        half
    }
}

/// Decodes any picture Mien reads, refusing huge ones before allocating.
pub(crate) fn decode(path: &Path) -> Result<DynamicImage, HeadError> {
    let fault = |source| HeadError::Read { path: path.to_owned(), source };
    let mut reader =
        ImageReader::open(path).map_err(fault)?.with_guessed_format().map_err(fault)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    reader.limits(limits);
    reader.decode().map_err(|source| HeadError::Picture { path: path.to_owned(), source })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn colours_are_mixed_between_texel_centres() {
        let mut texture = Texture::new(2, 1);
        texture.texels_mut()[1] = [1.0, 0.5, 0.0];
        assert_eq!(texture.sample(0.5, 0.5), [0.5, 0.25, 0.0]);
        assert_eq!(texture.sample(-3.0, 9.0), [0.0; 3]);
        assert_eq!(texture.sample(1.0, 0.5), [1.0, 0.5, 0.0]);
    }

    #[test]
    fn a_halved_picture_keeps_its_mean() {
        let mut texture = Texture::new(2, 2);
        texture.texels_mut()[3] = [1.0; 3];
        assert_eq!(texture.halved().sample(0.5, 0.5), [0.25; 3]);
    }

    #[test]
    fn a_region_is_copied_to_where_it_is_moved() {
        let mut texture = Texture::new(4, 4);
        texture.texels_mut()[0] = [1.0; 3];
        texture.copy_region([[0.0, 0.75], [0.25, 1.0], [0.5, -0.5]]);
        assert_eq!(texture.texels_mut()[10], [1.0; 3]);
        assert_eq!(texture.texels_mut()[2], [0.0; 3]);
    }

    #[test]
    fn a_file_that_is_no_picture_is_named() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("skin.jpg");
        std::fs::write(&path, b"no picture").unwrap();
        let error = Texture::open(&path).unwrap_err().to_string();
        assert!(error.ends_with("skin.jpg does not decode: fetch it again"), "{error}");
    }
}
