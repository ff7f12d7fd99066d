//! Which built-in board this machine is, by the model that its device tree names.

use std::{fs, path::Path};

/// How a model's name begins, and its board.
const MODELS: [(&str, &str); 9] = [
    ("Raspberry Pi 5", "pi5"),
    ("Raspberry Pi 500", "pi5"),
    ("Raspberry Pi Compute Module 5", "pi5"),
    ("Raspberry Pi 4", "pi4"),
    ("Raspberry Pi 400", "pi4"),
    ("Raspberry Pi Compute Module 4", "pi4"),
    ("Raspberry Pi Zero 2", "zero2w"),
    ("NVIDIA Jetson Orin Nano", "jetson-orin-nano"),
    ("linux,dummy-virt", "qemu-virt"),
];

/// The board of the machine whose files lie below `root`, which is `/` but in tests; `None` where
/// there is no device tree, as on a computer, or none of the built-in boards.
pub(crate) fn detect(root: &Path) -> Option<&'static str> {
    let model = fs::read_to_string(root.join("proc/device-tree/model")).ok()?;
    MODELS.iter().find(|(begin, _)| model.starts_with(begin)).map(|(_, board)| *board)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_its_model() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(detect(root.path()), None, "a computer has no device tree");
        fs::create_dir_all(root.path().join("proc/device-tree")).unwrap();
        for (model, board) in [
            ("Raspberry Pi 5 Model B Rev 1.0\0", Some("pi5")),
            ("Raspberry Pi 4 Model B Rev 1.4\0", Some("pi4")),
            ("Raspberry Pi Zero 2 W Rev 1.0\0", Some("zero2w")),
            ("NVIDIA Jetson Orin Nano Developer Kit\0", Some("jetson-orin-nano")),
            ("Raspberry Pi Zero W Rev 1.1\0", None),
            ("", None),
        ] {
            fs::write(root.path().join("proc/device-tree/model"), model).unwrap();
            assert_eq!(detect(root.path()), board, "{model}");
        }
    }

    #[test]
    fn every_board_that_is_detected_is_built_in() {
        for (_, board) in MODELS {
            assert!(crate::Board::names().any(|name| name == board), "{board}");
        }
    }
}
