//! What the system says of a framebuffer, in the files of `/sys/class/graphics/fbN`.
//!
//! | file | holds |
//! |---|---|
//! | `virtual_size` | `WIDTH,HEIGHT` of its memory, which may be higher than what is seen |
//! | `modes` | `U:WIDTHxHEIGHTp-RATE` per line: what is seen; some drivers list none |
//! | `bits_per_pixel` | 16, 24 or 32 |
//! | `stride` | bytes from one row to the next |

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{PanelError, format::Depth};

/// Most pixels along a side; beyond it the files hold nonsense.
const MOST: u32 = 16384;

/// A framebuffer's size and layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) size: (u32, u32),
    pub(super) depth: Depth,
    pub(super) stride: u64,
}

impl Geometry {
    /// The geometry that folder `class` tells of framebuffer `device`.
    pub(super) fn read(class: &Path, device: &Path) -> Result<Self, PanelError> {
        if !class.is_dir() {
            return Err(PanelError::NoFramebuffer { path: device.to_owned() });
        }
        let file = |name: &str| {
            let path = class.join(name);
            match fs::read_to_string(&path) {
                Ok(text) => Ok((path, text)),
                Err(source) => Err(PanelError::device(&path, "video", source)),
            }
        };
        let (path, text) = file("virtual_size")?;
        let memory = pair(text.trim(), ',').ok_or_else(|| strange(path, &text))?;
        let modes = fs::read_to_string(class.join("modes")).unwrap_or_default();
        let size = seen(&modes, memory);
        let (path, text) = file("bits_per_pixel")?;
        let depth = depth(text.trim()).ok_or_else(|| strange(path, &text))?;
        let (path, text) = file("stride")?;
        let stride = text.trim().parse().ok().filter(|stride| fits(*stride, size.0, depth));
        Ok(Self { size, depth, stride: stride.ok_or_else(|| strange(path, &text))? })
    }
}

fn strange(path: PathBuf, text: &str) -> PanelError {
    PanelError::StrangeFramebuffer { path, text: text.trim().chars().take(40).collect() }
}

fn pair(text: &str, between: char) -> Option<(u32, u32)> {
    let (width, height) = text.split_once(between)?;
    let side = |text: &str| text.parse().ok().filter(|side| (1..=MOST).contains(side));
    Some((side(width)?, side(height)?))
}

/// The part of `memory` that is seen: the first mode, where it fits.
fn seen(modes: &str, memory: (u32, u32)) -> (u32, u32) {
    let mode = modes.lines().next().and_then(|line| {
        let line = line.split_once(':')?.1;
        pair(line.split(['p', 'i', 'd']).next()?, 'x')
    });
    mode.filter(|mode| mode.0 <= memory.0 && mode.1 <= memory.1).unwrap_or(memory)
}

fn depth(bits: &str) -> Option<Depth> {
    match bits {
        "16" => Some(Depth::Bits16),
        "24" => Some(Depth::Bits24),
        "32" => Some(Depth::Bits32),
        _ => None,
    }
}

fn fits(stride: u64, width: u32, depth: Depth) -> bool {
    let bits = match depth {
        Depth::Bits16 => 16,
        Depth::Bits24 => 24,
        Depth::Bits32 => 32,
    };
    (u64::from(width) * bits / 8..=u64::from(MOST) * 8).contains(&stride)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_the_mode_within_the_memory() {
        assert_eq!(seen("U:800x480p-60\n", (800, 960)), (800, 480));
        assert_eq!(seen("", (320, 240)), (320, 240));
        assert_eq!(seen("S:1920x1080i-50", (640, 480)), (640, 480));
        assert_eq!(seen("nonsense", (640, 480)), (640, 480));
    }

    #[test]
    fn nonsense_is_refused_with_the_file_that_holds_it() {
        let class = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(class.path().join(name), text).unwrap();
        let refusal =
            || Geometry::read(class.path(), Path::new("/dev/fb7")).unwrap_err().to_string();
        assert!(refusal().contains("virtual_size"));
        write("virtual_size", "0,4294967295");
        assert!(refusal().contains("virtual_size"));
        write("virtual_size", "320,240");
        write("bits_per_pixel", "8");
        assert!(refusal().contains("bits_per_pixel"));
        write("bits_per_pixel", "16");
        for stride in ["639", "99999999999", "-640"] {
            write("stride", stride);
            assert!(refusal().contains("stride"), "{stride}");
        }
        write("stride", "640");
        let geometry = Geometry::read(class.path(), Path::new("/dev/fb7")).unwrap();
        assert_eq!(geometry, Geometry { size: (320, 240), depth: Depth::Bits16, stride: 640 });
    }
}
