//! The options of `spi://`; see the table in the parent.

use std::path::PathBuf;

use mien_core::spec::Spec;
use mien_pins::Line;

use crate::{
    PanelError,
    fb::order,
    format::Order,
    options::{Size, Turn, bad},
};

/// What a display's controller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driver {
    St7789,
    Ili9341,
}

/// Who drives the bus and the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bus {
    Spidev,
    Rppal,
}

/// A display and how it is wired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpiOptions {
    pub(super) device: PathBuf,
    pub(super) driver: Driver,
    /// Width and height of the glass, not turned.
    pub(super) size: (u16, u16),
    pub(super) offset: (u16, u16),
    pub(super) turn: Turn,
    pub(super) dc: Line,
    pub(super) reset: Option<Line>,
    pub(super) backlight: Option<Line>,
    pub(super) pwm: Option<String>,
    pub(super) chip: String,
    pub(super) hz: u32,
    pub(super) mode: u8,
    pub(super) order: Order,
    pub(super) invert: bool,
    pub(super) bus: Bus,
}

/// The options there are.
const KNOWN: [&str; 14] = [
    "driver",
    "size",
    "offset",
    "rotation",
    "dc",
    "reset",
    "backlight",
    "pwm",
    "chip",
    "hz",
    "mode",
    "order",
    "invert",
    "bus",
];

impl SpiOptions {
    pub(super) fn parse(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&KNOWN)?;
        let driver = driver(spec)?;
        let Some(dc) = spec.option("dc")? else {
            return Err(bad(spec, "dc", "the line of the data/command input, for example dc=25"));
        };
        Ok(Self {
            device: device(spec),
            driver,
            size: size(spec)?,
            offset: offset(spec)?,
            turn: Turn::parse(spec)?,
            dc,
            reset: spec.option("reset")?,
            backlight: spec.option("backlight")?,
            pwm: spec.option("pwm")?,
            chip: spec.option("chip")?.unwrap_or_else(|| "auto".to_owned()),
            hz: hz(spec)?,
            mode: mode(spec)?,
            order: match (spec.option::<String>("order")?, driver) {
                (None, Driver::Ili9341) => Order::Bgr,
                _ => order(spec)?,
            },
            invert: invert(spec, driver)?,
            bus: bus(spec)?,
        })
    }
}

fn device(spec: &Spec) -> PathBuf {
    match spec.target() {
        "" | "auto" => PathBuf::from("/dev/spidev0.0"),
        path => PathBuf::from(path),
    }
}

fn driver(spec: &Spec) -> Result<Driver, PanelError> {
    match spec.option::<String>("driver")?.as_deref() {
        Some("st7789") => Ok(Driver::St7789),
        Some("ili9341") => Ok(Driver::Ili9341),
        _ => Err(bad(spec, "driver", "st7789 or ili9341")),
    }
}

fn size(spec: &Spec) -> Result<(u16, u16), PanelError> {
    match spec.option::<Size>("size")? {
        None => Ok((240, 320)),
        Some(Size(width @ ..=240, height @ ..=320)) => Ok((narrow(width), narrow(height))),
        Some(_) => Err(bad(spec, "size", "the glass as it is built, at most 240x320")),
    }
}

fn offset(spec: &Spec) -> Result<(u16, u16), PanelError> {
    let Some(text) = spec.option::<String>("offset")? else { return Ok((0, 0)) };
    let sides = text.split_once('x').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    sides.ok_or_else(|| bad(spec, "offset", "two numbers, for example offset=52x40"))
}

fn narrow(side: u32) -> u16 {
    u16::try_from(side).unwrap_or(u16::MAX)
}

fn hz(spec: &Spec) -> Result<u32, PanelError> {
    match spec.option::<u32>("hz")?.unwrap_or(32_000_000) {
        hz @ 100_000..=125_000_000 => Ok(hz),
        _ => Err(bad(spec, "hz", "100000 to 125000000")),
    }
}

fn mode(spec: &Spec) -> Result<u8, PanelError> {
    match spec.option::<u8>("mode")?.unwrap_or(0) {
        mode @ 0..=3 => Ok(mode),
        _ => Err(bad(spec, "mode", "0 to 3")),
    }
}

fn invert(spec: &Spec, driver: Driver) -> Result<bool, PanelError> {
    match spec.option::<String>("invert")?.as_deref() {
        None => Ok(driver == Driver::St7789),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => Err(bad(spec, "invert", "on or off")),
    }
}

fn bus(spec: &Spec) -> Result<Bus, PanelError> {
    match spec.option::<String>("bus")?.as_deref() {
        None | Some("spidev") => Ok(Bus::Spidev),
        Some("rppal") => Ok(Bus::Rppal),
        Some(_) => Err(bad(spec, "bus", "spidev or rppal")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Result<SpiOptions, PanelError> {
        SpiOptions::parse(&Spec::parse(&format!("spi://{text}")).unwrap())
    }

    #[test]
    fn a_display_needs_its_driver_and_one_line() {
        let st7789 = options("?driver=st7789&dc=25").unwrap();
        assert_eq!(st7789.device, PathBuf::from("/dev/spidev0.0"));
        assert_eq!((st7789.size, st7789.offset, st7789.hz), ((240, 320), (0, 0), 32_000_000));
        assert_eq!((st7789.order, st7789.invert), (Order::Rgb, true));
        let ili9341 = options("/dev/spidev1.0?driver=ili9341&dc=GPIO25&rotation=90").unwrap();
        assert_eq!((ili9341.order, ili9341.invert), (Order::Bgr, false));
        assert_eq!(ili9341.dc, Line::Name("GPIO25".to_owned()));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        for (text, words) in [
            ("?dc=25", "driver must be st7789 or ili9341"),
            ("?driver=st7735&dc=25", "driver must be st7789 or ili9341"),
            ("?driver=st7789", "dc must be the line"),
            ("?driver=st7789&dc=25&size=320x240", "at most 240x320"),
            ("?driver=st7789&dc=25&offset=52", "offset=52x40"),
            ("?driver=st7789&dc=25&hz=1", "hz must be 100000 to 125000000"),
            ("?driver=st7789&dc=25&mode=4", "mode must be 0 to 3"),
            ("?driver=st7789&dc=25&bus=i2c", "bus must be spidev or rppal"),
            ("?driver=st7789&dc=25&speed=1", "unknown option \"speed\""),
        ] {
            let error = options(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
