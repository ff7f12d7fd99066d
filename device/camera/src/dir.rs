//! The pictures of one folder as a source: `dir://PATH?loop=1&fps=2`, sorted by name.
//!
//! Files whose extension is no picture's, hidden files and subfolders are passed over. A picture
//! that cannot be read is a [`CameraError::BadFrame`] and the next call goes on with the next
//! file; a frame's id is its position in the folder, counted on over rounds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mien_shared::frame::{Frame, FrameId};

use super::{Camera, CameraError, options, picture};
use mien_core::spec::Spec;

const EXTENSIONS: [&str; 8] = ["bmp", "jpeg", "jpg", "pgm", "png", "pnm", "ppm", "webp"];

/// A folder of pictures.
pub(super) struct DirCamera {
    folder: PathBuf,
    files: Vec<PathBuf>,
    endless: bool,
    next: usize,
    good_in_round: bool,
}

impl DirCamera {
    pub(super) fn open(spec: &Spec) -> Result<Self, CameraError> {
        spec.allow(&["loop", "fps"])?;
        let folder = PathBuf::from(options::path(spec)?);
        let endless = options::flag(spec, "loop")?;
        let files = pictures(&folder)?;
        Ok(Self { folder, files, endless, next: 0, good_in_round: false })
    }

    /// Ends the round: `Ok(true)` when another one follows.
    fn round(&mut self) -> Result<bool, CameraError> {
        if self.endless && !self.good_in_round {
            return Err(empty(&self.folder, "none of its pictures can be read"));
        }
        self.good_in_round = false;
        Ok(self.endless)
    }
}

impl Camera for DirCamera {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, CameraError> {
        let position = self.next % self.files.len();
        if position == 0 && self.next > 0 && !self.round()? {
            return Ok(false);
        }
        frame.id = FrameId(self.next as u64);
        self.next += 1;
        picture::read_into(&self.files[position], frame)?;
        self.good_in_round = true;
        Ok(true)
    }

    fn is_live(&self) -> bool {
        false
    }

    fn describe(&self) -> String {
        format!("{} pictures in {}", self.files.len(), self.folder.display())
    }
}

/// The picture files directly in `folder`, sorted by name.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, CameraError> {
    let unreadable = |error| CameraError::from_file(folder, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_picture(&path) {
            files.push(path);
        }
    }
    files.sort_unstable();
    if files.is_empty() {
        return Err(empty(folder, "no pictures in this folder; give JPEG, PNG, BMP, PNM or WebP"));
    }
    Ok(files)
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    EXTENSIONS.contains(&extension.as_str()) && !hidden && !path.is_dir()
}

fn empty(folder: &Path, reason: &str) -> CameraError {
    CameraError::Empty { path: folder.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};
    use tempfile::TempDir;

    use super::*;

    fn folder(grey_files: &[(&str, u8)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for &(name, value) in grey_files {
            GrayImage::from_pixel(2, 2, Luma([value])).save(folder.path().join(name)).unwrap();
        }
        folder
    }

    fn open(folder: &Path, query: &str) -> Result<Box<dyn Camera>, CameraError> {
        crate::open(&format!("dir://{}{query}", folder.display()))
    }

    #[test]
    fn pictures_come_sorted_by_name_and_then_the_source_ends() {
        let folder = folder(&[("b.png", 2), ("a.PNG", 1), ("c.bmp", 3)]);
        fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
        fs::write(folder.path().join(".hidden.png"), "no picture").unwrap();
        fs::create_dir(folder.path().join("d.png")).unwrap();
        let mut camera = open(folder.path(), "").unwrap();
        let mut frame = Frame::empty();
        for expected in 1..=3 {
            assert!(camera.next(&mut frame).unwrap());
            assert_eq!((frame.id, frame.data[0]), (FrameId(u64::from(expected) - 1), expected));
        }
        assert!(!camera.next(&mut frame).unwrap());
        assert!(!camera.next(&mut frame).unwrap(), "the end stays the end");
        assert!(!camera.is_live());
    }

    #[test]
    fn a_loop_starts_again_and_ids_count_on() {
        let folder = folder(&[("a.png", 1), ("b.png", 2)]);
        let mut camera = open(folder.path(), "?loop=1").unwrap();
        let mut frame = Frame::empty();
        let mut seen = Vec::new();
        for _ in 0..5 {
            assert!(camera.next(&mut frame).unwrap());
            seen.push((frame.id.0, frame.data[0]));
        }
        assert_eq!(seen, [(0, 1), (1, 2), (2, 1), (3, 2), (4, 1)]);
    }

    #[test]
    fn a_bad_picture_is_named_and_the_rest_goes_on() {
        let folder = folder(&[("a.png", 1), ("c.png", 3)]);
        fs::write(folder.path().join("b.png"), "").unwrap();
        let mut camera = open(folder.path(), "").unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap());
        let error = camera.next(&mut frame).unwrap_err();
        assert!(error.is_skippable());
        assert!(error.to_string().contains("b.png"), "{error}");
        assert!(camera.next(&mut frame).unwrap());
        assert_eq!((frame.id.0, frame.data[0]), (2, 3));
    }

    #[test]
    fn a_loop_over_bad_pictures_only_does_not_spin() {
        let folder = folder(&[]);
        fs::write(folder.path().join("a.png"), "").unwrap();
        let mut camera = open(folder.path(), "?loop=1").unwrap();
        let mut frame = Frame::empty();
        assert!(camera.next(&mut frame).unwrap_err().is_skippable());
        assert!(matches!(camera.next(&mut frame), Err(CameraError::Empty { .. })));
    }

    #[test]
    fn a_folder_without_pictures_is_refused() {
        let folder = folder(&[]);
        assert!(matches!(open(folder.path(), ""), Err(CameraError::Empty { .. })));
    }

    #[test]
    fn a_missing_folder_and_a_file_are_refused() {
        let folder = folder(&[("a.png", 1)]);
        let missing = folder.path().join("nowhere");
        assert!(matches!(open(&missing, ""), Err(CameraError::Missing { .. })));
        let file = folder.path().join("a.png");
        assert!(matches!(open(&file, ""), Err(CameraError::Unreadable { .. })));
    }

    #[test]
    fn a_rate_makes_it_live_and_keeps_time() {
        let folder = folder(&[("a.png", 1), ("b.png", 2), ("c.png", 3)]);
        let mut camera = open(folder.path(), "?fps=50").unwrap();
        assert!(camera.is_live());
        let start = std::time::Instant::now();
        let mut frame = Frame::empty();
        while camera.next(&mut frame).unwrap() {}
        assert!(start.elapsed().as_millis() >= 60, "three periods of 20 ms: {:?}", start.elapsed());
    }
}
