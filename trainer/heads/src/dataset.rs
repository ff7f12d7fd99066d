//! Faces on disk: PNG pictures and one table.
//!
//! ```text
//! OUT/labels.csv
//!     file         images/000000.png, the order of the faces
//!     subject      name of the person, the same under every expression
//!     expression   neutral, anger, contempt, disgust, fear, happiness, sadness, surprise
//!     AU01 …       intensity 0..=1 of each action unit, the stronger side
//!     x_0, y_0 …   the 68 landmarks, pixels, hidden ones where they would be seen
//!     visible      68 times 1 seen or 0 hidden; empty where that is not known
//!     yaw, pitch, roll       degrees
//!     box_x, box_y, box_w, box_h   the face, pixels
//!     glasses, hat, mask, beard, moustache   0 or 1
//!     hair         the cut
//!     skin_tone, femininity, age   0..=1
//! OUT/images/*.png
//! ```

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use image::RgbImage;
use mien_shared::geometry::LANDMARKS;
use mien_synth::{Au, Glasses, Hat};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::{Face, Faces, HeadError};

/// Faces made and written at a time.
const CHUNK: u64 = 128;
/// Largest side of a picture.
const MOST_SIDE: u32 = 2048;

/// Writes faces `0..count` into the folder `out`, which is created, and tells `progress` how many
/// are done.
///
/// # Errors
/// When a size makes no sense or a file cannot be written.
pub fn write_dataset(
    faces: &Faces,
    count: u64,
    out: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), HeadError> {
    check(faces)?;
    let images = out.join("images");
    std::fs::create_dir_all(&images)
        .map_err(|source| HeadError::Write { path: images.clone(), source })?;
    let path = out.join("labels.csv");
    let mut table = Table::create(&path)?;
    table.row(header())?;
    let mut done = 0;
    while done < count {
        let made = faces.faces(done..count.min(done + CHUNK));
        made.par_iter().map(|face| save(face, out)).collect::<Result<(), _>>()?;
        for face in &made {
            table.row(row(face, faces))?;
        }
        done += made.len() as u64;
        progress(done);
    }
    table.finish()
}

fn check(faces: &Faces) -> Result<(), HeadError> {
    if !(16..=MOST_SIDE).contains(&faces.side) {
        let (field, value) = ("side", u64::from(faces.side));
        return Err(HeadError::Request { field, value, fix: "16 to 2048 pixels" });
    }
    if faces.subjects == 0 {
        return Err(HeadError::Request { field: "subjects", value: 0, fix: "1 or more" });
    }
    Ok(())
}

fn file(id: u64) -> String {
    format!("images/{id:06}.png")
}

fn save(face: &Face, out: &Path) -> Result<(), HeadError> {
    let path = out.join(file(face.id));
    let (width, height) = (face.picture.width, face.picture.height);
    let Some(image) = RgbImage::from_raw(width, height, face.picture.data.clone()) else {
        return Err(HeadError::Request { field: "side", value: u64::from(width), fix: "less" });
    };
    image.save(&path).map_err(|source| HeadError::WritePicture { path, source })
}

/// A CSV file under way.
struct Table {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl Table {
    fn create(path: &Path) -> Result<Self, HeadError> {
        let fault = |source| HeadError::Write { path: path.to_owned(), source };
        let writer = csv::Writer::from_writer(File::create(path).map_err(fault)?);
        Ok(Self { path: path.to_owned(), writer })
    }

    fn row(&mut self, fields: Vec<String>) -> Result<(), HeadError> {
        self.writer.write_record(fields).map_err(|error| {
            let source = std::io::Error::other(error);
            HeadError::Write { path: self.path.clone(), source }
        })
    }

    fn finish(mut self) -> Result<(), HeadError> {
        self.writer.flush().map_err(|source| HeadError::Write { path: self.path, source })
    }
}

fn header() -> Vec<String> {
    let first = ["file", "subject", "expression"].map(str::to_owned);
    let units = Au::ALL.map(|au| format!("AU{:02}", au.number()));
    let points = (0..LANDMARKS).flat_map(|i| [format!("x_{i}"), format!("y_{i}")]);
    let last = [
        "visible",
        "yaw",
        "pitch",
        "roll",
        "box_x",
        "box_y",
        "box_w",
        "box_h",
        "glasses",
        "hat",
        "mask",
        "beard",
        "moustache",
        "hair",
        "skin_tone",
        "femininity",
        "age",
    ];
    first.into_iter().chain(units).chain(points).chain(last.map(str::to_owned)).collect()
}

fn row(face: &Face, faces: &Faces) -> Vec<String> {
    let labels = &face.truth.labels;
    let subject = format!("{}_{}_{}", faces.maker.name(), faces.seed, face.subject);
    let first = [file(face.id), subject, labels.expression.name().to_owned()];
    let units = labels.aus.to_array().map(|intensity| format!("{intensity:.3}"));
    let points = labels.landmarks.iter().flat_map(|p| [decimal(p.x), decimal(p.y)]);
    let visible = face.truth.visible.map_or_else(String::new, |visible| {
        visible.iter().map(|&seen| if seen { '1' } else { '0' }).collect()
    });
    let r = &labels.rect;
    let numbers = [labels.yaw_deg, labels.pitch_deg, labels.roll_deg, r.x, r.y, r.w, r.h];
    let a = &labels.attributes;
    let flags = [a.glasses != Glasses::None, a.hat != Hat::None, a.mask, a.beard, a.moustache];
    let hair = format!("{:?}", a.hair).to_ascii_lowercase();
    let shares = [a.skin_tone, a.femininity, a.age].map(|share| format!("{share:.3}"));
    first
        .into_iter()
        .chain(units)
        .chain(points)
        .chain([visible])
        .chain(numbers.map(decimal))
        .chain(flags.map(|flag| u8::from(flag).to_string()))
        .chain([hair])
        .chain(shares)
        .collect()
}

fn decimal(x: f32) -> String {
    format!("{x:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Maker, fixture};

    #[test]
    fn a_folder_holds_what_was_rendered() {
        let out = tempfile::tempdir().unwrap();
        let faces = Faces::new(Maker::Head(Box::new(fixture::head())), 3, 48, 2);
        let mut told = Vec::new();
        write_dataset(&faces, 130, out.path(), &mut |done| told.push(done)).unwrap();
        assert_eq!(told, [128, 130]);
        let read = image::open(out.path().join("images/000129.png")).unwrap().into_rgb8();
        let made = faces.faces(129..130).remove(0);
        assert_eq!(read.into_raw(), made.picture.data);
        let text = std::fs::read_to_string(out.path().join("labels.csv")).unwrap();
        let mut lines = text.lines();
        let columns = lines.next().unwrap().split(',').count();
        assert_eq!(columns, 3 + 18 + 136 + 17);
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 130);
        assert!(rows.iter().all(|row| row.len() == columns));
        assert_eq!(rows[5][..3], ["images/000005.png", "ict_3_0", "happiness"]);
        assert_eq!(rows[8][1], "ict_3_1");
    }

    #[test]
    fn what_is_written_is_a_data_set() {
        let out = tempfile::tempdir().unwrap();
        let faces = Faces::new(Maker::Head(Box::new(fixture::head())), 3, 48, 2);
        write_dataset(&faces, 9, out.path(), &mut |_| ()).unwrap();
        let listing = mien_data::synth_folder::list(out.path());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let entry = &listing.manifest.entries[6];
        let made = faces.faces(6..7).remove(0);
        assert_eq!(entry.subject.as_deref(), Some("ict_3_0"));
        assert_eq!(entry.annotation.expression, Some(made.truth.labels.expression));
        let (read, drawn) = (entry.annotation.landmarks[30], made.truth.labels.landmarks[30]);
        assert!((read.x - drawn.x).abs() < 0.01 && (read.y - drawn.y).abs() < 0.01);
    }

    #[test]
    fn sizes_that_make_no_sense_are_refused() {
        let faces = Faces::new(Maker::Procedural, 1, 4, 1);
        let error = write_dataset(&faces, 1, Path::new("x"), &mut |_| ()).unwrap_err();
        assert_eq!(error.to_string(), "side is 4: use 16 to 2048 pixels");
        let faces = Faces::new(Maker::Procedural, 1, 48, 0);
        let error = write_dataset(&faces, 1, Path::new("x"), &mut |_| ()).unwrap_err();
        assert_eq!(error.to_string(), "subjects is 0: use 1 or more");
    }
}
