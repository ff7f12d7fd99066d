//! Every augmentation by name on rendered faces, as one picture to look at.
//!
//! ```text
//! cargo run --release -p mien-data --example augment_sheet -- sheet.png [side [grey] [row ...]]
//! ```
//!
//! Each row is one effect, each column another face and another seed; the largest amount of the
//! effect grows from left to right. `side` is that of the crops, 96 by default; `grey` shows luma
//! instead of colour; names of rows show these alone. The last rows are faces in whole pictures with
//! things put on them by their landmarks, and the first variants of DE-GAN's scheme.

use embedded_graphics::{
    mono_font::{MonoTextStyle, ascii::FONT_6X10},
    pixelcolor::BinaryColor,
    prelude::*,
    text::Text,
};
use image::{RgbImage, imageops};
use mien_data::augment::{
    Augment, Camera, Colour, Fill, Occlude, Picture as _, rng, usual_points, variants::Scheme,
};
use mien_shared::{
    crop,
    frame::{Grey, Rgb},
    geometry::FivePoints,
    label::Expression,
};
use mien_synth::{Scene, render};

/// Faces of a row.
const COLUMNS: u32 = 8;
/// Width of the names, pixels.
const MARGIN: u32 = 90;
/// Settings that leave a picture alone.
const NONE: Augment = Augment::NONE;
/// A camera without faults.
const FAIR: Camera = Camera::NONE;
/// Something in front of every face, but nothing to choose from.
const THING: Occlude = Occlude {
    probability: 1.0,
    hand: 0.0,
    sunglasses: 0.0,
    mask: 0.0,
    scarf: 0.0,
    hair: 0.0,
    hat: 0.0,
    phone: 0.0,
    microphone: 0.0,
};

/// Settings of a strength from 0 to 1.
type Effect = fn(f32) -> Augment;

/// Changes of place, of light and of colour.
const PLAIN: [(&str, Effect); 18] = [
    ("none", |_| NONE),
    ("flip", |_| Augment { flip: 1.0, ..NONE }),
    ("rotate", |s| Augment { rotate_deg: 30.0 * s, ..NONE }),
    ("scale", |s| Augment { scale: 0.4 * s, ..NONE }),
    ("shift", |s| Augment { shift_px: 20.0 * s, ..NONE }),
    ("crop", |_| Augment { crop_px: 72, ..NONE }),
    ("brightness", |s| Augment { brightness: 0.4 * s, ..NONE }),
    ("contrast", |s| Augment { contrast: 0.8 * s, ..NONE }),
    ("gamma", |s| Augment { gamma: 1.5 * s, ..NONE }),
    ("side light", |s| Augment { side_light: s, ..NONE }),
    ("blur", |_| Augment { blur: 1.0, ..NONE }),
    ("noise", |s| Augment { noise: 1.0, noise_level: 40.0 * s, ..NONE }),
    ("erase flat", |s| Augment { erase: 1.0, erase_side: 0.8 * s, ..NONE }),
    ("erase mean", |s| erased(s, Fill::Mean)),
    ("erase noise", |s| erased(s, Fill::Noise)),
    ("hue", |s| coloured(Colour { hue_deg: 60.0 * s, ..Colour::NONE })),
    ("saturation", |s| coloured(Colour { saturation: s, ..Colour::NONE })),
    ("white balance", |s| coloured(Colour { white_balance: s, ..Colour::NONE })),
];

/// Faults of cameras.
const CAMERAS: [(&str, Effect); 8] = [
    ("defocus", |s| taken(Camera { defocus: 1.0, defocus_px: 5.0 * s, ..FAIR })),
    ("motion", |s| taken(Camera { motion: 1.0, motion_px: 16.0 * s, ..FAIR })),
    ("vignette", |s| taken(Camera { vignette: 1.0, vignette_depth: s, ..FAIR })),
    ("low light", |s| taken(Camera { low_light: 1.0, low_light_stops: 8.0 * s, ..FAIR })),
    ("band", |s| taken(Camera { band: 1.0, band_depth: 0.8 * s, ..FAIR })),
    ("interlace", |s| taken(Camera { interlace: 1.0, interlace_px: 6.0 * s, ..FAIR })),
    ("shrink", |s| taken(Camera { shrink: 1.0, shrink_factor: 1.0 + 7.0 * s, ..FAIR })),
    ("jpeg", |_| taken(Camera { jpeg: 1.0, jpeg_quality: 3, ..FAIR })),
];

/// Things in front of faces, and everything at once.
const THINGS: [(&str, Effect); 9] = [
    ("hand", |_| covered(Occlude { hand: 1.0, ..THING })),
    ("sunglasses", |_| covered(Occlude { sunglasses: 1.0, ..THING })),
    ("mask", |_| covered(Occlude { mask: 1.0, ..THING })),
    ("scarf", |_| covered(Occlude { scarf: 1.0, ..THING })),
    ("hair", |_| covered(Occlude { hair: 1.0, ..THING })),
    ("hat", |_| covered(Occlude { hat: 1.0, ..THING })),
    ("phone", |_| covered(Occlude { phone: 1.0, ..THING })),
    ("microphone", |_| covered(Occlude { microphone: 1.0, ..THING })),
    ("all", everything),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let path = arguments.next().ok_or("usage: augment_sheet sheet.png [side [grey] [row ...]]")?;
    let side: u32 = arguments.next().map_or(Ok(96), |side| side.parse())?;
    let grey = arguments.next_if(|word| word == "grey").is_some();
    let wanted: Vec<String> = arguments.collect();
    let mut rows: Vec<_> = PLAIN.into_iter().chain(CAMERAS).chain(THINGS).collect();
    rows.retain(|row| wanted.is_empty() || wanted.iter().any(|name| name == row.0));
    let faces: Vec<Rgb> =
        (0..40).filter_map(|seed| face(seed, side)).take(COLUMNS as usize).collect();
    let mut sheet = Sheet::new(u32::try_from(rows.len())? + 3, side.max(96) + 4);
    for (row, (name, effect)) in (0..).zip(rows) {
        sheet.name(row, name)?;
        for (column, face) in (0..COLUMNS).zip(&faces) {
            let augment = effect((column + 1) as f32 / COLUMNS as f32);
            augment.check()?;
            let mut seen = Rgb::default();
            augment.apply(face, &mut rng(1, row, column.into()), &mut seen);
            if grey {
                drain(&mut seen);
            }
            sheet.put(row, column, &seen)?;
        }
    }
    let on_faces = covered(Occlude { probability: 1.0, ..Occlude::NONE });
    for column in 0..COLUMNS {
        let (picture, points) = scene(u64::from(column), side.max(96));
        let mut seen = Rgb::default();
        on_faces.apply_to_face(&picture, &points, &mut rng(1, 99, column.into()), &mut seen);
        sheet.put(sheet.rows - 3, column, &seen)?;
    }
    sheet.name(sheet.rows - 3, "by landmarks")?;
    let source = face(3, 108).ok_or("the face of seed 3 cannot be aligned")?;
    for (at, (_, variant)) in (0..2 * COLUMNS).zip(Scheme::DE_GAN.of(&source)) {
        let row = sheet.rows - 2 + at / COLUMNS;
        sheet.name(row, "DE-GAN")?;
        sheet.put(row, at % COLUMNS, &variant)?;
    }
    sheet.pixels.save(path)?;
    Ok(())
}

/// A rendered picture of a face somewhere, and its five points.
fn scene(seed: u64, side: u32) -> (Rgb, FivePoints) {
    let expression = Expression::from_index((seed % 8) as usize);
    let (picture, labels) = render(&Scene::random(seed, expression, side));
    (picture, FivePoints::from_landmarks(&labels.landmarks))
}

/// A rendered face, aligned as the shipped networks have it.
fn face(seed: u64, side: u32) -> Option<Rgb> {
    let (picture, points) = scene(seed, 4 * side);
    let channel = |channel: usize| {
        let data = picture.data.iter().skip(channel).step_by(3).copied().collect();
        let plane = Grey { width: picture.width, height: picture.height, data };
        let mut out = Grey::new(side, side);
        crop::face(&plane, &points, &usual_points([1, 1]), &mut out).then_some(out.data)
    };
    let (red, green, blue) = (channel(0)?, channel(1)?, channel(2)?);
    let pixels = red.into_iter().zip(green).zip(blue);
    let data = pixels.flat_map(|((red, green), blue)| [red, green, blue]).collect();
    Some(Rgb { width: side, height: side, data })
}

fn erased(strength: f32, erase_fill: Fill) -> Augment {
    Augment { erase: 1.0, erase_side: 0.8 * strength, erase_fill, ..NONE }
}

fn coloured(colour: Colour) -> Augment {
    Augment { colour, ..NONE }
}

fn taken(camera: Camera) -> Augment {
    Augment { camera, ..NONE }
}

fn covered(occlude: Occlude) -> Augment {
    Augment { occlude, ..NONE }
}

/// A strong recipe.
fn everything(_: f32) -> Augment {
    let camera = Camera {
        defocus: 0.15,
        motion: 0.2,
        vignette: 0.2,
        low_light: 0.2,
        band: 0.05,
        interlace: 0.05,
        shrink: 0.2,
        jpeg: 0.3,
        ..FAIR
    };
    let colour = Colour { hue_deg: 18.0, saturation: 0.4, white_balance: 0.3 };
    let occlude = Occlude { probability: 0.5, ..Occlude::NONE };
    Augment { camera, colour, occlude, ..Augment::default() }
}

/// Takes the colours away.
fn drain(picture: &mut Rgb) {
    for pixel in picture.pixels_mut() {
        let [red, green, blue] = pixel.map(u32::from);
        let luma = u8::try_from((299 * red + 587 * green + 114 * blue) / 1000).unwrap_or(u8::MAX);
        *pixel = [luma; 3];
    }
}

/// Rows of names and pictures.
struct Sheet {
    rows: u32,
    cell: u32,
    pixels: RgbImage,
}

impl Sheet {
    fn new(rows: u32, cell: u32) -> Self {
        let pixels =
            RgbImage::from_pixel(MARGIN + COLUMNS * cell, rows * cell, image::Rgb([24; 3]));
        Self { rows, cell, pixels }
    }

    fn name(&mut self, row: u32, name: &str) -> Result<(), Box<dyn std::error::Error>> {
        let at = Point::new(4, i32::try_from(row * self.cell)? + 20);
        Text::new(name, at, MonoTextStyle::new(&FONT_6X10, BinaryColor::On)).draw(self)?;
        Ok(())
    }

    fn put(
        &mut self,
        row: u32,
        column: u32,
        picture: &Rgb,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let (width, height) = (picture.width, picture.height);
        let picture = RgbImage::from_raw(width, height, picture.data.clone())
            .ok_or("a picture's size and data disagree")?;
        let times = ((self.cell - 4) / width.max(1)).max(1);
        let shown = imageops::resize(
            &picture,
            times * width,
            times * height,
            imageops::FilterType::Nearest,
        );
        let (x, y) = (MARGIN + column * self.cell, row * self.cell);
        imageops::replace(&mut self.pixels, &shown, x.into(), y.into());
        Ok(())
    }
}

impl DrawTarget for Sheet {
    type Color = BinaryColor;
    type Error = std::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Self::Error> {
        for Pixel(at, _) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            if let Some(pixel) = self.pixels.get_pixel_mut_checked(x, y) {
                *pixel = image::Rgb([230; 3]);
            }
        }
        Ok(())
    }
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.pixels.width(), self.pixels.height())
    }
}
