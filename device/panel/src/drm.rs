//! `drm://auto`, `drm:///dev/dri/card1?connector=HDMI-A-1&mode=1280x720&rotation=90&scale=2`: a
//! display of the kernel's mode setting (KMS), without X or Wayland.
//!
//! The first connected connector is lit in its preferred mode, or in those that the options name.
//! Two dumb buffers take turns: the screen's changes go into the one that is not seen, then the
//! display flips to it at its next refresh, so nothing tears. What was seen before comes back when
//! the panel is dropped. Only one program can hold a display: on a desktop the desktop does.

mod card;
mod mode;

use std::io;

use mien_core::spec::Spec;
use mien_ui::Screen;

use crate::{
    Panel, PanelError,
    backlight::Backlight,
    fb::scale,
    format::Format,
    mirror::{Memory, Mirror},
    options::{Size, Turn},
};
use card::Display;

/// Changes a buffer: its number, 0 or 1, its bytes and those of a row.
type Draw<'a> = dyn FnMut(usize, &mut [u8], usize) -> io::Result<()> + 'a;

/// What a display shows, and what it will show next.
pub trait Scanout {
    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    /// Changes the buffer that is not seen.
    ///
    /// # Errors
    /// When it cannot be reached, or `draw` fails.
    fn draw(&mut self, draw: &mut Draw<'_>) -> io::Result<()>;

    /// Shows that buffer from the next refresh on, and waits for it.
    ///
    /// # Errors
    /// When the display is taken away or off.
    fn flip(&mut self) -> io::Result<()>;
}

/// Shows the screen on a display.
#[derive(Debug)]
pub struct DrmPanel<S = Display> {
    name: String,
    scanout: S,
    mirrors: [Mirror; 2],
    /// The buffer that is seen, once one is.
    front: Option<usize>,
    backlight: Option<Backlight>,
}

/// What the owner wants of a display.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wish {
    /// The connector's name, such as `HDMI-A-1`.
    pub(crate) connector: Option<String>,
    /// Width and height of the mode.
    pub(crate) mode: Option<(u32, u32)>,
}

impl DrmPanel {
    /// The panel of `drm://`.
    ///
    /// # Errors
    /// When an option is unknown or out of range, no display is connected, it has no such mode,
    /// or the user or another program keeps us from it.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&["connector", "mode", "rotation", "scale", "backlight"])?;
        let wish = Wish {
            connector: spec.option("connector")?,
            mode: spec.option::<Size>("mode")?.map(|Size(width, height)| (width, height)),
        };
        let (turn, scale) = (Turn::parse(spec)?, scale(spec)?);
        let backlight = Backlight::named(spec)?;
        let display = Display::open(spec.target(), &wish)?;
        let name = display.name().to_owned();
        Ok(Self { backlight, ..Self::over(name, display, turn, scale) })
    }
}

impl<S: Scanout> DrmPanel<S> {
    fn over(name: String, scanout: S, turn: Turn, scale: Option<u32>) -> Self {
        let memory = Memory { size: scanout.size(), format: Format::XRGB8888, turn, scale };
        let mirrors = [Mirror::new(memory), Mirror::new(memory)];
        Self { name, scanout, mirrors, front: None, backlight: None }
    }

    fn update(&mut self, screen: &Screen) -> io::Result<()> {
        if self.front.is_some_and(|front| self.mirrors[front].shows(screen)) {
            return Ok(());
        }
        let Self { scanout, mirrors, .. } = self;
        let mut drawn = 0;
        scanout.draw(&mut |buffer, bytes, pitch| {
            drawn = buffer % 2;
            mirrors[drawn].update(screen, |x, y, row| {
                let at = y as usize * pitch + x as usize * Format::XRGB8888.bytes();
                let place = bytes.get_mut(at..at + row.len()).ok_or(io::ErrorKind::InvalidData)?;
                place.copy_from_slice(row);
                Ok(())
            })
        })?;
        scanout.flip()?;
        self.front = Some(drawn);
        Ok(())
    }
}

impl<S: Scanout> Panel for DrmPanel<S> {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        self.update(screen).map_err(|source| {
            self.mirrors.iter_mut().for_each(Mirror::forget);
            self.front = None;
            PanelError::Display { name: self.name.clone(), source }
        })
    }

    fn size(&self) -> (u32, u32) {
        self.mirrors[0].size()
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        self.backlight.as_mut().map_or(Ok(()), |backlight| backlight.set(level))
    }
}

#[cfg(test)]
mod tests {
    use mien_ui::Status;

    use super::*;

    const PITCH: usize = 200 * 4 + 64;

    /// A display whose buffers can be looked at.
    struct FakeScanout {
        buffers: [Vec<u8>; 2],
        back: usize,
        flips: usize,
        broken: bool,
    }

    impl Scanout for FakeScanout {
        fn size(&self) -> (u32, u32) {
            (200, 160)
        }

        fn draw(&mut self, draw: &mut Draw<'_>) -> io::Result<()> {
            draw(self.back, &mut self.buffers[self.back], PITCH)
        }

        fn flip(&mut self) -> io::Result<()> {
            if self.broken {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            self.flips += 1;
            self.back = 1 - self.back;
            Ok(())
        }
    }

    fn panel() -> DrmPanel<FakeScanout> {
        let buffer = vec![0xaa; PITCH * 160];
        let scanout =
            FakeScanout { buffers: [buffer.clone(), buffer], back: 0, flips: 0, broken: false };
        DrmPanel::over("HDMI-A-1".to_owned(), scanout, Turn::None, None)
    }

    fn drawn(message: &str) -> Screen {
        let mut screen = Screen::new(200, 160);
        screen.draw(&Status { message: Some(message.to_owned()), ..Status::default() }, None);
        screen
    }

    /// What is seen: the buffer that is not drawn into.
    fn seen(panel: &DrmPanel<FakeScanout>) -> Vec<u8> {
        let front = &panel.scanout.buffers[1 - panel.scanout.back];
        let row = |y: usize| front[y * PITCH..].chunks(4).take(200);
        (0..160).flat_map(row).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect()
    }

    #[test]
    fn every_screen_is_seen_whole_though_buffers_take_turns() {
        let mut panel = panel();
        for message in ["one", "two", "a long third one", "two", "four"] {
            let screen = drawn(message);
            panel.show(&screen).unwrap();
            assert!(seen(&panel) == screen.pixels(), "{message}");
        }
        assert_eq!(panel.scanout.flips, 5);
    }

    #[test]
    fn a_screen_that_stays_needs_no_flip() {
        let mut panel = panel();
        for _ in 0..9 {
            panel.show(&drawn("one")).unwrap();
        }
        assert_eq!(panel.scanout.flips, 1);
    }

    #[test]
    fn a_display_taken_away_is_an_error_and_drawn_anew_when_it_is_back() {
        let mut panel = panel();
        panel.show(&drawn("one")).unwrap();
        panel.scanout.broken = true;
        let error = panel.show(&drawn("two")).unwrap_err().to_string();
        assert!(error.contains("HDMI-A-1"), "{error}");
        panel.scanout.broken = false;
        panel.show(&drawn("two")).unwrap();
        assert!(seen(&panel) == drawn("two").pixels());
    }
}
