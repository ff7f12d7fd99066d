//! Brightness by pulse-width modulation, made by the hardware, through `/sys/class/pwm`.
//!
//! `pwm=CHIP:CHANNEL` is channel `CHANNEL` of `/sys/class/pwm/pwmchipCHIP`. The period is 1 ms
//! (1 kHz: no flicker that a camera would see as bands under its exposure of some milliseconds);
//! the share of it that is on is the level. Nothing blinks in software here.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use mien_core::spec::Spec;

use crate::{PinError, wiring::bad};

/// Where the system shows PWM chips.
const CLASS: &str = "/sys/class/pwm";

/// Length of a period in nanoseconds.
const PERIOD_NS: u32 = 1_000_000;

/// How often, and how long apart, a channel is looked for after it was asked for: udev hands it
/// over to its group a moment later.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(50));

/// Something that dims lamps or a backlight.
pub trait Dimmer: Send {
    /// Sets the brightness to `level`, 0 (dark) to 1 (full); levels beyond are cut.
    ///
    /// # Errors
    /// When it does not answer.
    fn dim(&mut self, level: f32) -> Result<(), PinError>;
}

/// A PWM channel of the system.
#[derive(Debug)]
pub struct SysfsPwm {
    duty: File,
    path: PathBuf,
}

impl SysfsPwm {
    /// The channel that option `pwm` of `spec` names as `CHIP:CHANNEL`; dark at first.
    ///
    /// # Errors
    /// When the name is malformed, or the channel cannot be used.
    pub fn parse(spec: &Spec, channel: &str) -> Result<Self, PinError> {
        let numbers = channel.split_once(':').and_then(|(chip, channel)| {
            Some((chip.parse::<u8>().ok()?, channel.parse::<u8>().ok()?))
        });
        let Some((chip, channel)) = numbers else {
            return Err(bad(spec, "pwm", channel, "pwm=CHIP:CHANNEL, for example pwm=0:2"));
        };
        Self::open(&Path::new(CLASS).join(format!("pwmchip{chip}")), channel)
    }

    /// Channel number `channel` of the chip whose folder is `chip`.
    ///
    /// # Errors
    /// When the channel cannot be used.
    pub fn open(chip: &Path, channel: u8) -> Result<Self, PinError> {
        let folder = chip.join(format!("pwm{channel}"));
        if !folder.exists() {
            write(&chip.join("export"), &channel.to_string())?;
        }
        patiently(&folder.join("enable"))?;
        // A period shorter than the pulse before it is refused, so the pulse comes first; on a
        // channel that was never used there is no period yet, and that write fails harmlessly.
        drop(fs::write(folder.join("duty_cycle"), "0"));
        write(&folder.join("period"), &PERIOD_NS.to_string())?;
        write(&folder.join("duty_cycle"), "0")?;
        write(&folder.join("enable"), "1")?;
        let path = folder.join("duty_cycle");
        let duty = File::options()
            .write(true)
            .open(&path)
            .map_err(|source| PinError::Pwm { path: path.clone(), source })?;
        Ok(Self { duty, path })
    }
}

impl Dimmer for SysfsPwm {
    fn dim(&mut self, level: f32) -> Result<(), PinError> {
        let mut digits = io::Cursor::new([0_u8; 16]);
        // One write tells the kernel one whole number.
        let written = writeln!(digits, "{}", pulse_ns(level)).and_then(|()| {
            let length = usize::try_from(digits.position()).unwrap_or(0);
            self.duty.write_all_at(&digits.get_ref()[..length], 0)
        });
        written.map_err(|source| PinError::Pwm { path: self.path.clone(), source })
    }
}

/// The length of a pulse.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the period"
)]
fn pulse_ns(level: f32) -> u32 {
    let level = if level.is_nan() { 0.0 } else { level.clamp(0.0, 1.0) };
    (level * PERIOD_NS as f32).round() as u32
}

fn write(path: &Path, text: &str) -> Result<(), PinError> {
    fs::write(path, text).map_err(|source| PinError::Pwm { path: path.to_owned(), source })
}

/// Waits until `path` can be written.
fn patiently(path: &Path) -> Result<(), PinError> {
    let mut tries = PATIENCE.0;
    loop {
        match File::options().write(true).open(path) {
            Ok(_) => return Ok(()),
            Err(e)
                if tries > 0
                    && matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) =>
            {
                tries -= 1;
                thread::sleep(PATIENCE.1);
            }
            Err(source) => return Err(PinError::Pwm { path: path.to_owned(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder like the kernel's, with channel 2 exported.
    fn chip() -> tempfile::TempDir {
        let chip = tempfile::tempdir().unwrap();
        fs::create_dir(chip.path().join("pwm2")).unwrap();
        for file in ["export", "pwm2/period", "pwm2/duty_cycle", "pwm2/enable"] {
            fs::write(chip.path().join(file), "").unwrap();
        }
        chip
    }

    fn read(chip: &tempfile::TempDir, file: &str) -> String {
        fs::read_to_string(chip.path().join("pwm2").join(file)).unwrap()
    }

    #[test]
    fn a_level_is_a_share_of_the_period() {
        assert_eq!([0.0, 0.25, 1.0].map(pulse_ns), [0, 250_000, 1_000_000]);
        assert_eq!([-1.0, f32::NAN, 7.0].map(pulse_ns), [0, 0, 1_000_000]);
    }

    #[test]
    fn a_channel_is_set_up_dark_and_dimmed_in_whole_numbers() {
        let chip = chip();
        let mut pwm = SysfsPwm::open(chip.path(), 2).unwrap();
        assert_eq!((read(&chip, "period"), read(&chip, "enable")), ("1000000".into(), "1".into()));
        assert_eq!(read(&chip, "duty_cycle"), "0");
        pwm.dim(0.5).unwrap();
        assert_eq!(read(&chip, "duty_cycle"), "500000\n");
    }

    #[test]
    fn a_board_without_pwm_is_told_how_to_get_it() {
        let error = SysfsPwm::open(Path::new("/nowhere/pwmchip0"), 0).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/pwmchip0/export: "), "{error}");
        assert!(error.contains("dtoverlay=pwm-2chan"), "{error}");
    }

    #[test]
    fn a_channel_is_named_by_chip_and_number() {
        let spec = Spec::parse("gpio://auto?pwm=2").unwrap();
        let error = SysfsPwm::parse(&spec, "2").unwrap_err().to_string();
        assert!(error.contains("pwm=CHIP:CHANNEL"), "{error}");
    }
}
