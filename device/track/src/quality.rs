//! How well a face can be seen, from its aligned crop.
//!
//! ```text
//! brightness   mean luma / 255
//! contrast     standard deviation of luma / 127.5, the most there can be
//! sharpness    sqrt(Σ L² / (5 Σ |∇|²)),  L the 4-neighbour Laplacian, ∇ forward differences
//! ```
//!
//! The last is the root mean square frequency of the crop, 1 being that of white noise: both
//! sums grow alike with light and contrast, and blur takes from the first before it takes from
//! the second. (Laplacian and gradient energy are the classic measures of focus; Pertuz, Puig &
//! Garcia, "Analysis of focus measure operators for shape-from-focus", 2013, compare them.) A face
//! with fewer pixels than its crop is unsharp, too. Noise is taken for detail: in the dark, trust
//! brightness and contrast first.

use mien_shared::{frame::Grey, telemetry::Quality};

/// Ratio of the sums for white noise.
const NOISE: f32 = 5.0;

/// Measures `crop`, at least 3 × 3 pixels; a smaller one has no sharpness.
pub fn measure(crop: &Grey) -> Quality {
    let count = crop.data.len().max(1) as f32;
    let mean = crop.data.iter().map(|&v| f32::from(v)).sum::<f32>() / count;
    let spread = crop.data.iter().map(|&v| (f32::from(v) - mean).powi(2)).sum::<f32>() / count;
    Quality {
        sharpness: sharpness(crop),
        brightness: mean / 255.0,
        contrast: (spread.sqrt() / 127.5).min(1.0),
    }
}

fn sharpness(crop: &Grey) -> f32 {
    let width = crop.width as usize;
    if width < 3 || crop.height < 3 {
        return 0.0;
    }
    let (mut second, mut first) = (0_i64, 0_i64);
    let rows = || crop.data.chunks_exact(width);
    for ((above, row), below) in rows().zip(rows().skip(1)).zip(rows().skip(2)) {
        let (mut l, mut g) = (0_i32, 0_i32);
        for x in 1..width - 1 {
            let [up, down, left, right, here] =
                [above[x], below[x], row[x - 1], row[x + 1], row[x]].map(i32::from);
            l += (4 * here - up - down - left - right).pow(2);
            g += (right - here).pow(2) + (down - here).pow(2);
        }
        (second, first) = (second + i64::from(l), first + i64::from(g));
    }
    if first == 0 { 0.0 } else { (second as f32 / (NOISE * first as f32)).sqrt().min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn picture(of: impl Fn(f32, f32) -> f32) -> Grey {
        fixture::picture(48, 48, of)
    }

    #[test]
    fn a_flat_crop_has_brightness_alone() {
        let quality = measure(&picture(|_, _| 51.0));
        assert_eq!(quality, Quality { sharpness: 0.0, brightness: 0.2, contrast: 0.0 });
    }

    #[test]
    fn black_and_white_halves_have_all_the_contrast_there_is() {
        let quality = measure(&picture(|x, _| if x < 24.0 { 0.0 } else { 255.0 }));
        assert!((quality.contrast - 1.0).abs() < 1e-4 && (quality.brightness - 0.5).abs() < 1e-4);
    }

    #[test]
    fn a_finer_wave_is_sharper_whatever_its_light() {
        let wave = |step: f32, gain: f32, base: f32| {
            measure(&picture(move |x, y| base + gain * ((x * step).sin() + (y * step).cos())))
        };
        let [coarse, middle, fine] = [0.15, 0.5, 1.5].map(|step| wave(step, 60.0, 127.0).sharpness);
        assert!(coarse < 0.12 && middle > 2.0 * coarse && fine > 2.0 * middle);
        let dim = wave(0.5, 30.0, 64.0).sharpness;
        assert!((dim - middle).abs() < 0.03, "{dim} {middle}");
    }

    #[test]
    fn a_tiny_crop_is_measured_without_sharpness() {
        for (width, height) in [(0, 0), (1, 1), (2, 9), (9, 2)] {
            assert!(measure(&Grey::new(width, height)).sharpness.abs() < 1e-6);
        }
    }
}
