//! Why a panel cannot be opened or shows nothing, each with what to do about it.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use mien_core::spec::SpecError;
use mien_pins::PinError;
use mien_shared::store::StoreError;

/// Why a panel cannot be opened or shows nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PanelError {
    /// The specification is malformed.
    #[error("panel {0}")]
    Spec(#[from] SpecError),
    /// No panel has that scheme.
    #[error("panel {spec}: no such panel; there are {SCHEMES}")]
    UnknownScheme {
        /// The whole specification.
        spec: String,
    },
    /// `png://` without a file.
    #[error("panel {spec}: which file? write png://panel.png or png:///var/lib/mien/panel.png")]
    NoPath {
        /// The whole specification.
        spec: String,
    },
    /// An option's value makes no sense.
    #[error("panel {spec}: rate must be more than 0 and at most 60 pictures per second")]
    BadRate {
        /// The whole specification.
        spec: String,
    },
    /// An option is missing, or its value is not among those there are.
    #[error("panel {spec}: {key} must be {expected}")]
    BadValue {
        /// The whole specification.
        spec: String,
        /// The option's name.
        key: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// Standard output is a file or a pipe.
    #[error(
        "panel terminal://: standard output is no terminal; run it in one, or use png://PATH or none://"
    )]
    NoTerminal,
    /// The terminal took nothing.
    #[error("panel terminal://: cannot write to the terminal: {0}")]
    Terminal(#[source] io::Error),
    /// The screen could not be made into a PNG.
    #[error("panel png://{}: cannot encode the screen: {source}", path.display())]
    Encode {
        /// The picture's file.
        path: PathBuf,
        /// What the encoder said.
        #[source]
        source: image::ImageError,
    },
    /// The picture's file could not be replaced.
    #[error("panel png: {0}")]
    Store(#[from] StoreError),
    /// A device is not there.
    #[error(
        "panel: {} is not there; {}", path.display(), remedy(group)
    )]
    Absent {
        /// The device.
        path: PathBuf,
        /// The kind of device, by the group that owns it.
        group: &'static str,
    },
    /// The user may not open a device.
    #[error(
        "panel: {}: permission denied; add the user to its group (`sudo usermod -aG {group} \
         $USER`, then log in anew), or in a systemd unit write SupplementaryGroups={group}",
        path.display()
    )]
    Denied {
        /// The device.
        path: PathBuf,
        /// The group that owns such devices.
        group: &'static str,
    },
    /// A device fails in another way.
    #[error("panel: {}: {source}", path.display())]
    Device {
        /// The device.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no such framebuffer.
    #[error(
        "panel: no framebuffer {}; newer systems have only KMS: use drm://auto, or spi:// for a \
         small display", path.display()
    )]
    NoFramebuffer {
        /// The framebuffer.
        path: PathBuf,
    },
    /// The system describes a framebuffer that we do not know.
    #[error(
        "panel: {} holds {text:?}; only 16, 24 and 32 bits per pixel within 16384x16384 are \
         known: use drm://auto instead", path.display()
    )]
    StrangeFramebuffer {
        /// The file.
        path: PathBuf,
        /// What it holds.
        text: String,
    },
    /// There is no graphics card.
    #[error(
        "panel drm://: no graphics card under /dev/dri; load its driver (Raspberry Pi: \
         dtoverlay=vc4-kms-v3d in /boot/firmware/config.txt), or use fb:///dev/fb0"
    )]
    NoCard,
    /// No display is connected.
    #[error(
        "panel drm://: no display to light on {}; its connectors: {found}; plug one in, or name \
         another card or connector", path.display()
    )]
    NoDisplay {
        /// The card.
        path: PathBuf,
        /// Its connectors, in words.
        found: String,
    },
    /// The display has no such mode.
    #[error("panel drm://: the display on {} has no such mode; it has {found}", path.display())]
    NoMode {
        /// The card.
        path: PathBuf,
        /// The modes it has.
        found: String,
    },
    /// Another program holds the display.
    #[error(
        "panel drm://: another program shows something on {}; stop the desktop \
         (`sudo systemctl isolate multi-user.target`), or use window:// on it", path.display()
    )]
    DisplayTaken {
        /// The card.
        path: PathBuf,
    },
    /// A display does not take pictures.
    #[error("panel drm://: {name}: {source}")]
    Display {
        /// The connector and its card.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A bus does not do what it should.
    #[error("panel {name}: {reason}")]
    Bus {
        /// The bus, and the address on it.
        name: String,
        /// What it said.
        reason: String,
    },
    /// Nobody answers on a bus.
    #[error(
        "panel {name}: no answer; check its wires, and its address with `i2cdetect -y N` for \
         /dev/i2c-N"
    )]
    NoAnswer {
        /// The bus, and the address on it.
        name: String,
    },
    /// There is no such backlight.
    #[error("panel: no backlight {name:?} under /sys/class/backlight; there are: {found}")]
    NoBacklight {
        /// The name asked for.
        name: String,
        /// Those there are.
        found: String,
    },
    /// A backlight does not obey.
    #[error("panel: backlight: {reason}")]
    Backlight {
        /// What it said.
        reason: String,
    },
    /// A line or PWM channel of the panel cannot be used.
    #[error("panel: {0}")]
    Pins(#[from] PinError),
    /// The panel is being brought back; what was wrong with it last.
    #[error("{0}")]
    Lost(Arc<str>),
    /// The system refused a thread.
    #[error("panel: cannot start a thread for it: {0}")]
    Thread(#[source] io::Error),
    /// The window could not be made.
    #[error("panel window://: {reason}")]
    Window {
        /// What the library said.
        reason: String,
    },
}

/// The schemes there are.
const SCHEMES: &str = "terminal://, png://PATH, fb:///dev/fb0, drm://auto, spi:///dev/spidev0.0, \
     i2c:///dev/i2c-1, window:// and none://";

impl PanelError {
    /// A failure of the device at `path`, of the kind that `group` owns.
    pub(crate) fn device(path: &Path, group: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::NotFound => Self::Absent { path, group },
            ErrorKind::PermissionDenied => Self::Denied { path, group },
            _ => Self::Device { path, source },
        }
    }

    /// Whether only the owner can mend it, by another specification: trying again is in vain.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Spec(_)
            | Self::UnknownScheme { .. }
            | Self::NoPath { .. }
            | Self::BadRate { .. }
            | Self::BadValue { .. }
            | Self::NoTerminal
            | Self::StrangeFramebuffer { .. }
            | Self::NoMode { .. } => true,
            Self::Pins(error) => matches!(error, PinError::BadValue { .. } | PinError::Spec(_)),
            _ => false,
        }
    }
}

/// How to get a device that is not there.
fn remedy(group: &str) -> &'static str {
    match group {
        "spi" => {
            "turn SPI on (Raspberry Pi: dtparam=spi=on in /boot/firmware/config.txt; Jetson: jetson-io) and start the board anew"
        }
        "i2c" => {
            "turn I2C on (Raspberry Pi: dtparam=i2c_arm=on in /boot/firmware/config.txt, and i2c-dev in /etc/modules) and start the board anew"
        }
        _ => "check its name and whether it is plugged in",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_missing_or_forbidden_is_told_with_what_to_do() {
        let told = |kind: ErrorKind, group| {
            PanelError::device(Path::new("/dev/x"), group, kind.into()).to_string()
        };
        assert!(told(ErrorKind::NotFound, "spi").contains("dtparam=spi=on"));
        assert!(told(ErrorKind::NotFound, "i2c").contains("dtparam=i2c_arm=on"));
        assert!(told(ErrorKind::PermissionDenied, "video").contains("usermod -aG video"));
        assert!(told(ErrorKind::BrokenPipe, "video").starts_with("panel: /dev/x: "));
    }
}
