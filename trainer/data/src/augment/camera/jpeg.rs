//! A JPEG round trip: blocks of 8 × 8 and ringing, as a webcam or a messenger leaves them.

use image::{
    ExtendedColorType, ImageDecoder as _,
    codecs::jpeg::{JpegDecoder, JpegEncoder},
};

use super::super::picture::Canvas;

/// Codes and decodes `image` at a quality of 1..=100.
///
/// A picture too large for JPEG, beyond 65,535 pixels a side, stays as it is.
pub(crate) fn round_trip<const N: usize>(image: &mut Canvas<'_, N>, quality: u8) {
    let colour = if N == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    if let Some(decoded) = coded(image, quality, colour) {
        image.pixels.as_flattened_mut().copy_from_slice(&decoded);
    }
}

/// As many bytes as the picture has, `None` where it cannot be coded.
fn coded<const N: usize>(
    image: &Canvas<'_, N>,
    quality: u8,
    colour: ExtendedColorType,
) -> Option<Vec<u8>> {
    let [width, height] = [image.width, image.height].map(|side| u32::try_from(side).ok());
    let mut decoded = vec![0; image.pixels.as_flattened().len()];
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, quality)
        .encode(image.pixels.as_flattened(), width?, height?, colour)
        .ok()?;
    let decoder = JpegDecoder::new(std::io::Cursor::new(file)).ok()?;
    let whole = decoder.total_bytes() == decoded.len() as u64;
    (whole && decoder.read_image(&mut decoded).is_ok()).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    #[test]
    fn a_better_quality_is_nearer_to_the_picture() {
        let error = |quality| {
            let before: Vec<u8> =
                (0..40 * 24).map(|at| u8::try_from(at * at % 199).unwrap()).collect();
            let mut image = Grey { width: 40, height: 24, data: before.clone() };
            round_trip(&mut Canvas::of(&mut image).unwrap(), quality);
            let pairs = before.iter().zip(&image.data);
            pairs.map(|(&a, &b)| u32::from(a.abs_diff(b))).sum::<u32>() / 960
        };
        let (bad, good) = (error(5), error(95));
        assert!(good <= 6 && bad > 20, "{good} {bad}");
    }

    #[test]
    fn colours_survive() {
        let mut image = Rgb { width: 9, height: 7, data: [200, 90, 40].repeat(63) };
        round_trip(&mut Canvas::of(&mut image).unwrap(), 90);
        for pixel in image.data.chunks(3) {
            let off = [200, 90, 40].iter().zip(pixel).map(|(a, b)| b.abs_diff(*a)).max();
            assert!(off <= Some(4), "{pixel:?}");
        }
    }
}
