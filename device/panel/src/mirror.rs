//! A screen in a panel's memory: scaled by a whole number, turned, in the middle, the rest black.
//!
//! A panel larger than [`LARGEST`] pixels shows every pixel of the screen as a square of several.
//! Only what changed is converted, row by row: no copy of the panel's memory is kept.

use std::io;

use mien_ui::Screen;

use crate::{
    changes::{Area, Changes},
    format::Format,
    options::Turn,
};

/// The longer and the shorter side of a screen from which on its pixels are doubled, tripled…
const LARGEST: (u32, u32) = (800, 480);

/// What a panel's memory looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
    pub(crate) format: Format,
    /// How the picture is turned in it.
    pub(crate) turn: Turn,
    /// How large a pixel of the screen is; chosen by the panel's size where it is not given.
    pub(crate) scale: Option<u32>,
}

/// A panel's memory that follows a screen.
#[derive(Debug)]
pub(crate) struct Mirror {
    memory: Memory,
    scale: u32,
    changes: Changes,
    row: Vec<u8>,
}

impl Mirror {
    pub(crate) fn new(memory: Memory) -> Self {
        let (width, height) = memory.size;
        let suitable = (width.max(height) / LARGEST.0).min(width.min(height) / LARGEST.1);
        let scale = memory.scale.unwrap_or(suitable).max(1);
        let room = memory.size.0 as usize * memory.format.bytes();
        Self { memory, scale, changes: Changes::default(), row: Vec::with_capacity(room) }
    }

    /// The size of the screen that fills the panel.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height) = self.memory.turn.size(self.memory.size);
        ((width / self.scale).max(1), (height / self.scale).max(1))
    }

    /// Hands `put` the bytes of every run of pixels that changed, with its column and row in the
    /// panel's memory.
    pub(crate) fn update(
        &mut self,
        screen: &Screen,
        mut put: impl FnMut(u32, u32, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.changes.is_fresh(screen) {
            self.blacken(&mut put)?;
        }
        let place = Place::new(self.memory, self.scale, screen.size());
        let updated = paint(&mut self.changes, &mut self.row, place, screen, &mut put);
        if updated.is_err() {
            self.changes.forget();
        }
        updated
    }

    /// Whether the memory holds just this screen.
    pub(crate) fn shows(&self, screen: &Screen) -> bool {
        self.changes.shows(screen)
    }

    /// Holds nothing for shown: the panel may show anything.
    pub(crate) fn forget(&mut self) {
        self.changes.forget();
    }

    fn blacken(
        &mut self,
        put: &mut impl FnMut(u32, u32, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let (width, height) = self.memory.size;
        self.row.clear();
        self.row.resize(width as usize * self.memory.format.bytes(), 0);
        (0..height).try_for_each(|y| put(0, y, &self.row))
    }
}

fn paint(
    changes: &mut Changes,
    row: &mut Vec<u8>,
    place: Place,
    screen: &Screen,
    put: &mut impl FnMut(u32, u32, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    for area in changes.take(screen) {
        let Some(area) = place.on_panel(*area) else { continue };
        for y in area.y..area.y + area.height {
            row.clear();
            for x in area.x..area.x + area.width {
                place.memory.format.put(place.pixel(screen, x, y), row);
            }
            put(area.x, y, row)?;
        }
    }
    Ok(())
}

/// Where a screen of a certain size lies in a panel's memory.
#[derive(Debug, Clone, Copy)]
struct Place {
    memory: Memory,
    scale: u32,
    screen: (u32, u32),
    /// The screen's corner in the turned memory.
    corner: (u32, u32),
}

impl Place {
    fn new(memory: Memory, scale: u32, screen: (u32, u32)) -> Self {
        let turned = memory.turn.size(memory.size);
        let middle = |room: u32, length: u32| room.saturating_sub(length * scale) / 2;
        let corner = (middle(turned.0, screen.0), middle(turned.1, screen.1));
        Self { memory, scale, screen, corner }
    }

    /// The area of the memory that shows `area` of the screen; `None` when all of it is cut off.
    fn on_panel(&self, area: Area) -> Option<Area> {
        let turned = self.memory.turn.size(self.memory.size);
        let Area { x, y, width, height } = Area {
            x: self.corner.0 + area.x * self.scale,
            y: self.corner.1 + area.y * self.scale,
            width: area.width * self.scale,
            height: area.height * self.scale,
        }
        .within(turned)?;
        Some(match self.memory.turn {
            Turn::None => Area { x, y, width, height },
            Turn::Right => Area { x: turned.1 - y - height, y: x, width: height, height: width },
            Turn::Over => Area { x: turned.0 - x - width, y: turned.1 - y - height, width, height },
            Turn::Left => Area { x: y, y: turned.0 - x - width, width: height, height: width },
        })
    }

    /// The screen's pixel at column `x` and row `y` of the memory.
    fn pixel(&self, screen: &Screen, x: u32, y: u32) -> [u8; 3] {
        let (width, height) = self.memory.size;
        let (x, y) = match self.memory.turn {
            Turn::None => (x, y),
            Turn::Right => (y, width - 1 - x),
            Turn::Over => (width - 1 - x, height - 1 - y),
            Turn::Left => (height - 1 - y, x),
        };
        let column = x.saturating_sub(self.corner.0) / self.scale;
        let row = y.saturating_sub(self.corner.1) / self.scale;
        let at = 3 * (row * self.screen.0 + column) as usize;
        match screen.pixels().get(at..at + 3) {
            Some(&[red, green, blue]) => [red, green, blue],
            _ => [0; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use mien_ui::Status;

    use super::*;

    /// A panel's memory as rows of `XRGB8888`.
    struct Picture {
        width: u32,
        bytes: Vec<u8>,
        written: usize,
    }

    impl Picture {
        fn put(&mut self, x: u32, y: u32, row: &[u8]) {
            let at = 4 * (y * self.width + x) as usize;
            self.bytes[at..at + row.len()].copy_from_slice(row);
            self.written += row.len();
        }

        fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
            let at = 4 * (y * self.width + x) as usize;
            [self.bytes[at + 2], self.bytes[at + 1], self.bytes[at]]
        }
    }

    fn memory(size: (u32, u32), turn: Turn, scale: Option<u32>) -> (Mirror, Picture) {
        let bytes = vec![0xaa; 4 * (size.0 * size.1) as usize];
        let memory = Memory { size, format: Format::XRGB8888, turn, scale };
        (Mirror::new(memory), Picture { width: size.0, bytes, written: 0 })
    }

    fn drawn(size: (u32, u32), message: &str) -> Screen {
        let mut screen = Screen::new(size.0, size.1);
        let message = Some(message.to_owned());
        screen.draw(&Status { message, ..Status::default() }, None);
        screen
    }

    fn show(mirror: &mut Mirror, picture: &mut Picture, screen: &Screen) {
        mirror
            .update(screen, |x, y, row| {
                picture.put(x, y, row);
                Ok(())
            })
            .unwrap();
    }

    fn pixel(screen: &Screen, x: u32, y: u32) -> [u8; 3] {
        let at = 3 * (y * screen.size().0 + x) as usize;
        screen.pixels()[at..at + 3].try_into().unwrap()
    }

    #[test]
    fn a_panel_shows_the_screen_as_it_is() {
        let (mut mirror, mut picture) = memory((200, 160), Turn::None, None);
        assert_eq!(mirror.size(), (200, 160));
        let screen = drawn(mirror.size(), "one");
        show(&mut mirror, &mut picture, &screen);
        for (x, y) in (0..160).flat_map(|y| (0..200).map(move |x| (x, y))) {
            assert_eq!(picture.pixel(x, y), pixel(&screen, x, y), "{x} {y}");
        }
    }

    #[test]
    fn a_screen_turns_clockwise() {
        for (turn, size) in
            [(Turn::Right, (160, 200)), (Turn::Over, (200, 160)), (Turn::Left, (160, 200))]
        {
            let (mut mirror, mut picture) = memory((200, 160), turn, None);
            assert_eq!(mirror.size(), size);
            // Two screens: the second is sent in part only.
            show(&mut mirror, &mut picture, &drawn(size, "one"));
            let screen = drawn(size, "two");
            show(&mut mirror, &mut picture, &screen);
            for (x, y) in (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y))) {
                let seen = match turn {
                    Turn::Right => picture.pixel(199 - y, x),
                    Turn::Over => picture.pixel(199 - x, 159 - y),
                    _ => picture.pixel(y, 159 - x),
                };
                assert_eq!(seen, pixel(&screen, x, y), "{turn:?} {x} {y}");
            }
        }
    }

    #[test]
    fn a_small_screen_lies_in_the_middle_of_black_and_a_large_one_is_cut() {
        let (mut mirror, mut picture) = memory((30, 20), Turn::None, Some(2));
        assert_eq!(mirror.size(), (15, 10));
        let screen = Screen::new(5, 4);
        show(&mut mirror, &mut picture, &screen);
        for (x, y) in (0..20).flat_map(|y| (0..30).map(move |x| (x, y))) {
            let inside = (10..20).contains(&x) && (6..14).contains(&y);
            let expected = if inside { pixel(&screen, 0, 0) } else { [0; 3] };
            assert_eq!(picture.pixel(x, y), expected, "{x} {y}");
        }
        show(&mut mirror, &mut picture, &Screen::new(400, 300));
        assert_eq!(picture.pixel(29, 19), pixel(&screen, 0, 0));
    }

    #[test]
    fn large_panels_get_larger_pixels() {
        for (size, screen) in [
            ((800, 480), (800, 480)),
            ((1280, 800), (1280, 800)),
            ((1920, 1080), (960, 540)),
            ((3840, 2160), (960, 540)),
            ((1, 1), (1, 1)),
        ] {
            assert_eq!(memory(size, Turn::None, None).0.size(), screen);
        }
        assert_eq!(memory((1920, 1080), Turn::Left, None).0.size(), (540, 960));
    }

    #[test]
    fn only_what_changed_is_written() {
        let (mut mirror, mut picture) = memory((320, 240), Turn::None, None);
        show(&mut mirror, &mut picture, &drawn((320, 240), "one"));
        picture.written = 0;
        show(&mut mirror, &mut picture, &drawn((320, 240), "one"));
        assert_eq!(picture.written, 0);
        show(&mut mirror, &mut picture, &drawn((320, 240), "two"));
        assert!(picture.written > 0 && picture.written < 320 * 240, "{}", picture.written);
    }

    #[test]
    fn everything_is_written_anew_after_a_failure() {
        let (mut mirror, mut picture) = memory((40, 30), Turn::None, None);
        let screen = Screen::new(40, 30);
        mirror.update(&screen, |_, _, _| Err(io::Error::other("gone"))).unwrap_err();
        show(&mut mirror, &mut picture, &screen);
        assert_eq!(picture.written, 2 * 40 * 30 * 4, "black and the picture");
    }
}
