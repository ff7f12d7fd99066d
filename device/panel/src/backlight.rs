//! How bright a panel is lit: a backlight of the system, a PWM channel, or a line.
//!
//! | option | means |
//! |---|---|
//! | `backlight=NAME` (fb, drm) | `/sys/class/backlight/NAME`; `auto` for the first there is |
//! | `backlight=LINE` (spi) | a GPIO line: lit at any level above zero |
//! | `pwm=CHIP:CHANNEL` (spi) | a PWM channel of the system |

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use embedded_hal::digital::OutputPin as _;
use mien_core::spec::Spec;
use mien_pins::{Dimmer as _, Output, SysfsPwm};

use crate::PanelError;

/// Where the system shows backlights.
const CLASS: &str = "/sys/class/backlight";

/// What lights a panel.
pub(crate) enum Backlight {
    /// A backlight of the system and its highest level.
    Class { file: PathBuf, highest: u32 },
    /// A PWM channel.
    Pwm(SysfsPwm),
    /// A line, on or off.
    Line(Output),
}

impl fmt::Debug for Backlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Class { .. } => "Class",
            Self::Pwm(_) => "Pwm",
            Self::Line(_) => "Line",
        })
    }
}

impl Backlight {
    /// The system's backlight that option `backlight` of `spec` names.
    pub(crate) fn named(spec: &Spec) -> Result<Option<Self>, PanelError> {
        let name = spec.option::<String>("backlight")?;
        name.map(|name| Self::of_class(&name, Path::new(CLASS))).transpose()
    }

    fn of_class(name: &str, class: &Path) -> Result<Self, PanelError> {
        let mut names: Vec<_> = fs::read_dir(class)
            .map(|folders| folders.flatten().map(|folder| folder.file_name()).collect())
            .unwrap_or_default();
        names.sort();
        let Some(folder) = names.iter().find(|found| name == "auto" || *found == name) else {
            let found: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            return Err(PanelError::NoBacklight { name: name.to_owned(), found });
        };
        let folder = class.join(folder);
        let path = folder.join("max_brightness");
        let text = fs::read_to_string(&path)
            .map_err(|source| PanelError::device(&path, "video", source))?;
        let highest = text.trim().parse().unwrap_or(1);
        Ok(Self::Class { file: folder.join("brightness"), highest })
    }

    /// Lights the panel to `level`, 0 (dark) to 1 (full); levels beyond are cut.
    pub(crate) fn set(&mut self, level: f32) -> Result<(), PanelError> {
        let level = if level.is_nan() { 0.0 } else { level.clamp(0.0, 1.0) };
        match self {
            Self::Class { file, highest } => fs::write(&*file, step(level, *highest).to_string())
                .map_err(|source| PanelError::device(file, "video", source)),
            Self::Pwm(pwm) => Ok(pwm.dim(level)?),
            Self::Line(line) => {
                let driven = if level > 0.0 { line.set_high() } else { line.set_low() };
                driven.map_err(|error| PanelError::Backlight { reason: error.to_string() })
            }
        }
    }
}

/// The step of `highest` that stands for `level`; dark only where that is asked for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the highest step"
)]
fn step(level: f32, highest: u32) -> u32 {
    let step = (f64::from(level) * f64::from(highest)).round() as u32;
    if level > 0.0 { step.max(1) } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class() -> tempfile::TempDir {
        let class = tempfile::tempdir().unwrap();
        let folder = class.path().join("10-0045");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("max_brightness"), "31\n").unwrap();
        fs::write(folder.join("brightness"), "31\n").unwrap();
        class
    }

    #[test]
    fn a_backlight_is_set_in_its_own_steps() {
        let class = class();
        let brightness = class.path().join("10-0045/brightness");
        for name in ["auto", "10-0045"] {
            let mut backlight = Backlight::of_class(name, class.path()).unwrap();
            for (level, step) in [(0.5, "16"), (0.001, "1"), (0.0, "0"), (9.0, "31")] {
                backlight.set(level).unwrap();
                assert_eq!(fs::read_to_string(&brightness).unwrap(), step);
            }
        }
    }

    #[test]
    fn a_backlight_that_is_not_there_is_told_with_those_that_are() {
        let error = Backlight::of_class("acpi", class().path()).unwrap_err().to_string();
        assert!(error.contains("\"acpi\"") && error.contains("10-0045"), "{error}");
        let error = Backlight::of_class("auto", Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.contains("none"), "{error}");
    }
}
