//! `fb:///dev/fb0?rotation=90&scale=2&order=bgr&console=/dev/tty1&backlight=NAME`: a Linux
//! framebuffer.
//!
//! Its geometry is read from `/sys/class/graphics/fbN`, its pixels are written with `pwrite`, only
//! those that changed. 16, 24 and 32 bits per pixel are known; which colour has the highest bits
//! is not told there, so a panel with red and blue exchanged takes `order=bgr`. The kernel's text
//! console shares the framebuffer: `console=` names the terminal whose cursor is hidden while the
//! panel shows.

mod geometry;
mod pixels;

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use mien_core::spec::Spec;
use mien_ui::Screen;

use crate::{
    Panel, PanelError,
    backlight::Backlight,
    format::{Format, Order},
    mirror::{Memory, Mirror},
    options::{Turn, bad},
};
use geometry::Geometry;
use pixels::Pixels;

/// Where the system describes framebuffers.
const CLASS: &str = "/sys/class/graphics";
/// Hides a console's cursor, and shows it.
const CURSOR: [&[u8]; 2] = [b"\x1b[?25l", b"\x1b[?25h"];

/// Shows the screen in a framebuffer.
#[derive(Debug)]
pub struct FbPanel {
    path: PathBuf,
    pixels: Pixels,
    mirror: Mirror,
    console: Option<File>,
    backlight: Option<Backlight>,
}

impl FbPanel {
    /// The panel of `fb://DEVICE`.
    ///
    /// # Errors
    /// When an option is unknown or out of range, there is no such framebuffer, it has a format
    /// we do not know, or the user may not write to it.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        Self::described_in(spec, Path::new(CLASS))
    }

    fn described_in(spec: &Spec, class: &Path) -> Result<Self, PanelError> {
        spec.allow(&["rotation", "scale", "order", "console", "backlight"])?;
        let path = match spec.target() {
            "" | "auto" => PathBuf::from("/dev/fb0"),
            path => PathBuf::from(path),
        };
        let name = path.file_name().unwrap_or_default();
        let geometry = Geometry::read(&class.join(name), &path)?;
        let format = Format { depth: geometry.depth, order: order(spec)? };
        let memory =
            Memory { size: geometry.size, format, turn: Turn::parse(spec)?, scale: scale(spec)? };
        let file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| PanelError::device(&path, "video", source))?;
        Ok(Self {
            path,
            pixels: Pixels::new(file, &geometry, format.bytes()),
            mirror: Mirror::new(memory),
            console: console(spec)?,
            backlight: Backlight::named(spec)?,
        })
    }
}

/// Option `scale`.
pub(crate) fn scale(spec: &Spec) -> Result<Option<u32>, PanelError> {
    match spec.option::<u32>("scale")? {
        Some(scale) if !(1..=16).contains(&scale) => Err(bad(spec, "scale", "1 to 16")),
        scale => Ok(scale),
    }
}

/// Option `order`.
pub(crate) fn order(spec: &Spec) -> Result<Order, PanelError> {
    match spec.option::<String>("order")?.as_deref() {
        None | Some("rgb") => Ok(Order::Rgb),
        Some("bgr") => Ok(Order::Bgr),
        Some(_) => Err(bad(spec, "order", "rgb or bgr")),
    }
}

/// Option `console`: the terminal, its cursor hidden.
fn console(spec: &Spec) -> Result<Option<File>, PanelError> {
    let Some(path) = spec.option::<PathBuf>("console")? else { return Ok(None) };
    let opened = File::options().write(true).open(&path).and_then(|mut console| {
        console.write_all(CURSOR[0])?;
        Ok(console)
    });
    opened.map(Some).map_err(|source| PanelError::device(&path, "tty", source))
}

impl Panel for FbPanel {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        let Self { pixels, mirror, path, .. } = self;
        mirror
            .update(screen, |x, y, row| pixels.write(x, y, row))
            .map_err(|source| PanelError::device(path, "video", source))
    }

    fn size(&self) -> (u32, u32) {
        self.mirror.size()
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        self.backlight.as_mut().map_or(Ok(()), |backlight| backlight.set(level))
    }
}

impl Drop for FbPanel {
    fn drop(&mut self) {
        if let Some(console) = &mut self.console {
            // A console that has gone needs no cursor.
            drop(console.write_all(CURSOR[1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read as _};

    use mien_ui::Status;

    use super::*;

    /// A folder with a framebuffer that is a file, and what the system would say about it.
    fn fixture(bits: u32, stride: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let fb = folder.path().join("fb7");
        fs::write(&fb, vec![0xaa; (stride * 120) as usize]).unwrap();
        let class = folder.path().join("class/fb7");
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join("virtual_size"), "160,240\n").unwrap();
        fs::write(class.join("modes"), "U:160x120p-0\n").unwrap();
        fs::write(class.join("bits_per_pixel"), format!("{bits}\n")).unwrap();
        fs::write(class.join("stride"), format!("{stride}\n")).unwrap();
        folder
    }

    fn panel(folder: &tempfile::TempDir, options: &str) -> Result<FbPanel, PanelError> {
        let text = format!("fb://{}{options}", folder.path().join("fb7").display());
        FbPanel::described_in(&Spec::parse(&text).unwrap(), &folder.path().join("class"))
    }

    fn memory(folder: &tempfile::TempDir) -> Vec<u8> {
        fs::read(folder.path().join("fb7")).unwrap()
    }

    /// Asserts that a pixel of the memory has this colour.
    fn assert_holds(seen: &[u8], pixel: &[u8]) {
        let (red, green, blue) = (pixel[0], pixel[1], pixel[2]);
        match seen {
            [low, high] => {
                let word = u16::from_le_bytes([*low, *high]);
                let parts = [word >> 11, (word >> 5) & 63, word & 31];
                assert_eq!(parts, [red >> 3, green >> 2, blue >> 3].map(u16::from));
            }
            [_, _, _] => assert_eq!(seen, [blue, green, red]),
            _ => assert_eq!(seen, [blue, green, red, 0]),
        }
    }

    #[test]
    fn a_framebuffer_holds_the_screen_in_its_own_format() {
        for (bits, bytes, stride) in [(16, 2, 320), (24, 3, 512), (32, 4, 704)] {
            let folder = fixture(bits, stride);
            let mut panel = panel(&folder, "").unwrap();
            assert_eq!(panel.size(), (160, 120));
            let mut screen = panel.screen();
            screen.draw(&Status::default(), None);
            panel.show(&screen).unwrap();
            let memory = memory(&folder);
            for (index, pixel) in screen.pixels().chunks(3).enumerate() {
                let at = (index / 160) * stride as usize + (index % 160) * bytes;
                assert_holds(&memory[at..at + bytes], pixel);
            }
            let padding = &memory[160 * bytes..stride as usize];
            assert!(padding.iter().all(|byte| *byte == 0xaa), "beyond the row nothing is written");
        }
    }

    #[test]
    fn red_and_blue_are_exchanged_on_demand() {
        let folder = fixture(24, 480);
        let mut panel = panel(&folder, "?order=bgr").unwrap();
        let screen = panel.screen();
        panel.show(&screen).unwrap();
        assert_eq!(memory(&folder)[..3], screen.pixels()[..3]);
    }

    #[test]
    fn the_consoles_cursor_is_hidden_while_the_panel_shows() {
        let folder = fixture(32, 640);
        let tty = folder.path().join("tty");
        fs::write(&tty, "").unwrap();
        let mut console = File::open(&tty).unwrap();
        let mut said = String::new();
        let panel = panel(&folder, &format!("?console={}", tty.display())).unwrap();
        console.read_to_string(&mut said).unwrap();
        assert_eq!(said, "\x1b[?25l");
        drop(panel);
        console.read_to_string(&mut said).unwrap();
        assert_eq!(said, "\x1b[?25l\x1b[?25h");
    }

    #[test]
    fn a_framebuffer_that_is_not_there_is_told_with_a_fix() {
        let folder = tempfile::tempdir().unwrap();
        let error = panel(&folder, "").unwrap_err().to_string();
        assert!(error.contains("no framebuffer") && error.contains("drm://auto"), "{error}");
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let folder = fixture(32, 640);
        for options in ["?scale=0", "?order=red", "?rotation=1", "?size=1x1"] {
            assert!(panel(&folder, options).is_err(), "{options}");
        }
    }
}
