//! `png://PATH?rate=N`: the latest screen in a file, for machines without a display and for tests.
//!
//! The file is replaced as a whole, so a reader never sees half a picture. A screen that does not
//! change is not written again. Screens that come faster than `rate` are kept back; the last one
//! is written by [`Panel::flush`] or on drop.

use std::{
    io::Cursor,
    path::PathBuf,
    time::{Duration, Instant},
};

use image::{ExtendedColorType, ImageEncoder as _, codecs::png};
use mien_shared::store;

use super::{Panel, PanelError};
use mien_core::spec::Spec;
use mien_ui::Screen;

/// Pictures per second when the owner names no rate.
const DEFAULT_RATE: f32 = 2.0;

/// Writes the screen to a file.
#[derive(Debug)]
pub struct PngPanel {
    path: PathBuf,
    period: Duration,
    written_at: Option<Instant>,
    /// The size of the screen that waits to be written.
    waiting: Option<(u32, u32)>,
    /// The size of the last screen, whose pixels follow.
    size: (u32, u32),
    pixels: Vec<u8>,
    encoded: Vec<u8>,
}

impl PngPanel {
    /// The panel of `png://PATH?rate=N`.
    ///
    /// # Errors
    /// When the path is missing, or an option is unknown or out of range.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&["rate"])?;
        if spec.target().is_empty() {
            return Err(PanelError::NoPath { spec: spec.text().to_owned() });
        }
        let rate = spec.option::<f32>("rate")?.unwrap_or(DEFAULT_RATE);
        if !(rate > 0.0 && rate <= 60.0) {
            return Err(PanelError::BadRate { spec: spec.text().to_owned() });
        }
        let period = Duration::try_from_secs_f32(1.0 / rate).unwrap_or(Duration::MAX);
        Ok(Self {
            path: PathBuf::from(spec.target()),
            period,
            written_at: None,
            waiting: None,
            size: (0, 0),
            pixels: Vec::new(),
            encoded: Vec::new(),
        })
    }

    /// Whether `screen` is the last one: the file system is spared a picture that does not change.
    fn holds(&self, screen: &Screen) -> bool {
        self.size == screen.size() && self.pixels == screen.pixels()
    }

    fn write_in_time(&mut self) -> Result<(), PanelError> {
        if self.written_at.is_none_or(|at| at.elapsed() >= self.period) {
            return self.write();
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), PanelError> {
        let Some((width, height)) = self.waiting else { return Ok(()) };
        self.written_at = Some(Instant::now());
        self.encoded.clear();
        let encoder = png::PngEncoder::new_with_quality(
            Cursor::new(&mut self.encoded),
            png::CompressionType::Fast,
            png::FilterType::Up,
        );
        encoder
            .write_image(&self.pixels, width, height, ExtendedColorType::Rgb8)
            .map_err(|source| PanelError::Encode { path: self.path.clone(), source })?;
        store::write_atomically(&self.path, &self.encoded)?;
        self.waiting = None;
        Ok(())
    }
}

impl Panel for PngPanel {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        if self.holds(screen) {
            return self.write_in_time();
        }
        self.pixels.clear();
        self.pixels.extend_from_slice(screen.pixels());
        self.waiting = Some(screen.size());
        self.size = screen.size();
        self.write_in_time()
    }

    fn size(&self) -> (u32, u32) {
        (320, 240)
    }

    fn flush(&mut self) -> Result<(), PanelError> {
        self.write()
    }
}

impl Drop for PngPanel {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure; `flush` reports it.
        drop(self.write());
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::tempdir;

    use super::*;

    fn panel(path: &Path, rate: f32) -> PngPanel {
        let spec = Spec::parse(&format!("png://{}?rate={rate}", path.display())).unwrap();
        PngPanel::open(&spec).unwrap()
    }

    fn size(path: &Path) -> (u32, u32) {
        image::image_dimensions(path).unwrap()
    }

    #[test]
    fn the_first_screen_is_written_at_once_and_the_last_on_flush() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("panel.png");
        let mut panel = panel(&path, 0.001);
        panel.show(&Screen::new(20, 10)).unwrap();
        assert_eq!(size(&path), (20, 10));
        panel.show(&Screen::new(30, 10)).unwrap();
        panel.show(&Screen::new(40, 10)).unwrap();
        assert_eq!(size(&path), (20, 10));
        panel.flush().unwrap();
        assert_eq!(size(&path), (40, 10));
    }

    #[test]
    fn a_screen_kept_back_is_written_on_drop() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("panel.png");
        let mut panel = panel(&path, 0.001);
        panel.show(&Screen::new(20, 10)).unwrap();
        panel.show(&Screen::new(30, 10)).unwrap();
        drop(panel);
        assert_eq!(size(&path), (30, 10));
    }

    #[test]
    fn the_picture_holds_the_screens_pixels() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("panel.png");
        let screen = Screen::new(12, 7);
        panel(&path, 1.0).show(&screen).unwrap();
        assert_eq!(image::open(&path).unwrap().to_rgb8().into_raw(), screen.pixels());
    }

    #[test]
    fn a_screen_that_stays_is_not_written_again() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("panel.png");
        let mut panel = panel(&path, 60.0);
        panel.show(&Screen::new(12, 7)).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        panel.show(&Screen::new(12, 7)).unwrap();
        panel.flush().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let mut panel = panel(Path::new("/nowhere/at/all/panel.png"), 1.0);
        let error = panel.show(&Screen::new(4, 4)).unwrap_err().to_string();
        assert!(error.contains("/nowhere/at/all/panel.png"), "{error}");
    }

    #[test]
    fn rates_beyond_reason_are_refused() {
        for rate in ["0", "-1", "nan", "61"] {
            let spec = Spec::parse(&format!("png://a.png?rate={rate}")).unwrap();
            assert!(matches!(PngPanel::open(&spec), Err(PanelError::BadRate { .. })), "{rate}");
        }
    }
}
