//! Where each part of the screen stands, worked out from the screen's size.

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::letters::Letters;

/// The screen's parts, in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Name, source and speed.
    pub(super) header: Rectangle,
    /// Everything between header and footer; pages without a picture take all of it.
    pub(super) content: Rectangle,
    /// The camera's picture, 4:3, or the avatar.
    pub(super) picture: Rectangle,
    /// The expression in large letters.
    pub(super) headline: Rectangle,
    /// The eight probabilities.
    pub(super) bars: Rectangle,
    /// What the reading is not, or what is wrong.
    pub(super) footer: Rectangle,
}

impl Layout {
    /// The parts of a screen of `size` pixels.
    pub(super) fn new(size: Size, letters: &Letters) -> Self {
        let gap = letters.gap;
        let (left, width) = (gap.width.cast_signed(), less(size.width, 2 * gap.width));
        let band = |top: u32, height| {
            Rectangle::new(Point::new(left, top.cast_signed()), Size::new(width, height))
        };
        let top = even(letters.strong.line() + gap.height * 3 / 2);
        let bottom = even(letters.small.line() + gap.height);
        let header = band(0, top);
        let footer = band(less(size.height, bottom), bottom);
        let content = band(top, less(size.height, top + bottom));
        let shape = if 4 * size.width >= 5 * size.height {
            wide
        } else if 2 * size.height >= 3 * size.width {
            high
        } else {
            square
        };
        let (picture, headline, bars) = shape(content, gap);
        Self { header, content, picture, headline, bars, footer }
    }
}

/// Picture and headline on the left, bars on the right.
fn wide(content: Rectangle, gap: Size) -> (Rectangle, Rectangle, Rectangle) {
    let Size { width, height } = content.size;
    let most = even(height * 3 / 5);
    let picture_width = (less(width, gap.width) * 11 / 25).min(most * 4 / 3);
    let picture =
        part(content, Point::zero(), Size::new(picture_width, even(picture_width * 3 / 4)));
    let below = even(picture.size.height + gap.height / 2);
    let headline = part(
        content,
        Point::new(0, below.cast_signed()),
        Size::new(picture_width, less(height, below)),
    );
    let left = picture_width + gap.width * 3 / 2;
    let bars =
        part(content, Point::new(left.cast_signed(), 0), Size::new(less(width, left), height));
    (picture, headline, bars)
}

/// Picture and headline on top, bars below.
fn square(content: Rectangle, gap: Size) -> (Rectangle, Rectangle, Rectangle) {
    let Size { width, height } = content.size;
    let picture_width = (width / 2).min(height * 9 / 25 * 4 / 3);
    let picture_height = even(picture_width * 3 / 4);
    let picture = part(content, Point::zero(), Size::new(picture_width, picture_height));
    let left = picture_width + gap.width;
    let headline = part(
        content,
        Point::new(left.cast_signed(), 0),
        Size::new(less(width, left), picture_height),
    );
    let bars = below(content, picture_height + gap.height);
    (picture, headline, bars)
}

/// Picture, headline and bars below each other, each as wide as the screen.
fn high(content: Rectangle, gap: Size) -> (Rectangle, Rectangle, Rectangle) {
    let Size { width, height } = content.size;
    let picture =
        part(content, Point::zero(), Size::new(width, even((width * 3 / 4).min(height * 2 / 5))));
    let picture_end = even(picture.size.height + gap.height / 2);
    let headline =
        Rectangle { size: Size::new(width, even(height / 5)), ..below(content, picture_end) };
    let bars = below(content, picture_end + headline.size.height + gap.height);
    (picture, headline.intersection(&content), bars)
}

/// What of `content` lies below its first `top` rows.
fn below(content: Rectangle, top: u32) -> Rectangle {
    let top = even(top).min(content.size.height);
    let size = Size::new(content.size.width, content.size.height - top);
    part(content, Point::new(0, top.cast_signed()), size)
}

fn part(of: Rectangle, offset: Point, size: Size) -> Rectangle {
    Rectangle::new(of.top_left + offset, size)
}

fn less(a: u32, b: u32) -> u32 {
    a.saturating_sub(b)
}

/// Rounds down to whole terminal rows.
fn even(height: u32) -> u32 {
    height & !1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(u32, u32); 7] =
        [(160, 120), (240, 240), (320, 240), (240, 320), (800, 480), (480, 800), (1280, 800)];

    fn parts(layout: &Layout) -> [Rectangle; 5] {
        [layout.header, layout.picture, layout.headline, layout.bars, layout.footer]
    }

    #[test]
    fn parts_stay_on_the_screen_and_apart() {
        for (width, height) in SIZES {
            let size = Size::new(width, height);
            let layout = Layout::new(size, &Letters::for_pixels(size));
            let screen = Rectangle::new(Point::zero(), size);
            for (i, a) in parts(&layout).iter().enumerate() {
                assert!(!a.is_zero_sized(), "{width}x{height} part {i} is empty");
                assert_eq!(screen.intersection(a), *a, "{width}x{height} part {i}");
                let mut others = parts(&layout).into_iter().skip(i + 1);
                assert!(others.all(|b| a.intersection(&b).is_zero_sized()), "{width}x{height} {i}");
            }
        }
    }

    #[test]
    fn a_screen_too_small_for_anything_is_laid_out_without_panic() {
        for (width, height) in [(1, 1), (3, 200), (200, 3), (17, 9)] {
            let size = Size::new(width, height);
            Layout::new(size, &Letters::for_pixels(size));
            Layout::new(size, &Letters::for_cells());
        }
    }
}
