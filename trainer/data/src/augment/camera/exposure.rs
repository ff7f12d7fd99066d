//! How a picture is exposed and lit: brightness, contrast, gamma and light from one side.

use super::super::picture::{Canvas, byte};

/// How a picture is exposed and lit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exposure {
    /// Added, in units of full scale.
    pub(crate) brightness: f32,
    /// Factor about mid-grey.
    pub(crate) contrast: f32,
    /// Exponent.
    pub(crate) gamma: f32,
    /// Relative change of brightness across the picture along x and y.
    pub(crate) light: [f32; 2],
}

impl Exposure {
    /// Exposes `image` anew.
    pub(crate) fn apply<const N: usize>(self, image: &mut Canvas<'_, N>) {
        let tone = self.tone();
        let [along_x, along_y] = self.light;
        let (width, height) = (image.width as f32, image.height as f32);
        let step = along_x / width;
        for (y, row) in (0_i32..).zip(image.rows()) {
            let start = 1.0 + along_y * ((y as f32 + 0.5) / height - 0.5) - along_x / 2.0;
            for (x, pixel) in (0_i32..).zip(row) {
                let light = start + (x as f32 + 0.5) * step;
                *pixel = pixel.map(|level| byte(tone[usize::from(level)] * light));
            }
        }
    }

    /// The level each byte gets, 0 to 255.
    fn tone(self) -> [f32; 256] {
        std::array::from_fn(|level| {
            let level = (level as f32 / 255.0).powf(self.gamma);
            255.0 * ((level - 0.5) * self.contrast + 0.5 + self.brightness).clamp(0.0, 1.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    const FAIR: Exposure = Exposure { brightness: 0.0, contrast: 1.0, gamma: 1.0, light: [0.0; 2] };

    #[test]
    fn fair_exposure_changes_nothing() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(exposed(FAIR, 16, &bytes), bytes);
    }

    #[test]
    fn tone_follows_brightness_contrast_and_gamma() {
        let brighter = Exposure { brightness: 0.2, ..FAIR };
        assert_eq!(exposed(brighter, 3, &[0, 100, 250]), [51, 151, 255]);
        let flatter = Exposure { contrast: 0.5, ..FAIR };
        assert_eq!(exposed(flatter, 3, &[0, 127, 255]), [64, 127, 191]);
        let darker = Exposure { gamma: 2.0, ..FAIR };
        assert_eq!(exposed(darker, 3, &[0, 128, 255]), [0, 64, 255]);
    }

    #[test]
    fn side_light_leaves_the_middle_and_saturates() {
        let lit = Exposure { light: [0.6, 0.0], ..FAIR };
        assert_eq!(exposed(lit, 3, &[100, 100, 100]), [80, 100, 120]);
        let lit = Exposure { light: [0.0, 0.6], ..FAIR };
        assert_eq!(exposed(lit, 1, &[100, 100, 250]), [80, 100, 255]);
    }

    #[test]
    fn the_channels_of_a_colour_are_exposed_alike() {
        let mut image = Rgb { width: 1, height: 1, data: vec![0, 100, 250] };
        Exposure { brightness: 0.2, ..FAIR }.apply(&mut Canvas::of(&mut image).unwrap());
        assert_eq!(image.data, [51, 151, 255]);
    }

    fn exposed(exposure: Exposure, width: u32, data: &[u8]) -> Vec<u8> {
        let height = u32::try_from(data.len()).unwrap() / width;
        let mut image = Grey { width, height, data: data.to_vec() };
        exposure.apply(&mut Canvas::of(&mut image).unwrap());
        image.data
    }
}
