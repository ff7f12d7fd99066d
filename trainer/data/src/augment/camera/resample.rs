//! Lost resolution: a picture made smaller and large again.

use super::super::picture::{Canvas, byte};

/// Shrinks `image` by `factor` and enlarges it to its size again, both with a triangle filter that
/// averages over what it shrinks.
pub(crate) fn lose<const N: usize>(image: &mut Canvas<'_, N>, factor: f32) {
    let [width, height] = [image.width, image.height].map(|side| shrunk(side, factor));
    let levels: Vec<[f32; N]> = image.pixels.iter().map(|pixel| pixel.map(f32::from)).collect();
    let small = columns(&levels, image.width, &Axis::new(image.width, width));
    let small = columns(&small, image.height, &Axis::new(image.height, height));
    let large = columns(&small, width, &Axis::new(width, image.width));
    let large = columns(&large, height, &Axis::new(height, image.height));
    for (pixel, levels) in image.pixels.iter_mut().zip(&large) {
        *pixel = levels.map(byte);
    }
}

/// Resamples every row of `length` pixels and exchanges rows and columns.
fn columns<const N: usize>(pixels: &[[f32; N]], length: usize, axis: &Axis) -> Vec<[f32; N]> {
    let mut out = Vec::with_capacity(pixels.len() / length * axis.0.len());
    for (start, weights) in &axis.0 {
        for row in pixels.chunks_exact(length) {
            let mut sum = [0.0; N];
            for (weight, pixel) in weights.iter().zip(&row[*start..]) {
                sum.iter_mut().zip(pixel).for_each(|(sum, level)| *sum += weight * level);
            }
            out.push(sum);
        }
    }
    out
}

/// For each pixel of a resampled row, the first pixel it takes and the weights from there on.
struct Axis(Vec<(usize, Vec<f32>)>);

impl Axis {
    fn new(from: usize, to: usize) -> Self {
        let step = from as f32 / to as f32;
        let reach = step.max(1.0);
        let weights = |at: usize| {
            let centre = (at as f32 + 0.5) * step - 0.5;
            let weight = |i: usize| (1.0 - (i as f32 - centre).abs() / reach).max(0.0);
            let start = (0..from).find(|&i| weight(i) > 0.0).unwrap_or(0);
            let weights: Vec<f32> =
                (start..from).map(weight).take_while(|&weight| weight > 0.0).collect();
            let total: f32 = weights.iter().sum();
            (start, weights.into_iter().map(|weight| weight / total).collect())
        };
        Self((0..to).map(weights).collect())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length divided by one or more"
)]
fn shrunk(side: usize, factor: f32) -> usize {
    ((side as f32 / factor.max(1.0)).round() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    #[test]
    fn a_factor_of_one_loses_nothing() {
        let mut image = Grey { width: 3, height: 2, data: vec![1, 2, 3, 40, 50, 60] };
        lose(&mut Canvas::of(&mut image).unwrap(), 1.0);
        assert_eq!(image.data, [1, 2, 3, 40, 50, 60]);
    }

    #[test]
    fn fine_stripes_are_lost_to_their_mean() {
        let mut image = Grey { width: 16, height: 1, data: [0, 200].repeat(8) };
        lose(&mut Canvas::of(&mut image).unwrap(), 2.0);
        assert!(image.data[2..14].iter().all(|&level| (90..=110).contains(&level)), "{image:?}");
    }

    #[test]
    fn an_even_colour_stays() {
        let mut image = Rgb { width: 7, height: 5, data: [9, 90, 200].repeat(35) };
        lose(&mut Canvas::of(&mut image).unwrap(), 3.3);
        assert_eq!(image.data, [9, 90, 200].repeat(35));
        lose(&mut Canvas::of(&mut image).unwrap(), 16.0);
        assert_eq!(image.data, [9, 90, 200].repeat(35));
    }
}
