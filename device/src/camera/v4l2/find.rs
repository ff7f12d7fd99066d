//! Which video devices there are, and the first of them that can be used.
//!
//! Numbers change from boot to boot and one camera may have several nodes (metadata, raw
//! sensor, codec), so nothing is taken for granted from a name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::camera::CameraError;

const DEVICES: &str = "/dev";

/// The video device nodes of this system, `/dev/video*`, in order of their number.
pub fn nodes() -> Vec<PathBuf> {
    nodes_in(Path::new(DEVICES))
}

/// The first node that `open` accepts.
pub(super) fn first<T>(
    nodes: &[PathBuf],
    mut open: impl FnMut(&Path) -> Result<T, CameraError>,
) -> Result<T, CameraError> {
    let mut reasons = Vec::new();
    for node in nodes {
        match open(node) {
            Ok(camera) => return Ok(camera),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    let tried = if reasons.is_empty() {
        "there is no /dev/video*".to_owned()
    } else {
        reasons.join(" · ")
    };
    Err(CameraError::NoCamera { tried })
}

fn nodes_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut nodes: Vec<_> = entries.filter_map(|entry| numbered(entry.path())).collect();
    nodes.sort_unstable();
    nodes.into_iter().map(|(_, path)| path).collect()
}

/// The number of a path whose name is `video` and a number.
fn numbered(path: PathBuf) -> Option<(u32, PathBuf)> {
    let digits = path.file_name()?.to_str()?.strip_prefix("video")?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| all_digits)?;
    Some((number, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_in_order_of_their_number() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["video10", "video2", "video0", "video", "video+1", "videox", "media0", "vbi0"]
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> = nodes_in(folder.path())
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["video0", "video2", "video10"]);
        assert!(nodes_in(Path::new("/nowhere")).is_empty());
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
        let nodes = ["/dev/video0", "/dev/video1"].map(PathBuf::from);
        let error = first(&nodes, |path| -> Result<(), _> {
            Err(CameraError::Busy { path: path.to_owned() })
        });
        let message = error.unwrap_err().to_string();
        assert!(message.contains("/dev/video0: busy") && message.contains("/dev/video1: busy"));
        let none = first(&[], |_| Ok(())).unwrap_err();
        assert!(
            none.to_string().starts_with("no usable camera: there is no /dev/video*"),
            "{none}"
        );
    }
}
