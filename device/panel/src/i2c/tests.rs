//! A display that is a picture: it obeys the bytes on its bus as the SSD1306's datasheet tells.

use std::sync::{Arc, Mutex};

use embedded_hal::i2c::{ErrorKind, ErrorType, NoAcknowledgeSource, Operation};
use mien_ui::Status;

use super::*;

/// What the controller knows: 128 columns of 8 pages, a page being 8 rows.
#[expect(clippy::struct_excessive_bools, reason = "registers of one bit each")]
struct Glass {
    memory: [[u8; 128]; 8],
    columns: (usize, usize),
    pages: (usize, usize),
    cursor: (usize, usize),
    remapped: bool,
    reversed: bool,
    multiplex: usize,
    contrast: u8,
    on: bool,
    received: usize,
    unplugged: bool,
}

#[derive(Clone)]
struct FakeBus(Arc<Mutex<Glass>>);

impl FakeBus {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Glass {
            memory: [[0x5a; 128]; 8],
            columns: (0, 127),
            pages: (0, 7),
            cursor: (0, 0),
            remapped: false,
            reversed: false,
            multiplex: 64,
            contrast: 0x7f,
            on: false,
            received: 0,
            unplugged: false,
        })))
    }

    /// Whether the dot at `x`, `y` of the glass is lit, seen with its connector on top: the
    /// usual modules are mounted so that a remapped, reversed picture stands upright.
    fn lit(&self, x: usize, y: usize, width: usize) -> bool {
        let glass = self.0.lock().unwrap();
        let column = if glass.remapped { x } else { width - 1 - x };
        let row = if glass.reversed { y } else { glass.multiplex - 1 - y };
        glass.memory[row / 8][column] >> (row % 8) & 1 == 1
    }
}

impl Glass {
    fn command(&mut self, bytes: &[u8]) {
        match bytes {
            [0x21, first, last] => {
                self.columns = (usize::from(*first), usize::from(*last));
                self.cursor.0 = self.columns.0;
            }
            [0x22, first, last] => {
                self.pages = (usize::from(*first), usize::from(*last));
                self.cursor.1 = self.pages.0;
            }
            [0x81, contrast] => self.contrast = *contrast,
            [0xa8, rows] => self.multiplex = usize::from(*rows) + 1,
            [0xa0 | 0xa1] => self.remapped = bytes[0] == 0xa1,
            [0xc0 | 0xc8] => self.reversed = bytes[0] == 0xc8,
            [0xae | 0xaf] => self.on = bytes[0] == 0xaf,
            _ => {}
        }
    }

    fn data(&mut self, byte: u8) {
        let (column, page) = self.cursor;
        self.memory[page][column] = byte;
        self.cursor = match (column < self.columns.1, page < self.pages.1) {
            (true, _) => (column + 1, page),
            (false, true) => (self.columns.0, page + 1),
            (false, false) => (self.columns.0, self.pages.0),
        };
    }
}

impl ErrorType for FakeBus {
    type Error = ErrorKind;
}

impl I2c for FakeBus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), ErrorKind> {
        let mut glass = self.0.lock().unwrap();
        if address != 0x3d || glass.unplugged {
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        for operation in operations {
            let Operation::Write(bytes) = operation else { return Err(ErrorKind::Other) };
            glass.received += bytes.len();
            match bytes.split_first() {
                Some((0x00, command)) => glass.command(command),
                Some((0x40, data)) => data.iter().for_each(|byte| glass.data(*byte)),
                _ => return Err(ErrorKind::Other),
            }
        }
        Ok(())
    }
}

fn options(text: &str) -> Result<I2cOptions, PanelError> {
    I2cOptions::parse(&Spec::parse(&format!("i2c://{text}")).unwrap())
}

fn panel(text: &str) -> (I2cPanel<FakeBus, DisplaySize128x64>, FakeBus) {
    let bus = FakeBus::new();
    let options = options(&format!("?address=0x3d&{text}")).unwrap();
    (I2cPanel::over(&options, DisplaySize128x64, bus.clone()).unwrap(), bus)
}

fn drawn(size: (u32, u32), message: &str) -> Screen {
    let mut screen = Screen::mono(size.0, size.1);
    let message = Some(message.to_owned());
    screen.draw(&Status { message, ..Status::default() }, None);
    screen
}

fn assert_shows(bus: &FakeBus, screen: &Screen, rotation: u32) {
    let mut lit = 0;
    for y in 0..screen.size().1 as usize {
        for x in 0..screen.size().0 as usize {
            let expected = screen.is_lit(u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
            let (px, py) = match rotation {
                0 => (x, y),
                90 => (127 - y, x),
                180 => (127 - x, 63 - y),
                _ => (y, 63 - x),
            };
            assert_eq!(bus.lit(px, py, 128), expected, "{rotation} {x} {y}");
            lit += usize::from(expected);
        }
    }
    assert!(lit > 0, "a black picture proves nothing");
}

#[test]
fn the_glass_shows_the_screen_however_it_is_turned() {
    for rotation in [0, 90, 180, 270] {
        let (mut panel, bus) = panel(&format!("rotation={rotation}"));
        for message in ["one", "two"] {
            let screen = drawn(panel.size(), message);
            panel.show(&screen).unwrap();
            assert_shows(&bus, &screen, rotation);
        }
    }
}

#[test]
fn only_what_changed_is_sent() {
    let (mut panel, bus) = panel("");
    panel.show(&drawn((128, 64), "one")).unwrap();
    bus.0.lock().unwrap().received = 0;
    panel.show(&drawn((128, 64), "one")).unwrap();
    assert_eq!(bus.0.lock().unwrap().received, 0);
    panel.show(&drawn((128, 64), "two")).unwrap();
    let sent = bus.0.lock().unwrap().received;
    assert!(sent > 0 && sent < 1024, "{sent}");
}

#[test]
fn brightness_is_contrast_and_zero_is_off() {
    let (mut panel, bus) = panel("");
    for (level, contrast, on) in [(1.0, 255, true), (0.5, 128, true), (0.0, 0, false)] {
        panel.brightness(level).unwrap();
        let glass = bus.0.lock().unwrap();
        assert_eq!((glass.contrast, glass.on), (contrast, on));
    }
}

#[test]
fn a_display_that_is_unplugged_is_an_error_with_a_fix() {
    let (mut panel, bus) = panel("");
    bus.0.lock().unwrap().unplugged = true;
    let error = panel.show(&drawn((128, 64), "one")).unwrap_err().to_string();
    assert!(error.contains("/dev/i2c-1 at 0x3d"), "{error}");
    assert!(error.contains("i2cdetect"), "{error}");
    let error = I2cPanel::over(&options("").unwrap(), DisplaySize128x64, bus).unwrap_err();
    assert!(error.to_string().contains("/dev/i2c-1 at 0x3c"), "{error}");
}

#[test]
fn a_screen_of_another_size_is_cut_to_the_glass() {
    let (mut panel, _bus) = panel("");
    assert!(panel.screen().is_mono());
    panel.show(&Screen::new(320, 240)).unwrap();
    panel.show(&drawn((64, 32), "one")).unwrap();
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    for (text, words) in [
        ("?driver=sh1106", "driver must be ssd1306"),
        ("?address=0x78", "mostly 0x3c or 0x3d"),
        ("?address=60000", "mostly 0x3c or 0x3d"),
        ("?bus=smbus", "bus must be i2cdev or rppal"),
        ("?hz=1", "unknown option \"hz\""),
    ] {
        let error = options(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let spec = Spec::parse("i2c://?size=100x50").unwrap();
    let error = on(&spec, &options("?size=100x50").unwrap(), FakeBus::new()).err().unwrap();
    assert!(error.to_string().contains("size must be 128x64"), "{error}");
}
