//! `spi:///dev/spidev0.0?driver=st7789&size=240x240&dc=25&reset=27&backlight=18`: a small colour
//! display on SPI.
//!
//! | option | means | if not given |
//! |---|---|---|
//! | `driver` | `st7789` or `ili9341` | it must be |
//! | `size` | the glass, as it is built: `240x320`, `240x240`, `135x240`… | 240x320 |
//! | `offset` | where the glass lies in the controller's memory: `52x40` for 135x240 | 0x0 |
//! | `rotation` | degrees clockwise | 0 |
//! | `dc` | line of the data/command input | it must be |
//! | `reset` | line of the reset input | reset by command |
//! | `backlight`, `pwm` | a line, or a PWM channel `CHIP:CHANNEL` (lit fully at first) | always lit |
//! | `chip` | GPIO chip of these lines: label, device or `auto` | auto |
//! | `hz` | clock | 32000000 |
//! | `mode` | SPI mode; modules without a chip-select pin need 3 | 0 |
//! | `order` | `rgb` or `bgr` | ili9341: bgr, else rgb |
//! | `invert` | `on` or `off` | st7789: on, else off |
//! | `bus` | `spidev`, or `rppal` for a Raspberry Pi's own driver | spidev |
//!
//! Only what changed is sent. The display cannot answer, so a loose wire goes unnoticed; what can
//! fail is the bus.

mod open;
mod options;
mod wire;

use std::fmt;

use embedded_graphics::{
    pixelcolor::{Rgb565, raw::RawU16},
    prelude::{Point, Size},
    primitives::Rectangle,
};
use embedded_hal::{delay::DelayNs, digital::OutputPin, spi::SpiBus};
use mien_ui::Screen;
use mipidsi::{
    Builder, Display, InitError, NoResetPin,
    interface::InterfacePixelFormat,
    models::Model,
    options::{ColorInversion, ColorOrder, Orientation, Rotation},
};

use crate::{
    Panel, PanelError,
    backlight::Backlight,
    changes::{Area, Changes},
    format::Order,
    options::Turn,
};
pub(crate) use open::open;
use options::SpiOptions;
use wire::{Wire, WireError};

/// Shows the screen on a display behind an SPI bus and a data/command line.
struct SpiPanel<M, B, P>
where
    M: Model<ColorFormat = Rgb565>,
    B: SpiBus<u8>,
    B::Error: fmt::Display,
    P: OutputPin,
    P::Error: fmt::Display,
{
    name: String,
    size: (u32, u32),
    display: Display<Wire<B, P>, M, NoResetPin>,
    changes: Changes,
    backlight: Option<Backlight>,
}

impl<M, B, P> SpiPanel<M, B, P>
where
    M: Model<ColorFormat = Rgb565>,
    Rgb565: InterfacePixelFormat<u8>,
    B: SpiBus<u8>,
    B::Error: fmt::Display,
    P: OutputPin,
    P::Error: fmt::Display,
{
    /// Wakes the display at the end of `wire`; it is black at first.
    fn over(
        options: &SpiOptions,
        model: M,
        wire: Wire<B, P>,
        delay: &mut impl DelayNs,
    ) -> Result<Self, PanelError> {
        let display = Builder::new(model, wire)
            .display_size(options.size.0, options.size.1)
            .display_offset(options.offset.0, options.offset.1)
            .orientation(orientation(options.turn))
            .color_order(match options.order {
                Order::Rgb => ColorOrder::Rgb,
                Order::Bgr => ColorOrder::Bgr,
            })
            .invert_colors(if options.invert {
                ColorInversion::Inverted
            } else {
                ColorInversion::Normal
            })
            .init(delay)
            .map_err(|error| refused(options, error))?;
        let size = options.turn.size((options.size.0.into(), options.size.1.into()));
        let name = options.name();
        let mut panel = Self { name, size, display, changes: Changes::default(), backlight: None };
        panel.blacken()?;
        Ok(panel)
    }

    fn lit(mut self, mut backlight: Option<Backlight>) -> Result<Self, PanelError> {
        if let Some(backlight) = &mut backlight {
            backlight.set(1.0)?;
        }
        self.backlight = backlight;
        Ok(self)
    }

    fn blacken(&mut self) -> Result<(), PanelError> {
        let (width, height) = self.size;
        let black = std::iter::repeat_n(Rgb565::new(0, 0, 0), (width * height) as usize);
        let all = Area { x: 0, y: 0, width, height };
        send(&mut self.display, all, black).map_err(|error| failed(&self.name, &error))
    }
}

/// Sends the pixels of `area`, row by row.
fn send<M, B, P>(
    display: &mut Display<Wire<B, P>, M, NoResetPin>,
    area: Area,
    pixels: impl Iterator<Item = Rgb565>,
) -> Result<(), WireError<B::Error, P::Error>>
where
    M: Model<ColorFormat = Rgb565>,
    B: SpiBus<u8>,
    P: OutputPin,
{
    let corner = |x: u32| u16::try_from(x).unwrap_or(u16::MAX);
    let (left, top) = (corner(area.x), corner(area.y));
    let (right, bottom) = (corner(area.x + area.width - 1), corner(area.y + area.height - 1));
    display.set_pixels(left, top, right, bottom, pixels)
}

/// The pixels of `area` of a screen, row by row.
fn pixels(screen: &Screen, area: Area) -> impl Iterator<Item = Rgb565> {
    let corner = Point::new(area.x.cast_signed(), area.y.cast_signed());
    let area = Rectangle::new(corner, Size::new(area.width, area.height));
    screen.rgb565(area).map(|pixel| RawU16::new(pixel).into())
}

fn orientation(turn: Turn) -> Orientation {
    Orientation::new().rotate(match turn {
        Turn::None => Rotation::Deg0,
        Turn::Right => Rotation::Deg90,
        Turn::Over => Rotation::Deg180,
        Turn::Left => Rotation::Deg270,
    })
}

fn refused<S: fmt::Display, P: fmt::Display>(
    options: &SpiOptions,
    error: InitError<WireError<S, P>, std::convert::Infallible>,
) -> PanelError {
    match error {
        InitError::Interface(error) => options.failed(&error),
        InitError::ResetPin(never) => match never {},
        InitError::InvalidConfiguration(_) => options
            .failed(&"size and offset must lie within the controller's memory of 240x320 pixels"),
    }
}

fn failed(name: &str, error: &dyn fmt::Display) -> PanelError {
    PanelError::Bus { name: name.to_owned(), reason: error.to_string() }
}

impl<M, B, P> Panel for SpiPanel<M, B, P>
where
    M: Model<ColorFormat = Rgb565>,
    B: SpiBus<u8>,
    B::Error: fmt::Display,
    P: OutputPin,
    P::Error: fmt::Display,
{
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        let Self { display, changes, size, .. } = self;
        let sent = changes
            .take(screen)
            .iter()
            .filter_map(|area| area.within(*size))
            .try_for_each(|area| send(display, area, pixels(screen, area)));
        sent.map_err(|error| {
            self.changes.forget();
            failed(&self.name, &error)
        })
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        self.backlight.as_mut().map_or(Ok(()), |backlight| backlight.set(level))
    }
}

impl<M, B, P> fmt::Debug for SpiPanel<M, B, P>
where
    M: Model<ColorFormat = Rgb565>,
    B: SpiBus<u8>,
    B::Error: fmt::Display,
    P: OutputPin,
    P::Error: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpiPanel").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SpiOptions {
    fn name(&self) -> String {
        self.device.display().to_string()
    }

    fn failed(&self, error: &dyn fmt::Display) -> PanelError {
        failed(&self.name(), error)
    }
}

#[cfg(test)]
mod tests;
