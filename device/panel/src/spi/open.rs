//! Opening what `spi://` names: the bus, the lines beside it, and the driver at its end.

use std::{fmt, io};

use embedded_hal::{delay::DelayNs, digital::OutputPin, spi::SpiBus};
use linux_embedded_hal::{
    Delay, SpidevBus,
    spidev::{SpiModeFlags, SpidevOptions},
};
use mien_core::spec::Spec;
use mien_pins::{Level, Line, Output, SysfsPwm};
use mipidsi::models::{ILI9341Rgb565, ST7789};

use super::{
    SpiPanel,
    options::{Bus, Driver, SpiOptions},
    wire::Wire,
};
use crate::{Panel, PanelError, backlight::Backlight};

/// The panel of `spi://`.
///
/// # Errors
/// When an option is missing, unknown or out of range, or the bus or a line cannot be used.
pub(crate) fn open(spec: &Spec) -> Result<Box<dyn Panel>, PanelError> {
    let options = SpiOptions::parse(spec)?;
    let backlight = backlight(spec, &options)?;
    if let Some(line) = &options.reset {
        reset(&mut output(&options, line, Level::High)?, &mut Delay)
            .map_err(|error| options.failed(&error))?;
    }
    let dc = output(&options, &options.dc, Level::High)?;
    match options.bus {
        Bus::Spidev => on(&options, spidev(&options)?, dc, backlight),
        Bus::Rppal => on(&options, rppal(&options)?, dc, backlight),
    }
}

fn on<B>(
    options: &SpiOptions,
    bus: B,
    dc: Output,
    backlight: Option<Backlight>,
) -> Result<Box<dyn Panel>, PanelError>
where
    B: SpiBus<u8> + 'static,
    B::Error: fmt::Display,
{
    let wire = Wire::new(bus, dc);
    Ok(match options.driver {
        Driver::St7789 => {
            Box::new(SpiPanel::over(options, ST7789, wire, &mut Delay)?.lit(backlight)?)
        }
        Driver::Ili9341 => {
            Box::new(SpiPanel::over(options, ILI9341Rgb565, wire, &mut Delay)?.lit(backlight)?)
        }
    })
}

fn spidev(options: &SpiOptions) -> Result<SpidevBus, PanelError> {
    let refused = |source| PanelError::device(&options.device, "spi", source);
    let mut bus =
        SpidevBus::open(&options.device).map_err(|error| refused(io_error(error.inner())))?;
    let mut settings = SpidevOptions::new();
    settings.max_speed_hz(options.hz).mode(match options.mode {
        0 => SpiModeFlags::SPI_MODE_0,
        1 => SpiModeFlags::SPI_MODE_1,
        2 => SpiModeFlags::SPI_MODE_2,
        _ => SpiModeFlags::SPI_MODE_3,
    });
    bus.configure(&settings.build()).map_err(refused)?;
    Ok(bus)
}

/// The same error, which cannot be cloned.
fn io_error(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

fn rppal(options: &SpiOptions) -> Result<rppal::spi::Spi, PanelError> {
    use rppal::spi::{Bus, Mode, SlaveSelect, Spi};
    let name = options.device.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (bus, select) = match name {
        "spidev0.0" => (Bus::Spi0, SlaveSelect::Ss0),
        "spidev0.1" => (Bus::Spi0, SlaveSelect::Ss1),
        "spidev1.0" => (Bus::Spi1, SlaveSelect::Ss0),
        "spidev1.1" => (Bus::Spi1, SlaveSelect::Ss1),
        "spidev1.2" => (Bus::Spi1, SlaveSelect::Ss2),
        _ => return Err(options.failed(&"rppal knows /dev/spidev0.0, 0.1, 1.0, 1.1 and 1.2 only")),
    };
    let mode = [Mode::Mode0, Mode::Mode1, Mode::Mode2, Mode::Mode3][usize::from(options.mode & 3)];
    Spi::new(bus, select, options.hz, mode).map_err(|error| options.failed(&error))
}

fn output(options: &SpiOptions, line: &Line, level: Level) -> Result<Output, PanelError> {
    Ok(match options.bus {
        Bus::Spidev => Output::open(&options.chip, line, level)?,
        Bus::Rppal => Output::open_pi(line, level)?,
    })
}

fn backlight(spec: &Spec, options: &SpiOptions) -> Result<Option<Backlight>, PanelError> {
    if let Some(channel) = &options.pwm {
        return Ok(Some(Backlight::Pwm(SysfsPwm::parse(spec, channel)?)));
    }
    let line = options.backlight.as_ref().map(|line| output(options, line, Level::High));
    line.transpose().map(|line| line.map(Backlight::Line))
}

/// Pulls the reset line; both controllers want at least 10 µs low, and 120 ms to wake up.
pub(super) fn reset<P: OutputPin>(line: &mut P, delay: &mut impl DelayNs) -> Result<(), P::Error> {
    line.set_low()?;
    delay.delay_us(100);
    line.set_high()?;
    delay.delay_ms(120);
    Ok(())
}
