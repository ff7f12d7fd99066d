//! Full-range BT.601 `Y U V` to `R G B`, in 16.16 fixed point.

/// 1.402 · 2¹⁶.
const V_TO_RED: i32 = 91_881;
/// 0.344136 · 2¹⁶.
const U_TO_GREEN: i32 = 22_554;
/// 0.714136 · 2¹⁶.
const V_TO_GREEN: i32 = 46_802;
/// 1.772 · 2¹⁶.
const U_TO_BLUE: i32 = 116_130;
/// One half.
const HALF: i32 = 1 << 15;

/// One pixel.
#[inline]
pub(super) fn to_rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let (y, u, v) = ((i32::from(y) << 16) + HALF, i32::from(u) - 128, i32::from(v) - 128);
    [y + V_TO_RED * v, y - U_TO_GREEN * u - V_TO_GREEN * v, y + U_TO_BLUE * u].map(byte)
}

/// A fixed-point value, clamped to a byte.
#[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(fixed: i32) -> u8 {
    (fixed >> 16).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::to_rgb;

    #[test]
    fn grey_stays_grey() {
        assert_eq!(to_rgb(0, 128, 128), [0; 3]);
        assert_eq!(to_rgb(77, 128, 128), [77; 3]);
        assert_eq!(to_rgb(255, 128, 128), [255; 3]);
    }

    #[test]
    fn the_jfif_primaries_come_out() {
        // Y, Cb, Cr of pure red, green and blue after rounding, from the JFIF equations.
        assert_eq!(to_rgb(76, 85, 255), [254, 0, 0]);
        assert_eq!(to_rgb(150, 44, 21), [0, 255, 1]);
        assert_eq!(to_rgb(29, 255, 107), [0, 0, 254]);
    }
}
