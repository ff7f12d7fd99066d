//! `window://?size=320x240&scale=2`: a window on a desktop, for developers.
//!
//! Drawn by embedded-graphics-simulator, which needs the SDL2 library; compiled in with the
//! feature `window` only. Closing the window ends the panel, not the program.

use embedded_graphics::{
    image::{Image, ImageRaw},
    pixelcolor::Rgb888,
    prelude::{Drawable as _, Point, Size as Extent},
};
use embedded_graphics_simulator::{
    OutputSettingsBuilder, SimulatorDisplay, SimulatorEvent, Window,
};
use mien_core::spec::Spec;
use mien_ui::Screen;

use crate::{Panel, PanelError, fb::scale, options::Size};

/// Shows the screen in a window.
pub struct WindowPanel {
    size: (u32, u32),
    display: SimulatorDisplay<Rgb888>,
    window: Option<Window>,
}

impl WindowPanel {
    /// The panel of `window://`; it must stay on the thread that opened it.
    ///
    /// # Errors
    /// When an option is unknown or out of range.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&["size", "scale"])?;
        let Size(width, height) = spec.option("size")?.unwrap_or(Size(320, 240));
        let settings = OutputSettingsBuilder::new().scale(scale(spec)?.unwrap_or(2)).build();
        Ok(Self {
            size: (width, height),
            display: SimulatorDisplay::new(Extent::new(width, height)),
            window: Some(Window::new("mien", &settings)),
        })
    }
}

impl Panel for WindowPanel {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        let Some(window) = &mut self.window else { return Ok(()) };
        let image = ImageRaw::<Rgb888>::new(screen.pixels(), screen.size().0);
        let Ok(()) = Image::new(&image, Point::zero()).draw(&mut self.display);
        window.update(&self.display);
        if window.events().any(|event| event == SimulatorEvent::Quit) {
            self.window = None;
        }
        Ok(())
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }
}
