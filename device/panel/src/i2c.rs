//! `i2c:///dev/i2c-1?driver=ssd1306&address=0x3c&size=128x64&rotation=180`: a small display of
//! one colour on I2C.
//!
//! | option | means | if not given |
//! |---|---|---|
//! | `driver` | `ssd1306` | ssd1306 |
//! | `address` | 7-bit address, `0x3c` or `60` | 0x3c |
//! | `size` | 128x64, 128x32, 96x16, 72x40, 64x48 or 64x32 | 128x64 |
//! | `rotation` | degrees clockwise | 0 |
//! | `bus` | `i2cdev`, or `rppal` for a Raspberry Pi's own driver | i2cdev |
//!
//! A pixel is lit where the screen's is brighter than half. Only the pixels that changed are
//! sent. The display acknowledges every byte, so one that is unplugged is noticed at once; a new
//! panel must be opened when it is back, as it has forgotten its settings.

use std::{fmt, path::PathBuf};

use embedded_hal::i2c::I2c;
use linux_embedded_hal::{I2cdev, i2cdev::linux::LinuxI2CError};
use mien_core::spec::Spec;
use mien_ui::Screen;
use ssd1306::{I2CDisplayInterface, Ssd1306, mode::BufferedGraphicsMode, prelude::*};

use crate::{
    Panel, PanelError,
    changes::Changes,
    options::{Size, Turn, bad},
};

/// A display and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct I2cOptions {
    device: PathBuf,
    address: u8,
    size: (u32, u32),
    turn: Turn,
    rppal: bool,
}

impl I2cOptions {
    fn parse(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&["driver", "address", "size", "rotation", "bus"])?;
        if spec.option::<String>("driver")?.is_some_and(|driver| driver != "ssd1306") {
            return Err(bad(spec, "driver", "ssd1306"));
        }
        let Size(width, height) = spec.option("size")?.unwrap_or(Size(128, 64));
        let device = match spec.target() {
            "" | "auto" => "/dev/i2c-1",
            device => device,
        };
        let rppal = match spec.option::<String>("bus")?.as_deref() {
            None | Some("i2cdev") => false,
            Some("rppal") => true,
            Some(_) => return Err(bad(spec, "bus", "i2cdev or rppal")),
        };
        let size = (width, height);
        Ok(Self {
            device: device.into(),
            address: address(spec)?,
            size,
            turn: Turn::parse(spec)?,
            rppal,
        })
    }

    fn name(&self) -> String {
        format!("{} at {:#04x}", self.device.display(), self.address)
    }
}

/// Option `address`: seven bits without those that I2C keeps for itself.
fn address(spec: &Spec) -> Result<u8, PanelError> {
    let Some(text) = spec.option::<String>("address")? else { return Ok(0x3c) };
    let number = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let address = number.ok().filter(|address| (0x08..=0x77).contains(address));
    address.ok_or_else(|| bad(spec, "address", "0x08 to 0x77, mostly 0x3c or 0x3d"))
}

/// The panel of `i2c://`.
///
/// # Errors
/// When an option is unknown or out of range, the bus cannot be used, or nobody answers.
pub(crate) fn open(spec: &Spec) -> Result<Box<dyn Panel>, PanelError> {
    let options = I2cOptions::parse(spec)?;
    if options.rppal {
        on(spec, &options, rppal(&options)?)
    } else {
        on(spec, &options, i2cdev(&options)?)
    }
}

fn i2cdev(options: &I2cOptions) -> Result<I2cdev, PanelError> {
    I2cdev::new(&options.device).map_err(|error| {
        let source = match error {
            LinuxI2CError::Io(error) => error,
            LinuxI2CError::Errno(number) => std::io::Error::from_raw_os_error(number),
        };
        PanelError::device(&options.device, "i2c", source)
    })
}

fn rppal(options: &I2cOptions) -> Result<rppal::i2c::I2c, PanelError> {
    let refused = |reason: String| PanelError::Bus { name: options.name(), reason };
    let name = options.device.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("i2c-").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(|| refused("rppal wants a device /dev/i2c-N".to_owned()))?;
    rppal::i2c::I2c::with_bus(number).map_err(|error| refused(error.to_string()))
}

fn on<B: I2c + 'static>(
    spec: &Spec,
    options: &I2cOptions,
    bus: B,
) -> Result<Box<dyn Panel>, PanelError> {
    Ok(match options.size {
        (128, 64) => Box::new(I2cPanel::over(options, DisplaySize128x64, bus)?),
        (128, 32) => Box::new(I2cPanel::over(options, DisplaySize128x32, bus)?),
        (96, 16) => Box::new(I2cPanel::over(options, DisplaySize96x16, bus)?),
        (72, 40) => Box::new(I2cPanel::over(options, DisplaySize72x40, bus)?),
        (64, 48) => Box::new(I2cPanel::over(options, DisplaySize64x48, bus)?),
        (64, 32) => Box::new(I2cPanel::over(options, DisplaySize64x32, bus)?),
        _ => return Err(bad(spec, "size", "128x64, 128x32, 96x16, 72x40, 64x48 or 64x32")),
    })
}

/// Shows the screen on an SSD1306.
struct I2cPanel<B: I2c, S: DisplaySize> {
    name: String,
    size: (u32, u32),
    display: Ssd1306<I2CInterface<B>, S, BufferedGraphicsMode<S>>,
    changes: Changes,
}

impl<B: I2c, S: DisplaySize> I2cPanel<B, S> {
    fn over(options: &I2cOptions, size: S, bus: B) -> Result<Self, PanelError> {
        let interface = I2CDisplayInterface::new_custom_address(bus, options.address);
        let rotation = match options.turn {
            Turn::None => DisplayRotation::Rotate0,
            Turn::Right => DisplayRotation::Rotate90,
            Turn::Over => DisplayRotation::Rotate180,
            Turn::Left => DisplayRotation::Rotate270,
        };
        let mut display = Ssd1306::new(interface, size, rotation).into_buffered_graphics_mode();
        // Woken and wiped, or it would show what its memory held at power-on.
        let woken = display.init().and_then(|()| display.flush());
        let size = options.turn.size(options.size);
        let mut panel = Self { name: options.name(), size, display, changes: Changes::default() };
        woken.map_err(|_lost| panel.failed())?;
        Ok(panel)
    }

    /// The refusal of a display of which the driver tells only that it did not answer.
    fn failed(&mut self) -> PanelError {
        self.changes.forget();
        PanelError::NoAnswer { name: self.name.clone() }
    }

    fn paint(&mut self, screen: &Screen) {
        let Self { display, changes, size, .. } = self;
        for area in changes.take(screen).iter().filter_map(|area| area.within(*size)) {
            for (x, y) in area.pixels() {
                display.set_pixel(x, y, screen.is_lit(x, y));
            }
        }
    }
}

impl<B: I2c, S: DisplaySize> Panel for I2cPanel<B, S> {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        self.paint(screen);
        self.display.flush().map_err(|_lost| self.failed())
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn screen(&self) -> Screen {
        Screen::mono(self.size.0, self.size.1)
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        let level = if level.is_nan() { 0.0 } else { level.clamp(0.0, 1.0) };
        let set = self.display.set_brightness(Brightness::custom(2, contrast(level)));
        let lit = set.and_then(|()| self.display.set_display_on(level > 0.0));
        lit.map_err(|_lost| self.failed())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn contrast(level: f32) -> u8 {
    (level * 255.0).round() as u8
}

impl<B: I2c, S: DisplaySize> fmt::Debug for I2cPanel<B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("I2cPanel").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
