//! A display that is a picture: it obeys the bytes on its wires as the datasheets of ST7789 and
//! ILI9341 tell, so what it shows is what a person would see.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use embedded_hal::{digital, spi};
use mien_core::spec::Spec;
use mien_ui::Status;
use mipidsi::models::{ILI9341Rgb565, ST7789};

use super::{open::reset, *};

/// Columns and rows of the controller's memory.
const MEMORY: (usize, usize) = (240, 320);

/// What the controller knows.
struct Glass {
    data: bool,
    command: u8,
    args: Vec<u8>,
    columns: (usize, usize),
    rows: (usize, usize),
    cursor: (usize, usize),
    half: Option<u8>,
    madctl: u8,
    pixels: Vec<u16>,
    commands: Vec<u8>,
    longest: usize,
    received: usize,
    broken: bool,
}

impl Glass {
    fn shared() -> Shared {
        Shared(Arc::new(Mutex::new(Self {
            data: false,
            command: 0,
            args: Vec::new(),
            columns: (0, 239),
            rows: (0, 319),
            cursor: (0, 0),
            half: None,
            madctl: 0,
            pixels: vec![0xdead; MEMORY.0 * MEMORY.1],
            commands: Vec::new(),
            longest: 0,
            received: 0,
            broken: false,
        })))
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.longest = self.longest.max(bytes.len());
        self.received += bytes.len();
        for byte in bytes {
            if self.data { self.data(*byte) } else { self.command(*byte) }
        }
    }

    fn command(&mut self, command: u8) {
        (self.command, self.half) = (command, None);
        self.args.clear();
        self.commands.push(command);
        if command == 0x2c {
            self.cursor = (self.columns.0, self.rows.0);
        }
    }

    fn data(&mut self, byte: u8) {
        if self.command == 0x2c {
            return self.pixel_byte(byte);
        }
        self.args.push(byte);
        let pair = |args: &[u8]| {
            let word = |i: usize| usize::from(u16::from_be_bytes([args[i], args[i + 1]]));
            (word(0), word(2))
        };
        match (self.command, self.args.len()) {
            (0x2a, 4) => self.columns = pair(&self.args),
            (0x2b, 4) => self.rows = pair(&self.args),
            (0x36, 1) => self.madctl = byte,
            _ => {}
        }
    }

    fn pixel_byte(&mut self, byte: u8) {
        let Some(high) = self.half.take() else { return self.half = Some(byte) };
        let (column, row) = self.cursor;
        // Memory access control: exchange, then mirror.
        let (mut x, mut y) = if self.madctl & 0x20 == 0 { (column, row) } else { (row, column) };
        if self.madctl & 0x40 != 0 {
            x = MEMORY.0 - 1 - x;
        }
        if self.madctl & 0x80 != 0 {
            y = MEMORY.1 - 1 - y;
        }
        self.pixels[y * MEMORY.0 + x] = u16::from_be_bytes([high, byte]);
        self.cursor = if column < self.columns.1 {
            (column + 1, row)
        } else {
            (self.columns.0, if row < self.rows.1 { row + 1 } else { self.rows.0 })
        };
    }
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Glass>>);

struct FakeBus(Shared);
struct FakeLine(Shared);

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("input/output error")
    }
}

impl spi::Error for Refused {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

impl spi::ErrorType for FakeBus {
    type Error = Refused;
}

impl SpiBus<u8> for FakeBus {
    fn write(&mut self, words: &[u8]) -> Result<(), Refused> {
        let mut glass = self.0.0.lock().unwrap();
        if glass.broken {
            return Err(Refused);
        }
        glass.receive(words);
        Ok(())
    }

    fn read(&mut self, _words: &mut [u8]) -> Result<(), Refused> {
        Err(Refused)
    }

    fn transfer(&mut self, _read: &mut [u8], _write: &[u8]) -> Result<(), Refused> {
        Err(Refused)
    }

    fn transfer_in_place(&mut self, _words: &mut [u8]) -> Result<(), Refused> {
        Err(Refused)
    }

    fn flush(&mut self) -> Result<(), Refused> {
        Ok(())
    }
}

impl digital::ErrorType for FakeLine {
    type Error = Infallible;
}

impl OutputPin for FakeLine {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.0.lock().unwrap().data = false;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.0.lock().unwrap().data = true;
        Ok(())
    }
}

/// Waits for nothing.
struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _ns: u32) {}
}

fn options(text: &str) -> SpiOptions {
    SpiOptions::parse(&Spec::parse(&format!("spi://?dc=25&{text}")).unwrap()).unwrap()
}

fn panel(text: &str) -> (SpiPanel<ST7789, FakeBus, FakeLine>, Shared) {
    let glass = Glass::shared();
    let wire = Wire::new(FakeBus(glass.clone()), FakeLine(glass.clone()));
    let options = options(&format!("driver=st7789&{text}"));
    (SpiPanel::over(&options, ST7789, wire, &mut NoDelay).unwrap(), glass)
}

fn drawn(size: (u32, u32), message: &str) -> Screen {
    let mut screen = Screen::new(size.0, size.1);
    let message = Some(message.to_owned());
    screen.draw(&Status { message, ..Status::default() }, None);
    screen
}

fn rgb565(screen: &Screen, x: usize, y: usize) -> u16 {
    let at = 3 * (y * screen.size().0 as usize + x);
    let [red, green, blue] = [0, 1, 2].map(|part| u16::from(screen.pixels()[at + part]));
    (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3
}

/// Asserts that the glass, whose corner lies at `offset` in the memory, shows `screen` turned.
fn assert_shows(glass: &Shared, screen: &Screen, rotation: u32, glass_at: [usize; 4]) {
    let [left, top, width, height] = glass_at;
    let glass = glass.0.lock().unwrap();
    for y in 0..screen.size().1 as usize {
        for x in 0..screen.size().0 as usize {
            let (px, py) = match rotation {
                0 => (x, y),
                90 => (width - 1 - y, x),
                180 => (width - 1 - x, height - 1 - y),
                _ => (y, height - 1 - x),
            };
            let seen = glass.pixels[(top + py) * MEMORY.0 + left + px];
            assert_eq!(seen, rgb565(screen, x, y), "{rotation} {x} {y}");
        }
    }
}

#[test]
fn the_glass_shows_the_screen_however_it_is_turned() {
    for (options, at) in [
        ("size=240x320", [0, 0, 240, 320]),
        ("size=240x240", [0, 0, 240, 240]),
        ("size=135x240&offset=52x40", [52, 40, 135, 240]),
    ] {
        for rotation in [0, 90, 180, 270] {
            let (mut panel, glass) = panel(&format!("{options}&rotation={rotation}"));
            let screen = drawn(panel.size(), "one");
            panel.show(&screen).unwrap();
            assert_shows(&glass, &screen, rotation, at);
            let screen = drawn(panel.size(), "two");
            panel.show(&screen).unwrap();
            assert_shows(&glass, &screen, rotation, at);
        }
    }
}

#[test]
fn the_other_controller_shows_it_too() {
    let glass = Glass::shared();
    let wire = Wire::new(FakeBus(glass.clone()), FakeLine(glass.clone()));
    let options = options("driver=ili9341&rotation=90");
    let mut panel = SpiPanel::over(&options, ILI9341Rgb565, wire, &mut NoDelay).unwrap();
    let screen = drawn(panel.size(), "one");
    panel.show(&screen).unwrap();
    assert_shows(&glass, &screen, 90, [0, 0, 240, 320]);
    assert_eq!(glass.0.lock().unwrap().madctl & 0x08, 0x08, "blue and red are exchanged");
}

#[test]
fn a_display_is_woken_black_and_inverted_as_its_glass_needs() {
    let (_panel, glass) = panel("size=240x240");
    let glass = glass.0.lock().unwrap();
    for command in [0x01, 0x11, 0x21, 0x29] {
        assert!(glass.commands.contains(&command), "{command:#x}");
    }
    let seen = &glass.pixels[..240 * 240];
    assert!(seen.iter().all(|pixel| *pixel == 0));
}

#[test]
fn only_what_changed_is_sent_and_never_too_much_at_once() {
    let (mut panel, glass) = panel("");
    panel.show(&drawn((240, 320), "one")).unwrap();
    assert!(glass.0.lock().unwrap().longest <= 4096);
    glass.0.lock().unwrap().received = 0;
    panel.show(&drawn((240, 320), "one")).unwrap();
    assert_eq!(glass.0.lock().unwrap().received, 0);
    panel.show(&drawn((240, 320), "two")).unwrap();
    let sent = glass.0.lock().unwrap().received;
    assert!(sent > 0 && sent < 240 * 320 / 4, "{sent}");
}

#[test]
fn a_screen_of_another_size_stays_on_the_glass() {
    let (mut panel, glass) = panel("size=240x240");
    panel.show(&drawn((400, 300), "one")).unwrap();
    let glass = glass.0.lock().unwrap();
    let beside = &glass.pixels[240 * 240..];
    assert!(beside.iter().all(|pixel| *pixel == 0xdead), "nothing is sent beside the glass");
}

#[test]
fn a_bus_that_fails_is_named_and_everything_is_sent_anew() {
    let (mut panel, glass) = panel("");
    let screen = drawn((240, 320), "one");
    glass.0.lock().unwrap().broken = true;
    let error = panel.show(&screen).unwrap_err().to_string();
    assert!(error.contains("/dev/spidev0.0") && error.contains("input/output error"), "{error}");
    glass.0.lock().unwrap().broken = false;
    panel.show(&screen).unwrap();
    assert_shows(&glass, &screen, 0, [0, 0, 240, 320]);
}

#[test]
fn a_glass_beside_the_memory_is_refused() {
    let glass = Glass::shared();
    let wire = Wire::new(FakeBus(glass.clone()), FakeLine(glass));
    let options = options("driver=st7789&size=240x240&offset=0x200");
    let error = SpiPanel::over(&options, ST7789, wire, &mut NoDelay).unwrap_err().to_string();
    assert!(error.contains("within the controller's memory"), "{error}");
}

#[test]
fn reset_is_a_pulse() {
    struct Recorder(Vec<bool>);
    impl digital::ErrorType for Recorder {
        type Error = Infallible;
    }
    impl OutputPin for Recorder {
        fn set_low(&mut self) -> Result<(), Infallible> {
            self.0.push(false);
            Ok(())
        }
        fn set_high(&mut self) -> Result<(), Infallible> {
            self.0.push(true);
            Ok(())
        }
    }
    let mut line = Recorder(Vec::new());
    reset(&mut line, &mut NoDelay).unwrap();
    assert_eq!(line.0, [false, true]);
}
