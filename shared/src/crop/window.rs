//! A rectangle of whole pixels in an output picture.

use crate::frame::Grey;

/// A rectangle of whole pixels in the output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// First column.
    pub(super) x: u32,
    /// First row.
    pub(super) y: u32,
    /// Number of columns.
    pub(super) w: u32,
    /// Number of rows.
    pub(super) h: u32,
}

impl Window {
    /// All of `out`.
    pub(super) fn whole(out: &Grey) -> Self {
        Self { x: 0, y: 0, w: out.width, h: out.height }
    }

    /// The window of about `w` × `h` pixels, at least one, in the middle of `out`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are positive and at most the output's own sides"
    )]
    pub(super) fn centered(out: &Grey, w: f32, h: f32) -> Self {
        let w = (w.round() as u32).clamp(1, out.width);
        let h = (h.round() as u32).clamp(1, out.height);
        Self { x: (out.width - w) / 2, y: (out.height - h) / 2, w, h }
    }

    /// The part of `row` of `out` inside this window.
    pub(super) fn row(self, out: &mut Grey, row: u32) -> &mut [u8] {
        let start = (self.y + row) as usize * out.width as usize + self.x as usize;
        &mut out.data[start..start + self.w as usize]
    }
}
