//! Pictures and heat maps as a report carries them: raw pixels inside, base64 in JSON, PNG outside.
//!
//! A heat map is laid over its picture in the colours of `inferno`, whose steps look equally large
//! (van der Walt & Smith 2015): weak places keep the picture, the strongest are covered to 70 %.
//! A coarse map is widened bilinearly, its cell centres on the picture's.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mien_shared::frame::{Grey, Rgb};
use serde::{Deserialize, Serialize};

use crate::run::ReportError;

/// Largest width or height of a picture in a report, in pixels.
pub const MAX_SIDE: u32 = 1024;

/// How much of the picture the strongest place of a heat map covers.
const OPACITY: f64 = 0.7;

/// A picture: `height` rows of `width` pixels, no padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Width in pixels, 1 to [`MAX_SIDE`].
    pub width: u32,
    /// Height in pixels, 1 to [`MAX_SIDE`].
    pub height: u32,
    /// What a pixel holds.
    pub colour: Colour,
    /// The pixels, row by row.
    #[serde(with = "in_base64")]
    pub data: Vec<u8>,
}

/// What a pixel holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// A byte of luma, 0 black.
    Grey,
    /// Three bytes, red first.
    Rgb,
}

impl Colour {
    /// Bytes per pixel.
    pub fn channels(self) -> u32 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

impl Picture {
    /// A grey picture of these pixels.
    pub fn grey(width: u32, height: u32, data: Vec<u8>) -> Self {
        Self { width, height, colour: Colour::Grey, data }
    }

    /// Whether sides and bytes fit each other; `field` names the picture in the error.
    ///
    /// # Errors
    /// When they do not.
    pub fn check(&self, field: &str) -> Result<(), ReportError> {
        sides(field, self.width, self.height)?;
        let needed = (self.width * self.height * self.colour.channels()) as usize;
        let rule = || format!("must hold {needed} bytes, not {}", self.data.len());
        ReportError::unless(self.data.len() == needed, || format!("{field}.data"), rule)
    }

    /// The picture as a PNG file; `field` names it in errors.
    ///
    /// # Errors
    /// When sides and bytes do not fit each other.
    pub fn png(&self, field: &str) -> Result<Vec<u8>, ReportError> {
        self.check(field)?;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(match self.colour {
            Colour::Grey => png::ColorType::Grayscale,
            Colour::Rgb => png::ColorType::Rgb,
        });
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.data)?;
        writer.finish()?;
        Ok(file)
    }

    /// The picture as the address of an `img`; `field` names it in errors.
    ///
    /// # Errors
    /// As [`Self::png`].
    pub fn data_uri(&self, field: &str) -> Result<String, ReportError> {
        Ok(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(self.png(field)?)))
    }

    /// Red, green and blue of a pixel.
    fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        let at = ((y * self.width + x) * self.colour.channels()) as usize;
        match self.colour {
            Colour::Grey => [self.data[at]; 3],
            Colour::Rgb => [self.data[at], self.data[at + 1], self.data[at + 2]],
        }
    }
}

impl From<&Grey> for Picture {
    fn from(image: &Grey) -> Self {
        Self::grey(image.width, image.height, image.data.clone())
    }
}

impl From<&Rgb> for Picture {
    fn from(image: &Rgb) -> Self {
        let data = image.data.clone();
        Self { width: image.width, height: image.height, colour: Colour::Rgb, data }
    }
}

/// How much each place of a picture matters: `[H, W]` f32, row by row, in no particular unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeatMap {
    /// Columns, 1 to [`MAX_SIDE`].
    pub width: u32,
    /// Rows, 1 to [`MAX_SIDE`].
    pub height: u32,
    /// The values; those below 0 count as 0, the largest is shown strongest.
    pub values: Vec<f32>,
}

impl HeatMap {
    /// Whether sides and values fit each other; `field` names the map in the error.
    ///
    /// # Errors
    /// When they do not, or a value is no number.
    pub fn check(&self, field: &str) -> Result<(), ReportError> {
        sides(field, self.width, self.height)?;
        let needed = (self.width * self.height) as usize;
        let sound = self.values.len() == needed && self.values.iter().all(|v| v.is_finite());
        let rule = || format!("must hold {needed} finite numbers");
        ReportError::unless(sound, || format!("{field}.values"), rule)
    }

    /// The map laid over `picture`; `field` names the pair in errors.
    ///
    /// # Errors
    /// When either is not valid.
    pub fn over(&self, picture: &Picture, field: &str) -> Result<Picture, ReportError> {
        picture.check(&format!("{field}.picture"))?;
        self.check(&format!("{field}.heat"))?;
        let largest = self.values.iter().copied().fold(0.0, f32::max);
        let scale = if largest > 0.0 { 1.0 / f64::from(largest) } else { 0.0 };
        let (width, height) = (picture.width, picture.height);
        let mut data = Vec::with_capacity((3 * width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let place = [x, y].map(f64::from).map(|centre| centre + 0.5);
                let heat =
                    scale * self.at(place[0] / f64::from(width), place[1] / f64::from(height));
                data.extend(blend(picture.rgb(x, y), heat.clamp(0.0, 1.0)));
            }
        }
        Ok(Picture { width, height, colour: Colour::Rgb, data })
    }

    /// The value at a place given as shares of width and height, bilinear between cell centres.
    fn at(&self, x: f64, y: f64) -> f64 {
        let (left, right, across) = cells(x, self.width);
        let (above, below, down) = cells(y, self.height);
        let value = |x: u32, y: u32| f64::from(self.values[(y * self.width + x) as usize].max(0.0));
        let row = |y| value(left, y) * (1.0 - across) + value(right, y) * across;
        row(above) * (1.0 - down) + row(below) * down
    }
}

/// The colour of a strength, 0..=1, as CSS writes it.
pub(crate) fn heat_colour(heat: f64) -> String {
    let colorous::Color { r, g, b } = colorous::INFERNO.eval_continuous(heat);
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn sides(field: &str, width: u32, height: u32) -> Result<(), ReportError> {
    let fit = |side| (1..=MAX_SIDE).contains(&side);
    let rule = || format!("must be 1 to {MAX_SIDE} pixels wide and high, not {width} × {height}");
    ReportError::unless(fit(width) && fit(height), || field.to_owned(), rule)
}

/// The two cells of `count` that a share lies between, and how far it is from the first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the cells there are"
)]
fn cells(share: f64, count: u32) -> (u32, u32, f64) {
    let place = (share * f64::from(count) - 0.5).clamp(0.0, f64::from(count - 1));
    let first = place.floor();
    (first as u32, place.ceil() as u32, place - first)
}

/// A pixel under a heat of 0..=1.
fn blend(pixel: [u8; 3], heat: f64) -> [u8; 3] {
    let colorous::Color { r, g, b } = colorous::INFERNO.eval_continuous(heat);
    let cover = OPACITY * heat;
    let mix = |(under, over): (u8, u8)| {
        let value = f64::from(under) * (1.0 - cover) + f64::from(over) * cover;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of bytes is one"
        )]
        let byte = value.round() as u8;
        byte
    };
    [(pixel[0], r), (pixel[1], g), (pixel[2], b)].map(mix)
}

/// Bytes as a base64 string.
mod in_base64 {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_decodes_to_the_same_pixels() {
        let data: Vec<u8> = (0..18).map(|byte| byte * 14).collect();
        let picture = Picture { width: 3, height: 2, colour: Colour::Rgb, data: data.clone() };
        let file = picture.png("p").unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut decoded = vec![0; 18];
        let info = reader.next_frame(&mut decoded).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (3, 2, png::ColorType::Rgb));
        assert_eq!(decoded, data);
    }

    #[test]
    fn json_carries_pixels_as_base64() {
        let picture = Picture::grey(2, 1, vec![0, 255]);
        let json = serde_json::to_string(&picture).unwrap();
        assert_eq!(json, r#"{"width":2,"height":1,"colour":"grey","data":"AP8="}"#);
        assert_eq!(serde_json::from_str::<Picture>(&json).unwrap(), picture);
    }

    #[test]
    fn sides_that_do_not_fit_are_refused_by_field() {
        let message =
            |picture: Picture| picture.check("mistakes[2].picture").unwrap_err().to_string();
        assert_eq!(
            message(Picture::grey(2, 2, vec![0; 3])),
            "report: mistakes[2].picture.data must hold 4 bytes, not 3"
        );
        assert_eq!(
            message(Picture::grey(u32::MAX, u32::MAX, vec![])),
            "report: mistakes[2].picture must be 1 to 1024 pixels wide and high, not \
             4294967295 × 4294967295"
        );
        assert!(message(Picture::grey(0, 1, vec![])).contains("not 0 × 1"));
    }

    #[test]
    fn a_cold_map_keeps_the_picture() {
        let heat = HeatMap { width: 1, height: 1, values: vec![-3.0] };
        let shown = heat.over(&Picture::grey(2, 1, vec![10, 200]), "s").unwrap();
        assert_eq!(shown.data, [10, 10, 10, 200, 200, 200]);
    }

    #[test]
    fn the_strongest_place_is_covered_to_the_opacity() {
        let heat = HeatMap { width: 2, height: 1, values: vec![0.0, 4.0] };
        let shown = heat.over(&Picture::grey(2, 1, vec![100, 100]), "s").unwrap();
        // inferno ends in (252, 255, 164): 0.3 · 100 + 0.7 · (252, 255, 164).
        assert_eq!(shown.data, [100, 100, 100, 206, 209, 145]);
    }

    #[test]
    fn a_coarse_map_is_widened_between_cell_centres() {
        let heat = HeatMap { width: 2, height: 1, values: vec![0.0, 1.0] };
        let across: Vec<f64> = (0..4).map(|x| heat.at((f64::from(x) + 0.5) / 4.0, 0.5)).collect();
        assert_eq!(across, [0.0, 0.25, 0.75, 1.0]);
    }

    #[test]
    fn a_heat_map_with_no_number_is_refused() {
        let heat = HeatMap { width: 2, height: 1, values: vec![0.0, f32::NAN] };
        let error = heat.over(&Picture::grey(2, 1, vec![0; 2]), "saliency[0]").unwrap_err();
        assert_eq!(error.to_string(), "report: saliency[0].heat.values must hold 2 finite numbers");
    }

    #[test]
    fn frames_of_both_kinds_become_pictures() {
        let grey = Grey { width: 1, height: 1, data: vec![7] };
        assert_eq!(Picture::from(&grey), Picture::grey(1, 1, vec![7]));
        let rgb = Rgb { width: 1, height: 1, data: vec![1, 2, 3] };
        assert_eq!(Picture::from(&rgb).colour, Colour::Rgb);
    }
}
