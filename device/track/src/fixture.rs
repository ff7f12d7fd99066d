//! Pictures by formula.

use mien_shared::frame::Grey;

/// A picture whose luma at column `x` and row `y` is `of(x, y)`, cut to 0..=255.
pub(crate) fn picture(width: u32, height: u32, of: impl Fn(f32, f32) -> f32) -> Grey {
    let mut grey = Grey::new(width, height);
    for (row, line) in grey.data.chunks_exact_mut(width as usize).enumerate() {
        for (column, byte) in line.iter_mut().enumerate() {
            *byte = byte_of(of(column as f32, row as f32));
        }
    }
    grey
}

/// The byte nearest to `luma`.
fn byte_of(luma: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=255")]
    let byte = luma.round().clamp(0.0, 255.0) as u8;
    byte
}
