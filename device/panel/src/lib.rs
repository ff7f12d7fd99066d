//! Where the screen is shown.
//!
//! | specification | panel |
//! |---|---|
//! | `terminal://` | this terminal, in true colour, two pixels per cell and letters as letters |
//! | `png://PATH?rate=N` | the latest screen as a PNG file, replaced at most `N` times per second (default 2) |
//! | `drm://auto` | a display of the kernel's mode setting (HDMI, DSI), without X or Wayland |
//! | `fb:///dev/fb0` | a Linux framebuffer |
//! | `spi:///dev/spidev0.0?driver=st7789&dc=25` | a small colour display on SPI (ST7789, ILI9341) |
//! | `i2c:///dev/i2c-1?driver=ssd1306` | a small display of one colour on I2C (SSD1306) |
//! | `window://?size=320x240` | a window on a desktop (feature `window`) |
//! | `none://` | nowhere |
//!
//! The options of each are at the head of its file. [`open`] gives a panel that never makes its
//! caller wait and that comes back when it was lost; [`open_once`] gives the bare one, which tells
//! every failure, for a hardware test.

mod backlight;
mod changes;
mod drm;
mod error;
mod fb;
mod format;
mod i2c;
mod keeping;
mod latest;
mod mirror;
mod none;
mod options;
mod png;
mod spi;
mod terminal;
#[cfg(feature = "window")]
mod window;

use mien_core::{clock, spec::Spec};
use mien_ui::Screen;

pub use drm::DrmPanel;
pub use error::PanelError;
pub use fb::FbPanel;
pub use keeping::Keeping;
pub use latest::Latest;
pub use none::NonePanel;
pub use png::PngPanel;
pub use terminal::TerminalPanel;
#[cfg(feature = "window")]
pub use window::WindowPanel;

/// Something that shows a screen.
pub trait Panel {
    /// Shows `screen`, or keeps it for its next turn where the panel is slower than the screen.
    ///
    /// An error is no end: a later screen may be shown again.
    ///
    /// # Errors
    /// When the panel is gone or refuses the picture; [`PanelError::Lost`] where it is being
    /// brought back.
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError>;

    /// Width and height of the screen it shows best, in pixels.
    fn size(&self) -> (u32, u32);

    /// A blank screen of the kind and size it shows best; make a new one when
    /// [`size`](Self::size) changes.
    fn screen(&self) -> Screen {
        let (width, height) = self.size();
        Screen::new(width, height)
    }

    /// Lights the panel to `level`, 0 (dark) to 1 (full); nothing happens where it cannot be
    /// dimmed.
    ///
    /// # Errors
    /// When the panel is gone, or its backlight does not obey.
    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        let _ = level;
        Ok(())
    }

    /// Shows what was kept back; call it once at the end.
    ///
    /// # Errors
    /// As for [`show`](Self::show).
    fn flush(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

/// Opens the panel that `spec` names; see the head of this module.
///
/// A device that cannot be used now is tried again while the program runs; until then
/// [`Panel::show`] tells why.
///
/// # Errors
/// When the specification is malformed, names no panel there is, or nothing but another one would
/// help.
pub fn open(spec: &str) -> Result<Box<dyn Panel>, PanelError> {
    let spec = Spec::parse(spec)?;
    match spec.scheme() {
        "fb" | "drm" | "spi" | "i2c" => {
            let keep = move || Ok(Box::new(Keeping::new(move || bare(&spec), clock::now)?) as _);
            Ok(Box::new(Latest::spawn(keep)?))
        }
        "png" | "window" => Ok(Box::new(Latest::spawn(move || bare(&spec))?)),
        _ => bare(&spec),
    }
}

/// Opens the panel that `spec` names as it is: it shows on the caller's thread, and is lost when
/// its device is.
///
/// # Errors
/// When the specification is malformed, names no panel there is, or the panel cannot be opened.
pub fn open_once(spec: &str) -> Result<Box<dyn Panel>, PanelError> {
    bare(&Spec::parse(spec)?)
}

fn bare(spec: &Spec) -> Result<Box<dyn Panel>, PanelError> {
    match spec.scheme() {
        "terminal" => Ok(Box::new(TerminalPanel::open(spec)?)),
        "png" => Ok(Box::new(PngPanel::open(spec)?)),
        "fb" => Ok(Box::new(FbPanel::open(spec)?)),
        "drm" => Ok(Box::new(DrmPanel::open(spec)?)),
        "spi" => spi::open(spec),
        "i2c" => i2c::open(spec),
        #[cfg(feature = "window")]
        "window" => Ok(Box::new(WindowPanel::open(spec)?)),
        #[cfg(not(feature = "window"))]
        "window" => Err(PanelError::Window {
            reason: "not compiled in; build with `--features window`, or use png://PATH".to_owned(),
        }),
        "none" => Ok(Box::new(NonePanel::open(spec)?)),
        _ => Err(PanelError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(spec: &str) -> String {
        open(spec).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn panels_that_do_not_exist_are_refused_with_those_that_do() {
        let error = refusal("hologram://1");
        assert!(error.starts_with("panel hologram://1: no such panel; there are "), "{error}");
        for scheme in ["terminal://", "png://", "fb://", "drm://", "spi://", "i2c://", "none://"] {
            assert!(error.contains(scheme), "{scheme}");
        }
        assert!(refusal("panel.png").contains("has no scheme"));
    }

    #[test]
    fn options_a_panel_does_not_have_are_refused() {
        for spec in [
            "none://?rate=1",
            "png://a.png?speed=1",
            "png://a.png?rate=fast",
            "fb://?speed=1",
            "drm://?speed=1",
            "spi://?driver=st7789&dc=25&speed=1",
            "i2c://?speed=1",
        ] {
            assert!(!refusal(spec).is_empty(), "{spec}");
        }
    }

    #[test]
    fn a_device_that_is_not_there_does_not_keep_the_program_from_starting() {
        for spec in [
            "fb:///dev/none",
            "drm:///dev/none",
            "spi:///dev/none?driver=ili9341&dc=25&chip=none",
            "i2c:///dev/none",
        ] {
            let mut panel = open(spec).unwrap();
            let screen = panel.screen();
            panel.show(&screen).ok();
            let error = panel.flush().unwrap_err().to_string();
            assert!(error.contains("none"), "{spec}: {error}");
            assert_eq!(panel.show(&screen).unwrap_err().to_string(), error);
            assert!(open_once(spec).is_err(), "{spec}");
        }
    }
}
