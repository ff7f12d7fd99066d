//! Random erasing (Zhong et al. 2020, arXiv 1708.04896): a rectangle loses its content.

use rand::RngExt as _;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::picture::{Canvas, byte};

/// What an erased patch shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// One random grey or colour.
    #[default]
    Flat,
    /// The mean of the picture.
    Mean,
    /// A random value for each pixel and channel.
    Noise,
    /// One of the others, each equally likely.
    Any,
}

/// Fills a rectangle of up to `side` of the picture's sides.
pub(super) fn erase<const N: usize>(
    image: &mut Canvas<'_, N>,
    side: f32,
    fill: Fill,
    rng: &mut Pcg64,
) {
    let [left, right] = span(image.width, side, rng);
    let [top, bottom] = span(image.height, side, rng);
    let fill = match fill {
        Fill::Any => [Fill::Flat, Fill::Mean, Fill::Noise][rng.random_range(0..3)],
        fill => fill,
    };
    let level = match fill {
        Fill::Mean => mean(image),
        _ => std::array::from_fn(|_| rng.random()),
    };
    for row in image.rows().take(bottom).skip(top) {
        if fill == Fill::Noise {
            rng.fill(row[left..right].as_flattened_mut());
        } else {
            row[left..right].fill(level);
        }
    }
}

/// A random interval within `0..length`, up to `share` of it long.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a length is clamped to that length"
)]
fn span(length: usize, share: f32, rng: &mut Pcg64) -> [usize; 2] {
    let long = ((rng.random::<f32>() * share * length as f32).round() as usize).min(length);
    let start = rng.random_range(0..=length - long);
    [start, start + long]
}

/// The mean of each channel.
fn mean<const N: usize>(image: &Canvas<'_, N>) -> [u8; N] {
    std::array::from_fn(|channel| {
        let sum: f64 = image.pixels.iter().map(|pixel| f64::from(pixel[channel])).sum();
        #[expect(clippy::cast_possible_truncation, reason = "a mean of bytes")]
        byte((sum / image.pixels.len() as f64) as f32)
    })
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    #[test]
    fn an_erased_patch_is_no_larger_than_asked_for() {
        for seed in 0..100 {
            let mut image = ramp();
            erase(&mut canvas(&mut image), 0.4, Fill::Any, &mut Pcg64::new(seed, 0));
            let changed = (0..100).zip(&image.data).filter(|(at, byte)| at != *byte).count();
            assert!(changed <= 16, "{changed}");
        }
    }

    #[test]
    fn a_patch_of_the_mean_has_the_mean() {
        let levels = erased(Fill::Mean);
        assert_eq!(levels, [50]);
    }

    #[test]
    fn a_flat_patch_has_one_level_and_a_noisy_one_many() {
        assert_eq!(erased(Fill::Flat).len(), 1);
        assert!(erased(Fill::Noise).len() > 5);
    }

    #[test]
    fn a_colour_patch_has_a_colour() {
        let mut image = Rgb::new(20, 20);
        let mut canvas = Canvas::of(&mut image).unwrap();
        erase(&mut canvas, 1.0, Fill::Flat, &mut Pcg64::new(5, 0));
        let pixel = image.data.chunks(3).find(|pixel| *pixel != [0; 3]).unwrap();
        assert!(pixel[0] != pixel[1] && pixel[1] != pixel[2], "{pixel:?}");
    }

    /// The levels of a large patch, each once.
    fn erased(fill: Fill) -> Vec<u8> {
        let mut image = ramp();
        erase(&mut canvas(&mut image), 1.0, fill, &mut Pcg64::new(4, 0));
        let mut levels: Vec<u8> =
            (0..100).zip(&image.data).filter(|(at, byte)| at != *byte).map(|(_, &b)| b).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    fn canvas(image: &mut Grey) -> Canvas<'_, 1> {
        Canvas::of(image).unwrap()
    }

    fn ramp() -> Grey {
        Grey { width: 10, height: 10, data: (0..100).collect() }
    }
}
