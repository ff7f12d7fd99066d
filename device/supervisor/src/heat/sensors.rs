//! Temperature, throttling and supply voltage, as the kernel tells them below `/sys`.
//!
//! | what | where |
//! |---|---|
//! | temperature | the hottest `class/thermal/thermal_zone*/temp` whose `type` is a processor's |
//! | … where there is none | `class/hwmon/hwmon*/temp*_input` of a processor's chip |
//! | throttling | `devices/platform/soc/soc:firmware/get_throttled` of a Raspberry Pi, or where a newer one has it |
//! | weak supply | `class/hwmon/hwmon*/in0_lcrit_alarm` of the chip `rpi_volt` |
//!
//! Files are found once; a read of them allocates nothing. `vcgencmd get_throttled` tells the
//! same bits where the kernel has no such file; it is not called from here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::small::{number, read};

/// What parts of a thermal zone's type say that it is a processor's: `cpu-thermal`, `soc_thermal`,
/// `x86_pkg_temp`, `bigcore0-thermal`.
const ZONES: [&str; 4] = ["cpu", "soc", "x86_pkg", "core"];

/// Chips of hwmon that are in a processor.
const CHIPS: [&str; 4] = ["coretemp", "k10temp", "cpu_thermal", "zenpower"];

/// The Raspberry Pi's alarm for a weak supply.
const VOLT: &str = "rpi_volt";

/// Temperatures in °C that a sensor can mean.
const PLAUSIBLE: std::ops::RangeInclusive<f32> = -40.0..=150.0;

/// What the sensors told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The hottest processor sensor in °C, as it told; see [`Reading::temperature_c`].
    pub temperature: Option<f32>,
    /// What the firmware does to the processor.
    pub throttling: Throttling,
    /// The board's own alarm for a weak supply.
    pub voltage_alarm: bool,
}

impl Reading {
    /// The temperature, where it is one.
    pub fn temperature_c(&self) -> Option<f32> {
        self.temperature.filter(|c| PLAUSIBLE.contains(c))
    }

    /// Whether the supply is too weak just now.
    pub fn is_weakly_powered(&self) -> bool {
        self.voltage_alarm || self.throttling.by_supply()
    }
}

/// The bits of `get_throttled`: 0 supply too weak, 1 frequency capped, 2 throttled, 3 soft
/// temperature limit; the same from 16 on have been so since the boot.
///
/// <https://www.raspberrypi.com/documentation/computers/os.html#get_throttled>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttling(pub u32);

impl Throttling {
    /// The supply is too weak just now.
    pub fn by_supply(self) -> bool {
        self.0 & 1 != 0
    }

    /// The processor is slowed down for heat just now. Bit 1 comes with a weak supply as well and
    /// says nothing of heat.
    pub fn by_heat(self) -> bool {
        self.0 & 0b1100 != 0
    }

    /// The supply has been too weak since the boot.
    pub fn supply_was_weak(self) -> bool {
        self.0 & (1 << 16) != 0
    }
}

/// The sensors there are.
#[derive(Debug, Clone, Default)]
pub struct Sensors {
    temperatures: Vec<PathBuf>,
    throttled: Option<PathBuf>,
    alarms: Vec<PathBuf>,
}

impl Sensors {
    /// Looks for sensors below `root`, which is `/sys` but in tests.
    #[must_use]
    pub fn find(root: &Path) -> Self {
        let chips = folders(&root.join("class/hwmon"), |name| name.starts_with("hwmon"));
        let zones = zones(root);
        let temperatures = if zones.is_empty() { inputs(&chips) } else { zones };
        let volts = chips.iter().filter(|chip| name_of(chip, "name").as_deref() == Some(VOLT));
        let alarms = volts.map(|chip| chip.join("in0_lcrit_alarm")).collect();
        Self { temperatures, throttled: throttled(&root.join("devices/platform")), alarms }
    }

    /// Whether this board's firmware tells its throttling at all; no bit is set where it does not.
    pub fn tell_throttling(&self) -> bool {
        self.throttled.is_some()
    }

    /// What they tell now; a sensor that does not answer is left out.
    pub fn read(&self) -> Reading {
        let celsius = |path: &PathBuf| read(path, number::<i32>).map(|milli| milli as f32 / 1e3);
        Reading {
            temperature: self.temperatures.iter().filter_map(celsius).reduce(f32::max),
            throttling: Throttling(self.throttled.as_deref().and_then(bits).unwrap_or(0)),
            voltage_alarm: self.alarms.iter().any(|path| read(path, number::<u32>) == Some(1)),
        }
    }
}

/// The temperatures of the processor's thermal zones.
fn zones(root: &Path) -> Vec<PathBuf> {
    let zones = folders(&root.join("class/thermal"), |name| name.starts_with("thermal_zone"));
    let processor = |zone: &&PathBuf| {
        name_of(zone, "type").is_some_and(|kind| ZONES.iter().any(|part| kind.contains(part)))
    };
    zones.iter().filter(processor).map(|zone| zone.join("temp")).collect()
}

/// The temperatures of the processor's hwmon chips.
fn inputs(chips: &[PathBuf]) -> Vec<PathBuf> {
    let processor =
        |chip: &&PathBuf| name_of(chip, "name").is_some_and(|name| CHIPS.contains(&name.as_str()));
    let is_input = |name: &str| name.starts_with("temp") && name.ends_with("_input");
    chips.iter().filter(processor).flat_map(|chip| folders(chip, is_input)).collect()
}

/// The firmware's file, directly below a platform device or one further down.
fn throttled(platform: &Path) -> Option<PathBuf> {
    let is_soc = |name: &str| name.starts_with("soc") || name.ends_with(":firmware");
    let first = folders(platform, is_soc);
    let second = first.iter().flat_map(|soc| folders(soc, |name| name.ends_with(":firmware")));
    let mut places = first.iter().cloned().chain(second).map(|at| at.join("get_throttled"));
    places.find(|path| path.is_file())
}

/// The bits are written in hexadecimal.
fn bits(path: &Path) -> Option<u32> {
    read(path, |text| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok())
}

/// The entries of `parent` whose name is right, in order.
fn folders(parent: &Path, right: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(&right));
    let mut found = named.map(|entry| entry.path()).collect::<Vec<_>>();
    found.sort();
    found
}

/// The lower-case text of `file` in `folder`.
fn name_of(folder: &Path, file: &str) -> Option<String> {
    read(&folder.join(file), |text| Some(text.trim().to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let root = tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_hottest_zone_of_the_processor_is_read_and_a_battery_is_not() {
        let root = tree(&[
            ("class/thermal/thermal_zone0/type", "cpu-thermal\n"),
            ("class/thermal/thermal_zone0/temp", "48312\n"),
            ("class/thermal/thermal_zone1/type", "CPU1-therm\n"),
            ("class/thermal/thermal_zone1/temp", "51000\n"),
            ("class/thermal/thermal_zone2/type", "battery\n"),
            ("class/thermal/thermal_zone2/temp", "90000\n"),
            ("class/hwmon/hwmon0/name", "coretemp\n"),
            ("class/hwmon/hwmon0/temp1_input", "99000\n"),
        ]);
        assert_eq!(Sensors::find(root.path()).read().temperature_c(), Some(51.0));
    }

    #[test]
    fn without_a_zone_the_processors_chip_is_read() {
        let root = tree(&[
            ("class/hwmon/hwmon0/name", "nvme\n"),
            ("class/hwmon/hwmon0/temp1_input", "70000\n"),
            ("class/hwmon/hwmon1/name", "k10temp\n"),
            ("class/hwmon/hwmon1/temp1_input", "41500\n"),
            ("class/hwmon/hwmon1/temp2_input", "43250\n"),
        ]);
        assert_eq!(Sensors::find(root.path()).read().temperature_c(), Some(43.25));
    }

    #[test]
    fn the_firmwares_bits_are_found_on_every_pi() {
        for place in [
            "devices/platform/soc/soc:firmware/get_throttled",
            "devices/platform/soc:firmware/get_throttled",
            "devices/platform/soc@107c000000:firmware/get_throttled",
        ] {
            let root = tree(&[(place, "50005\n")]);
            let sensors = Sensors::find(root.path());
            let reading = sensors.read();
            assert!(sensors.tell_throttling());
            assert_eq!(reading.throttling, Throttling(0x50005), "{place}");
            assert!(reading.throttling.by_heat() && reading.is_weakly_powered());
            assert!(reading.throttling.supply_was_weak());
        }
    }

    #[test]
    fn what_was_once_is_not_now_and_a_capped_frequency_is_no_heat() {
        let reading = Reading { throttling: Throttling(0x000f_0002), ..Reading::default() };
        assert!(!reading.throttling.by_heat() && !reading.is_weakly_powered());
    }

    #[test]
    fn the_alarm_of_a_weak_supply_is_read() {
        let alarm = |text| {
            let root = tree(&[
                ("class/hwmon/hwmon3/name", "rpi_volt\n"),
                ("class/hwmon/hwmon3/in0_lcrit_alarm", text),
            ]);
            Sensors::find(root.path()).read().is_weakly_powered()
        };
        assert!(alarm("1\n") && !alarm("0\n") && !alarm("\n"));
    }

    #[test]
    fn a_board_without_sensors_and_sensors_that_tell_nonsense_tell_nothing() {
        let none = Sensors::find(Path::new("/nonexistent"));
        assert_eq!((none.read(), none.tell_throttling()), (Reading::default(), false));
        for text in ["", "hot\n", "-273150\n", "2147483647\n"] {
            let root = tree(&[
                ("class/thermal/thermal_zone0/type", "cpu-thermal\n"),
                ("class/thermal/thermal_zone0/temp", text),
            ]);
            assert_eq!(Sensors::find(root.path()).read().temperature_c(), None, "{text:?}");
        }
        let nan = Reading { temperature: Some(f32::NAN), ..Reading::default() };
        assert_eq!(nan.temperature_c(), None);
    }
}
