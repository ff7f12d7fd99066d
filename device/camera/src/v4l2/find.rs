//! Which video devices there are, which of them is meant, and the first that can be used.
//!
//! ```text
//! v4l2://auto                        the first usable one, USB cameras first
//! v4l2:///dev/v4l/by-id/…            a link that follows the camera (by-path: that follows the port)
//! v4l2://card=HD Webcam              one whose name has these words in it
//! v4l2://usb=046d:0825[:SERIAL]      a USB camera by vendor, product and, if need be, serial number
//! ```
//!
//! Numbers change from boot to boot and one camera may have several nodes (metadata, raw sensor,
//! codec), so nothing is taken for granted from a name in `/dev`. Cameras come in the order of
//! where they are plugged in, which stays the same; what a node can do is told by the device
//! itself when it is opened. What sysfs says of it: `name` is its card, `device` links to the
//! interface that it belongs to, and above a USB interface are `idVendor`, `idProduct`, `serial`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::CameraError;

/// A video device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Where it is plugged in; USB cameras come first.
    place: (bool, PathBuf),
    /// Its number in `/dev`.
    number: u32,
    /// `/dev/videoN`.
    pub path: PathBuf,
    /// What it is called.
    pub card: String,
    /// Vendor, product and serial number of a USB camera, such as `046d:0825:1A2B3C`.
    pub usb: Option<String>,
}

/// The video devices of this system, USB cameras first, then by where they are plugged in.
pub fn nodes() -> Vec<Node> {
    System::default().nodes()
}

/// Where a system keeps its devices.
#[derive(Debug, Clone)]
pub(super) struct System {
    pub(super) dev: PathBuf,
    pub(super) sys: PathBuf,
}

impl Default for System {
    fn default() -> Self {
        Self { dev: "/dev".into(), sys: "/sys/class/video4linux".into() }
    }
}

impl System {
    fn nodes(&self) -> Vec<Node> {
        let entries = fs::read_dir(&self.dev).into_iter().flatten().flatten();
        let mut nodes: Vec<_> = entries.filter_map(|entry| self.node(entry.path())).collect();
        nodes.sort_unstable();
        nodes
    }

    /// What is known of `path`, where its name is `video` and a number.
    fn node(&self, path: PathBuf) -> Option<Node> {
        let name = path.file_name()?.to_str()?;
        let digits = name.strip_prefix("video")?;
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
        let about = self.sys.join(name);
        let device = fs::canonicalize(about.join("device")).unwrap_or_default();
        let usb = device.parent().and_then(usb_id);
        let card = line(&about.join("name")).unwrap_or_default();
        Some(Node { place: (usb.is_none(), device), number, path, card, usb })
    }

    /// The devices that `target` may mean, the likeliest first.
    ///
    /// # Errors
    /// [`CameraError::NoCamera`] when nothing answers to a name.
    pub(super) fn candidates(&self, target: &str) -> Result<Vec<PathBuf>, CameraError> {
        let nodes = match target {
            "auto" => self.nodes(),
            _ => match named(target) {
                None => return Ok(vec![target.into()]),
                Some(name) => self.matching(name)?,
            },
        };
        Ok(nodes.into_iter().map(|node| node.path).collect())
    }

    fn matching(&self, name: Name<'_>) -> Result<Vec<Node>, CameraError> {
        let (found, others): (Vec<_>, Vec<_>) =
            self.nodes().into_iter().partition(|node| name.is_of(node));
        if found.is_empty() {
            let mut there: Vec<_> = others.iter().map(Node::to_string).collect();
            there.dedup();
            let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
            return Err(CameraError::NoCamera { tried: format!("there is {there}") });
        }
        Ok(found)
    }
}

impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.usb {
            Some(usb) => write!(f, "card={} (usb={usb})", self.card),
            None => write!(f, "card={}", self.card),
        }
    }
}

/// What a camera is called in a specification.
#[derive(Debug, Clone, Copy)]
enum Name<'a> {
    Card(&'a str),
    Usb(&'a str),
}

impl Name<'_> {
    fn is_of(self, node: &Node) -> bool {
        match self {
            Self::Card(card) => node.card.to_lowercase().contains(&card.to_lowercase()),
            Self::Usb(id) => node.usb.as_deref().is_some_and(|usb| {
                let rest = usb.get(..id.len()).filter(|start| start.eq_ignore_ascii_case(id));
                rest.is_some() && matches!(usb.as_bytes().get(id.len()), None | Some(b':'))
            }),
        }
    }
}

fn named(target: &str) -> Option<Name<'_>> {
    let card = target.strip_prefix("card=").map(Name::Card);
    card.or_else(|| target.strip_prefix("usb=").map(Name::Usb))
}

/// `vendor:product[:serial]` of the USB device in this folder of sysfs.
fn usb_id(device: &Path) -> Option<String> {
    let (vendor, product) = (line(&device.join("idVendor"))?, line(&device.join("idProduct"))?);
    let serial = line(&device.join("serial")).map_or_else(String::new, |s| format!(":{s}"));
    Some(format!("{vendor}:{product}{serial}"))
}

/// The first line of a small file.
fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The first node that `open` accepts.
pub(super) fn first<T>(
    nodes: &[PathBuf],
    mut open: impl FnMut(&Path) -> Result<T, CameraError>,
) -> Result<T, CameraError> {
    let (mut reasons, mut others) = (Vec::new(), 0);
    for node in nodes {
        match open(node) {
            Ok(camera) => return Ok(camera),
            Err(error) if nodes.len() == 1 => return Err(error),
            Err(CameraError::NotACamera { .. }) => others += 1,
            Err(error) => reasons.push(error.to_string()),
        }
    }
    if nodes.is_empty() {
        reasons.push("there is no /dev/video*".to_owned());
    }
    if others > 0 {
        reasons.push(format!("{others} video devices capture nothing"));
    }
    Err(CameraError::NoCamera { tried: reasons.join(" · ") })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A system with a CSI sensor, a codec and two USB cameras with two nodes each.
    fn system() -> (TempDir, System) {
        let root = tempfile::tempdir().unwrap();
        let system = System { dev: root.path().join("dev"), sys: root.path().join("sys") };
        fs::create_dir_all(&system.dev).unwrap();
        let bus = root.path().join("devices");
        let usb = |port: &str, vendor: &str, serial: Option<&str>| {
            let device = bus.join("usb1").join(port);
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("idVendor"), format!("{vendor}\n")).unwrap();
            fs::write(device.join("idProduct"), "0825\n").unwrap();
            if let Some(serial) = serial {
                fs::write(device.join("serial"), format!("{serial}\n")).unwrap();
            }
            device.join(format!("{port}:1.0"))
        };
        let near = usb("1-1", "046d", Some("1A2B3C"));
        let far = usb("1-2", "1BCF", None);
        for (number, card, interface) in [
            (0, "unicam-image", bus.join("platform/fe801000.csi")),
            (10, "bcm2835-codec-decode", bus.join("platform/bcm2835-codec")),
            (1, "USB 2.0 Camera", far.clone()),
            (2, "USB 2.0 Camera", far),
            (3, "HD Webcam C270", near.clone()),
            (4, "HD Webcam C270", near),
        ] {
            let name = format!("video{number}");
            let about = system.sys.join(&name);
            fs::create_dir_all(&about).unwrap();
            fs::create_dir_all(&interface).unwrap();
            fs::write(system.dev.join(name), "").unwrap();
            fs::write(about.join("name"), format!("{card}\n")).unwrap();
            symlink(&interface, about.join("device")).unwrap();
        }
        (root, system)
    }

    fn numbers(found: Result<Vec<PathBuf>, CameraError>) -> Vec<String> {
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        found.unwrap().into_iter().map(name).collect()
    }

    #[test]
    fn usb_cameras_come_first_in_the_order_of_their_ports() {
        let (_root, system) = system();
        let order = ["video3", "video4", "video1", "video2", "video10", "video0"];
        assert_eq!(numbers(system.candidates("auto")), order);
    }

    #[test]
    fn only_numbered_video_nodes_count_and_sysfs_may_be_absent() {
        let (_root, mut system) = system();
        for name in ["video", "video+1", "videox", "media0", "vbi0"] {
            fs::write(system.dev.join(name), "").unwrap();
        }
        system.sys = "/nowhere".into();
        let order = ["video0", "video1", "video2", "video3", "video4", "video10"];
        assert_eq!(numbers(system.candidates("auto")), order);
        system.dev = "/nowhere".into();
        assert!(system.candidates("auto").unwrap().is_empty());
    }

    #[test]
    fn a_camera_is_found_by_its_card_and_by_its_usb_numbers() {
        let (_root, system) = system();
        let found = |target: &str| numbers(system.candidates(target));
        assert_eq!(found("card=HD Webcam C270"), ["video3", "video4"]);
        assert_eq!(found("card=hd webcam"), ["video3", "video4"]);
        assert_eq!(found("card=camera"), ["video1", "video2"]);
        assert_eq!(found("usb=046d:0825"), ["video3", "video4"]);
        assert_eq!(found("usb=046D:0825:1a2b3c"), ["video3", "video4"]);
        assert_eq!(found("usb=1bcf:0825"), ["video1", "video2"]);
    }

    #[test]
    fn a_name_that_nobody_has_is_answered_with_those_there_are() {
        let (_root, system) = system();
        for target in ["usb=046d:0826", "usb=046d:082", "usb=046d:0825:99", "card=Brio"] {
            let message = system.candidates(target).unwrap_err().to_string();
            let there = "there is card=HD Webcam C270 (usb=046d:0825:1A2B3C), \
                         card=USB 2.0 Camera (usb=1BCF:0825), card=bcm2835-codec-decode, \
                         card=unicam-image";
            assert!(message.contains(there), "{target}: {message}");
        }
    }

    #[test]
    fn a_path_is_taken_as_it_stands() {
        let path = "/dev/v4l/by-id/usb-046d_0825-video-index0";
        assert_eq!(System::default().candidates(path).unwrap(), [PathBuf::from(path)]);
    }

    #[test]
    fn the_first_usable_node_is_taken() {
        let nodes = ["/dev/video0", "/dev/video1", "/dev/video2"].map(PathBuf::from);
        let found = first(&nodes, |path| {
            let camera = !path.ends_with("video0");
            camera.then(|| path.to_owned()).ok_or(CameraError::NotACamera { path: path.to_owned() })
        });
        assert_eq!(found.unwrap(), Path::new("/dev/video1"));
    }

    #[test]
    fn without_a_usable_node_every_reason_is_told() {
        let nodes = ["/dev/video0", "/dev/video1", "/dev/video2"].map(PathBuf::from);
        let error = first(&nodes, |path| -> Result<(), _> {
            let path = path.to_owned();
            let busy = path.ends_with("video1");
            Err(if busy { CameraError::Busy { path } } else { CameraError::NotACamera { path } })
        });
        let message = error.unwrap_err().to_string();
        assert!(message.contains("/dev/video1: busy"), "{message}");
        assert!(message.contains("2 video devices capture nothing"), "{message}");
        let none = first(&[], |_| Ok(())).unwrap_err();
        assert!(
            none.to_string().starts_with("no usable camera: there is no /dev/video*"),
            "{none}"
        );
    }

    #[test]
    fn one_camera_alone_tells_its_own_reason() {
        let error = first(&["/dev/video0".into()], |path| -> Result<(), _> {
            Err(CameraError::Busy { path: path.to_owned() })
        });
        assert!(matches!(error, Err(CameraError::Busy { .. })));
    }
}
