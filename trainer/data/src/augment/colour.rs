//! Colour jitter: hue, saturation and white balance, which a grey picture does not have.
//!
//! All three are one matrix over sRGB values. Hue turns the colour plane of YIQ, saturation scales
//! it, so that luma (BT.601) stays; white balance is a gain of red against blue, as between
//! daylight and a lamp. Brightness, contrast and gamma are those of every picture and come before.

use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::{
    check::Range,
    either_way,
    picture::{Canvas, byte},
};

/// Weights of luma.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// Largest change of red and blue for a white balance of 1.
const BALANCE: f32 = 0.4;

/// How much a colour picture's colours change; every amount is the largest change either way.
/// Grey pictures stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Colour {
    /// Turn of the hue in degrees, 0..=180; beyond about 36 faces turn green.
    pub hue_deg: f32,
    /// Relative change of saturation, 0..=1.
    pub saturation: f32,
    /// Change of white balance between bluish and reddish, 0..=1.
    pub white_balance: f32,
}

impl Colour {
    /// No change at all.
    pub const NONE: Self = Self { hue_deg: 0.0, saturation: 0.0, white_balance: 0.0 };

    pub(super) fn ranges(&self) -> [Range; 3] {
        [
            Range::up_to("colour.hue_deg", self.hue_deg, 180.0),
            Range::up_to("colour.saturation", self.saturation, 1.0),
            Range::up_to("colour.white_balance", self.white_balance, 1.0),
        ]
    }

    /// Changes the colours of `image`.
    pub(super) fn apply<const N: usize>(&self, image: &mut Canvas<'_, N>, rng: &mut Pcg64) {
        if N != 3 || *self == Self::NONE {
            return;
        }
        let matrix = matrix(
            either_way(rng, self.hue_deg).to_radians(),
            1.0 + either_way(rng, self.saturation),
            either_way(rng, self.white_balance),
        );
        let (pixels, _) = image.pixels.as_flattened_mut().as_chunks_mut::<3>();
        for pixel in pixels {
            let colour = pixel.map(f32::from);
            *pixel = matrix.map(|row| byte((0..3).map(|i| row[i] * colour[i]).sum()));
        }
    }
}

/// The matrix that turns, saturates and balances.
///
/// `G·(L + s·(cos h·(I - L) + sin h·Q))`: `L` takes luma, `Q` is a quarter turn of the colour plane
/// and `G` holds the gains of white balance.
fn matrix(hue: f32, saturation: f32, balance: f32) -> [[f32; 3]; 3] {
    // A quarter turn of YIQ's colour plane, in RGB.
    const QUARTER: [[f32; 3]; 3] =
        [[0.168, 0.330, -0.497], [-0.328, 0.035, 0.292], [1.250, -1.050, -0.203]];
    let (sin, cos) = hue.sin_cos();
    let gain = [1.0 + BALANCE * balance, 1.0, 1.0 - BALANCE * balance];
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let one = if row == column { 1.0 } else { 0.0 };
            let plane = cos * (one - LUMA[column]) + sin * QUARTER[row][column];
            gain[row] * (LUMA[column] + saturation * plane)
        })
    })
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;
    use crate::augment::picture::luma;

    #[test]
    fn no_turn_and_full_saturation_change_nothing() {
        assert_eq!(seen(matrix(0.0, 1.0, 0.0), [200, 40, 90]), [200, 40, 90]);
    }

    #[test]
    fn without_saturation_only_luma_is_left() {
        assert_eq!(seen(matrix(0.7, 0.0, 0.0), [200, 40, 90]), [94, 94, 94]);
    }

    #[test]
    fn a_turn_of_the_hue_keeps_grey_and_luma() {
        let turn = matrix(-0.5, 1.0, 0.0);
        assert_eq!(seen(turn, [120; 3]), [120; 3]);
        let turned = seen(turn, [150, 110, 100]);
        let change = luma(turned.map(f32::from)) - luma([150.0, 110.0, 100.0]);
        assert!(change.abs() < 1.5, "{turned:?}");
        assert!(turned[0] < 150 && turned[1] > 110, "red turns to yellow: {turned:?}");
    }

    #[test]
    fn balance_trades_blue_for_red() {
        assert_eq!(seen(matrix(0.0, 1.0, 0.5), [100; 3]), [120, 100, 80]);
    }

    #[test]
    fn a_grey_picture_has_no_colours_to_change() {
        let colour = Colour { hue_deg: 30.0, saturation: 1.0, white_balance: 1.0 };
        let mut image = Grey { width: 2, height: 1, data: vec![10, 200] };
        colour.apply(&mut Canvas::of(&mut image).unwrap(), &mut Pcg64::new(1, 1));
        assert_eq!(image.data, [10, 200]);
        let mut image = Rgb { width: 1, height: 1, data: vec![10, 100, 200] };
        colour.apply(&mut Canvas::of(&mut image).unwrap(), &mut Pcg64::new(1, 1));
        assert_ne!(image.data, [10, 100, 200]);
    }

    fn seen(matrix: [[f32; 3]; 3], colour: [u8; 3]) -> [u8; 3] {
        matrix.map(|row| byte((0..3).map(|i| row[i] * f32::from(colour[i])).sum()))
    }
}
