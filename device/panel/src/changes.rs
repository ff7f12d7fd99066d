//! Which parts of a screen differ from what a panel shows.
//!
//! The screen is compared with a copy of the one shown before, in bands of [`BAND`] rows; each
//! band that changed gives one area, as wide as its change. A header and a bar that change far
//! from each other are so sent without what lies between them.

use mien_ui::Screen;

/// Rows compared together.
const BAND: u32 = 16;

/// A rectangle of a screen or a panel, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Area {
    /// Its pixels, row by row.
    pub(crate) fn pixels(self) -> impl Iterator<Item = (u32, u32)> {
        let row = move |y| (self.x..self.x + self.width).map(move |x| (x, y));
        (self.y..self.y + self.height).flat_map(row)
    }

    /// The part of it that lies within `width` × `height` pixels from the origin.
    pub(crate) fn within(self, (width, height): (u32, u32)) -> Option<Self> {
        let (x, y) = (self.x.min(width), self.y.min(height));
        let cut =
            Self { x, y, width: self.width.min(width - x), height: self.height.min(height - y) };
        (cut.width > 0 && cut.height > 0).then_some(cut)
    }
}

/// What a panel shows.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    size: (u32, u32),
    shown: Vec<u8>,
    areas: Vec<Area>,
}

impl Changes {
    /// The areas in which `screen` differs from what is shown; it counts as shown from now on.
    ///
    /// The whole of it differs the first time, when its size changes, and after
    /// [`forget`](Self::forget).
    pub(crate) fn take(&mut self, screen: &Screen) -> &[Area] {
        let pixels = screen.pixels();
        self.areas.clear();
        if self.is_fresh(screen) {
            self.size = screen.size();
            self.shown.clear();
            self.shown.extend_from_slice(pixels);
            let (width, height) = self.size;
            self.areas.push(Area { x: 0, y: 0, width, height });
            return &self.areas;
        }
        self.compare(pixels);
        self.shown.copy_from_slice(pixels);
        &self.areas
    }

    /// Whether nothing of `screen`'s size is shown.
    pub(crate) fn is_fresh(&self, screen: &Screen) -> bool {
        self.size != screen.size() || self.shown.len() != screen.pixels().len()
    }

    /// Whether just this screen is shown.
    pub(crate) fn shows(&self, screen: &Screen) -> bool {
        !self.is_fresh(screen) && self.shown == screen.pixels()
    }

    /// Holds nothing for shown: the panel may show anything.
    pub(crate) fn forget(&mut self) {
        self.size = (0, 0);
    }

    fn compare(&mut self, pixels: &[u8]) {
        let row = 3 * self.size.0 as usize;
        let band = row * BAND as usize;
        let bands = self.shown.chunks(band.max(1)).zip(pixels.chunks(band.max(1)));
        for (index, (old, new)) in (0..).zip(bands) {
            self.areas.extend(
                changed(old, new, row).map(|area| Area { y: area.y + BAND * index, ..area }),
            );
        }
    }
}

/// The smallest area that holds all differences of two bands with rows of `row` bytes.
fn changed(old: &[u8], new: &[u8], row: usize) -> Option<Area> {
    let (mut left, mut right) = (usize::MAX, 0);
    let (mut top, mut bottom) = (usize::MAX, 0);
    for (y, (old, new)) in old.chunks(row).zip(new.chunks(row)).enumerate() {
        let differs = |(old, new): (&u8, &u8)| old != new;
        let Some(first) = old.iter().zip(new).position(differs) else { continue };
        let last = old.iter().zip(new).rposition(differs).unwrap_or(first);
        (left, right) = (left.min(first / 3), right.max(last / 3 + 1));
        (top, bottom) = (top.min(y), y + 1);
    }
    let narrow = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    (top < bottom).then(|| Area {
        x: narrow(left),
        y: narrow(top),
        width: narrow(right - left),
        height: narrow(bottom - top),
    })
}

#[cfg(test)]
mod tests {
    use mien_ui::Status;

    use super::*;

    #[test]
    fn the_first_screen_differs_as_a_whole_and_the_same_one_nowhere() {
        let screen = Screen::new(40, 30);
        let mut changes = Changes::default();
        let whole = [Area { x: 0, y: 0, width: 40, height: 30 }];
        assert_eq!(changes.take(&screen), whole);
        assert_eq!(changes.take(&screen), []);
        changes.forget();
        assert_eq!(changes.take(&screen), whole);
        assert_eq!(changes.take(&Screen::new(20, 30)).len(), 1);
    }

    #[test]
    fn each_band_gives_the_smallest_area_around_its_change() {
        let row = 3 * 10;
        let old = vec![0; row * 16];
        let mut new = old.clone();
        new[2 * row + 3 * 4 + 1] = 1;
        new[5 * row + 3 * 7] = 1;
        assert_eq!(changed(&old, &new, row), Some(Area { x: 4, y: 2, width: 4, height: 4 }));
        assert_eq!(changed(&old, &old, row), None);
    }

    #[test]
    fn all_that_changed_lies_in_an_area_and_less_than_the_whole_is_sent() {
        let mut changes = Changes::default();
        let mut screen = Screen::new(320, 240);
        let mut status = Status { source: "one".to_owned(), ..Status::default() };
        screen.draw(&status, None);
        changes.take(&screen);
        let old = screen.pixels().to_vec();
        status.source = "two".to_owned();
        screen.draw(&status, None);
        let areas = changes.take(&screen).to_vec();
        let sent: u32 = areas.iter().map(|area| area.width * area.height).sum();
        assert!(sent > 0 && sent < 320 * 240 / 4, "{areas:?}");
        for (index, (old, new)) in (0..).zip(old.chunks(3).zip(screen.pixels().chunks(3))) {
            let (x, y): (u32, u32) = (index % 320, index / 320);
            let covered = areas
                .iter()
                .any(|a| (a.x..a.x + a.width).contains(&x) && (a.y..a.y + a.height).contains(&y));
            assert!(old == new || covered, "{x} {y}");
        }
    }

    #[test]
    fn an_area_is_cut_to_the_panel() {
        let area = Area { x: 8, y: 2, width: 10, height: 3 };
        assert_eq!(area.within((10, 4)), Some(Area { x: 8, y: 2, width: 2, height: 2 }));
        assert_eq!(area.within((8, 4)), None);
        assert_eq!(area.within((4, 4)), None);
    }
}
