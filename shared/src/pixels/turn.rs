//! Turning a picture by quarters and exchanging its left and right, for cameras that hang on their
//! side, upside down or behind a mirror.

use crate::frame::Grey;

/// How far clockwise, and whether mirrored afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    /// Quarter turns clockwise; four make none.
    pub quarters: u8,
    /// Left and right are exchanged after turning.
    pub mirror: bool,
}

impl Turn {
    /// Whether it leaves every picture as it is.
    pub fn is_none(self) -> bool {
        self.quarters.is_multiple_of(4) && !self.mirror
    }

    /// Fills `out` with `picture` turned; allocates only where `out` has too little room.
    pub fn apply(self, picture: &Grey, out: &mut Grey) {
        let (w, h) = (picture.width as usize, picture.height as usize);
        let upright = self.quarters.is_multiple_of(2);
        let size = (picture.width, picture.height);
        (out.width, out.height) = if upright { size } else { (size.1, size.0) };
        out.data.resize(w * h, 0);
        let columns = out.width.max(1) as usize;
        for (y, row) in out.data.chunks_exact_mut(columns).enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = picture.data[self.source(x, y, w, h)];
            }
            if self.mirror {
                row.reverse();
            }
        }
    }

    /// Where the pixel at column `x` of row `y` comes from in a picture of `w` × `h`, before any
    /// mirror.
    fn source(self, x: usize, y: usize, w: usize, h: usize) -> usize {
        match self.quarters % 4 {
            0 => y * w + x,
            1 => (h - 1 - x) * w + y,
            2 => (h - 1 - y) * w + (w - 1 - x),
            _ => x * w + (w - 1 - y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 2 3
    /// 4 5 6
    fn turned(quarters: u8, mirror: bool) -> (u32, Vec<u8>) {
        let picture = Grey { width: 3, height: 2, data: vec![1, 2, 3, 4, 5, 6] };
        let mut out = Grey::default();
        Turn { quarters, mirror }.apply(&picture, &mut out);
        assert_eq!((out.width * out.height) as usize, out.data.len());
        (out.width, out.data)
    }

    #[test]
    fn pictures_turn_clockwise() {
        assert_eq!(turned(0, false), (3, vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(turned(1, false), (2, vec![4, 1, 5, 2, 6, 3]));
        assert_eq!(turned(2, false), (3, vec![6, 5, 4, 3, 2, 1]));
        assert_eq!(turned(3, false), (2, vec![3, 6, 2, 5, 1, 4]));
        assert_eq!(turned(5, false), turned(1, false));
    }

    #[test]
    fn a_mirror_exchanges_left_and_right_of_what_was_turned() {
        assert_eq!(turned(0, true), (3, vec![3, 2, 1, 6, 5, 4]));
        assert_eq!(turned(1, true), (2, vec![1, 4, 2, 5, 3, 6]));
    }

    #[test]
    fn nothing_turned_is_nothing() {
        let mut out = Grey::new(4, 4);
        Turn { quarters: 1, mirror: true }.apply(&Grey::default(), &mut out);
        assert!(out.data.is_empty());
        assert!(Turn { quarters: 4, mirror: false }.is_none());
    }
}
