//! LFW-expressions, packed: portraits with one annotator's label and another model's reading.
//!
//! `dev.jpgs` holds JPEG pictures one after the other, `dev.csv` says where each lies, who it
//! shows and what it was labelled, and `dev_reference.csv.gz` gives, row for row, what another
//! model makes of it ([`Reference`]).

use std::path::Path;

use flate2::read::GzDecoder;
use image::ImageFormat;
use mien_shared::{frame::Grey, geometry::FivePoints, label::Expression};

use super::{
    DataError, FacePoints, Sample,
    manifest::{Crop, Cut, Entry, ListAdapter, Listing, Official, Source, warped},
    one_hot,
    split::Part,
    table::{Row, Table, open_file},
};

mod reference;

use reference::Columns;
pub use reference::{COEFFICIENTS, Reference};

/// The packed form; the numbers are those of the packing.
pub(super) const LIST: ListAdapter = ListAdapter {
    name: "lfw_expressions",
    layout: "dev.csv, dev.jpgs, dev_reference.csv.gz",
    official: Official {
        pictures: Some(6_411),
        subjects: None,
        classes: &[
            ("neutral", 3_230),
            ("anger", 151),
            ("contempt", 6),
            ("disgust", 25),
            ("fear", 8),
            ("happiness", 2_756),
            ("sadness", 72),
            ("surprise", 163),
        ],
    },
    list,
};

/// Reads every portrait in `root`, in the order of the files.
///
/// # Errors
/// When a file is missing or damaged, or the two tables do not belong together.
pub fn open(root: &Path) -> Result<Vec<Portrait>, DataError> {
    let tables = Tables::open(root)?;
    let path = root.join("dev.jpgs");
    let bytes =
        std::fs::read(&path).map_err(|source| DataError::Read { path: path.clone(), source })?;
    tables
        .rows()
        .zip(0..)
        .map(|((row, reference), id)| {
            tables.columns.portrait(id, row, (&path, &bytes), tables.reference(row, reference)?)
        })
        .collect()
}

/// Lists every portrait, whole: the packing has cut them about the face already.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(LIST.name);
    let path = root.join("dev.jpgs");
    let opened = Tables::open(root).and_then(|tables| {
        let about = std::fs::metadata(&path);
        let about = about.map_err(|source| DataError::Read { path: path.clone(), source })?;
        Ok((tables, about.len()))
    });
    let Some((tables, size)) = listing.take(opened) else { return listing };
    for (row, reference) in tables.rows() {
        let read = tables.reference(row, reference);
        listing.add(read.and_then(|reference| tables.columns.entry(row, (&path, size), reference)));
    }
    listing
}

/// The two tables, row for row.
struct Tables {
    index: Table,
    columns: IndexColumns,
    references: Table,
    reference_columns: Columns,
}

impl Tables {
    fn open(root: &Path) -> Result<Self, DataError> {
        let index = Table::open(&root.join("dev.csv"))?;
        let path = root.join("dev_reference.csv.gz");
        let references = Table::read(&path, GzDecoder::new(open_file(&path)?))?;
        if references.len() != index.len() {
            return Err(DataError::Count {
                path,
                what: "rows",
                found: references.len(),
                expected: index.len(),
                fix: "its rows must be those of dev.csv, one for one",
            });
        }
        let columns = IndexColumns::find(&index)?;
        let reference_columns = Columns::find(&references)?;
        Ok(Self { index, columns, references, reference_columns })
    }

    fn rows(&self) -> impl Iterator<Item = (Row<'_>, Row<'_>)> {
        self.index.rows().zip(self.references.rows())
    }

    fn reference(&self, row: Row<'_>, reference: Row<'_>) -> Result<Option<Reference>, DataError> {
        self.reference_columns.reference(reference, row.text(self.columns.file))
    }
}

/// A picture of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// Its number in the table, from 0.
    pub id: u64,
    /// Its file name at the source.
    pub file: String,
    /// Who is shown, where that is known.
    pub subject: Option<String>,
    /// What one annotator saw in it.
    pub label: Expression,
    /// The picture.
    pub image: Grey,
    /// What the reference model makes of it; `None` where it is not sure of a face.
    pub reference: Option<Reference>,
}

impl Portrait {
    /// The part this portrait belongs to: that of its subject, or its own where the subject is
    /// not known.
    pub fn part(&self) -> Part {
        Part::of(self.subject.as_deref().unwrap_or(&self.file))
    }

    /// The face cut out at `side` × `side` pixels as `template` wants it (see [`mien_shared::crop::face`]).
    ///
    /// `None` where the reference gives no usable points.
    pub fn sample(&self, template: &FivePoints, side: u32) -> Option<Sample> {
        let reference = self.reference.as_ref()?;
        let points = FacePoints::seen(reference.landmarks);
        let cut = Cut { crop: Crop::Aligned(*template), side };
        let (image, points) = warped(&self.image, &points, &cut.to_picture(&points.places)?, side);
        Some(Sample {
            id: self.id,
            image,
            target: one_hot(self.label),
            label: Some(self.label),
            fer7: None,
            subject: self.subject.clone(),
            points,
            leaks: false,
        })
    }
}

/// Where the columns of `dev.csv` are.
struct IndexColumns {
    offset: usize,
    len: usize,
    file: usize,
    subject: usize,
    label: usize,
}

impl IndexColumns {
    fn find(table: &Table) -> Result<Self, DataError> {
        let [offset, len, file, subject, label] =
            table.columns(["offset", "len", "file", "subject", "label"])?;
        Ok(Self { offset, len, file, subject, label })
    }

    fn portrait(
        &self,
        id: u64,
        row: Row<'_>,
        pictures: (&Path, &[u8]),
        reference: Option<Reference>,
    ) -> Result<Portrait, DataError> {
        Ok(Portrait {
            id,
            file: row.text(self.file).to_owned(),
            subject: self.subject(row),
            label: self.label(row)?,
            image: self.image(row, pictures)?,
            reference,
        })
    }

    /// The entry in a row; the file of pictures has `size` bytes.
    fn entry(
        &self,
        row: Row<'_>,
        (path, size): (&Path, u64),
        reference: Option<Reference>,
    ) -> Result<Entry, DataError> {
        let (offset, len) = self.extent(row, size)?;
        let points = reference.map_or_else(Vec::new, |reference| reference.landmarks.to_vec());
        let mut entry = Entry::of(Source::Packed {
            path: path.to_owned(),
            name: row.text(self.file).to_owned(),
            offset,
            len,
            region: None,
        });
        entry.annotation.expression = Some(self.label(row)?);
        entry.annotation.landmarks = points;
        entry.subject = self.subject(row);
        Ok(entry)
    }

    fn label(&self, row: Row<'_>) -> Result<Expression, DataError> {
        Expression::from_name(row.text(self.label))
            .ok_or_else(|| row.fault(self.label, "it must name one of the eight expressions"))
    }

    fn subject(&self, row: Row<'_>) -> Option<String> {
        let name = row.text(self.subject);
        (!matches!(name, "" | "unknown")).then(|| name.to_owned())
    }

    /// Offset and length of the picture within a file of `size` bytes.
    fn extent(&self, row: Row<'_>, size: u64) -> Result<(u64, u32), DataError> {
        let fix = "offset and len must lie within dev.jpgs";
        let (offset, len): (u64, u32) = (row.number(self.offset, fix)?, row.number(self.len, fix)?);
        let end = offset.checked_add(u64::from(len)).filter(|end| *end <= size);
        end.map(|_| (offset, len)).ok_or_else(|| row.fault(self.offset, fix))
    }

    fn image(&self, row: Row<'_>, (path, bytes): (&Path, &[u8])) -> Result<Grey, DataError> {
        let (offset, len) = self.extent(row, bytes.len() as u64)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let jpeg = bytes.get(start..).unwrap_or_default();
        let jpeg = jpeg.get(..len as usize).unwrap_or_default();
        let image = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg)
            .map_err(|source| DataError::Picture {
                path: path.to_owned(),
                name: row.text(self.file).to_owned(),
                source,
            })?
            .into_luma8();
        Ok(Grey { width: image.width(), height: image.height(), data: image.into_raw() })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs::File, io::Write as _};

    use flate2::{Compression, write::GzEncoder};
    use mien_shared::geometry::{LANDMARKS, Point, Rect};

    use super::*;

    type Damage = fn(&mut Fixture);

    const HEADER: &str = "offset,len,file,subject,label,annotator,src_w,src_h,colour\n";

    #[test]
    fn portraits_are_read_with_their_reference() {
        let root = Fixture::new().write();
        let portraits = open(root.path()).unwrap();
        let [known, unknown] = &portraits[..] else { panic!("{} portraits", portraits.len()) };
        assert_eq!(known.subject.as_deref(), Some("Ann_Example"));
        assert_eq!(known.label, Expression::Happiness);
        assert_eq!((known.image.width, known.image.height), (16, 8));
        assert!(known.image.data[0] < 40 && known.image.data[15] > 215);
        let reference = known.reference.as_ref().unwrap();
        assert_eq!(reference.rect, Rect { x: 1.0, y: 2.0, w: 3.0, h: 4.0 });
        assert_eq!(reference.landmarks[67], Point { x: 67.0, y: -67.0 });
        assert_eq!((reference.coefficients[0], reference.coefficients[51]), (0.0, 0.51));
        assert_eq!((unknown.subject.as_deref(), &unknown.reference), (None, &None));
    }

    #[test]
    fn a_subject_stays_in_one_part_and_an_unknown_one_goes_by_its_file() {
        let root = Fixture::new().write();
        let portraits = open(root.path()).unwrap();
        assert_eq!(portraits[0].part(), Part::of("Ann_Example"));
        assert_eq!(portraits[1].part(), Part::of("b.jpg"));
    }

    #[test]
    fn each_broken_entry_is_named() {
        let broken: [(Damage, &str); 7] = [
            (|f| f.edit_index("happiness", "joy"), "dev.csv, line 2: label is `joy`"),
            (|f| f.edit_index("0,", "99999,"), "dev.csv, line 2: offset is `99999`"),
            (|f| f.edit_index("0,", "-1,"), "dev.csv, line 2: offset is `-1`"),
            (|f| f.reference = f.reference.replace("b.jpg", "c.jpg"), "line 3: file is `c.jpg`"),
            (|f| f.reference = f.reference.replace("9.5", "sure"), "line 2: presence is `sure`"),
            (|f| f.reference = f.reference.replace("9.5", "NaN"), "line 2: presence is `NaN`"),
            (|f| f.reference = f.reference.replace("jawOpen", "jaw"), "no column `jawOpen`"),
        ];
        for (damage, complaint) in broken {
            let mut fixture = Fixture::new();
            damage(&mut fixture);
            let error = open(fixture.write().path()).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn the_list_finds_each_picture_within_the_file() {
        let root = Fixture::new().write();
        let manifest = list(root.path()).whole().unwrap();
        let [known, unknown] = &manifest.entries[..] else { panic!("{manifest:?}") };
        assert_eq!(known.source.name(0), "a.jpg");
        assert_eq!(
            (known.subject.as_deref(), known.part()),
            (Some("Ann_Example"), Part::of("Ann_Example"))
        );
        assert_eq!((unknown.subject.as_deref(), unknown.part()), (None, Part::of("b.jpg")));
        assert_eq!(known.annotation.landmarks[67], Point { x: 67.0, y: -67.0 });
        assert_eq!(unknown.picture().unwrap(), open(root.path()).unwrap()[1].image);
    }

    #[test]
    fn every_broken_row_of_the_list_is_named() {
        let mut fixture = Fixture::new();
        fixture.edit_index("happiness", "joy");
        fixture.edit_index("b.jpg,unknown,neutral", "b.jpg,unknown,calm");
        let said: Vec<_> =
            list(fixture.write().path()).faults.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("dev.csv, line 2: label is `joy`"), "{said:?}");
        assert!(said[1].contains("dev.csv, line 3: label is `calm`"), "{said:?}");
        let mut fixture = Fixture::new();
        fixture.pictures.truncate(100);
        assert_eq!(list(fixture.write().path()).faults.len(), 2);
    }

    #[test]
    fn tables_of_different_length_and_damaged_pictures_are_refused() {
        let mut fixture = Fixture::new();
        fixture.reference.truncate(fixture.reference.trim_end().rfind('\n').unwrap() + 1);
        let error = open(fixture.write().path()).unwrap_err().to_string();
        assert!(error.contains("holds 1 rows, expected 2"), "{error}");

        let mut fixture = Fixture::new();
        fixture.pictures[..8].fill(0);
        let error = open(fixture.write().path()).unwrap_err().to_string();
        assert!(error.contains("picture `a.jpg` does not decode"), "{error}");
    }

    #[test]
    fn the_real_set_has_its_described_numbers_and_shares_no_subject() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds lfw_expressions");
            return;
        };
        let portraits = open(&Path::new(&data).join("lfw_expressions")).unwrap();
        let count = |test: &dyn Fn(&&Portrait) -> bool| portraits.iter().filter(test).count();
        assert_eq!(portraits.len(), 6411);
        assert!(portraits.iter().all(|p| (p.image.width, p.image.height) == (128, 128)));
        assert_eq!(
            Expression::ALL.map(|e| count(&|p| p.label == e)),
            [3230, 151, 6, 25, 8, 2756, 72, 163]
        );
        assert_eq!(count(&|p| p.reference.is_some()), 6293);
        let parts = Part::ALL.map(|part| count(&|p| p.part() == part));
        println!("train, valid, test: {parts:?}");
        let mut part_of = BTreeMap::new();
        for p in portraits.iter().filter(|p| p.subject.is_some()) {
            assert_eq!(*part_of.entry(&p.subject).or_insert(p.part()), p.part());
        }
        assert!(parts.iter().all(|&size| size > 300), "{parts:?}");
    }

    /// Two pictures of 16 × 8 pixels, dark on the left; the second one's face is not sure.
    struct Fixture {
        index: String,
        reference: String,
        pictures: Vec<u8>,
    }

    impl Fixture {
        fn new() -> Self {
            let ramp = (0..8).flat_map(|_| (0..16).map(|x| 17 * x)).collect();
            let ramp = image::GrayImage::from_raw(16, 8, ramp).unwrap();
            let mut jpeg = std::io::Cursor::new(Vec::new());
            ramp.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
            let (jpeg, len) = (jpeg.get_ref(), jpeg.get_ref().len());
            let index = format!(
                "{HEADER}0,{len},a.jpg,Ann_Example,happiness,1,16,8,0\n\
                 {len},{len},b.jpg,unknown,neutral,1,16,8,0\n"
            );
            let points: Vec<_> = (0..LANDMARKS).map(|p| format!("x_{p},y_{p}")).collect();
            let head = format!("{},{}", points.join(","), COEFFICIENTS.join(","));
            let points: Vec<_> = (0..LANDMARKS).map(|p| format!("{p},-{p}")).collect();
            let shapes: Vec<_> = (0..52).map(|c| format!("0.{c:02}")).collect();
            let body = format!("1,2,3,4,{},{}", points.join(","), shapes.join(","));
            let reference = format!(
                "file,presence,box_x,box_y,box_w,box_h,{head}\na.jpg,9.5,{body}\nb.jpg,4.9,{body}\n"
            );
            Self { index, reference, pictures: [&jpeg[..], &jpeg[..]].concat() }
        }

        /// Replaces the first `from` below the header.
        fn edit_index(&mut self, from: &str, to: &str) {
            self.index = HEADER.to_owned() + &self.index[HEADER.len()..].replacen(from, to, 1);
        }

        fn write(&self) -> tempfile::TempDir {
            let root = tempfile::tempdir().unwrap();
            std::fs::write(root.path().join("dev.csv"), &self.index).unwrap();
            std::fs::write(root.path().join("dev.jpgs"), &self.pictures).unwrap();
            let file = File::create(root.path().join("dev_reference.csv.gz")).unwrap();
            let mut gz = GzEncoder::new(file, Compression::fast());
            gz.write_all(self.reference.as_bytes()).unwrap();
            gz.finish().unwrap();
            root
        }
    }
}
