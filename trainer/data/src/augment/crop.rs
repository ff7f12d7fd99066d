//! Which part of a picture is looked at: all of it, a corner, the middle, or anywhere.

use mien_shared::geometry::Point;
use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    picture::{Canvas, Picture},
    warp::Warp,
};

/// A part of a picture in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Columns left of it.
    pub(super) left: u32,
    /// Rows above it.
    pub(super) top: u32,
    /// Width and height.
    pub(super) size: [u32; 2],
}

impl Window {
    /// All of a picture.
    pub(super) fn whole(size: [u32; 2]) -> Self {
        Self { left: 0, top: 0, size }
    }

    /// A square of `side` pixels anywhere in a picture, cut short where the picture is smaller;
    /// all of it for a side of 0.
    pub(super) fn random(size: [u32; 2], side: u32, rng: &mut Pcg64) -> Self {
        if side == 0 {
            return Self::whole(size);
        }
        let [left, top] = size.map(|whole| rng.random_range(0..=whole.saturating_sub(side)));
        Self { left, top, size: size.map(|whole| whole.min(side)) }
    }
}

/// Where a fixed crop lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The middle.
    Centre,
    /// The corner at the top left.
    TopLeft,
    /// The corner at the top right.
    TopRight,
    /// The corner at the bottom left.
    BottomLeft,
    /// The corner at the bottom right.
    BottomRight,
}

impl Place {
    /// The middle and the four corners: the five crops of Krizhevsky et al. 2012, section 4.1.
    pub const ALL: [Self; 5] =
        [Self::Centre, Self::TopLeft, Self::TopRight, Self::BottomLeft, Self::BottomRight];

    /// Cuts the square of `side` pixels there out of `image`, into `out`; a picture smaller than
    /// that is cut short to itself.
    pub fn cut<const N: usize, P: Picture<N>>(self, image: &P, side: u32, out: &mut P) {
        let window = self.window(image.size(), side);
        out.resize(window.size);
        if let Some(mut canvas) = Canvas::of(out) {
            Warp::about(&window).apply(image, &mut canvas);
        }
    }

    /// Where the top left corner of that crop of a picture of `size` lies.
    pub fn corner(self, size: [u32; 2], side: u32) -> Point {
        let window = self.window(size, side);
        Point { x: window.left as f32, y: window.top as f32 }
    }

    pub(super) fn window(self, size: [u32; 2], side: u32) -> Window {
        let [right, bottom] = size.map(|whole| whole.saturating_sub(side));
        let (left, top) = match self {
            Self::Centre => (right / 2, bottom / 2),
            Self::TopLeft => (0, 0),
            Self::TopRight => (right, 0),
            Self::BottomLeft => (0, bottom),
            Self::BottomRight => (right, bottom),
        };
        Window { left, top, size: size.map(|whole| whole.min(side)) }
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::Grey;

    use super::*;

    #[test]
    fn the_five_crops_are_the_middle_and_the_corners() {
        let image = Grey { width: 4, height: 4, data: (0..16).collect() };
        let mut out = Grey::default();
        let crops = Place::ALL.map(|place| {
            place.cut(&image, 2, &mut out);
            out.data.clone()
        });
        assert_eq!(
            crops,
            [[5, 6, 9, 10], [0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
        );
        assert_eq!(Place::BottomRight.corner([4, 4], 2), Point { x: 2.0, y: 2.0 });
    }

    #[test]
    fn a_random_crop_comes_from_everywhere_and_stays_inside() {
        let mut rng = Pcg64::new(1, 2);
        let mut seen = [[false; 4]; 3];
        for _ in 0..200 {
            let Window { left, top, size } = Window::random([10, 9], 7, &mut rng);
            assert_eq!(size, [7, 7]);
            seen[top as usize][left as usize] = true;
        }
        assert_eq!(seen, [[true; 4]; 3]);
    }

    #[test]
    fn a_crop_larger_than_the_picture_is_the_picture() {
        let mut rng = Pcg64::new(1, 2);
        assert_eq!(Window::random([10, 9], 20, &mut rng), Window::whole([10, 9]));
        assert_eq!(Window::random([10, 9], 0, &mut rng), Window::whole([10, 9]));
        let mut out = Grey::new(3, 3);
        Place::Centre.cut(&Grey::default(), 5, &mut out);
        assert_eq!(out, Grey::default());
    }
}
