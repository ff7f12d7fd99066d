//! The boards that are part of the program, in the order they are listed.

/// Name and TOML of each.
pub(crate) const ALL: [(&str, &str); 7] = [
    ("base", include_str!("../boards/base.toml")),
    ("host", include_str!("../boards/host.toml")),
    ("pi4", include_str!("../boards/pi4.toml")),
    ("pi5", include_str!("../boards/pi5.toml")),
    ("zero2w", include_str!("../boards/zero2w.toml")),
    ("jetson-orin-nano", include_str!("../boards/jetson-orin-nano.toml")),
    ("qemu-virt", include_str!("../boards/qemu-virt.toml")),
];
