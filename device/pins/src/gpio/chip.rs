//! Finding a GPIO chip by label, and taking lines of it.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use gpiocdev::{Request, request::Builder};

use crate::{Line, PinError};

/// The chips of the pin headers on the boards we know, for `auto`.
const HEADERS: [&str; 4] = ["pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835", "tegra234-gpio"];

/// Who holds the lines, as `gpioinfo` shows it.
const CONSUMER: &str = "mien";

/// An open GPIO chip.
#[derive(Debug)]
pub(crate) struct Chip {
    path: PathBuf,
    inner: gpiocdev::Chip,
}

/// A chip there is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    path: PathBuf,
    label: String,
}

impl Chip {
    /// Opens the chip that `target` names: a label, a device, or `auto`.
    pub(crate) fn find(target: &str) -> Result<Self, PinError> {
        if target.starts_with('/') {
            return Self::open(Path::new(target));
        }
        let paths = gpiocdev::chip::chips().unwrap_or_default();
        let found = paths.iter().map(|path| label(path)).collect::<Result<Vec<_>, _>>()?;
        let Some(chosen) = choose(&found, target) else {
            return Err(PinError::NoChip { wanted: target.to_owned(), found: list(&found) });
        };
        Self::open(&chosen.path)
    }

    fn open(path: &Path) -> Result<Self, PinError> {
        permitted(path)?;
        let inner = gpiocdev::Chip::from_path(path)
            .map_err(|source| PinError::Gpio { chip: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), inner })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The numbers of `lines`, all of which are there and free.
    pub(crate) fn take<'a>(
        &self,
        lines: impl Iterator<Item = &'a Line>,
    ) -> Result<Vec<u32>, PinError> {
        lines.map(|line| self.offset(line)).collect()
    }

    /// A request for lines of this chip, to be filled in.
    pub(crate) fn request(&self) -> Builder {
        let mut builder = Request::builder();
        builder.on_chip(&self.path).with_consumer(CONSUMER);
        builder
    }

    /// Makes `request`.
    pub(crate) fn granted(&self, request: &mut Builder) -> Result<Request, PinError> {
        request.request().map_err(|source| self.failed(source))
    }

    fn offset(&self, line: &Line) -> Result<u32, PinError> {
        let missing = || PinError::NoLine { chip: self.path.clone(), line: line.to_string() };
        let info = match line {
            Line::Name(name) => self.inner.find_line_info(name).ok_or_else(missing)?,
            Line::Offset(offset) => {
                let count = self.inner.info().map_err(|source| self.failed(source))?.num_lines;
                if *offset >= count {
                    return Err(missing());
                }
                self.inner.line_info(*offset).map_err(|source| self.failed(source))?
            }
        };
        if info.used {
            let consumer = info.consumer;
            return Err(PinError::Busy { chip: self.path.clone(), line: info.offset, consumer });
        }
        Ok(info.offset)
    }

    fn failed(&self, source: gpiocdev::Error) -> PinError {
        PinError::Gpio { chip: self.path.clone(), source }
    }
}

/// A device that is not there, or not for us, told apart from one that is broken.
fn permitted(path: &Path) -> Result<(), PinError> {
    match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Err(PinError::Denied { path: path.to_owned() })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(PinError::NoChip { wanted: path.display().to_string(), found: list(&all()) })
        }
        _ => Ok(()),
    }
}

/// The chips that can be opened.
fn all() -> Vec<Found> {
    let paths = gpiocdev::chip::chips().unwrap_or_default();
    paths.iter().filter_map(|path| label(path).ok()).collect()
}

fn label(path: &Path) -> Result<Found, PinError> {
    let chip = Chip::open(path)?;
    let info = chip.inner.info().map_err(|source| chip.failed(source))?;
    Ok(Found { path: path.to_owned(), label: info.label })
}

fn choose<'a>(found: &'a [Found], target: &str) -> Option<&'a Found> {
    let labelled = |label: &str| found.iter().find(|chip| chip.label == label);
    match target {
        "" | "auto" => HEADERS.into_iter().find_map(labelled),
        label => labelled(label),
    }
}

fn list(found: &[Found]) -> String {
    if found.is_empty() {
        return "is none at all on this board".to_owned();
    }
    let chips: Vec<_> =
        found.iter().map(|chip| format!("{} ({})", chip.label, chip.path.display())).collect();
    format!("are {}", chips.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pi5() -> Vec<Found> {
        let chip = |number: u32, label: &str| Found {
            path: PathBuf::from(format!("/dev/gpiochip{number}")),
            label: label.to_owned(),
        };
        vec![
            chip(10, "gpio-brcmstb@107d508500"),
            chip(0, "pinctrl-rp1"),
            chip(11, "gpio-brcmstb@107d517c00"),
        ]
    }

    #[test]
    fn a_chip_is_found_by_label_whatever_its_number() {
        let found = pi5();
        for target in ["pinctrl-rp1", "auto", ""] {
            assert_eq!(choose(&found, target).unwrap().path, Path::new("/dev/gpiochip0"));
        }
        assert_eq!(choose(&found, "pinctrl-bcm2711"), None);
        assert_eq!(choose(&[], "auto"), None);
    }

    #[test]
    fn chips_there_are_can_be_told() {
        assert_eq!(list(&[]), "is none at all on this board");
        assert_eq!(list(&pi5()[1..2]), "are pinctrl-rp1 (/dev/gpiochip0)");
    }

    #[test]
    fn a_device_that_is_not_there_is_an_error_with_a_fix() {
        let error = Chip::find("/dev/gpiochip-that-is-not-there").unwrap_err().to_string();
        assert!(error.starts_with("no GPIO chip \"/dev/gpiochip-that-is-not-there\""), "{error}");
        assert!(error.contains("none://"), "{error}");
    }

    #[test]
    fn a_file_is_no_chip() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Chip::find(file.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(error.contains("character device"), "{error}");
    }
}
